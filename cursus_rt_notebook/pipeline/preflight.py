"""What can be known before a step runs: scripts are read as text and as syntax trees, and never run."""

from __future__ import annotations

import ast
import os
import sys
import tokenize
import warnings
from collections.abc import Container, Iterator
from pathlib import Path

from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.pipeline.files import exists
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import FromPath, Pipeline, Step


def preflight(pipeline: Pipeline, env: Container[str] = ()) -> tuple[Finding, ...]:
    """Everything that will stop a step and can be seen now, in the order of the steps.

    Args:
        env: The names of the variables that the caller gives by hand.
    """
    return tuple(finding for name in pipeline.order for finding in _step(pipeline.steps[name], env))


def _step(step: Step, env: Container[str]) -> Iterator[Finding]:
    if not exists(step.script):
        message = f"script {quoted(str(step.script))} is no longer there"
        yield Finding("error", message, "put it back, or load the pipeline again", step=step.name)
    elif _is_ours(step.python):
        yield from _script(step)
    yield from _environment(step, env)
    yield from _paths(step)


def _is_ours(python: Path | None) -> bool:
    """Whether a step runs under this interpreter's version: another one's syntax is not for us to judge."""
    try:
        return python is None or python.samefile(sys.executable)
    except OSError:
        return False


def _script(step: Step) -> Iterator[Finding]:
    file = str(step.script)
    try:
        tree = _parse(step.script)
    except SyntaxError as error:
        fix = "mend the script"
        yield Finding("error", f"syntax error: {error.msg}", fix, step=step.name, file=file, line=error.lineno)
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        message = f"the script cannot be read: {error or type(error).__name__}"
        yield Finding("error", message, "is this a Python script, in UTF-8?", step=step.name, file=file)
    else:
        if step.entry == "main" and not _may_define(tree.body, "main"):
            fix = "add def main(input_paths, output_paths, environ_vars, job_args), or write entry: script"
            yield Finding("error", "the script has no main", fix, step=step.name, file=file, line=1)


def _parse(script: Path) -> ast.Module:
    with tokenize.open(script) as file:
        text = file.read()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" warns, and is a syntax error where the user made warnings errors
        return ast.parse(text, filename=str(script))


def _may_define(body: list[ast.stmt], name: str) -> bool:
    """Whether running these statements could define `name`; what a star import brings cannot be known."""
    nodes = (node for statement in body for node in _at_module_level(statement))
    return any(_binds(node, name) for node in nodes)


def _at_module_level(statement: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement
    else:
        yield from ast.walk(statement)


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


def _environment(step: Step, env: Container[str]) -> Iterator[Finding]:
    for name, value in step.env.items():
        if value is None and name not in env and name not in os.environ:
            fix = f'set it before the step runs: os.environ[{name!r}] = "..."'
            yield Finding("error", f"the variable {name} is required and has no value", fix, step=step.name)


def _paths(step: Step) -> Iterator[Finding]:
    for port, source in step.inputs.items():
        if isinstance(source, FromPath) and not source.optional and not exists(source.path):
            message = f"input {quoted(port)}: {quoted(str(source.path))} is no longer there"
            yield Finding("error", message, "put it back, or mend the path", step=step.name, port=port)
