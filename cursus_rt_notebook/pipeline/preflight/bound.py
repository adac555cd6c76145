"""Bindings that production makes as well, and that may not be meant: weak, ambiguous, from an odd step, or none at all."""

from __future__ import annotations

from collections.abc import Iterator

from cursus_rt_notebook import settings
from cursus_rt_notebook.pipeline.bindings import NAME_WEIGHT, VIABLE, Binding, Candidate
from cursus_rt_notebook.pipeline.explained import stands
from cursus_rt_notebook.pipeline.faults import listed, quoted
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Open, Pipeline

_SHOWN = 3


def wiring_notes(pipeline: Pipeline) -> Iterator[Finding]:
    """What to say of the bindings as they stand, at most one finding for each port.

    Nothing is said of what the caller wired by hand or has given a path, nor of a step that a stub stands in for.
    """
    for binding in pipeline.bindings:
        step = pipeline.steps.get(binding.step)
        if step is None or step.stub is not None or binding.explicit:
            continue
        source = step.inputs.get(binding.port)
        if isinstance(source, Open) and binding.chosen is None:
            yield _missing(binding)
        elif binding.chosen is not None and stands(binding, source):
            yield from _of(binding, binding.chosen)


def _of(binding: Binding, chosen: Candidate) -> Iterator[Finding]:
    near = [c for c in binding.rivals if chosen.score - c.score < settings.WIRING_NEAR]
    reasons = [*_odd(binding, chosen), *_weak(binding, chosen), *_ambiguous(chosen, near)]
    if reasons:
        kind = "required" if binding.required else "optional"
        fed = f"{kind} input {quoted(binding.port)} is fed by {chosen.name} ({chosen.score:.2f})"
        others = [f"{c.name} ({c.score:.2f})" for c in binding.rivals[:_SHOWN] if c not in near[:1]]
        then = [f"next best: {', '.join(others)}"] if others else []
        message = f"{fed}: {'; '.join([*reasons, *then])}"
        yield _finding("warning", binding, message, _remedy(binding, chosen, near))


def _missing(binding: Binding) -> Finding:
    fitting = [candidate for candidate in binding.candidates if candidate.parts.type]
    give = f'pipeline.with_inputs({{"{binding.name}": PATH}}), or {binding.port}: PATH in YAML'
    message = f"required input {quoted(binding.port)} is open: nothing feeds it"
    if not binding.candidates:
        return _finding("error", binding, f"{message}, and no step before it could", f"give it data: {give}")
    message = f"{message}; {binding.why}"
    wire = _feed(binding, fitting[0].name if fitting else "STEP.OUTPUT")
    return _finding("error", binding, message, f"wire it: {wire}; or give it data: {give}")


def _odd(binding: Binding, chosen: Candidate) -> Iterator[str]:
    """That the provider is of no type which the port says it takes."""
    if binding.required or chosen.parts.sources >= 0:
        return
    # A type that is listed with a job type counts for nothing in the score, but a reader of the interface sees it.
    known = {chosen.step_type.casefold(), chosen.step.casefold()}
    if not known & {source.casefold() for source in binding.sources}:
        listing = listed(binding.sources, limit=_SHOWN)
        yield f"its type, {chosen.step_type}, is not among the compatible_sources {listing}"


def _weak(binding: Binding, chosen: Candidate) -> Iterator[str]:
    if chosen.score - VIABLE < settings.WIRING_WEAK:
        yield f"{chosen.score:.2f} is hardly above {VIABLE}"
    alike = chosen.parts.name / NAME_WEIGHT
    if not binding.required and alike < settings.WIRING_ALIKE:
        yield f"their names are little alike ({alike:.2f} of 1)"


def _ambiguous(chosen: Candidate, near: list[Candidate]) -> Iterator[str]:
    if near and near[0].score == chosen.score:
        yield f"{near[0].name} scores the same, and only comes later"
    elif near:
        yield f"{near[0].name} ({near[0].score:.2f}) comes near"


def _remedy(binding: Binding, chosen: Candidate, near: list[Candidate]) -> str:
    remedies = [f"take the other: {_feed(binding, near[0].name)}"] if near else []
    if not binding.required:
        unbound = f'wiring={{"{binding.name}": None}} of load_cursus, or no {binding.port} in YAML'
        remedies.append(f"leave it unbound: {unbound}")
    elif not near:
        remedies.append(f"take another: {_feed(binding, 'STEP.OUTPUT')}")
    return f'{"; or ".join(remedies)}; "{chosen.name}" there says that it is meant'


def _feed(binding: Binding, output: str) -> str:
    return f'wiring={{"{binding.name}": "{output}"}} of load_cursus, or {binding.port}: {output} in YAML'


def _finding(severity: str, binding: Binding, message: str, fix: str) -> Finding:
    return Finding(severity, message, fix, step=binding.step, port=binding.port)
