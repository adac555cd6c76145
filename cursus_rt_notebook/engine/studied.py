"""What can be asked of a session without moving it: any step as it stands, why it ran, what it took, where it spent it."""

from __future__ import annotations

import threading

from cursus_rt_notebook.engine.commands import OnlyOne
from cursus_rt_notebook.engine.driver import Driver
from cursus_rt_notebook.engine.estimate import seconds_left
from cursus_rt_notebook.engine.explain import Explanation, explain
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.plan import Planner
from cursus_rt_notebook.engine.profile import Profile, profile_step
from cursus_rt_notebook.engine.timeline import Timeline, timeline_of
from cursus_rt_notebook.errors import CommandRefused
from cursus_rt_notebook.names import subscript


class Studied:
    """The part of a session that looks."""

    _driver: Driver
    _planner: Planner
    _waiting: threading.Lock

    def timeline(self) -> Timeline:
        """When each step ran and what it took, as it stands now: bars, with the memory of all steps under them."""
        return timeline_of(self._driver.state, self._planner.pipeline, self._planner.workspace.journal)

    def estimate_left(self) -> float | None:
        """Seconds to the end as earlier runs took them; None if a step never ran before."""
        return seconds_left(self._driver.state, self._planner.pipeline)

    def __getitem__(self, step: str) -> StepView:
        if step not in self._planner.pipeline.steps:
            raise KeyError(f"no step {step!r}; the steps are {', '.join(self._planner.pipeline.steps)}")
        return StepView(
            step, self._driver.state, self._planner.pipeline, self._planner.workspace, owner=f"session{subscript(step)}"
        )

    def explain(self, step: str) -> Explanation:
        """Say why a step ran, was taken from the cache, or would run again: which file, lines, variable or input.

        Raises:
            KeyError: there is no such step.
        """
        return explain(self[step], self._planner)

    def profile(self, step: str | None = None) -> Profile:
        """Run a step whose inputs are there once more, under a profiler, and say where its time went.

        By default the step of this pause. What it writes is thrown away, and the run stays as it is.

        Raises:
            KeyError: there is no such step.
            CommandRefused: the run moves, or the step's inputs are not there yet.
            StepError: the step did not succeed.
        """
        with OnlyOne(self._waiting):
            self._refuse_while_moving()
            name = step or self._here()
            if name is None:
                raise CommandRefused("nothing to profile here", fix='name the step: session.profile("train")')
            return profile_step(self[name], self._planner)

    def _here(self) -> str | None:
        pause = self._driver.state.pause
        return pause.step if pause else None

    def _refuse_while_moving(self) -> None:
        if self._driver.busy:
            raise CommandRefused("the run is moving", fix="wait for its next pause: session.wait()")
