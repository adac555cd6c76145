"""Variables of which a script wants true or false, or a number, and which it takes as they come."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from cursus_rt_notebook.pipeline.scripts.use import TypedUse

_MAKES = ("int(", "float(", "str(", "bool(")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def typed_uses(tree: ast.Module, parameter: str, text: str) -> dict[str, TypedUse]:
    """Where `parameter.get("NAME", False)` is used as it comes, by name: neither converted, nor looked at as a text.

    Args:
        tree: The script.
        parameter: What its functions call the mapping of variables.
        text: The script's text.
    """
    taken = re.finditer(rf"{parameter}\.get\([^()]{{0,100}},\s*(?:True|False|[-.\d])", text)
    if all(text.endswith(_MAKES, 0, match.start()) for match in taken):
        return {}
    found: dict[str, TypedUse] = {}
    lines = text.splitlines()
    for function in (each for each in tree.body if isinstance(each, _Function)):
        speaks = f"{parameter}.get(" in "\n".join(lines[function.lineno - 1 : function.end_lineno])
        if speaks and any(each.arg == parameter for each in _parameters(function)):
            found |= {name: use for name, use in _in_function(function, parameter) if name not in found}
    return found


def _parameters(function: _Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _in_function(function: _Function, parameter: str) -> Iterator[tuple[str, TypedUse]]:
    takes = [(node, parent) for node, parent in _with_parents(function) if _is_taken(node, parameter)]
    if not takes:
        return
    as_text = {name for node, parent in _with_parents(function) if (name := _converted_name(node, parent))}
    for node, parent in takes:
        match node, parent:
            case ast.Call(
                args=[ast.Constant(value=str(name)), ast.Constant(value=(bool() | int() | float()) as default)]
            ), _:
                kept = parent.targets[0] if isinstance(parent, ast.Assign) and len(parent.targets) == 1 else None
                again = isinstance(kept, ast.Name) and kept.id in as_text
                if not again and not isinstance(
                    parent, (ast.Attribute, ast.Call, ast.Compare, ast.BoolOp, ast.Subscript)
                ):
                    yield name, TypedUse(node.lineno, "bool" if isinstance(default, bool) else "number", default)
            case _:
                pass


def _with_parents(function: _Function) -> Iterator[tuple[ast.AST, ast.AST]]:
    todo: list[ast.AST] = [function]
    while todo:
        parent = todo.pop()
        for node in ast.iter_child_nodes(parent):
            yield node, parent
            todo.append(node)


def _is_taken(node: ast.AST, parameter: str) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get")):
            return name == parameter
        case _:
            return False


def _converted_name(node: ast.AST, parent: ast.AST) -> str:
    """The name of what is converted, or looked at as a text, here: `str(x)`, `x.lower()`, `x == "true"`."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return ""
    compared = isinstance(parent, ast.Compare) and any(
        isinstance(each, ast.Constant) and isinstance(each.value, str) for each in parent.comparators
    )
    called = isinstance(parent, ast.Call) and node in parent.args
    return node.id if compared or called or isinstance(parent, ast.Attribute) else ""
