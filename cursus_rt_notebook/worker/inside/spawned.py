"""New interpreters that a script starts through multiprocessing: they import its files, and must compile them alike.

What `spawn` and `forkserver` tell a new process is a dict that it unpickles before it imports anything of the user's. An
object among it runs `arrive` there, by the way that it is unpickled.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, Tuple

from . import loader
from .audit import Handlers
from .moving import Moves

_SPAWN = "multiprocessing.spawn"
# Loaded when the first new interpreter is started through them
_STARTERS = {"multiprocessing.popen_spawn_posix", "multiprocessing.popen_forkserver"}
STARTERS = {*_STARTERS, "joblib.externals.loky.backend.popen_loky_posix"}
_FOLDER = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = __name__.rpartition(".")[0]
_ARRIVE = """\
import sys
package = type(sys)({package!r})
package.__path__ = [{folder!r}]
sys.modules.setdefault({package!r}, package)
__import__({package!r} + ".spawned", fromlist=["arrive"]).arrive({moves!r}, {stubs!r})
"""

# A script, its source directory, and how many folders above its own it imports from
Stubs = Tuple[str, str, int]


def handlers(moves: Moves, stubs: Stubs) -> Handlers:
    """Tell new processes of the moves, as soon as the script gets to where it can start one."""
    if _SPAWN in sys.modules:
        _tell_spawned(moves, stubs)
        return {}

    def handle(arguments: tuple[Any, ...]) -> None:
        if arguments[0] in _STARTERS:
            _tell_spawned(moves, stubs)

    return {"import": handle}


class _Arrival:
    def __init__(self, moves: Moves, stubs: Stubs) -> None:
        self._text = _ARRIVE.format(package=_PACKAGE, folder=_FOLDER, moves=moves, stubs=stubs)

    def __reduce__(self) -> Any:
        return exec, (self._text, {})


def _tell_spawned(moves: Moves, stubs: Stubs) -> None:
    spawn: Any = importlib.import_module(_SPAWN)
    original = spawn.get_preparation_data
    if getattr(original, "__module__", "") == __name__:
        return

    def get_preparation_data(name: str) -> Any:
        forkserver: Any = sys.modules.get("multiprocessing.forkserver")
        if forkserver is not None:
            # The server would run the script's file before anybody can tell it of the moves.
            forkserver.set_forkserver_preload([])
        return {**original(name), "cursus_rt_notebook": _Arrival(moves, stubs)}

    spawn.get_preparation_data = get_preparation_data


def arrive(moves: Moves, stubs: Stubs) -> None:
    """In the new process: compile the user's files as the step does."""
    loader.SourceLoader.moves = moves
    loader.install()
    script, source_dir, levels = stubs
    if levels:
        loader.script_name(script, source_dir, levels)
    spawn: Any = importlib.import_module(_SPAWN)
    spawn._fixup_main_from_path = _import_main  # noqa: SLF001 - it has no other hook, from 3.8 to 3.14


def _import_main(path: str) -> None:
    """What `multiprocessing.spawn` does with the path of `__main__`, but through our loader."""
    spawn: Any = sys.modules[_SPAWN]
    before = sys.modules["__main__"]
    if getattr(before, "__file__", None) == path:
        return
    spawn.old_main_modules.append(before)
    module, code = loader.load_script(path, "__mp_main__", "")
    sys.modules["__main__"] = module
    exec(code, module.__dict__)  # noqa: S102 - it is an import
