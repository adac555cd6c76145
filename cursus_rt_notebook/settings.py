"""Every number that is a decision: limits, times, sizes. Seconds and bytes."""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

WORKSPACE_DIR: Final = "./pipeline_testing"

# The words of a run's choices, for the command line and the magics, which must not load a pipeline's model to say them
EFFECTS: Final = ("record", "refuse", "allow")
ON_ERROR: Final = ("pause", "continue")

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
COUNT_WAIT: Final = 2.0  # a pause waits so long for the sizes of its tables,
COUNTS_OF_A_TEST: Final = 60.0  # and the result of a test, in which they are to be read

CURVE_POINTS: Final = 120  # of a step's memory over time; even
GOOD_RUNS: Final = 5  # what is usual for a table goes by so many
LOST_SHARE: Final = 0.1  # of the rows that earlier good runs let expect; a step that lacks so many is marked
LOST_GROWTH: Final = (
    2.0  # of an input that grew more than this, a share says nothing: rows may tell the same things again
)
PAUSES_KEPT: Final = 200  # of a session, to be looked at again

# Environments made for steps
HELPER_OUTPUT: Final = 64 * KIB  # of what a helper writes, the end is kept
ASK_TIMEOUT: Final = 10.0  # for an interpreter to say what it is
RESOLVE_TIMEOUT: Final = 300.0
INSTALL_TIMEOUT: Final = 3_600.0
TRIAL_TIMEOUT: Final = 300.0  # for the first import of what was installed, which compiles it

# A step's log: its beginning and its end are kept
LOG_HEAD: Final = 1 * MIB
LOG_TAIL: Final = 1 * MIB
LOG_LINE: Final = 64 * KIB

# Bindings of ports that are told before a run. In real projects nearly every binding that is meant has a name that its
# interface lists (1), and at least 0.57 else; those that mean nothing have 0.52 at most, and scores from 0.51.
WIRING_WEAK: Final = 0.05  # above the limit of 0.5: what a name's bonus is worth
WIRING_NEAR: Final = 0.025  # between the chosen output and the next: half of that
WIRING_ALIKE: Final = 0.55  # of 1: names that are less alike, of what feeds an optional port

# What a failed step tells of its variables
FRAMES: Final = 30
LOCALS_PER_FRAME: Final = 40
VALUE_TEXT: Final = 200
SOURCE_CONTEXT: Final = 4  # lines before and after

# A text that was no number is looked for in the files above a failed step: so many bytes of a port, places of a file
TEXTS_SEARCHED: Final = 256 * MIB
TEXTS_PER_FILE: Final = 200

EFFECTS_KEPT: Final = 200  # different ones of one attempt are told
EFFECTS_SHOWN: Final = 3  # of one line of code, by name

# Inputs changed in place are found by digest up to this size a step, above it by size and time
VERIFY_BY_DIGEST: Final = 1 * GIB

# The workspace
HASH_CHUNK: Final = 4 * MIB
UNPACK_LIMIT: Final = 4 * GIB  # a compressed file that holds more than this counts by its own bytes
UNPACK_FILES: Final = 100_000  # of an archive that is unpacked into a folder,
UNPACK_HEADER: Final = 1 * MIB  # and so much of it is read at once
PACK_LEVEL: Final = 1  # of gzip: models hardly get smaller, however long it tries
FRESH_WINDOW: Final = 2.0  # a file changed this recently may change again without its times showing it
BUSY_TIMEOUT: Final = 30.0  # for the journal's own lock, which is held for milliseconds
JOURNAL_CHECK: Final = (
    16 * MIB
)  # up to this size the journal is checked as a whole when it is opened, at 4 ms a megabyte
LOCK_FILES: Final = 1_000  # unused lock files beyond this many are removed when the workspace is opened

COLUMNS_SHOWN: Final = 6  # of those that a step did not pass on
ERROR_LINES_SHOWN: Final = 3  # of a log that speaks of errors though the step ended well

# Data at s3:// addresses
FETCH_CHUNK: Final = 4 * MIB  # of a table that is read in part, at a time
FETCH_WHOLE: Final = 16 * MIB  # a table up to this size is brought whole where only some rows are asked for

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
READER_SPEED: Final = 20 * MIB  # a second: a question about a large table may take longer, by its size

