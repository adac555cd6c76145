"""Cursus's wiring rule: which output feeds which port, where the edges say only which steps feed which.

::

    Wanted ports ─┐
                  ├─> every pair scored ─> above 0.5 ─> required ports first, then by score ─> a Binding for each port
    Offered outputs ┘                                   each output feeds one port of a consumer
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cursus_rt_notebook.pipeline.bindings import NAME_WEIGHT, Binding, Candidate, Parts
from cursus_rt_notebook.pipeline.cursus.similar import similarity

_TAKES: Final = {
    "processing_output": {"training_data"},
    "training_data": {"processing_output"},
    "hyperparameters": {"custom_property"},
    "payload_samples": {"processing_output"},
}
_DATA_TAKES: Final = {"S3Uri": "String", "String": "S3Uri", "Integer": "Float", "Float": "Integer"}
_OLD_NAMES: Final = {  # of step types, which interfaces still write
    "Package": "MIMSPackaging",
    "Payload": "MIMSPayload",
    "Registration": "ModelRegistration",
    "PyTorchTraining": "PytorchTraining",
    "PyTorchModel": "PytorchModel",
}
_JOB_TYPES: Final = frozenset({"training", "validation", "testing", "calibration"})


@dataclass(frozen=True)
class Wanted:
    """An input port as a step's interface declares it."""

    port: str
    type: str
    required: bool = True
    compatible_sources: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    data_type: str = "S3Uri"


@dataclass(frozen=True)
class Offered:
    """An output port as the interface of its step declares it; `step_type` with or without a job type."""

    step: str
    step_type: str
    port: str
    type: str
    aliases: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    data_type: str = "S3Uri"


def match(
    step: str,
    wanted: Sequence[Wanted],
    offered: Sequence[Offered],
    by_hand: Mapping[str, Offered | None] | None = None,
) -> tuple[Binding, ...]:
    """What feeds each of the ports of a step, in the order of `wanted`.

    Args:
        step: The consumer.
        wanted: Its ports, as declared.
        offered: The outputs of the steps that its incoming edges come from: in the order of the edges, then as declared.
        by_hand: Ports that the user wires, by name, to any output or to none. They come before the rule, which gives
            what they take to no other port.
    """
    fixed = dict(by_hand or {})
    scored = {port.port: _scored(port, offered, fixed.get(port.port)) for port in wanted}
    chosen = {name: (output.step, output.port) if output else None for name, output in fixed.items()}
    chosen |= _assigned([port for port in wanted if port.port not in fixed], scored, chosen)
    takers = {output: port for port, output in chosen.items() if output is not None}
    return tuple(
        _binding(step, port, scored[port.port], chosen, takers, explicit=port.port in fixed) for port in wanted
    )


def parts(wanted: Wanted, offered: Offered) -> Parts:
    """What the score of an output for a port is made of."""
    names = (offered.port, *offered.aliases)
    return Parts(
        type=0.4 if wanted.type == offered.type else 0.2 if offered.type in _TAKES.get(wanted.type, ()) else 0.0,
        data_type=_data_part(wanted.data_type, offered.data_type),
        name=NAME_WEIGHT * max(similarity(wanted.port, name) for name in names),
        exact=0.05 if wanted.port in names else 0.0,
        sources=_source_part(wanted.compatible_sources, offered.step_type),
        keywords=0.05 * _keyword_share(wanted.keywords, offered.port),
    )


def _data_part(wanted: str, offered: str) -> float:
    return 0.2 if wanted == offered else 0.1 if _DATA_TAKES.get(wanted) == offered else 0.0


def _source_part(sources: Sequence[str], step_type: str) -> float:
    if not sources:
        return 0.0
    base, _, job_type = step_type.rpartition("_")
    provider = base if base and job_type.lower() in _JOB_TYPES else step_type
    provider = next((new for new, old in _OLD_NAMES.items() if old == provider), provider)
    known = {provider, _OLD_NAMES.get(provider, provider)}
    listed = any(source in known or _bare(source) == _bare(provider) for source in sources)
    return 0.1 if listed else -0.1


def _bare(step_type: str) -> str:
    return step_type.removesuffix("Step")


def _keyword_share(keywords: Sequence[str], output: str) -> float:
    return sum(word.lower() in output.lower() for word in keywords) / len(keywords) if keywords else 0.0


def _scored(port: Wanted, offered: Sequence[Offered], by_hand: Offered | None) -> list[Candidate]:
    """Every output, weighed for a port, in the order given; one that the user chose is among them."""
    listed = {(output.step, output.port): output for output in offered}
    if by_hand is not None:
        listed.setdefault((by_hand.step, by_hand.port), by_hand)
    return [_candidate(port, output) for output in listed.values()]


def _candidate(port: Wanted, output: Offered) -> Candidate:
    weighed = parts(port, output)
    names = (output.port, *output.aliases)
    return Candidate(
        step=output.step,
        port=output.port,
        score=weighed.score,
        parts=weighed,
        step_type=output.step_type,
        type=output.type,
        matched=max(names, key=lambda name: similarity(port.port, name)),
    )


def _assigned(
    wanted: Sequence[Wanted], scored: Mapping[str, list[Candidate]], fixed: Mapping[str, tuple[str, str] | None]
) -> dict[str, tuple[str, str]]:
    """The output that each port takes, if any: of the best pairs first, those of required ports before all others."""
    viable = {port.port: [c for c in scored[port.port] if c.viable] for port in wanted}
    edges = list(dict.fromkeys(c.step for port in wanted for c in scored[port.port]))
    # Of equal pairs, production takes that of the port that the first edge could feed.
    reached = sorted((port for port in wanted if viable[port.port]), key=lambda p: edges.index(viable[p.port][0].step))
    pairs = [(port, candidate) for port in reached for candidate in viable[port.port]]
    pairs.sort(key=lambda pair: (not pair[0].required, -pair[1].score))
    taken = set(fixed.values())
    chosen: dict[str, tuple[str, str]] = {}
    for port, candidate in pairs:
        output = (candidate.step, candidate.port)
        if port.port not in chosen and output not in taken:
            chosen[port.port] = output
            taken.add(output)
    return chosen


def _binding(
    step: str,
    port: Wanted,
    candidates: list[Candidate],
    chosen: Mapping[str, tuple[str, str] | None],
    takers: Mapping[tuple[str, str], str],
    *,
    explicit: bool,
) -> Binding:
    own = chosen.get(port.port)
    best = sorted(candidates, key=lambda candidate: -candidate.score)
    told = [replace(c, taken_by=takers.get((c.step, c.port))) for c in best]
    return Binding(
        step=step,
        port=port.port,
        required=port.required,
        chosen=next((c for c in told if (c.step, c.port) == own), None),
        candidates=tuple(told),
        explicit=explicit,
        type=port.type,
        sources=tuple(port.compatible_sources),
    )
