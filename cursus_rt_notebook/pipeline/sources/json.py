"""Read JSON as a document: limits on size and depth, and the line of each key, found only when something is wrong."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.sources.mapping import plain_values
from cursus_rt_notebook.pipeline.sources.text import read_text

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
_LINES_DEPTH = 6  # what lies deeper has the line of what it lies in


def read_json(source: str | os.PathLike[str], kind: str) -> Document:
    """The document in the JSON file at `source`; `kind` says what it should be.

    Raises:
        PipelineError: there is no such file, or it is not JSON, or too deep or large to be what it should be.
    """
    document, text = read_text(source, kind, (".json",))
    document = replace(document, lines=JsonLines(text))
    repeats: list[str] = []
    value = plain_values(_parsed(text, document, repeats), document)
    if repeats:
        _fault_repeats(text, document)
    return replace(document, value=value)


def _parsed(text: str, document: Document, repeats: list[str]) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(found)
        if len(value) < len(found):
            repeats.append("")
        return value

    try:
        return json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        message, line = _problem(error, text)
        document.fault((), message, _remedy(error, text), line=line)
    except RecursionError:
        message = f"is nested deeper than {settings.PIPELINE_DEPTH} levels"
        document.fault((), message, f"is this a {document.kind}?", line=_first_too_deep(text))
    except ValueError:
        document.fault((), "holds a number of thousands of digits", f"is this a {document.kind}?")
    raise document.error()


def _problem(error: json.JSONDecodeError, text: str) -> tuple[str, int]:
    """What is wrong, and in which line: that of the last character, where the text ends too early."""
    if not text.strip():
        return "is empty", 1
    if not text[error.pos :].strip() or error.msg.startswith("Unterminated string"):
        return "is no JSON: it ends too early", text.rstrip().count("\n") + 1
    problem = f"{error.msg[:1].lower()}{error.msg[1:]}".removesuffix(" at")
    return f"is no JSON: {problem} at column {error.colno}", error.lineno


def _remedy(error: json.JSONDecodeError, text: str) -> str:
    before, after = text[: error.pos].rstrip()[-1:], text[error.pos :].lstrip()
    if after.startswith("'"):
        return 'JSON has double quotes only: write "..."'
    if after.startswith(("//", "/*", "#")):
        return "JSON has no comments: take it away"
    if error.msg.startswith("Illegal trailing comma") or (before == "," and after[:1] in {"}", "]"}):
        return "take away the comma before the bracket that closes"
    if after.startswith(("None", "True", "False")):
        return "JSON has null, true and false: write it so"
    if error.msg.startswith("Extra data"):
        return "take away what stands after the end"
    if error.msg.startswith("Invalid control character"):
        return "write \\n for the end of a line in a text, and \\t for a tab"
    return "is the file whole? Write it again as it was"


def _fault_repeats(text: str, document: Document) -> None:
    """Note the keys that stand twice in one object: readers of JSON take the last, silently."""
    seen: set[KeyPath] = set()
    told: set[KeyPath] = set()
    for path, line in ((path, line) for path, line, is_key in _places(text) if is_key):
        if path in seen and not any(path[:end] in told for end in range(1, len(path) + 1)):
            told.add(path)
            document.fault(path, "is there twice", "take one of them away: of two, the last would count", line=line)
        seen.add(path)
    if not told:  # it stands deeper than lines are known
        document.fault((), "holds an object with a key that is there twice", "take one of them away")


def _first_too_deep(text: str) -> int | None:
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > settings.PIPELINE_DEPTH:
            return text.count("\n", 0, token.start()) + 1
    return None


@dataclass(frozen=True)
class JsonLines(Mapping[KeyPath, int]):
    """The line of each key and item of a JSON text, which is looked through when the first is asked for."""

    text: str = field(repr=False)

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        found: dict[KeyPath, int] = {}
        for path, line, _ in _places(self.text):
            found.setdefault(path, line)
        return found

    def __getitem__(self, path: KeyPath) -> int:
        return self._lines[path]

    def __iter__(self) -> Iterator[KeyPath]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def _places(text: str) -> Iterator[tuple[KeyPath, int, bool]]:
    """The line of each key, value and item of a text that is known to be JSON, in its order, and whether it is a key."""
    path: list[str | int] = []
    line, last, is_key = 1, 0, False
    for token in _TOKEN.finditer(text):
        line += text.count("\n", last, token.start())
        last, sign = token.start(), token[0]
        if sign in {"}", "]"}:
            path.pop()
            is_key = False
        elif sign == ",":
            is_key = isinstance(path[-1], str)
            path[-1] = path[-1] if isinstance(path[-1], str) else path[-1] + 1
        elif sign != ":":
            if is_key:
                path[-1] = json.loads(sign)
            if len(path) <= _LINES_DEPTH:
                yield tuple(path), line, is_key
            is_key = sign == "{" and not is_key
            if sign in {"{", "["}:
                path.append("" if sign == "{" else 0)
