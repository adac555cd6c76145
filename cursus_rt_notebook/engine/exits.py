"""A script that ends by `sys.exit`: what it had met before, and what its `__main__` block means by the number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cursus_rt_notebook.engine.plan import StepPlan
from cursus_rt_notebook.engine.state import Failure
from cursus_rt_notebook.pipeline.scripts.main_block import Ending, main_block
from cursus_rt_notebook.worker.launch import Outcome

_ANY = {"Exception", "BaseException"}


def told(
    outcome: Outcome, plan: StepPlan, raised: Callable[[Mapping[str, Any]], Failure], said: Sequence[str] = ()
) -> Failure:
    """The failure of a step that exited; that of the exception which it was handling then, where there was one.

    Args:
        raised: Tells an exception as a failure.
        said: What was said of the step before it ran.
    """
    error = outcome.error or {}
    code = outcome.exit_code
    own = str(error.get("message", ""))
    meant = tuple(_meanings(code, plan))
    message = own or f"exit status {code}"
    exited = replace(
        raised(error),
        kind="StepFailed",
        title=f"exit {code}",
        message=message,
        summary=f"{plan.step.name} called sys.exit: {message}",
        advice="The end of its log usually says why.",
        further=(*meant, *said),
        facts={"exit_code": code},
    )
    cause = error.get("cause")
    if not isinstance(cause, Mapping):
        return exited
    first = raised(cause)
    if own not in ("", str(code)):  # its own words, beside what led to them
        return replace(exited, frames=first.frames, further=(first.summary, *exited.further))
    return replace(
        exited,
        message=first.message,
        summary=f"{first.summary} ({exited.title})",
        advice=first.advice or exited.advice,
        further=(*first.further, *meant),
        suggestion=first.suggestion,
        frames=first.frames,
    )


def _meanings(code: int | None, plan: StepPlan) -> Iterator[str]:
    """What the block says of this number, where it gives another for something else."""
    block = main_block(plan.step.script) if plan.step.entry == "script" else None
    failing = [ending for ending in block.exits if ending.code != 0] if block else []
    if len({ending.code for ending in failing}) > 1:
        for ending in failing:
            if ending.code == code:
                yield f"Its __main__ block exits with {code} {_when(ending)} (line {ending.line})."


def _when(ending: Ending) -> str:
    if ending.after == "returned":
        return f"where main returned and {ending.when}" if ending.when else "where main returned"
    if not ending.kinds or _ANY & set(ending.kinds):
        return "for any other exception"
    return f"for {' and '.join(ending.kinds)}"
