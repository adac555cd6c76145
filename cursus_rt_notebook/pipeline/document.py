"""A pipeline as it was written, whatever the source: plain values, the place of each, and the faults found so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cursus_rt_notebook.errors import NameRefused, PipelineError
from cursus_rt_notebook.names import check_name
from cursus_rt_notebook.pipeline.faults import Fault, near, pipeline_error
from cursus_rt_notebook.redact import Redactor

KeyPath = tuple[str | int, ...]
_SUGGESTIONS = 100  # a document with more faults than this has another problem


@dataclass(frozen=True)
class Document:
    """What a source read. Values are dicts with text keys, lists, text, numbers, true, false and None.

    Args:
        origin: What it was read from, for messages: a file's path, `"dict"` or `"graph"`.
        name: The pipeline's name, should the document give none.
        base_dir: What relative paths are relative to.
        file: The file, if there is one.
        lines: The line of each key and list item.
        written: How a value that is not text was written: `1.10` is a number, and a text of its own.
        unquoted: What YAML takes a key or item for that was written without quotes: `on`, `2024`.
        doubtful: What to write instead of a value that the versions of YAML read differently: `no`, `1_000`.
        edges: A graph's edges, which have to agree with the references; None for what is no graph.
        kind: What it is, for messages: a pipeline, or one of the files that a Cursus project is made of.
    """

    origin: str
    name: str
    base_dir: Path
    value: Any = None
    file: str | None = None
    lines: Mapping[KeyPath, int] = field(default_factory=dict[KeyPath, int])
    written: Mapping[KeyPath, str] = field(default_factory=dict[KeyPath, str])
    unquoted: Mapping[KeyPath, str] = field(default_factory=dict[KeyPath, str])
    doubtful: Mapping[KeyPath, str] = field(default_factory=dict[KeyPath, str])
    edges: tuple[tuple[str, str], ...] | None = None
    kind: str = "pipeline"
    faults: list[Fault] = field(default_factory=list[Fault])
    _faulty: set[KeyPath] = field(default_factory=set[KeyPath], repr=False)

    def fault(self, path: KeyPath, message: str, fix: str = "", *, line: int | None = None) -> None:
        """Note that something is wrong at `path`."""
        line = line if line is not None else self.line(path)
        self.faults.append(Fault(place(path), _safe(message), _safe(fix), self.file, line))
        self._faulty.update(path[:end] for end in range(1, len(path) + 1))

    def is_faulty(self, path: KeyPath) -> bool:
        """Whether a fault is known at `path` or below, so that what follows from it need not be said."""
        return path in self._faulty

    def error(self) -> PipelineError:
        """The error that reports all faults found so far."""
        return pipeline_error(self.origin, self.faults)

    def raise_faults(self) -> None:
        """Raise all faults, if there are any."""
        if self.faults:
            raise self.error()

    def line(self, path: KeyPath) -> int | None:
        """The line of `path`, or of the nearest thing around it that has one."""
        places = (path[:end] for end in range(len(path), -1, -1))
        return next((self.lines[p] for p in places if p in self.lines), None)

    def near(self, word: str, options: Iterable[str]) -> str:
        """The option that `word` was probably meant to be, or an empty text."""
        return "" if self.is_crowded else near(word, options)

    @property
    def is_crowded(self) -> bool:
        """Whether there are so many faults that looking for remedies would take too long."""
        return len(self.faults) > _SUGGESTIONS

    def check_name(self, path: KeyPath, name: object, kind: str) -> bool:
        """Whether `name` can name a `kind`; notes a fault if not, or if YAML's reading of it depends on the version."""
        taken_for = self.unquoted.get(path)
        if taken_for:
            shown = self.written.get(path, name) if isinstance(path[-1], int) else name
            self.fault(path, f"{kind} {shown} is {taken_for} in YAML, not a name", f'quote it: "{shown}"')
            return False
        try:
            check_name(name, kind)
        except NameRefused as refused:
            self.fault(path, refused.message, refused.fix)
            return False
        return True


def place(path: KeyPath) -> str:
    """A key path as text: `steps.train.inputs["a b"]`, `after[0]`."""
    parts = (f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r:.60}]" for key in path)
    return "".join(parts).removeprefix(".")


def _safe(text: str) -> str:
    """A sentence about the user's text: no credentials of a URL, and nothing that a terminal would obey."""
    masked = Redactor().text(text)
    return masked if masked.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in masked)
