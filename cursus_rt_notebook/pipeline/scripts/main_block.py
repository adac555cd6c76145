"""A script's `__main__` block, which is half of the script: read from its syntax tree, never run."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from cursus_rt_notebook.pipeline.scripts import text
from cursus_rt_notebook.pipeline.scripts.block.arguments import parsed_arguments
from cursus_rt_notebook.pipeline.scripts.block.converted import converted, port_given
from cursus_rt_notebook.pipeline.scripts.block.endings import endings
from cursus_rt_notebook.pipeline.scripts.block.found import ArgUse, Converted, Ending, MainBlock, PortGiven
from cursus_rt_notebook.pipeline.scripts.block.inline import ARGUMENTS
from cursus_rt_notebook.pipeline.scripts.block.module import Module, module_of
from cursus_rt_notebook.pipeline.scripts.block.pure import is_pure
from cursus_rt_notebook.pipeline.scripts.block.state import Keyed, State
from cursus_rt_notebook.pipeline.scripts.block.walk import Called, Walk
from cursus_rt_notebook.pipeline.scripts.signature import NAMES, find_main
from cursus_rt_notebook.pipeline.scripts.use import MainFound

__all__ = ["ArgUse", "Converted", "Ending", "MainBlock", "PortGiven", "main_block", "read_block"]

_KINDS = frozenset(NAMES.values())
_known: dict[object, MainBlock | None] = {}


def main_block(path: Path) -> MainBlock | None:
    """What the block of the script at `path` does; None where it has none, or cannot be read. Remembered by its content."""
    try:
        data = text.content(path)
        return text.remembered(_known, (), data, lambda: _read(text.parse(text.decode(data), str(path))))
    except (OSError, SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _read(tree: ast.Module) -> MainBlock | None:
    return read_block(module_of(tree), find_main(tree))


def read_block(module: Module, main: MainFound | None) -> MainBlock | None:
    """What the block of a file does; None where it has none.

    Args:
        main: How the script's `main` names what it is given.
    """
    if not module.line:
        return None
    try:
        return _whole(module, main)
    except RecursionError:
        return MainBlock(module.line, dynamic=_KINDS)


def _whole(module: Module, main: MainFound | None) -> MainBlock:
    args, whole, strict = parsed_arguments(module)
    walk = Walk(module)
    walk.run(module.block, State())
    exits = endings(module)
    if not walk.calls:
        return MainBlock(module.line, needs=walk.needs, args=args, strict=strict, exits=exits, dynamic=_KINDS)
    given = _given(walk.calls[0], module.functions.get("main"), main)
    several = len(walk.calls) > 1 or walk.calls[0].starred
    ports = {kind: _ports(given.get(kind), module) for kind in ("inputs", "outputs")}
    env = given.get("env")
    dynamic = {kind for kind in ("inputs", "outputs", "env") if several or not _is_whole(given.get(kind))}
    return MainBlock(
        line=module.line,
        calls_main=True,
        inputs=ports["inputs"],
        outputs=ports["outputs"],
        env={n: converted(n, e, module) for n, e in env.entries.items()} if isinstance(env, Keyed) else {},
        prefixes=tuple(sorted(env.prefixes)) if isinstance(env, Keyed) else (),
        needs=walk.needs,
        args=args,
        strict=strict,
        job_args=_job_args(given.get("args")),
        extra=_extra(given, module),
        exits=exits,
        dynamic=frozenset(dynamic if whole else dynamic | {"args"}),
    )


def _given(
    called: Called, function: ast.FunctionDef | None, main: MainFound | None
) -> dict[str, ast.expr | Keyed | None]:
    """What `main` is given, by kind, and its further parameters by name."""
    kinds = {name: kind for kind, name in main.names.items()} if main else {}
    spec = function.args if function is not None else None
    order = [each.arg for each in (*spec.posonlyargs, *spec.args)] if spec else list(NAMES)
    if not kinds:
        kinds = dict(NAMES) if set(order) & set(NAMES) else dict(zip(order, NAMES.values(), strict=False))
    named = {**dict(zip(order, called.positional, strict=False)), **called.named}
    return {kinds.get(name, name): held for name, held in named.items()}


def _ports(held: ast.expr | Keyed | None, module: Module) -> Mapping[str, PortGiven]:
    if not isinstance(held, Keyed):
        return {}
    return {name: port_given(entry, module) for name, entry in held.entries.items()}


def _is_whole(held: ast.expr | Keyed | None) -> bool:
    return isinstance(held, Keyed) and not held.more


def _job_args(held: ast.expr | Keyed | None) -> Literal["parsed", "empty", "none", "other"]:
    match held:
        case ast.Name(id=name) if name == ARGUMENTS:
            return "parsed"
        case ast.Constant(value=None):
            return "none"
        case ast.Call(args=[], keywords=[]) if ast.unparse(held.func).rpartition(".")[2] == "Namespace":
            return "empty"
        case _:
            return "other"


def _extra(given: Mapping[str, ast.expr | Keyed | None], module: Module) -> dict[str, str]:
    further = {name: held for name, held in given.items() if name not in _KINDS}
    return {
        name: ast.unparse(held) if isinstance(held, ast.expr) and is_pure(held, module) else ""
        for name, held in further.items()
    }
