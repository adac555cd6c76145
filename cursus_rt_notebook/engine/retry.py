"""Trying again what failed for a passing reason, by tenacity."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.engine.state import StepStatus
from cursus_rt_notebook.pipeline.model import Retry

if TYPE_CHECKING:
    import tenacity

    from cursus_rt_notebook.engine.attempt import Result


def with_retries(
    policy: Retry,
    attempt: Callable[[], Result],
    cancelled: threading.Event,
    *,
    tell: Callable[[str], None] = lambda _: None,
    blocked: Callable[[], bool] = lambda: False,
    refused: Callable[[Result], Result] = lambda result: result,
) -> Result:
    """The first result of `attempt` that is no passing failure, or the last one when the tries are used up.

    A failure passes if its exception's type, or one that this is derived from, is named in `policy.on`, or the kind of
    the failure itself (`StepTimedOut`). The wait before each try doubles.

    Args:
        tell: Hears in a few words where it stands: "attempt 2 of 3".
        blocked: Asked before another try; if it may not be made, `refused` says what becomes of the last result.
    """
    if policy.attempts == 1:
        return attempt()
    import tenacity  # 30 ms, and most steps have no policy

    def ended(state: tenacity.RetryCallState) -> Any:
        assert state.outcome is not None
        result: Result = state.outcome.result()
        if cancelled.is_set():
            return result
        return _used_up(result, policy) if state.attempt_number >= policy.attempts else refused(result)

    def at_a_stop(state: tenacity.RetryCallState) -> bool:
        return state.attempt_number >= policy.attempts or cancelled.is_set() or blocked()

    retrying = tenacity.Retrying(
        stop=at_a_stop,
        wait=tenacity.wait_exponential(multiplier=policy.backoff, min=policy.backoff),
        sleep=tenacity.sleep_using_event(cancelled),
        retry=tenacity.retry_if_result(lambda result: _passing(result, policy)),
        before=lambda state: _trying(state, policy, tell),
        before_sleep=lambda state: _waiting(state, policy, tell),
        retry_error_callback=ended,
    )
    return retrying(attempt)


def _trying(state: tenacity.RetryCallState, policy: Retry, tell: Callable[[str], None]) -> None:
    if state.attempt_number > 1:
        tell(f"attempt {state.attempt_number} of {policy.attempts}")


def _waiting(state: tenacity.RetryCallState, policy: Retry, tell: Callable[[str], None]) -> None:
    assert state.outcome is not None
    assert state.next_action is not None
    why = state.outcome.result().state.reason
    tell(f"attempt {state.attempt_number} of {policy.attempts}: {why}, again in {state.next_action.sleep:.3g} s")


def _used_up(result: Result, policy: Retry) -> Result:
    failure = result.state.failure
    assert failure is not None
    advice = "If its cause takes longer to pass, raise `attempts` or `backoff` under `retry:`."
    told = replace(
        failure,
        summary=f"{failure.summary.rstrip('.')}, at the last of {policy.attempts} attempts.",
        advice=failure.advice or advice,
        further=(*failure.further, *((advice,) if failure.advice else ())),
    )
    return replace(result, state=replace(result.state, failure=told))


def _passing(result: Result, policy: Retry) -> bool:
    failure = result.state.failure
    if result.state.status is not StepStatus.FAILED or failure is None:
        return False
    if failure.category == "import":  # no package comes by waiting for it
        return False
    # What is known of an exception are the names of its types, without their modules.
    wanted = {name.rpartition(".")[2] for name in policy.on}
    return not {failure.kind, failure.title, *failure.facts.get("bases", ())}.isdisjoint(wanted)
