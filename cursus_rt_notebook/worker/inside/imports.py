"""A source file as its syntax tree tells it: what it imports, and a digest that a comment does not change.

Runs in the interpreter that will run the file: 3.11 cannot read 3.12's syntax, and dumps of trees differ.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import socket
import warnings
from typing import Any, List, Tuple

from . import facts, protocol

_WITH_DOC = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
Import = Tuple[int, str, List[str]]


def read_source(data: bytes, path: str) -> dict[str, Any]:
    """The digest and the imports of a file's text, or where its syntax is wrong.

    Returns:
        `digest`; `imports` as (level, module, names), where `names` may be submodules; `error` or None.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in a text is shown when the script runs
            tree = ast.parse(data, path)
    except SyntaxError as error:
        told = {"line": error.lineno or 0, "message": error.msg, "text": (error.text or "").strip()}
        return {"digest": hashlib.sha256(data).hexdigest(), "imports": [], "error": told}
    except (ValueError, RecursionError, MemoryError) as error:
        told = {"line": 0, "message": str(error) or type(error).__name__, "text": ""}
        return {"digest": hashlib.sha256(data).hexdigest(), "imports": [], "error": told}
    found: set[tuple[int, str, tuple[str, ...]]] = set()
    for node in ast.walk(tree):
        found.update(_imports(node))
        _normalise(node)
    digest = hashlib.sha256(ast.dump(tree).encode("utf-8", "surrogatepass")).hexdigest()
    return {"digest": digest, "imports": [[n, m, list(names)] for n, m, names in sorted(found)], "error": None}


def _imports(node: ast.AST) -> list[tuple[int, str, tuple[str, ...]]]:
    if isinstance(node, ast.Import):
        return [(0, alias.name, ()) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(node.level, node.module or "", tuple(alias.name for alias in node.names))]
    if isinstance(node, ast.Call) and _callee(node.func) in {"import_module", "__import__"} and node.args:
        name = node.args[0]
        if isinstance(name, ast.Constant) and isinstance(name.value, str) and not name.value.startswith("."):
            return [(0, name.value, ())]
    return []


def _callee(func: ast.expr) -> str:
    return getattr(func, "attr", None) or getattr(func, "id", "")


def _normalise(node: ast.AST) -> None:
    """Make what a formatter changes equal: the indentation of docstrings, the u before a text."""
    if isinstance(node, _WITH_DOC) and node.body:
        first = node.body[0]
        value: ast.expr | None = first.value if isinstance(first, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            value.value = inspect.cleandoc(value.value)
    if isinstance(node, ast.Constant):
        node.kind = None


def answer(fd: int, startup: set[str]) -> None:
    """Tell the interpreter's facts, then read the sources that the kernel sends, until it is gone."""
    del startup
    sock = socket.socket(fileno=fd)
    protocol.send(sock, facts.gather())
    while True:
        question, _ = protocol.receive(sock)
        if question is None:
            return
        data = question["data"].encode("latin-1")
        protocol.send(sock, read_source(data, question["path"]))
