"""The live, steppable view of a run: a generator of pauses over one state machine."""

from __future__ import annotations

import asyncio
import sys
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cursus_rt_notebook import display
from cursus_rt_notebook.data.checks.baseline import Baseline
from cursus_rt_notebook.display import ShownWithGraph
from cursus_rt_notebook.engine import driver as driving
from cursus_rt_notebook.engine import losses
from cursus_rt_notebook.engine.breakpoints import (
    parse_breakpoints,
    with_breakpoints,
    with_enabled,
    with_replaced,
    without_breakpoints,
)
from cursus_rt_notebook.engine.commands import OnlyOne, event_of
from cursus_rt_notebook.engine.driver import Driver
from cursus_rt_notebook.engine.earlier import take_as_usual
from cursus_rt_notebook.engine.events import Event, Go, Halt, Noted, Replaced, SetBreakpoints, Skip
from cursus_rt_notebook.engine.failures import as_error
from cursus_rt_notebook.engine.pause import Pause
from cursus_rt_notebook.engine.plan import Planner
from cursus_rt_notebook.engine.recording import record
from cursus_rt_notebook.engine.replacing import replaced
from cursus_rt_notebook.engine.state import Breakpoint, RunState, RunStatus
from cursus_rt_notebook.engine.studied import Studied
from cursus_rt_notebook.engine.table import table_of_steps
from cursus_rt_notebook.engine.transitions import ENDED
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.settings import CLOSE_TIMEOUT, COUNT_WAIT, WAIT_SLICE

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


