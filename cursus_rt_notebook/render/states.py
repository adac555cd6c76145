"""The states of a step on the screen: shape, word and colour, always all three. The one table of them.

Shapes lie in a square of 12 by 12 around the origin, drawn with M, L, C and Z only, so that SVG and PNG draw the
same. `char` stands for the shape in text; U+FE0E keeps it from becoming an emoji.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cursus_rt_notebook.engine.state import RunState, StepState, StepStatus, When


@dataclass(frozen=True)
class Look:
    """How a state looks. `colour` and `tint` are names in `PALETTE`; an outlined shape is stroked, not filled."""

    word: str
    char: str
    shape: str
    colour: str
    tint: str = "box"
    outlined: bool = True
    bold: bool = True
    dashed: bool = False


_CIRCLE = "M4 0C4 2.21 2.21 4 0 4C-2.21 4 -4 2.21 -4 0C-4 -2.21 -2.21 -4 0 -4C2.21 -4 4 -2.21 4 0Z"
_TURNING = (
    "M3.6 -2.3C2.8 -3.5 1.5 -4.2 0 -4.2C-2.32 -4.2 -4.2 -2.32 -4.2 0C-4.2 2.32 -2.32 4.2 0 4.2C2 4.2 3.7 2.8 4.1 0.9"
)

STATES: Final = {
    "waiting": Look("waiting", "○", _CIRCLE, "wait", bold=False),
    "running": Look("running", "▶\ufe0e", "M-3.6 -4.6L4.8 0L-3.6 4.6Z", "run", "runbg", outlined=False),
    "done": Look("done", "✓", "M-4.4 0.2L-1.4 3.4L4.6 -3.6", "done"),
    "cached": Look("cached", "↺", _TURNING + "M4.4 -5L3.9 -1.9L0.9 -2.5", "cached", "cachedbg"),
    "paused": Look("paused", "❚❚", "M-4 -4.4L-1.2 -4.4L-1.2 4.4L-4 4.4ZM1.2 -4.4L4 -4.4L4 4.4L1.2 4.4Z", "pause", "pausebg", outlined=False),
    "failed": Look("failed", "✕", "M-3.6 -3.6L3.6 3.6M3.6 -3.6L-3.6 3.6", "fail", "failbg"),
    "skipped": Look("skipped", "\N{EN DASH}", "M-4 0L4 0", "wait", bold=False, dashed=True),
    "stale": Look("stale", "≠", "M-4 -1.6L4 -1.6M-4 1.6L4 1.6M2.2 -4.4L-2.2 4.4", "pause"),
}  # fmt: skip
PENCIL: Final = "M-3.8 3.8L-3.2 1.2L2 -4L4 -2L-1.2 3.2Z"

# Name -> (light, dark). `static/theme.css` says the same as CSS variables; a test holds the two together.
PALETTE: Final = {
    "box": ("#ffffff", "#111418"),
    "surface": ("#f7f8fa", "#191d23"),
    "line": ("#dfe2e7", "#2d333b"),
    "ink": ("#1b1f24", "#e4e8ed"),
    "dim": ("#626a76", "#939ba7"),
    "brand": ("#1769c6", "#6db0ff"),
    "brandbg": ("#e7f0fb", "#17304d"),
    "wait": ("#7d858f", "#6f7884"),
    "run": ("#1769c6", "#6db0ff"),
    "runbg": ("#e7f0fb", "#17304d"),
    "done": ("#1f7a43", "#66c48a"),
    "donebg": ("#edf7f0", "#15271c"),
    "cached": ("#5a6b7d", "#9fb0c2"),
    "cachedbg": ("#f1f4f7", "#1d242c"),
    "pause": ("#9a6200", "#f0b955"),
    "pausebg": ("#fff5df", "#33270f"),
    "fail": ("#b3261e", "#ff8f86"),
    "failbg": ("#fdeeed", "#3a1917"),
    "bp": ("#d6322b", "#ff5a52"),
    "hi": ("#fff2c9", "#4a3d12"),
    "edge": ("#7d858f", "#6f7884"),
    "label": ("#626a76", "#939ba7"),
    "primary": ("#1769c6", "#1769c6"),
    "onprimary": ("#ffffff", "#ffffff"),
}


def look_of(step: StepState, state: RunState) -> str:
    """The key in `STATES` for a step: its status, `paused` where the run stands at it, `skipped` if it is blocked."""
    pause = state.pause
    if pause and pause.step == step.name and step.status not in {StepStatus.FAILED, StepStatus.RUNNING}:
        return "failed" if pause.when is When.FAILED else "paused"
    return "skipped" if step.blocked else step.status.value
