"""Where a block fails, and for lack of which variables."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cursus_rt_notebook.pipeline.scripts.block.module import READERS, Module, folded

EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit"})
_ENVIRON = frozenset({"os.environ", "environ"})


def is_exit(node: ast.stmt) -> bool:
    """Whether a statement ends the process."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in EXITS


def fails(body: list[ast.stmt]) -> bool:
    """Whether a branch ends in a failure, told from its last statement."""
    last = body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and is_exit(last):
        args = last.value.args
        return bool(args) and not (isinstance(args[0], ast.Constant) and not args[0].value)
    return isinstance(last, ast.Raise)


def lacking(test: ast.expr, module: Module) -> Iterator[str]:
    """The variables whose lack makes a test true."""
    match test:
        case ast.BoolOp(op=ast.Or(), values=values):
            for value in values:
                yield from lacking(value, module)
        case ast.UnaryOp(op=ast.Not(), operand=read):
            yield from _read_plainly(read, module)
        case ast.Compare(left=read, ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            yield from _read_plainly(read, module)
        case ast.Compare(left=key, ops=[ast.NotIn()], comparators=[owner]) if ast.unparse(owner) in _ENVIRON:
            yield from filter(_is_text, [folded(key, module)])
        case _:
            pass


def _read_plainly(read: ast.expr, module: Module) -> Iterator[str]:
    if isinstance(read, ast.Call) and ast.unparse(read.func) in READERS and read.args:
        default = folded(read.args[1], module) if len(read.args) > 1 else None
        if not default:
            yield from filter(_is_text, [folded(read.args[0], module)])


def _is_text(value: object) -> bool:
    return isinstance(value, str)
