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

# Looking at data
READER_MEMORY: Final = 2 * GIB
READER_TIMEOUT: Final = 30.0
PREVIEW_ROWS: Final = 10
PREVIEW_COLUMNS: Final = 200
CELL_TEXT: Final = 200
TEXT_PREVIEW: Final = 64 * KIB

# Drawing
DOT_TIMEOUT: Final = 5.0
