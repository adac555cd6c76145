"""A script that demands a port which its step does not have: which one, and what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cursus_rt_notebook.engine.plan import StepPlan
from cursus_rt_notebook.engine.state import Frame
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.scripts.main_block import main_block

_TAKEN = re.compile(r"(?P<side>input|output)_paths\s*\[\s*[\"'](?P<name>[^\"']+)[\"']\s*\]")
_LOOKED_FOR = re.compile(r"[\"'](?P<name>[^\"']+)[\"']\s+not\s+in\s+(?P<side>input|output)_paths\b")


def undeclared_port(
    error: Mapping[str, Any], message: str, frames: Sequence[Frame], plan: StepPlan
) -> tuple[str, str, tuple[str, ...], str | None] | None:
    """Summary, advice, further advice and the right spelling, where a script failed for want of a port; else None.

    That is a KeyError at a line that takes the port, or an error of the script's own, which names it, after a line that
    looks for it.
    """
    own = [frame for frame in frames if frame.own]
    found = _demanded(error, message, own[-1]) if own else None
    if found is None:
        return None
    side, key = found
    known = tuple(plan.step.inputs if side == "input" else plan.step.outputs)
    near = next(iter(difflib.get_close_matches(key, known, n=1, cutoff=0.7)), None)
    has = f"its {side}s are {', '.join(known)}" if known else f"it has no {side}s"
    summary = f"{plan.step.name} demands {side} port {key!r}, which the step does not have: {has}."
    if near:
        return f"{summary} Did you mean {near!r}?", "Correct the script, or the name in the pipeline.", (), near
    return summary, _what_to_write(side, key), _otherwise(plan.step, side, key), None


def _demanded(error: Mapping[str, Any], message: str, frame: Frame) -> tuple[str, str] | None:
    """The side and the name of the port that is not there."""
    if error.get("type") == "KeyError":
        matches = _TAKEN.finditer(dict(frame.source).get(frame.line, ""))
        names = {str(error.get("key", "")).strip("'\"")}
    else:
        before = "\n".join(text for number, text in frame.source if number <= frame.line)
        matches = _LOOKED_FOR.finditer(before)
        names = {match["name"] for match in _LOOKED_FOR.finditer(before) if match["name"] in message}
    return next(((match["side"], match["name"]) for match in matches if match["name"] in names), None)


def _what_to_write(side: str, key: str) -> str:
    if side == "output":
        return f"Declare it with the step: `outputs: {{{key}: {{}}}}`."
    return f"Feed it with the step: `inputs: {{{key}: STEP.PORT}}`, or the path of a file or folder of yours."


def _otherwise(step: Step, side: str, key: str) -> tuple[str, ...]:
    """That the script's own block knows the port, where it does: run so, as in production, it has it."""
    block = main_block(step.script)
    if step.entry != "main" or block is None:
        return ()
    given = (block.inputs if side == "input" else block.outputs).get(key)
    if given is None:
        return ()
    where = f" at {given.path}" if given.path else ""
    return (f"Its __main__ block gives it{where}: with `entry: script` the step runs as in production.",)
