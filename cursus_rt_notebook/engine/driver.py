"""The one thread that owns a run's state.

Everything else posts to it. It takes one event after another, calls `advance`, carries out the effects, and shows the
new state to whoever waits.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from cursus_rt_notebook.engine import checking, record, recording
from cursus_rt_notebook.engine.attempt import Attempt
from cursus_rt_notebook.engine.breakpoints import conditions_met
from cursus_rt_notebook.engine.changes import changes
from cursus_rt_notebook.engine.earlier import keep_rows
from cursus_rt_notebook.engine.events import Effect, Ended, Event, Go, Halt, Noted, Noticed, Preflighted, Start
from cursus_rt_notebook.engine.frontier import with_step
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.plan import Planner
from cursus_rt_notebook.engine.script_attempt import ScriptAttempt
from cursus_rt_notebook.engine.state import SETTLED, Hit, RunState, RunStatus, StepState, StepStatus
from cursus_rt_notebook.engine.stub_attempt import StubAttempt
from cursus_rt_notebook.engine.transitions import ENDED, advance
from cursus_rt_notebook.errors import CommandRefused, WorkspaceError
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.preflight.whole import preflight
from cursus_rt_notebook.settings import PAUSES_KEPT
from cursus_rt_notebook.worker import capacity


@dataclass(frozen=True)
class _Message:
    event: Event | _Gone
    answer: Future[None] | None = None
    pause: int | None = None


class Driver:
    """Owns the state of one run. Every method may be called from any thread."""

    def __init__(self, state: RunState, planner: Planner) -> None:
        self._state = state
        self._planner = planner
        self._inbox: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._attempts: dict[str, Attempt] = {}
        self._threads: dict[int, threading.Thread] = {}
        self._changed = threading.Condition()
        self._listeners: list[Callable[[RunState], None]] = []
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._origin: float | None = None  # when the first command came
        self._moving_since: float | None = None
        self._paused: dict[int, RunState] = {}  # by the pause's number, as it was left

    @property
    def state(self) -> RunState:
        """The newest state."""
        return self._state

    @property
    def paused(self) -> tuple[RunState, ...]:
        """The run at each of its pauses so far, oldest first; the newest only, where there were many."""
        return tuple(self._paused.values())

    @property
    def busy(self) -> bool:
        """Whether the run moves, or a step's process has not ended yet."""
        return self._state.status is RunStatus.RUNNING or bool(self._state.running)

    @property
    def unsettled(self) -> bool:
        """Whether something still runs in the background: a step, or the counting of its tables."""
        return self.busy or bool(self._threads)

    def command(self, event: Event, pause: int | None = None) -> Future[None]:
        """Post a command, meant for the pause of this number if one is given; the future says when it was taken up.

        The future raises CommandRefused where the command is late or impossible.
        """
        answer: Future[None] = Future()
        with self._lock:
            if self._state.status in ENDED:
                answer.set_exception(_ended(self._state))
                return answer
            self._inbox.put(_Message(event, answer, pause))
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="cursus-driver", daemon=True)
                self._thread.start()
        return answer

    def listen(self, listener: Callable[[RunState], None]) -> Callable[[], None]:
        """Call `listener` with every new state, in the driver's thread; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def wait_change(self, seconds: float) -> None:
        """Wait until the state changes, at most so long."""
        with self._changed:
            self._changed.wait(seconds)

    def join(self, seconds: float) -> None:
        """Wait until the driver's thread and all attempts have ended."""
        deadline = time.monotonic() + seconds
        for thread in [*self._threads.values(), self._thread]:
            if thread is not None and thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _loop(self) -> None:
        while True:
            message = self._inbox.get()
            self._take(message)
            with self._lock:
                if self._state.status in ENDED and not self._threads and self._inbox.empty():
                    self._compare_next_time()
                    self._thread = None
                    return

    def _compare_next_time(self) -> None:
        """Keep the rows of a good run, now that every table of it has been counted."""
        if self._state.status is RunStatus.FINISHED:
            with suppress(WorkspaceError):  # a full disk has been spoken of elsewhere, and this is only an aid
                keep_rows(self._planner.workspace.journal, self._state)

    def _take(self, message: _Message) -> None:
        try:
            if message.pause is not None:
                _refuse_late(self._state, message.pause)
            if isinstance(message.event, _Gone):
                self._threads.pop(message.event.thread, None)
            else:
                self._move(self._prepared(message.event))
        except Exception as error:
            if message.answer is None:
                raise
            message.answer.set_exception(error)
        else:
            if message.answer is not None:
                message.answer.set_result(None)
        notices = self._planner.workspace.take_notices()
        if notices:
            self._move(Noticed(tuple(Finding("warning", text) for text in notices)))
        self._announce()

    def _prepared(self, event: Event) -> Event:
        """Add to a command to move what only a look at the files can tell."""
        if not isinstance(event, Go):
            return event
        if self._state.status is RunStatus.READY and not self._state.pauses:
            self._origin = time.monotonic()
            record.start(self._planner, self._state)
            found = preflight(self._planner.pipeline, self._planner.env)
            lacking = recording.nothing_recorded(self._planner.pipeline, self._planner.workspace)
            self._move(Preflighted((*found, *lacking)))
        return replace(event, changed=changes(self._planner, self._state))

    def _move(self, event: Event) -> None:
        before = self._measured(self._state)
        state, effects = advance(before, event, self._planner.pipeline)
        self._state = self._timed(before, state)
        self._keep_pause(self._state)
        for effect in effects:
            self._carry_out(effect, before)
        if state.status in ENDED and before.status not in ENDED:
            with suppress(WorkspaceError):  # the run is then listed as one that was interrupted
                record.end(self._planner, state)

    def _measured(self, state: RunState) -> RunState:
        """With the memory that is free now, where anything is known of what steps need."""
        known = self._planner.earlier.memory and state.ready
        return replace(state, free_memory=capacity.free_memory()) if known else state

    def _keep_pause(self, state: RunState) -> None:
        if state.pause is None:
            return
        kept = {**self._paused, state.pause.number: state}
        for number in list(kept)[:-PAUSES_KEPT]:
            del kept[number]
        self._paused = kept

    def _timed(self, before: RunState, state: RunState) -> RunState:
        now = time.monotonic()
        elapsed = before.elapsed + (now - self._moving_since if self._moving_since is not None else 0.0)
        self._moving_since = now if state.status is RunStatus.RUNNING else None
        return replace(state, elapsed=elapsed)

    def _carry_out(self, effect: Effect, before: RunState) -> None:
        name = effect.step
        if not isinstance(effect, Start):
            self._attempts[name].kill()
            return
        self._state = with_step(self._state, self._started(self._state.steps[name]), self._planner.pipeline)
        kind = StubAttempt if self._state.steps[name].stub else ScriptAttempt
        attempt = kind(name, self._state, self._planner, lambda news: self._note(name, news))
        self._attempts[name] = attempt
        thread = threading.Thread(
            target=self._work, args=(attempt, before.steps[name]), name=f"cursus-step-{name}", daemon=True
        )
        self._threads[id(thread)] = thread
        thread.start()

    def _started(self, step: StepState) -> StepState:
        now = time.monotonic()
        began = now - (self._origin or now)
        return replace(step, started=now, began=began, seconds=None, last_line="")

    def _work(self, attempt: Attempt, was: StepState) -> None:
        """One step, in its own thread: run it, ask the conditions, then count its tables while others go on."""
        try:
            result = attempt.run()
            state = _as_it_was(result.state, was) if result.unchanged else result.state
            news = state.status in SETTLED and not result.unchanged
            hits = tuple(self._conditions(state)) if news else ()
            early = news and checking.may_pause(self._view(state))
            if early:
                state, stops = self._checked(state)
                hits = (*hits, *stops)
            self._inbox.put(_Message(Ended(state, hits, result.unchanged)))
            if news:
                with suppress(WorkspaceError, OSError):  # a disk that fails: its rows are an aid
                    counted = record.tables(self._view(state), self._planner)
                    self._inbox.put(_Message(Noted(was.name, counted, of=state.artifact)))
                    state = replace(state, **counted)
            if (news and not early) or state.status is StepStatus.FAILED:
                state, _ = self._checked(state)
                found = {"checks": state.checks, "findings": state.findings}
                self._inbox.put(_Message(Noted(was.name, found, of=state.artifact)))
        finally:
            self._inbox.put(_Message(_Gone(id(threading.current_thread()))))

    def _checked(self, step: StepState) -> tuple[StepState, tuple[Hit, ...]]:
        """The step with what came of its checks, and the pauses that they ask for."""
        try:
            found = checking.checked(self._view(step))
        except Exception as error:  # noqa: BLE001  a check, and a disk that does not remember it, must not end a run
            lost = Finding("warning", f"the checks of {step.name} broke off: {error}", "", step=step.name)
            return replace(step, findings=(*step.findings, lost)), ()
        return replace(step, **found.news(step.findings)), found.hits

    def _conditions(self, step: StepState) -> Iterator[Hit]:
        numbers = {"seconds": step.seconds, "memory": step.memory}
        return conditions_met(self._state.breakpoints, self._view(step), numbers)

    def _view(self, step: StepState) -> StepView:
        """The step as it stands after its attempt, which the state may not show yet."""
        run = with_step(self._state, step, self._planner.pipeline)
        return StepView(step.name, run, self._planner.pipeline, self._planner.workspace)

    def _note(self, name: str, news: Mapping[str, Any]) -> None:
        self._inbox.put(_Message(Noted(name, news)))

    def _announce(self) -> None:
        with self._changed:
            self._changed.notify_all()
        for listener in tuple(self._listeners):
            listener(self._state)


@dataclass(frozen=True)
class _Gone:
    """A step's thread has nothing more to say."""

    thread: int


def stop(driver: Driver, seconds: float) -> None:
    """End the run for good, and wait until its processes are gone."""
    if driver.state.status not in ENDED:
        driver.command(Halt(final=True))
    driver.join(seconds)


def _as_it_was(step: StepState, was: StepState) -> StepState:
    """A step that did not run after all, with what is known of its run."""
    times = {"started": was.started, "began": was.began, "seconds": was.seconds, "last_line": was.last_line}
    return replace(step, **times, memory=was.memory, memory_curve=was.memory_curve)


def _ended(state: RunState) -> CommandRefused:
    return CommandRefused(f"the run is {state.status}", fix="start a new one; finished steps come from the cache")


def _refuse_late(state: RunState, pause: int) -> None:
    now = state.pause.number if state.pause else None
    if now != pause:
        where = f"pause {now}" if now is not None else "no pause: it moves"
        raise CommandRefused(f"this was meant for pause {pause}, and the session is at {where}", fix="look again")
