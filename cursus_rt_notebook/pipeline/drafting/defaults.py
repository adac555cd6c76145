"""What a script takes where nothing is given: the defaults in its calls of `get`, `getenv` and `getattr`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = (str, int, float, bool)


def defaults_of(tree: ast.Module) -> Mapping[str, Any]:
    """By name, the constant that stands in for it; where a script has several, the first."""
    found: dict[str, Any] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="get" | "getenv") | ast.Name(id="getenv"),
                args=[ast.Constant(value=str(name)), ast.Constant(value=value)],
            ):
                pass
            case ast.Call(
                func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), ast.Constant(value=value)]
            ):
                pass
            case _:
                continue
        if isinstance(value, _PLAIN):
            found.setdefault(name, value)
    return found


def constants(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The texts of a script that are absolute paths, with their lines, in order."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    for node in sorted(found, key=lambda each: each.lineno):
        if isinstance(node.value, str) and node.value.startswith("/"):
            yield node.value, node.lineno
