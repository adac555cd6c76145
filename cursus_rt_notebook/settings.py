"""Every number that is a decision: limits, times, sizes. Seconds and bytes."""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

WORKSPACE_DIR: Final = "./pipeline_testing"

# Waiting in slices lets KeyboardInterrupt through.
WAIT_SLICE: Final = 0.1

# A step's process
KILL_GRACE: Final = 2.0  # between SIGTERM and SIGKILL
EXIT_GRACE: Final = 5.0  # for atexit handlers and threads that are not daemons, after the script has ended
PRELOAD_TIMEOUT: Final = 60.0
START_TIMEOUT: Final = 30.0
IDLE_TIMEOUT: Final = 600.0  # a zygote or reader that nobody used for this long ends
SAMPLE_INTERVAL: Final = 0.2  # memory readings: 5 ms each, so at most five a second
PROGRESS_INTERVAL: Final = 0.25
CLOSE_TIMEOUT: Final = 10.0  # for a session's processes and threads to end
COUNT_WAIT: Final = 2.0  # a pause waits so long for the sizes of its tables

# A step's log: its beginning and its end are kept
LOG_HEAD: Final = 1 * MIB
LOG_TAIL: Final = 1 * MIB
LOG_LINE: Final = 64 * KIB

# What a failed step tells of its variables
FRAMES: Final = 30
LOCALS_PER_FRAME: Final = 40
VALUE_TEXT: Final = 200
SOURCE_CONTEXT: Final = 4  # lines before and after

# Inputs changed in place are found by digest up to this size a step, above it by size and time
VERIFY_BY_DIGEST: Final = 1 * GIB

# The workspace
HASH_CHUNK: Final = 4 * MIB
UNPACK_LIMIT: Final = 4 * GIB  # a compressed file that holds more than this counts by its own bytes
FRESH_WINDOW: Final = 2.0  # a file changed this recently may change again without its times showing it
BUSY_TIMEOUT: Final = 30.0  # for the journal's own lock, which is held for milliseconds
JOURNAL_CHECK: Final = (
    16 * MIB
)  # up to this size the journal is checked as a whole when it is opened, at 4 ms a megabyte
LOCK_FILES: Final = 1_000  # unused lock files beyond this many are removed when the workspace is opened

COLUMNS_SHOWN: Final = 6  # of those that a step did not pass on
ERROR_LINES_SHOWN: Final = 3  # of a log that speaks of errors though the step ended well

# Looking at data
READER_MEMORY: Final = 2 * GIB
READER_TIMEOUT: Final = 30.0
PREVIEW_ROWS: Final = 10
PREVIEW_COLUMNS: Final = 200
CELL_TEXT: Final = 200
TEXT_PREVIEW: Final = 64 * KIB
IMAGE_PREVIEW: Final = 5 * MIB
READER_THREADS: Final = 4
READER_UNPACKED: Final = 1 * GIB  # of a compressed table that holds more than this,
READER_BEGINNING: Final = 16 * MIB  # only so much is looked at, and its rows are not counted
JSON_LIMIT: Final = 100 * MIB  # a JSON document has to be read whole, at ten times its size
CHUNK_CELLS: Final = 1_000_000  # in one piece of a table that is read by pieces
FILES_LOOKED_INTO: Final = 1_000  # of one artifact; more are listed by name and size

# Drawing
DOT_TIMEOUT: Final = 5.0
DOT_EDGES: Final = 600  # above this dot only burns its time limit
PICTURE_STEPS: Final = 100  # above this a picture shows nothing: the list of steps does
# A pause saved in a notebook: at most 100 KB, picture (in base64), page and text together
PAUSE_PICTURE: Final = 30 * KIB
PAUSE_PAGE: Final = 44 * KIB
PAUSE_TEXT: Final = 10 * KIB

# Reading a pipeline: more than this is a mistake or a bomb, not a pipeline
PIPELINE_BYTES: Final = 4 * MIB
PIPELINE_DEPTH: Final = 50
PIPELINE_VALUES: Final = 200_000
