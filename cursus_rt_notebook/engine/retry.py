"""Trying again what failed for a passing reason."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from cursus_rt_notebook.engine.state import StepStatus
from cursus_rt_notebook.pipeline.model import Retry

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.attempt import Result


def with_retries(policy: Retry, attempt: Callable[[], Result], cancelled: threading.Event) -> Result:
    """The first result of `attempt` that is no passing failure, or the last one when the tries are used up.

    A failure passes if its exception's type, or one that this is derived from, is named in `policy.on`; the wait before each try doubles.
    """
    if policy.attempts == 1:
        return attempt()
    import tenacity  # 30 ms, and most steps have no policy

    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(policy.attempts) | tenacity.stop_when_event_set(cancelled),
        wait=tenacity.wait_exponential(multiplier=policy.backoff, min=policy.backoff),
        sleep=tenacity.sleep_using_event(cancelled),
        retry=tenacity.retry_if_result(lambda result: _passing(result, policy)),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    return retrying(attempt)


def _passing(result: Result, policy: Retry) -> bool:
    failure = result.state.failure
    if result.state.status is not StepStatus.FAILED or failure is None:
        return False
    return not {failure.title, *failure.facts.get("bases", ())}.isdisjoint(policy.on)
