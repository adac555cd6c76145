"""What a script does with its contract: the ports, variables and arguments it takes, told without running it."""

from __future__ import annotations

from pathlib import Path

from cursus_rt_notebook.pipeline.scripts import text
from cursus_rt_notebook.pipeline.scripts.imports import find_imports
from cursus_rt_notebook.pipeline.scripts.reader import read_uses
from cursus_rt_notebook.pipeline.scripts.signature import find_main
from cursus_rt_notebook.pipeline.scripts.use import (
    ColumnUse,
    FileUse,
    ImportUse,
    MainFound,
    NameUse,
    PortUse,
    ScriptUse,
)

__all__ = ["ColumnUse", "FileUse", "ImportUse", "MainFound", "NameUse", "PortUse", "ScriptUse", "script_use"]

_known: dict[object, ScriptUse] = {}


def script_use(path: Path, entry: str = "main") -> ScriptUse:
    """What the script at `path` does with its contract, read from its syntax tree and remembered by its content.

    Args:
        path: The script.
        entry: "main", where its function is called, or "script", where its `__main__` block runs: then the ports are
            whatever that block makes of its own paths, and only imports and the environment are told.

    Raises:
        OSError: it cannot be read.
        SyntaxError: it is no Python of this interpreter's version.
        ValueError, RecursionError, MemoryError: it breaks the parser.
    """
    data = text.content(path)
    return text.remembered(_known, (entry,), data, lambda: _read(data, str(path), entry))


def _read(data: bytes, name: str, entry: str) -> ScriptUse:
    with text.without_collector():
        source = text.decode(data)
        tree = text.parse(source, name)
        main = find_main(tree)
        record = read_uses(source, tree, main, as_script=entry == "script")
        return ScriptUse(
            main=main,
            inputs=record.ports("inputs"),
            outputs=record.ports("outputs"),
            env=record.names("env", "os"),
            args=record.names("args"),
            imports=find_imports(tree),
            dynamic=frozenset("env" if kind == "os" else kind for kind in record.dynamic),
            moves_path=b"sys.path" in data or b"addsitedir" in data,
        )
