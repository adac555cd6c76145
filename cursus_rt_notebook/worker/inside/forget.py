"""What a forked process must forget of the one it came from, so that it is as good as a new interpreter."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from typing import Any

# Handlers that must run when a step ends, by module: the rest belongs to the zygote (polars' own hangs in a child).
_EXIT_HANDLERS = (
    ("logging", "shutdown"),
    ("multiprocessing.util", "_exit_function"),
    ("joblib.externals.loky.process_executor", "_python_exit"),
    ("loky.process_executor", "_python_exit"),
)


def forget_libraries() -> None:
    """Drop what libraries registered while they were loaded: exit handlers, finalizers, temporary folders.

    Done in the zygote itself, which ends without any of them: in each copy it would touch, and so copy, much memory.
    """
    _reset_exit_handlers()
    _reset_finalizers()
    util: Any = sys.modules.get("multiprocessing.util")
    if util is not None:
        util._finalizer_registry.clear()  # noqa: SLF001 - as multiprocessing does in its own children
    tempfile: Any = sys.modules.get("tempfile")
    if tempfile is not None:
        tempfile.tempdir = None  # the step's TMPDIR may be another


def forget_parent() -> None:
    """Drop what came with the fork: signal handlers, the state of random numbers, the identity."""
    _reset_signals()
    _reset_random()
    _reset_multiprocessing()


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    kept = {signal.SIGKILL, signal.SIGSTOP}
    for number in set(signal.valid_signals()) - kept:
        if signal.getsignal(number) not in (signal.SIG_DFL, None):
            signal.signal(number, signal.SIG_DFL)
    # As Python itself starts: a write to a closed pipe is an exception, and so is an interrupt.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _reset_exit_handlers() -> None:
    clear: Any = getattr(atexit, "_clear")  # noqa: B009 - private: nothing of the zygote's may run here
    clear()
    for module, function in _EXIT_HANDLERS:
        handler = getattr(sys.modules.get(module), function, None)
        if handler is not None:
            atexit.register(handler)
    if sys.version_info < (3, 9):
        _register_executors()


def _register_executors() -> None:
    # From 3.9 on these are kept by threading, not by atexit.
    for name in ("concurrent.futures.thread", "concurrent.futures.process"):
        handler = getattr(sys.modules.get(name), "_python_exit", None)
        if handler is not None:
            atexit.register(handler)


def _reset_finalizers() -> None:
    finalize: Any = getattr(sys.modules.get("weakref"), "finalize", None)
    if finalize is None:
        return
    for finalizer in list(finalize._registry):  # noqa: SLF001 - a library's temporary folder is the zygote's to remove
        finalizer.atexit = False
    finalize._registered_with_atexit = False  # noqa: SLF001 - the script's own finalizers register anew


def _reset_random() -> None:
    for name in ("random", "numpy.random"):
        module: Any = sys.modules.get(name)
        if module is not None:
            module.seed()


def _reset_multiprocessing() -> None:
    process: Any = sys.modules.get("multiprocessing.process")
    if process is not None:
        process.current_process().authkey = os.urandom(32)
    util: Any = sys.modules.get("multiprocessing.util")
    if util is not None:
        util._run_after_forkers()  # noqa: SLF001 - as in its own children
