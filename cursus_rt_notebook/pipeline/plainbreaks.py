"""Breakpoints that a document may hold: plain ones. Conditions are code, and code is typed, not kept in files."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import described, listed, quoted

_PLAIN = ("", "before", "after")


def read_breakpoints(written: list[Any], steps: Collection[str], document: Document) -> tuple[str, ...]:
    """The texts `STEP`, `STEP:before` and `STEP:after` among `written`; all others are noted."""
    found = ((text, ("breakpoints", index)) for index, text in enumerate(written))
    return tuple(text.strip() for text, path in found if _is_plain(text, path, steps, document))


def _is_plain(text: Any, path: KeyPath, steps: Collection[str], document: Document) -> bool:
    if isinstance(text, dict) and text:  # `- score: rows < 1000` is a mapping in YAML
        return _refuse_condition(path, document)
    if not isinstance(text, str):
        document.fault(path, f"is {described(text)}, not a breakpoint", "write STEP, STEP:before or STEP:after")
        return False
    text = text.strip()
    # A step's name may itself hold a colon: the longest that fits is meant, as in the breakpoints of the call.
    fits = [step for step in steps if text.startswith(step) and text[len(step) :].lstrip()[:1] in {"", ":"}]
    if not fits:
        step = text.split(":", maxsplit=1)[0].strip()
        meant = document.near(step, steps)
        fix = f"write {text.replace(step, meant, 1)}" if meant else f"the steps are {listed(steps)}"
        document.fault(path, f"there is no step {quoted(step)} to stop at", fix)
        return False
    rest = text[len(max(fits, key=len)) :].lstrip().removeprefix(":").strip()
    return rest in _PLAIN or _refuse_condition(path, document)


def _refuse_condition(path: KeyPath, document: Document) -> bool:
    message = "has a condition, and text from a document is never evaluated"
    document.fault(path, message, 'write STEP, and give the condition in Python: breakpoints=["score: rows < 1000"]')
    return False
