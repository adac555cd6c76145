"""Why each input of a pipeline is fed by what feeds it: the rule's candidates and their scores, or whose word it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook.display import Shown
from cursus_rt_notebook.errors import NameUnknown
from cursus_rt_notebook.pipeline.bindings import Binding, Candidate, Parts
from cursus_rt_notebook.pipeline.faults import listed, near
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, FromStep, Input, Open, Pipeline

if TYPE_CHECKING:
    import pandas as pd

_IN_MEMORY: Final = {"dict": "the dict", "graph": "the graph"}


@dataclass(frozen=True)
class WiredInput:
    """One input port of a step: what feeds it, and why.

    `fed_by` is `STEP.PORT`, a path or address, or None where nothing feeds it; `by` is "rule", "hand" (the caller's own
    wiring), "given" (data, in the place of what the rule would take), "written" (in the pipeline's file), or "nothing".
    `binding` is what the rule weighed, where there is one.
    """

    step: str
    port: str
    required: bool
    fed_by: str | None
    by: str
    why: str
    binding: Binding | None = None

    @property
    def score(self) -> float | None:
        """What the rule gave to the output that it chose."""
        chosen = self.binding.chosen if self.binding and self.by == "rule" else None
        return chosen.score if chosen else None


@dataclass(frozen=True, repr=False)
class WiringExplanation(Shown):
    """Why each input is fed by what feeds it, in the order of the steps; shows itself as text and as HTML."""

    pipeline: str
    inputs: tuple[WiredInput, ...]

    def to_dataframe(self) -> pd.DataFrame:
        """A row for each output that was weighed for an input, the best first; one for an input without any."""
        import pandas as pd

        columns = ("step", "port", "required", "fed_by", "by", "why", "candidate", "outcome", "score")
        rows = [row for wired in self.inputs for row in _rows(wired)]
        parts = tuple(asdict(Parts()))
        return pd.DataFrame(rows, columns=[*columns, *parts, "matched"]).astype(dict.fromkeys(("score", *parts), float))


def explain_wiring(pipeline: Pipeline, step: str | None = None) -> WiringExplanation:
    """Why the inputs of one step (or `STEP.PORT`), or of all, are fed by what feeds them.

    Raises:
        NameUnknown: there is no such step, or no such input; names those that there are.
    """
    every = tuple(wired for name in pipeline.order for wired in wired_inputs(pipeline, name))
    if step is None:
        return WiringExplanation(pipeline.name, every)
    step = str(step)
    if step in pipeline.steps:
        return WiringExplanation(pipeline.name, tuple(wired for wired in every if wired.step == step))
    found = tuple(wired for wired in every if f"{wired.step}.{wired.port}" == step)
    if found:
        return WiringExplanation(pipeline.name, found)
    ports = [f"{wired.step}.{wired.port}" for wired in every]
    meant = near(step, pipeline.steps) or near(step, ports)
    fix = f"did you mean {meant}?" if meant else f"the steps are {listed(pipeline.steps)}"
    raise NameUnknown(f"there is no step or input {step!r} in {pipeline.name}", fix=fix)


def wired_inputs(pipeline: Pipeline, step: str) -> Iterator[WiredInput]:
    """The inputs of a step: those that a rule weighed, also where nothing feeds them, then all others."""
    weighed = {binding.port: binding for binding in pipeline.bindings if binding.step == step}
    inputs = pipeline.steps[step].inputs
    for port in (*weighed, *(port for port in inputs if port not in weighed)):
        yield _wired(pipeline, step, port, inputs.get(port), weighed.get(port))


def stands(binding: Binding, source: Input | None) -> bool:
    """Whether an input is fed as its binding says: the caller may have given it something else since."""
    if isinstance(source, FromStep):
        chosen = binding.chosen
        return chosen is not None and (chosen.step, chosen.port) == (source.step, source.port)
    return binding.chosen is None and (source is None or isinstance(source, Open))


def _wired(pipeline: Pipeline, step: str, port: str, source: Input | None, binding: Binding | None) -> WiredInput:
    fed_by = _name(source)
    required = binding.required if binding else source is not None and not source.optional
    if binding is not None and stands(binding, source):
        by = "hand" if binding.explicit else "rule" if fed_by else "nothing"
        return WiredInput(step, port, required, fed_by, by, binding.why, binding)
    if binding is not None:
        by, why = _instead(source)
        return WiredInput(step, port, required, fed_by, by, why, binding)
    origin = _IN_MEMORY.get(pipeline.origin) or PurePath(pipeline.origin).name
    why = f"written in {origin}" if fed_by else f"left open in {origin}"
    return WiredInput(step, port, required, fed_by, "written" if fed_by else "nothing", why)


def _instead(source: Input | None) -> tuple[str, str]:
    """What stands in the place of what the rule chose, or left unbound."""
    match source:
        case FromStep():
            return "hand", f"wired by hand to {source.step}.{source.port}"
        case FromPath() | FromAddress():
            return "given", f"given as {'a path' if isinstance(source, FromPath) else 'an address'}"
        case Open() | None:
            return "nothing", "nothing feeds it in this pipeline"


def _name(source: Input | None) -> str | None:
    match source:
        case FromStep():
            return f"{source.step}.{source.port}"
        case FromPath():
            return f"{source.package}: {source.path}" if source.package else str(source.path)
        case FromAddress():
            return source.address
        case Open() | None:
            return None


def _rows(wired: WiredInput) -> Iterator[dict[str, Any]]:
    told = {name: getattr(wired, name) for name in ("step", "port", "required", "fed_by", "by", "why")}
    candidates = wired.binding.candidates if wired.binding else ()
    if not candidates:
        yield told
    for candidate in candidates:
        yield told | _told(candidate, wired)


def _told(candidate: Candidate, wired: WiredInput) -> dict[str, Any]:
    assert wired.binding is not None
    about = {"candidate": candidate.name, "outcome": wired.binding.lost(candidate), "score": candidate.score}
    return about | asdict(candidate.parts) | {"matched": candidate.matched}