class InteractiveExecutionResult(Studied, ShownWithGraph, Generator[Pause, "str | None", None]):
    """A run that goes from pause to pause: `for pause in session`, or `next`, `step`, `resume`, `run_to`, `rerun`.

    Nothing runs before the first of them. Each blocks until the next pause and returns it, or None when the run has
    ended; an interrupt ends the running steps and leaves the session paused. `session["encode"]` is any step as it
    stands. Made by `execute_pipeline_with_breakpoints`.
    """

    def __init__(self, driver: Driver, planner: Planner) -> None:
        self._driver = driver
        self._planner = planner
        self._waiting = threading.Lock()
        self._editing = threading.Lock()
        # The driver's threads hold no reference to the session: one that is dropped ends its run.
        self._finalizer = weakref.finalize(self, _close, driver, planner)

    # Where it stands

    @property
    def state(self) -> RunState:
        """The newest state of the run, as plain data."""
        return self._driver.state

    @property
    def status(self) -> RunStatus:
        """One of ready, running, paused, finished, failed, stopped."""
        return self.state.status

    @property
    def run_id(self) -> str:
        """The run's id in the workspace."""
        return self.state.run_id

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that runs."""
        return self._planner.pipeline

    @property
    def workspace_dir(self) -> Path:
        """The folder where everything is kept."""
        return self._planner.workspace.path

    @property
    def pause(self) -> Pause | None:
        """The present pause, if the session is paused."""
        state = self.state
        return Pause(state, self.pipeline, self._planner.workspace) if state.pause else None

    @property
    def pauses(self) -> tuple[Pause, ...]:
        """The pauses so far, oldest first, each as it stood when it was left; of many the newest."""
        return tuple(Pause(state, self.pipeline, self._planner.workspace) for state in self._driver.paused)

    @property
    def steps(self) -> pd.DataFrame:
        """A table of the steps: status, reason, seconds, memory, rows, attempt."""
        return table_of_steps(self.state)

    # Moving on

    def step(self) -> Pause | None:
        """Run exactly one step, then pause after it."""
        return self._go(Go("step"))

    def resume(self) -> Pause | None:
        """Run to the next breakpoint, failure, or the end.

        At a failed step: run it again if its script, data or environment changed, else end the run as failed.
        """
        return self._go(Go("continue"))

    def run_to(self, step: str) -> Pause | None:
        """Run what `step` needs, and pause before it."""
        return self._go(Go("run_to", step))

    def rerun(self, step: str | None = None) -> Pause | None:
        """Run a step again, whether or not anything changed, and pause after it; by default the step of this pause."""
        return self._go(Go("rerun", step or self._here()))

    def skip(self, step: str) -> None:
        """Leave out a step, and what cannot do without its outputs."""
        self._command(Skip(step))

    def replace(self, step: str, port: str, data: pd.DataFrame | str | Path) -> None:
        """Put `data` in the place of what a step wrote, or would write, to a port; the run records that it was by hand.

        A DataFrame is written as the port's file was (CSV where there was none); a path is copied.

        Raises:
            CommandRefused: the run moves, or has ended.
        """
        self._refuse_while_moving()
        self._command(Replaced(replaced(self[step], port, data, self._planner)))

    def take_as_usual(self, step: str) -> None:
        """Let the rows that a step lost against earlier runs be right: the mark goes, and later runs are compared with this.

        Raises:
            KeyError: there is no such step.
        """
        state = self[step].state
        take_as_usual(self._planner.workspace.journal, self.state, step)
        if self.status not in ENDED:
            marks = set(losses.findings(step, state.losses))
            findings = tuple(f for f in state.findings if f not in marks)
            self._command(Noted(step, {"losses": (), "findings": findings}, of=state.artifact))

    def stop(self) -> None:
        """End the run: running steps are ended, finished ones kept."""
        driving.stop(self._driver, CLOSE_TIMEOUT)

    def wait(self, counts: float = COUNT_WAIT) -> Pause | None:
        """Wait until a run that moves has paused or ended, and at most `counts` seconds more for its tables' sizes."""
        with OnlyOne(self._waiting), self._interruptible():
            return self._wait(counts)

    def record_baseline(self) -> Baseline:
        """Keep the tables of all settled steps as those of a good run, which this and later runs are compared with.

        What is kept: columns, types, missing cells, least and most values, different values, rows. It says what it kept.

        Raises:
            CommandRefused: the run moves, or no step has settled.
        """
        self._refuse_while_moving()
        return record(self.state, self.pipeline, self._planner.workspace)

    # Breakpoints

    @property
    def breakpoints(self) -> tuple[Breakpoint, ...]:
        """The breakpoints as they are."""
        return self.state.breakpoints

    def set_breakpoints(self, given: Any) -> None:
        """Put these in the place of all: None, one, or several, in the forms that `add_breakpoint` takes.

        Raises:
            BreakpointInvalid: one names no step, or its condition is no Python expression.
        """
        self._edit_breakpoints(lambda _: self._parsed(given))

    def add_breakpoint(self, breakpoint_: Any) -> None:
        """Add one: `"train"`, `"train:before"`, `"score: rows < 1000"`, or a callable.

        Raises:
            BreakpointInvalid: it names no step, or its condition is no Python expression.
        """
        self._edit_breakpoints(lambda present: with_breakpoints(present, self._parsed(breakpoint_)))

    def remove_breakpoint(self, breakpoint_: Any) -> None:
        """Remove one, given as it was added.

        Raises:
            CommandRefused: there is no such breakpoint.
        """
        self._edit_breakpoints(lambda present: without_breakpoints(present, self._parsed(breakpoint_)))

    def enable_breakpoint(self, breakpoint_: Any, enabled: bool = True) -> None:  # noqa: FBT001, FBT002  a button's way to say it
        """Let one stop the run again, or (`enabled=False`) no longer; it stays in the list.

        Raises:
            CommandRefused: there is no such breakpoint.
        """
        self._edit_breakpoints(lambda present: with_enabled(present, self._parsed(breakpoint_), enabled=enabled))

    def replace_breakpoint(self, breakpoint_: Any, other: Any) -> None:
        """Put another in the place of one, enabled as that was.

        Raises:
            BreakpointInvalid: the other names no step, or its condition is no Python expression.
            CommandRefused: there is no such breakpoint.
        """
        self._edit_breakpoints(lambda present: with_replaced(present, self._parsed(breakpoint_), self._parsed(other)))

    def _parsed(self, given: Any) -> tuple[Breakpoint, ...]:
        return parse_breakpoints(given, tuple(self.pipeline.steps))

    def _edit_breakpoints(self, edit: Callable[[tuple[Breakpoint, ...]], tuple[Breakpoint, ...]]) -> None:
        with self._editing:  # two edits at once must both count
            self._command(SetBreakpoints(edit(self.breakpoints)))

    # For front ends

    def panel(self) -> Any:
        """The panel of this session: its graph, toolbar and tables, in a notebook."""
        return display.open_panel(self)

    def post(self, command: str, step: str | None = None, *, pause: int | None = None) -> None:
        """Start a command and return at once; `pause` is the number of the pause it was meant for.

        Args:
            command: One of step, continue, run_to, rerun, skip, stop, interrupt.
            step: The step that run_to, rerun and skip speak of.
            pause: A command for a pause that is over is refused: a double click is one click.

        Raises:
            CommandRefused: the command comes late, or is impossible now.
        """
        self._command(event_of(command, step or self._here()), pause)

    def listen(self, listener: Callable[[RunState], None]) -> Callable[[], None]:
        """Call `listener` with every new state, in another thread; returns what ends that."""
        if not callable(listener):  # else it is found out there, and the run goes no further
            raise TypeError(f"listen() takes what can be called, not a value of type {type(listener).__name__}")
        return self._driver.listen(listener)

    # The generator

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Pause:
        return self.send(None)

    def send(self, value: str | None, /) -> Pause:
        """Carry out a command given as text (`"step"`, `"run_to train"`, ...; None continues); return the next pause.

        Raises:
            StopIteration: the run has ended.
            CommandRefused: there is no such command, or it is impossible now.
        """
        command, _, step = (value or "continue").strip().partition(" ")
        pause = None if self.status in ENDED else self._go(event_of(command, step.strip() or self._here()))
        if pause is None:
            if self.status is RunStatus.FAILED:
                print(f"{self.pipeline.name} failed: {_first_failure(self.state)}", file=sys.stderr)  # noqa: T201
            raise StopIteration
        return pause

    def throw(self, typ: Any, val: Any = None, tb: TracebackType | None = None, /) -> Pause:
        """End the run as `close` does, then raise."""
        self.close()
        error = val if isinstance(val, BaseException) else typ
        error = error() if isinstance(error, type) else error
        raise error.with_traceback(tb)

    def close(self) -> None:
        """End what runs, keep what is finished, free locks and processes."""
        self._finalizer()

    async def __aiter__(self) -> AsyncIterator[Pause]:
        """The same pauses, without blocking the event loop."""
        while self.status not in ENDED:
            await asyncio.wrap_future(self._driver.command(Go("continue")))
            try:
                await self._moved()
            except asyncio.CancelledError:
                self._driver.command(Halt(final=False))
                raise
            pause = self.pause
            if pause is not None:
                yield pause

    async def _moved(self) -> None:
        """Wait, in the event loop, until the run no longer moves."""
        changed, loop = asyncio.Event(), asyncio.get_running_loop()

        def tell(_: RunState) -> None:
            loop.call_soon_threadsafe(changed.set)

        end = self.listen(tell)
        try:
            while self._driver.busy:
                await changed.wait()
                changed.clear()
        finally:
            end()

    # After the end

    def raise_for_status(self) -> None:
        """Raise what ended the run, if it failed.

        Raises:
            StepError: the subclass that says how the first failed step ended.
        """
        if self.status is not RunStatus.FAILED:
            return
        for step in self.state.steps.values():
            if step.failure is not None:
                raise as_error(step.failure, step.name)

    # How a command is carried out

    def _command(self, event: Event, pause: int | None = None) -> None:
        self._driver.command(event, pause).result()

    def _go(self, event: Event) -> Pause | None:
        with OnlyOne(self._waiting), self._interruptible():
            now = self.state.pause
            self._command(event, now.number if now else None)
            if isinstance(event, Skip):
                self._command(Go("continue"))
            return self._wait()

    @contextmanager
    def _interruptible(self) -> Generator[None]:
        """Let an interrupt end the running steps before it reaches the caller, whenever it comes."""
        try:
            yield
        except KeyboardInterrupt:
            if self.status not in ENDED:
                self._driver.command(Halt(final=False))
                self._until(lambda: not self._driver.busy)
            raise

    def _wait(self, counts: float = COUNT_WAIT) -> Pause | None:
        with display.live_line() as line:
            self._until(lambda: not self._driver.busy, line)
        self._until(lambda: not self._driver.unsettled, seconds=counts)
        return self.pause

    def _until(self, done: Callable[[], bool], line: Any = None, seconds: float = float("inf")) -> None:
        waited = 0.0
        while not done() and waited < seconds:
            self._driver.wait_change(WAIT_SLICE)
            waited += WAIT_SLICE
            if line is not None:
                line.update(self.state)


def _first_failure(state: RunState) -> str:
    failed = (state.steps[name].failure for name in state.failed)
    return next((failure.summary for failure in failed if failure is not None), "see session.steps")


def _close(driver: Driver, planner: Planner) -> None:
    driving.stop(driver, CLOSE_TIMEOUT)
    planner.workspace.close()
