"""What a script does with its contract: the ports, variables and arguments it takes, told without running it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from cursus_rt_notebook.pipeline.scripts import text
from cursus_rt_notebook.pipeline.scripts.block.module import module_of
from cursus_rt_notebook.pipeline.scripts.imports import find_imports
from cursus_rt_notebook.pipeline.scripts.main_block import MainBlock, read_block
from cursus_rt_notebook.pipeline.scripts.pip_calls import pip_calls
from cursus_rt_notebook.pipeline.scripts.reader import read_uses
from cursus_rt_notebook.pipeline.scripts.record import Record
from cursus_rt_notebook.pipeline.scripts.signature import EXPECTED, find_main
from cursus_rt_notebook.pipeline.scripts.text import without_collector
from cursus_rt_notebook.pipeline.scripts.typed import typed_uses
from cursus_rt_notebook.pipeline.scripts.use import (
    ColumnUse,
    FileUse,
    ImportUse,
    MainFound,
    NameUse,
    PipUse,
    PortUse,
    ScriptUse,
    TypedUse,
)

__all__ = [
    "EXPECTED",
    "ColumnUse",
    "FileUse",
    "ImportUse",
    "MainBlock",
    "MainFound",
    "NameUse",
    "PipUse",
    "PortUse",
    "ScriptUse",
    "TypedUse",
    "imports_of",
    "module_use",
    "script_use",
    "without_collector",
]

_MOVERS = re.compile(rb"sys\.path|addsitedir")
_known: dict[object, ScriptUse] = {}
_known_imports: dict[object, ScriptUse] = {}


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


def imports_of(path: Path) -> tuple[ImportUse, ...]:
    """What a module imports, remembered by its content.

    Raises:
        OSError, SyntaxError, ValueError, RecursionError, MemoryError: as for a script.
    """
    return module_use(path).imports


def module_use(path: Path) -> ScriptUse:
    """What a local module imports, and whether it changes where modules are looked for; remembered by its content.

    Raises:
        OSError, SyntaxError, ValueError, RecursionError, MemoryError: as for a script.
    """
    data = text.content(path)

    def read() -> ScriptUse:
        return ScriptUse(imports=find_imports(text.parse(text.decode(data), str(path))), moves_path=_moves_path(data))

    return text.remembered(_known_imports, (), data, read)


def _moves_path(data: bytes) -> int:
    found = _MOVERS.search(data)
    return data.count(b"\n", 0, found.start()) + 1 if found else 0


def _read(data: bytes, name: str, entry: str) -> ScriptUse:
    with without_collector():
        source = text.decode(data)
        tree = text.parse(source, name)
        main = find_main(tree)
        module = module_of(tree)
        known = ScriptUse(
            main=main,
            imports=find_imports(tree),
            moves_path=_moves_path(data),
            block=read_block(module, main),
            pip=pip_calls(tree, module, source),
            typed=typed_uses(tree, main.names["env"], source) if main and "env" in main.names else {},
        )
        if entry == "script" and known.block is not None:
            # Whoever asks for the one asks for the other, to set them side by side: the tree is read once.
            called = _with_uses(known, read_uses(source, tree, main, as_script=False))
            text.remember(_known, ("main",), data, called)
        return _with_uses(known, read_uses(source, tree, main, as_script=entry == "script"))


def _with_uses(known: ScriptUse, record: Record) -> ScriptUse:
    return replace(
        known,
        inputs=record.ports("inputs"),
        outputs=record.ports("outputs"),
        env=record.names("env", "os"),
        args=record.names("args"),
        dynamic=frozenset("env" if kind == "os" else kind for kind in record.dynamic),
        handed=frozenset(record.names("env")),
    )
