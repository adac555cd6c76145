"""A script's `main`: whether there can be one, and whether it can be called with what a step is given.

The rule is that of the step's own process, which looks at the function itself: by keyword where its parameters have the
contract's names, else by position; a `logger` is given where one is asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cursus_rt_notebook.pipeline.scripts.use import MainFound

NAMES = {"input_paths": "inputs", "output_paths": "outputs", "environ_vars": "env", "job_args": "args"}
_LOGGERS = {"logger", "log"}
EXPECTED = f"main({', '.join(NAMES)})"


def find_main(tree: ast.Module) -> MainFound | None:
    """The `main` that running the file defines; None where no statement could define one."""
    binding = [node for statement in tree.body for node in _at_module_level(statement) if _binds(node, "main")]
    if not binding:
        return None
    function = binding[0]
    line: int = getattr(function, "lineno", 1)
    if len(binding) > 1 or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return MainFound(line)
    signature = f"main({ast.unparse(function.args)})"
    if isinstance(function, ast.AsyncFunctionDef) or _yields(function):
        kind = "async " if isinstance(function, ast.AsyncFunctionDef) else "the generator "
        return MainFound(line, kind + signature, {}, fits=None if function.decorator_list else False)
    if function.decorator_list:  # a decorator may call it in a way of its own
        return MainFound(line, signature)
    names = _names_given(function.args)
    if names is not None:
        return MainFound(line, signature, names, fits=True, silent=_silent_loggers(function))
    names, further = _names_beside(function.args)
    return MainFound(line, signature, names, fits=False, further=further)


def _at_module_level(statement: ast.stmt) -> Iterator[ast.AST]:
    """What may bind a name when the file runs, without what functions and classes hold."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.alias, ast.Name)):
            yield node
        elif not isinstance(node, (ast.Call, ast.Constant, ast.Expr)):
            todo += ast.iter_child_nodes(node)


def _binds(node: ast.AST, name: str) -> bool:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return node.name == name
        case ast.alias():
            return (node.asname or node.name) in {name, "*"}
        case ast.Name():
            return node.id == name and isinstance(node.ctx, ast.Store)
        case _:
            return False


def _yields(function: ast.FunctionDef) -> bool:
    """Whether a function's own body, and not that of a function inside it, has a yield."""
    todo: list[ast.AST] = [*function.body]
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            todo += ast.iter_child_nodes(node)
    return False


def _names_given(arguments: ast.arguments) -> dict[str, str] | None:
    """By kind, the parameter that gets it; None where the function cannot be called so."""
    positional = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    required = positional[: len(positional) - len(arguments.defaults)]
    keywords = [each.arg for each in arguments.kwonlyargs]
    required += [name for name, d in zip(keywords, arguments.kw_defaults, strict=True) if d is None]
    loggers = _LOGGERS.intersection(required)
    plain = [name for name in (*positional, *keywords) if name not in loggers]
    needed = [name for name in required if name not in loggers]
    positional = [name for name in positional if name not in loggers]
    named = arguments.kwarg is not None or bool(set(plain) & set(NAMES))
    if named and set(needed) <= set(NAMES) and not arguments.posonlyargs:
        return {kind: name for name, kind in NAMES.items() if name in plain}
    starred = arguments.vararg is not None
    in_order = needed == positional[: len(needed)] and len(needed) <= len(NAMES)
    if in_order and (len(positional) >= len(NAMES) or starred) and (len(needed) == len(NAMES) or starred):
        return dict(zip(NAMES.values(), positional, strict=False))
    return None


def _names_beside(arguments: ast.arguments) -> tuple[dict[str, str], tuple[str, ...]]:
    """By kind, the parameter that gets it where there are more, and those that need a value beside the four."""
    positional = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    needed = positional[: len(positional) - len(arguments.defaults)]
    needed += [each.arg for each, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is None]
    if set(NAMES) <= set(needed):
        return {kind: name for name, kind in NAMES.items()}, tuple(name for name in needed if name not in NAMES)
    if len(needed) > len(NAMES) and needed == positional[: len(needed)] and not set(NAMES) & set(needed):
        return dict(zip(NAMES.values(), needed, strict=False)), tuple(needed[len(NAMES) :])
    return {}, ()


def _silent_loggers(function: ast.FunctionDef) -> dict[str, int]:
    """The loggers that are None where none is given and that are used unasked: the line of the first use of each."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [*zip(reversed(positional), reversed(arguments.defaults), strict=False)]
    defaults += [(each, d) for each, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d]
    silent = {
        each.arg for each, d in defaults if each.arg in _LOGGERS and isinstance(d, ast.Constant) and d.value is None
    }
    if not silent:
        return {}
    found = {
        name: [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name] for name in silent
    }
    asked = {node.id for test in _tests(function) for node in ast.walk(test) if isinstance(node, ast.Name)}
    return {
        name: min(node.lineno for node in nodes)
        for name, nodes in found.items()
        if nodes and name not in asked and all(isinstance(node.ctx, ast.Load) for node in nodes)
    }


def _tests(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """What a function asks before it does something."""
    for node in ast.walk(function):
        if isinstance(node, (ast.If, ast.IfExp, ast.While)):
            yield node.test
        elif isinstance(node, (ast.BoolOp, ast.Compare)):
            yield node
