"""What `%cursus_run` was asked to run, and whether a session is at it already."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError

from cursus_rt_notebook.engine.execute import execute_pipeline_with_breakpoints
from cursus_rt_notebook.engine.session import InteractiveExecutionResult
from cursus_rt_notebook.engine.state import RunStatus
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import OnError, Pipeline
from cursus_rt_notebook.pipeline.project import project_of


@dataclass(frozen=True)
class Request:
    """All that makes one run the same as another, before its scripts and data are looked at."""

    pipeline: Pipeline
    breakpoints: tuple[str, ...]
    workspace: Path
    env: Mapping[str, str] = field(repr=False)
    workers: int | None
    effects: str | None
    on_error: OnError | None


_requests: weakref.WeakKeyDictionary[InteractiveExecutionResult, Request] = weakref.WeakKeyDictionary()


def request_of(options: Any, variables: Mapping[str, Any]) -> Request:
    """The request that a line's words make.

    Raises:
        UsageError: a word is not what it should be.
        PipelineError: the document is wrong.
    """
    if options.workers is not None and options.workers < 1:
        raise UsageError("--workers is how many steps run side by side: 1 or more")
    return Request(
        pipeline=load_pipeline(named_pipeline(options.pipeline, variables), **project_of(options)),
        breakpoints=tuple(whole_conditions(options.breakpoints)),
        workspace=Path(_at_home(options.workspace)).absolute(),
        env=_environment(options.env),
        workers=options.workers,
        effects=options.effects,
        on_error=options.on_error,
    )


def whole_conditions(breakpoints: Sequence[str]) -> Sequence[str]:
    """The breakpoints in a line, unless they are the pieces of a condition that lacks its quotes.

    Raises:
        UsageError: they are.
    """
    for place, word in enumerate(breakpoints[:-1]):
        if word.endswith(":"):
            raise UsageError(f'put the condition in quotes: "{" ".join(breakpoints[place:])}"')
    return breakpoints


def named_pipeline(text: str, variables: Mapping[str, Any]) -> Any:
    """The file of this name, else what the variable of this name holds.

    Raises:
        UsageError: there is neither.
    """
    path = _at_home(text)
    if os.path.isfile(path):  # noqa: PTH113  pathlib raises where a name is too long to be one
        return path
    if text in variables:
        return variables[text]
    raise UsageError(f"no file {text!r} in {Path.cwd()}, and no variable of that name")


def started(request: Request) -> InteractiveExecutionResult:
    """A new session for a request; nothing runs yet."""
    session = execute_pipeline_with_breakpoints(
        request.pipeline,
        request.breakpoints or None,
        request.workspace,
        env=request.env,
        max_workers=request.workers,
        effects=request.effects,
        on_error=request.on_error,
    )
    _requests[session] = request
    return session


def at_it_already(session: Any, request: Request) -> bool:
    """Whether this is a session that is still moving, for the same request."""
    return (
        isinstance(session, InteractiveExecutionResult)
        and session.status is RunStatus.RUNNING
        and _requests.get(session) == request
    )


def _at_home(path: str) -> str:
    return os.path.expanduser(path)  # noqa: PTH111  pathlib raises where there is no such user


def _environment(words: Sequence[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    if not all(name and sign for name, sign, _ in pairs):
        raise UsageError("--env takes NAME=VALUE")  # the word is not repeated: it may be a secret
    return {name: value for name, _, value in pairs}