# Paging through a table: the reader keeps copies in a form that needs no reading, nameless, in the folder for temporary files
READER_COPIES: Final = 8 * GIB
COPY_CELLS: Final = 100_000_000  # of a Parquet file, so many are copied at a time: some columns of a long one
BEGINNING_ROWS: Final = 1_000  # of a table are shown without a copy, while it is made
PAGE_ROWS: Final = 100
PAGE_COLUMNS: Final = 30
PAGE_CELLS: Final = 100_000  # a page with more is cut to fewer rows
CELL_WHOLE: Final = 1 * MIB  # characters of one cell, when it is asked for
WHERE_TEXT: Final = 4_000  # characters of a condition
QUERY_CELLS: Final = 20_000_000  # a result with more is taken from the table as the kernel reads it
PROFILE_BINS: Final = 20
PROFILE_TOP: Final = 10
PROFILE_DISTINCT: Final = 10_000  # different values are counted up to so many
PROFILE_SAMPLE: Final = 100_000  # rows in which to look for the frequent values of a column that has more

# Checking tables
CHECK_ROWS: Final = 100  # of the rows that fail a check, so many are named
UNIQUE_ROWS: Final = 10_000_000  # of a longer table nobody counts whether all values of a column are different
SCHEMA_CELLS: Final = 50_000_000  # a schema is checked by pandas, which holds the whole table

# Rows that are gone: of a table and what became of it
GONE_ROWS: Final = 50  # are shown
GONE_LIMIT: Final = 10_000_000  # rows of both together; more are not compared
GONE_COLUMNS: Final = 200  # that may make a key
GONE_SAMPLE: Final = 50_000  # rows by which the columns of a key are chosen; whether they are one is asked of all
GONE_REPEATED: Final = 0.01  # of the rows may be there twice, in every column, and the others still have a key
GONE_ALIKE: Final = 0.9  # of the gone rows with one value that few others have tell what they have in common

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

DRAFT_SCRIPTS: Final = 500  # of a folder are read; more is not somebody's scripts
FOLDERS_SEARCHED: Final = 1_000  # for a script that is not where it should be

PREFLIGHT_STATEMENTS: Final = 20_000  # of one script are followed; beyond, nothing is claimed of it

# The panel: events that come within this time are shown together
PANEL_INTERVAL: Final = 0.03
TWIN_DELAY: Final = 0.4  # before its static twin is drawn, so that what comes together is drawn once

# Describing a table so that one like it can be made
SKETCH_NUMBERS: Final = 50  # different numbers up to so many are values that may be used again,
SKETCH_TEXTS: Final = 200  # and so many different texts
SKETCH_EDGES: Final = 101  # between which equally many numbers lie
SKETCH_DECIMALS: Final = 6
SKETCH_ROWS: Final = 1_000  # to see whether numbers follow each other
SKETCH_KEYS: Final = 100  # rows from which on numbers that all differ are taken for keys
SKETCH_SHAPE: Final = 64  # characters of a text whose shape is told
SKETCH_SHAPES: Final = 100
SKETCH_COVERED: Final = 0.8  # of the texts must have one of these shapes
SEEN_BITS: Final = 27  # of a table's rows, as a power of two: 16 MB tell whether a row is one of ten million

# Synthetic data
SYNTHETIC_ROWS: Final = 1_000
SYNTHETIC_LARGE: Final = 1_000_000
SYNTHETIC_BATCH: Final = 100_000  # rows in memory at a time
SYNTHETIC_POOL: Final = 1_000  # values made one by one, from which others are taken
SYNTHETIC_TRIES: Final = 50  # to make a row that the sample does not have
SYNTHETIC_SHARED: Final = 4  # rows that share one key, about, where tables are to be joined by it
SYNTHETIC_RUN: Final = (
    24  # of such keys that are numbers or times follow each other, so that a join with a lag finds some
)
SYNTHETIC_LONG: Final = 100_000  # characters of an extreme text

# The timeline as a picture
TIMELINE_STEPS: Final = 150  # of more, those that took longest are drawn
TIMELINE_PICTURE: Final = 150 * KIB

MISSING_APART: Final = 0.05  # shares of missing cells that differ by so much are far apart
