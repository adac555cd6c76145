"""What a script could change in the process it runs in: taken before and after, to see that it changed nothing."""

from __future__ import annotations

import builtins
import decimal
import gc
import locale
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import Any


def snapshot() -> dict[str, Any]:
    """Everything about this process that a step's script must not reach."""
    umask = os.umask(0)
    os.umask(umask)
    return {
        "environ": {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"},
        "cwd": Path.cwd(),
        "path": list(sys.path),
        "argv": list(sys.argv),
        "umask": umask,
        "recursion": sys.getrecursionlimit(),
        "hooks": (sys.excepthook, sys.displayhook, sys.breakpointhook, list(sys.path_hooks), list(sys.meta_path)),
        "streams": (sys.stdin, sys.stdout, sys.stderr, sys.__stdout__),
        "modules": (sys.modules["json"], "nasty" in sys.modules, "nasty_module" in sys.modules),
        "logging": (logging.root.level, list(logging.root.handlers), logging.root.manager.disable, set(vars(logging))),
        "random": random.getstate(),
        "warnings": list(warnings.filters),
        "timeout": socket.getdefaulttimeout(),
        "signals": [signal.getsignal(number) for number in signal.valid_signals()],
        "decimal": decimal.getcontext().prec,
        "tempdir": tempfile.tempdir,
        "builtins": dict(vars(builtins)),
        "gc": (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()),
        "locale": locale.setlocale(locale.LC_ALL),
        "timezone": (time.tzname, time.timezone),
        "stack": threading.stack_size(),
        "popen": subprocess.Popen.__init__,
        "system": os.system,
    }
