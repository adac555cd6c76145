"""Sentences in pieces, as plain data for the front end: what is marked, and where a piece leads when it is clicked.

A piece is `{"text": ...}`, with `as` (`b`, `code`, `fix`, `dim`) where it looks different, and `step`, `tab`, `port` or
`file` and `line` where it leads somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cursus_rt_notebook.engine.state import Failure
from cursus_rt_notebook.pipeline.model import Pipeline, Step
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars

Json = dict[str, Any]
Sentence = list[Json]

_SENTENCE = 600
_NAME = 160


def say(*pieces: str | Json) -> Sentence:
    """A sentence of plain texts and pieces; empty ones are left out."""
    made = [{"text": piece} if isinstance(piece, str) else piece for piece in pieces]
    return [piece for piece in made if piece["text"]]


def strong(text: str) -> Json:
    """A piece that stands out."""
    return {"text": chars.cut_long(text, _SENTENCE), "as": "b"}


def code(text: str) -> Json:
    """A piece of code, or a name."""
    return {"text": chars.cut_long(text, _NAME), "as": "code"}


def to_step(step: str, tab: str | None = None) -> Json:
    """A step's name, which leads to it."""
    return {"text": chars.cut_long(step, _NAME), "step": step, **({"tab": tab} if tab else {})}


def to_tab(text: str, tab: str) -> Json:
    """A piece that opens another tab of the same step."""
    return {"text": text, "tab": tab}


def to_line(text: str, file: str, line: int | None) -> Json:
    """A place in a source, which opens it there."""
    return {"text": text, "tab": "source", "file": file, "line": line}


def redactor_of(step: Step) -> Redactor:
    """What masks the secrets that a step is configured with."""
    return Redactor.for_values(step.env, step.args)


def told(text: str, pipeline: Pipeline, suggestion: str | None = None) -> Sentence:
    """A sentence of ours, its suggestion marked, and each `step.port` in it leading to that step."""
    text = chars.cut_long(Redactor().text(text), _SENTENCE)
    quoted = f"'{suggestion}'" if suggestion else ""
    before, found, after = text.partition(quoted) if quoted else (text, "", "")
    if not found:
        return list(_linked(text, pipeline))
    return [*_linked(before, pipeline), {"text": str(suggestion)[:_NAME], "as": "fix"}, *_linked(after, pipeline)]


def advice(failure: Failure, pipeline: Pipeline) -> list[Sentence]:
    """What to say of a failure beside its message: what it means, what to do, the right spelling where that is unsaid.

    Where there are several things to do, they are a list of their own: `recommended`.
    """
    # "encode raised KeyError: 'x'" says no more than the title and the message do.
    repeats = bool(failure.message) and failure.summary.endswith(failure.message)
    said = ["" if repeats else failure.summary, "" if failure.further else failure.advice]
    if failure.suggestion and failure.suggestion not in " ".join((failure.summary, *failure.recommendations)):
        said.append(f"Did you mean '{failure.suggestion}'?")
    marked = False
    sentences: list[Sentence] = []
    for text in filter(None, said):
        sentence = told(text, pipeline, None if marked else failure.suggestion)
        marked = marked or any(piece.get("as") == "fix" for piece in sentence)
        sentences.append(sentence)
    return sentences


def recommended(failure: Failure, pipeline: Pipeline) -> list[Sentence]:
    """What to do about a failure, the likeliest remedy first, where there is more than one."""
    several = failure.recommendations if failure.further else ()
    return [told(text, pipeline, failure.suggestion) for text in several]


def _linked(text: str, pipeline: Pipeline) -> Iterator[Json]:
    position = 0
    for match in re.finditer(r"[\w-]+\.[\w-]+", text):
        step, _, port = match[0].partition(".")
        if step in pipeline.steps and port in pipeline.steps[step].outputs:
            yield from say(text[position : match.start()])
            yield {"text": match[0], "step": step, "tab": "outputs", "port": port}
            position = match.end()
    yield from say(text[position:])
