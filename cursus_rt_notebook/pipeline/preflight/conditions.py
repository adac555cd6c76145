"""Whether a condition that a script's text shows holds for a step, as far as its arguments and inputs tell."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.scripts.block.found import MainBlock, PortGiven

_LOOKS = frozenset({"os.path.exists", "os.path.isdir", "os.path.isfile"})


class _NotTold(Exception):
    """The step does not tell."""


def is_passed(port: str, given: PortGiven | None, step: Step, block: MainBlock) -> bool | None:
    """Whether the block passes an input to this step's `main`; None where that cannot be told."""
    if given is None:
        return None if "inputs" in block.dynamic else False
    return True if given.always else holds(given.when, step, block, there=port in step.inputs)


def holds(when: str, step: Step, block: MainBlock, *, there: bool) -> bool | None:
    """Whether a condition holds; None where that cannot be told.

    Args:
        there: Whether something lies at the paths that it asks about.
    """
    try:
        return bool(_value(ast.parse(when, mode="eval").body, step, block, there=there)) if when else None
    except (_NotTold, SyntaxError, ValueError, TypeError, RecursionError):
        return None


def _value(node: ast.expr, step: Step, block: MainBlock, *, there: bool) -> Any:
    def inner(each: ast.expr) -> Any:
        return _value(each, step, block, there=there)

    match node:
        case ast.Constant(value=value):
            return value
        case ast.Attribute(value=ast.Name(id="job_args"), attr=name):
            return _argument(name, step, block)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not inner(operand)
        case ast.BoolOp(op=op, values=values):
            return (all if isinstance(op, ast.And) else any)(map(inner, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARES:
            return _COMPARES[type(op)](inner(left), inner(right))
        case ast.Tuple(elts=elts) | ast.List(elts=elts) | ast.Set(elts=elts):
            return [inner(each) for each in elts]
        case ast.Call(func=func) if ast.unparse(func) in _LOOKS:
            return there
        case _:
            raise _NotTold


_COMPARES: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}


def _argument(name: str, step: Step, block: MainBlock) -> Any:
    given = {key.replace("-", "_"): value for key, value in step.args.items()}
    if name in given:
        return given[name]
    if name in block.args and not block.args[name].required:
        return block.args[name].default
    raise _NotTold
