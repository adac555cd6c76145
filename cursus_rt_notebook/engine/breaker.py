"""Leaving alone what fails again and again: a circuit breaker for each step, by pybreaker.

A circuit counts the failures in a row of one step that is made of the same. It opens after so many of them, and lets a
single trial through when its time has passed, or when the user asks for it by hand. Circuits outlive sessions: they
end with the kernel, and with the step's key.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cursus_rt_notebook.engine.state import Failure, StepState, StepStatus
from cursus_rt_notebook.pipeline.model import Breaker

if TYPE_CHECKING:
    import pybreaker

StepName = tuple[str, str, str]  # workspace, pipeline, step

_circuits: dict[StepName, Circuit] = {}
_lock = threading.Lock()


class Circuit:
    """The failures in a row of one step; `key` and `policy` are what they are counted for."""

    def __init__(self, key: str, policy: Breaker) -> None:
        import pybreaker  # 20 ms, and most steps have no breaker

        self.key = key
        self.policy = policy
        self.last: Failure | None = None
        self._storage = pybreaker.CircuitMemoryStorage(pybreaker.STATE_CLOSED)
        self._breaker: pybreaker.CircuitBreaker = pybreaker.CircuitBreaker(
            fail_max=policy.failures,
            reset_timeout=policy.reset,
            state_storage=self._storage,
            throw_new_error_on_trip=False,
        )

    @property
    def failures(self) -> int:
        """How often the step has failed in a row."""
        return self._breaker.fail_counter

    @property
    def retry_in(self) -> float:
        """Seconds until the step may be tried again; 0 where it may be now."""
        opened = self._storage.opened_at
        if self._breaker.current_state != "open" or opened is None:
            return 0.0
        return max(self.policy.reset - (datetime.now(UTC) - opened).total_seconds(), 0.0)

    @property
    def is_open(self) -> bool:
        """Whether the step is left alone."""
        return self.retry_in > 0

    def try_now(self) -> None:
        """Let one trial through before its time: the user's word."""
        if self.is_open:
            self._breaker.half_open()

    def note(self, failure: Failure | None) -> None:
        """Take into account how an attempt ended; None for a success."""
        import pybreaker

        self.last = failure
        with suppress(_Failed, pybreaker.CircuitBreakerError):  # the latter if the clock was set back meanwhile
            self._breaker.call(_ended, failure)


class _Failed(Exception):
    """Tells pybreaker of a failure."""


def _ended(failure: Failure | None) -> None:
    if failure is not None:
        raise _Failed


def circuit_of(step: StepName, key: str, policy: Breaker | None) -> Circuit | None:
    """The circuit of a step with this key: a new one where the step, or the policy, is not what it was."""
    if policy is None:
        return None
    with _lock:
        circuit = _circuits.get(step)
        if circuit is None or (circuit.key, circuit.policy) != (key, policy):
            circuit = _circuits[step] = Circuit(key, policy)
        return circuit


def refused(state: StepState, circuit: Circuit | None) -> StepState:
    """A step as one that is not tried; its circuit is open."""
    assert circuit is not None
    failure = refusal(state.name, circuit)
    return replace(state, status=StepStatus.FAILED, reason=failure.title, failure=failure, started=None)


def refusal(step: str, circuit: Circuit) -> Failure:
    """Tell that a step is not tried, with the frames of its last failure."""
    wait, last = circuit.retry_in, circuit.last
    until = time.strftime("%H:%M:%S", time.localtime(time.time() + wait))
    told = last.summary if last else "nothing is known of why"
    return Failure(
        kind="CircuitOpen",
        title="circuit open",
        message=told,
        summary=(
            f"{step} failed {circuit.failures} times in a row and is left alone for {wait:.0f} s, until {until}. "
            f"The last time: {told}"
        ),
        advice=(
            "Mend its script or its input: that closes the circuit. Or wait, and run the pipeline again. "
            f"Or have it tried at once: session.rerun({step!r})"
        ),
        frames=last.frames if last else (),
        traceback=last.traceback if last else "",
        log_tail=last.log_tail if last else "",
        facts={"failures": circuit.failures, "retry_in": round(wait, 1)},
    )
