"""A failed step as plain data for the front end: the error card, the stack, sources and variables, and all as one text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path, PurePath
from typing import Any

from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import Failure, Frame, Variable
from cursus_rt_notebook.pipeline.model import NO_SCRIPT
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, logs, problems, words
from cursus_rt_notebook.render.panel.highlight import Line, highlight
from cursus_rt_notebook.render.panel.parts import advice, recommended, redactor_of
from cursus_rt_notebook.render.panel.source_view import from_home

Json = dict[str, Any]

_MESSAGE = 600
_FRAMES = 40
_VARIABLES = 100
_VALUE = 400
_COLUMNS = 60
_TRACEBACK = 40_000
_WIDTH = 140


def failure_view(view: StepView) -> Json | None:
    """What there is to see of a step's failure; None where it has not failed."""
    failure = view.error
    if failure is None:
        return None
    mask = redactor_of(view.step)
    own = [frame for frame in reversed(failure.frames) if frame.own][:_FRAMES]
    library = [frame for frame in reversed(failure.frames) if not frame.own][:_FRAMES]
    return {
        "attempt": view.state.attempt,
        "title": failure.title[:_MESSAGE],
        "message": chars.cut_long(mask.text(failure.message), _MESSAGE),
        "advice": advice(failure, view.pipeline),
        "recommended": recommended(failure, view.pipeline),
        "frames": [_frame(frame, mask) for frame in own],
        "library": {"label": problems.library_line(library), "frames": [_frame(f, mask) for f in library]}
        if library
        else None,
        "log": logs.plain(problems.log_end(failure)),
        "traceback": mask.text(failure.traceback)[-_TRACEBACK:],
        "copy": for_a_colleague(view, failure),
    }


def for_a_colleague(view: StepView, failure: Failure) -> str:
    """The failure as a text to send: step, versions, error, frames, traceback; secrets masked."""
    mask = redactor_of(view.step)
    heading = [
        f"{view.name} failed in {view.pipeline.name}, run {view.run.run_id}, attempt {view.state.attempt}",
        f"script: {'none' if view.step.script == NO_SCRIPT else view.step.script}",
        f"versions: {', '.join(_versions(view))}",
    ]
    told = problems.failure_text(failure, _WIDTH)
    traceback = ["", failure.traceback.strip()] if failure.traceback.strip() else []
    return chars.visible(mask.text("\n".join([*map(chars.one_line, heading), "", *told, *traceback, ""])))


def _versions(view: StepView) -> Iterator[str]:
    key = view.state.key
    made_of: Mapping[str, Mapping[str, str]] = (view.workspace.journal.ingredients(key) or {}) if key else {}
    with suppress(metadata.PackageNotFoundError):  # run from its sources, it has none
        yield f"cursus_rt_notebook {metadata.version('cursus_rt_notebook')}"
    if python := made_of.get("python", {}).get("version"):
        yield f"Python {python}"
    yield from (f"{name} {version}" for name, version in made_of.get("packages", {}).items())


def _frame(frame: Frame, mask: Redactor) -> Json:
    return {
        "function": frame.function[:_VALUE],
        "place": f"{PurePath(frame.file).name[-_VALUE:]}:{frame.line}",
        "file": frame.file,
        "home": from_home(Path(frame.file)),
        "line": frame.line,
        "source": [
            {"line": number, "pieces": pieces}
            for (number, _), pieces in zip(frame.source, _lines(frame, mask), strict=False)
        ],
        "variables": [_variable(v, mask) for v in frame.variables[:_VARIABLES]],
    }


def _lines(frame: Frame, mask: Redactor) -> tuple[Line, ...]:
    return highlight(mask.text("\n".join(text for _, text in frame.source)))


def _variable(variable: Variable, mask: Redactor) -> Json:
    table = variable.rows is not None and bool(variable.columns)
    more = len(variable.columns) - _COLUMNS
    return {
        "name": variable.name[:_VALUE],
        # The module says little: pandas.DataFrame is a DataFrame.
        "type": variable.type[-_VALUE:].rpartition(".")[2],
        "value": chars.cut_long(mask.value(variable.name, variable.value), _VALUE),
        "shape": words.shape(variable.rows, len(variable.columns)) if table else "",
        "columns": [name[:_VALUE] for name in variable.columns[:_COLUMNS]],
        "more": f"and {words.number(more)} more" if more > 0 else "",
    }
