"""How a step's process ends: as an interpreter does, but for what would touch the whole image."""

from __future__ import annotations

import atexit
import gc
import sys
from typing import Any

from . import linux, loader


def wind_up(status: int, loaded: list[str]) -> int:
    """End threads, run exit handlers, drop the `loaded` modules, write out the streams; the exit status.

    A real finalization would also take the preloaded libraries apart, which touches (and so copies) the whole image.
    """
    # Private, both of them, but what the interpreter itself calls.
    shutdown: Any = getattr(sys.modules.get("threading"), "_shutdown", None)
    run_handlers: Any = getattr(atexit, "_run_exitfuncs")  # noqa: B009
    if shutdown is not None:
        shutdown()
    run_handlers()
    for name in (*loaded, "__main__"):
        _clear(sys.modules.get(name))
    gc.collect()
    flushed = [_flush(stream) for stream in (sys.stdout, sys.stderr)]
    linux.flush_c_streams()
    return status if all(flushed) else _LOST_OUTPUT


# The interpreter's own status for output that it could not write.
_LOST_OUTPUT = 120


def _clear(module: Any) -> None:
    """Drop a module's globals, so that a file that the script left open is written out."""
    names: dict[str, Any] = getattr(module, "__dict__", {})
    if loader.is_library(str(names.get("__file__", "<none>"))):
        return
    for name in list(names):
        if name != "__builtins__":
            names[name] = None


def _flush(stream: Any) -> bool:
    if stream is None:
        return True
    try:
        stream.flush()
    except Exception:  # noqa: BLE001 - it may be anything that the script put there
        return False
    return True
