"""What an arrow stands for: which outputs of one step feed which inputs of another, and what the rule gave each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from cursus_rt_notebook.pipeline.explained import WiredInput, wired_inputs
from cursus_rt_notebook.pipeline.model import FromStep, Pipeline
from cursus_rt_notebook.render import words
from cursus_rt_notebook.render.chars import cut_middle, one_line
from cursus_rt_notebook.render.same import Same

_NAME = 80
_SAID = 5


@dataclass(frozen=True)
class Pair:
    """One output that feeds one input; `score` is what the rule gave it (`0.81`), or "" where no rule was asked.

    `port` is the input's whole name, the others are cut to be read.
    """

    output: str
    input: str
    score: str
    why: str
    port: str


@dataclass(frozen=True)
class Link:
    """All pairs along one arrow, by the names of its ends; `label` is what a screen reader says."""

    tail: str
    head: str
    label: str
    pairs: tuple[Pair, ...]

    @property
    def lines(self) -> str:
        """The pairs as a tooltip tells them, a line each."""
        return "\n".join(f"{_arrow(pair)}{f' ({pair.score})' if pair.score else ''}" for pair in self.pairs)


def links(pipeline: Pipeline) -> dict[tuple[str, str], Link]:
    """The links of a pipeline by the steps at their ends; there is none where only the order counts."""
    return _links(Same(pipeline))


# Of the pipelines that are open; a graph is drawn again with every change of its state.
@lru_cache(maxsize=64)
def _links(same: Same[Pipeline]) -> dict[tuple[str, str], Link]:
    pipeline = same.value
    pairs: dict[tuple[str, str], list[Pair]] = {}
    for head in pipeline.order:
        inputs = pipeline.steps[head].inputs
        for wired in wired_inputs(pipeline, head):
            source = inputs.get(wired.port)
            if isinstance(source, FromStep):
                pairs.setdefault((source.step, head), []).append(_pair(source, wired))
    return {ends: Link(*ends, _label(*ends, found), tuple(found)) for ends, found in pairs.items()}


def _pair(source: FromStep, wired: WiredInput) -> Pair:
    score = "" if wired.score is None else f"{wired.score:.2f}"
    return Pair(_short(source.port), _short(wired.port), score, _short(wired.why, 4 * _NAME), wired.port)


def _short(text: str, room: int = _NAME) -> str:
    return one_line(cut_middle(text, room))


def _arrow(pair: Pair) -> str:
    return f"{pair.output} \N{RIGHTWARDS ARROW} {pair.input}"


def _label(tail: str, head: str, pairs: list[Pair]) -> str:
    each = (f"{p.output} feeds {p.input}{f', score {p.score}' if p.score else ''}" for p in pairs)
    return f"{_short(tail)} to {_short(head)}: {words.listed(each, _SAID)}"
