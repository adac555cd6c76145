"""What a step did beyond its own folders, as findings and in the manifest; and which kept results count without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from cursus_rt_notebook.engine.state import Failure
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.settings import EFFECTS_SHOWN
from cursus_rt_notebook.worker.launch import Effect, Outcome
from cursus_rt_notebook.workspace.store import Manifest

_DID = {"network": "connected to", "process": "started", "write": "wrote", "remove": "removed"}
_KEPT = {
    "network": "was kept from connecting to",
    "process": "was kept from starting",
    "write": "was kept from writing",
    "remove": "was kept from removing",
}


def findings(step: str, outcome: Outcome) -> Iterator[Finding]:
    """One for each line of code that reached out in one way, with what it reached."""
    ordered = sorted(outcome.effects, key=_group)
    for (refused, file, line, kind), group in groupby(ordered, key=_group):
        message = f"{_place(file, line, step)} {(_KEPT if refused else _DID)[kind]} {_targets(list(group))}"
        if refused:
            fix = "see effects=; to let it happen, write `effects: allow` on the step"
            yield Finding("warning", message, fix, step=step, file=file or None, line=line or None)
        else:
            yield Finding("info", message, "see effects=", step=step, file=file or None, line=line or None)


def _group(effect: Effect) -> tuple[bool, str, int, str]:
    return effect.refused, effect.file, effect.line, effect.kind


def _place(file: str, line: int, step: str) -> str:
    return f"{Path(file).name}:{line}" if file else step


def _targets(group: Sequence[Effect]) -> str:
    named = [effect for effect in group if effect.target != "more"]
    shown = ", ".join(effect.target for effect in named[:EFFECTS_SHOWN])
    others = len(named) - EFFECTS_SHOWN
    if not named:
        return f"more, {sum(effect.count for effect in group):,} times in all"
    return f"{shown} and {others} more" if others > 0 else shown


def as_facts(mode: str, outcome: Outcome) -> dict[str, Any]:
    """What the manifest keeps: whether anybody watched, and what was seen."""
    return {"watched": mode != "allow", "seen": [asdict(effect) for effect in outcome.effects]}


def will_do(*, without: bool) -> Callable[[Manifest], bool]:
    """Which kept results will do: all of them, or those of steps that were watched and reached out for nothing."""
    return _reached_nothing if without else lambda _: True


def _reached_nothing(manifest: Manifest) -> bool:
    kept = manifest.facts.get("effects")
    return isinstance(kept, Mapping) and bool(kept.get("watched")) and not kept.get("seen")


def was_refused(outcome: Outcome) -> bool:
    """Whether something did not happen that the script meant to do: what it then made is no result to use again."""
    return any(effect.refused for effect in outcome.effects)


def told_in(failure: Failure, outcome: Outcome, step: str) -> Failure:
    """The failure as that of a refusal, where it comes from one; where one came before it, with a word on that."""
    refusal = _refusal(outcome.error)
    if refusal is not None:
        message = str(refusal.get("message", ""))
        return replace(
            failure,
            kind="EffectRefused",
            title="effect refused",
            message=message,
            summary=f"{step}: {message}.",
            advice="Write `effects: allow` on the step to let it happen, or skip the step.",
            further=(),
            facts={"effect": str(refusal.get("effect", ""))},
        )
    if not was_refused(outcome):
        return failure
    first = next(effect for effect in outcome.effects if effect.refused)
    before = f"{_place(first.file, first.line, step)} {_KEPT[first.kind]} {first.target} before: effects are refused."
    return replace(failure, further=(*failure.further, before))


def _refusal(error: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The refusal in an exception, or in what it was made of; libraries make errors of their own of it."""
    while error:
        if error.get("type") == "EffectRefused":
            return error
        for part in error.get("exceptions", ()):
            found = _refusal(part)
            if found is not None:
                return found
        error = error.get("cause")
    return None
