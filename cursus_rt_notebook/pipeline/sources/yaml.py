"""Read a pipeline from a YAML file: text in, document out, nothing in it ever evaluated."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.document import Document
from cursus_rt_notebook.pipeline.sources.nodes import Node, compose
from cursus_rt_notebook.pipeline.sources.text import read_text
from cursus_rt_notebook.pipeline.sources.values import plain

if TYPE_CHECKING:
    from ruamel.yaml.events import Event

_SUFFIXES = (".yaml", ".yml")
# What ruamel.yaml raises for some texts that are no YAML, beside its own errors.
_STRAY_ERRORS = (ValueError, ArithmeticError, AssertionError, LookupError, TypeError, AttributeError)


def read_yaml(source: str | os.PathLike[str], kind: str = "pipeline") -> Document:
    """The document in the YAML file at `source`; `kind` says what it should be.

    Raises:
        PipelineError: there is no such file, or it is not YAML; what is wrong inside is noted in the document.
    """
    document, text = read_text(source, kind, _SUFFIXES)
    root = _compose(text, document)
    value, places = plain(root, document)
    return replace(document, value=value, **vars(places))


def _compose(text: str, document: Document) -> Node:
    seen = _Progress()
    try:
        return compose(seen.follow(YAML(typ="safe", pure=True).parse(text)), document)
    except PipelineError:
        raise  # ours, and a ValueError as well
    except MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        line = seen.line if mark is None else mark.line + 1
        document.fault((), f"is not YAML: {_problem(error)}", _remedy(error), line=line)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        document.fault((), "holds a control character, which YAML forbids", "take it out", line=line)
    except (YAMLError, *_STRAY_ERRORS):
        document.fault(
            (), "is not YAML, in this line or soon after", "quote what holds a \\, a % or a !", line=seen.line
        )
    raise document.error()


@dataclass
class _Progress:
    """Remembers how far the parser came, for errors that do not say where they happened."""

    line: int = 1

    def follow(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            mark: Any = event.start_mark
            self.line = mark.line + 1
            yield event


def _problem(error: MarkedYAMLError) -> str:
    """The parser's own words; never the line itself, which may hold a secret."""
    words = " ".join(str(part) for part in (error.context, error.problem) if part)
    return words.replace("('<stream end>',)", "the end of the file").replace("'<stream end>'", "the end of the file")


def _remedy(error: MarkedYAMLError) -> str:
    problem = str(error.problem)
    if "\\t" in problem:
        return "indent with spaces, not tabs"
    if "mapping values are not allowed" in problem:
        return 'put a text that holds ": " into quotes, and check the indentation'
    if "cannot start any token" in problem:
        return "put the text into quotes"
    if "stream" in problem:
        return "close what is open: a quote, a bracket or a brace"
    return "check the indentation, and that every quote, bracket and brace is closed"
