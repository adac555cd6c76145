"""Paths of the container that a script was written for, moved to the step's own folders as its code is compiled.

`"/opt/ml/model"` in the text of a script is there, when it runs, the path of a folder of the step's. Only the constants
of the compiled code differ: its lines, its file and the text that is shown stay the user's.
"""

from __future__ import annotations

import ast
import os
import types
from typing import Any, Iterator, Sequence, Tuple

# Places in the container, longest first, each with the path that stands for it here.
Moves = Sequence[Tuple[str, str]]

_WITH_DOC = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_HOLDING = {*_WITH_DOC, ast.JoinedStr, ast.BinOp, ast.AugAssign}


def moved(path: str, moves: Moves) -> str:
    """The path here for one in the container, or below one; any other text as it is."""
    for place, here in moves:
        if path == place or path.startswith(place + "/"):
            return here + path[len(place) :]
    return path


def moved_value(value: Any, moves: Moves) -> Any:
    """A variable or argument with its paths moved: a text that is one, or several with colons; a list of such."""
    if isinstance(value, str):
        return os.pathsep.join(moved(part, moves) for part in value.split(os.pathsep))
    if isinstance(value, (list, tuple)):
        return [moved_value(part, moves) for part in value]
    return value


def compile_moved(data: bytes, path: str, moves: Moves, mode: str = "exec") -> types.CodeType | None:
    """The code of a file, or of an expression, with the paths in it moved; None where it speaks of no such path."""
    if not any(os.fsencode(place) in data for place, _ in moves):
        return None
    tree: Any = ast.parse(data, path, mode)
    _move(tree, moves)
    code: types.CodeType = compile(tree, path, mode, dont_inherit=True)
    return code


def _move(tree: ast.AST, moves: Moves) -> None:
    left: set[int] = set()
    for node in ast.walk(tree):  # what holds others comes before them
        kind = type(node)
        if kind in _HOLDING:
            left.update(map(id, _no_paths(node, moves)))
        elif kind is ast.Constant and id(node) not in left:
            _move_constant(node, moves)


def _move_constant(node: Any, moves: Moves) -> None:
    if isinstance(node.value, str):
        node.value = moved(node.value, moves)
    elif isinstance(node.value, bytes):
        node.value = os.fsencode(moved(os.fsdecode(node.value), moves))


def _no_paths(node: ast.AST, moves: Moves) -> Iterator[ast.AST]:
    """What looks like a path of the container below `node` and is none."""
    if isinstance(node, _WITH_DOC) and node.body and isinstance(node.body[0], ast.Expr):
        yield node.body[0].value
    elif isinstance(node, ast.JoinedStr):
        yield from node.values[1:]  # f"{folder}/tmp"
        if len(node.values) > 1 and _is_place(node.values[0], moves):
            yield node.values[0]  # f"/tmp{number}" need not be /tmp
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield _beginning(node.right)  # folder + "/tmp"
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        yield _beginning(node.value)


def _is_place(node: ast.expr, moves: Moves) -> bool:
    return isinstance(node, ast.Constant) and any(node.value == place for place, _ in moves)


def _beginning(node: ast.expr) -> ast.expr:
    """What the text that `node` makes begins with."""
    while True:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            node = node.left
        elif isinstance(node, ast.JoinedStr) and node.values:
            node = node.values[0]
        else:
            return node
