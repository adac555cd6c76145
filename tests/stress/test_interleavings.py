"""Clicks, cells and steps in any order: 5 * CURSUS_RT_ROUNDS seeded rounds (100 unless it says otherwise).

The session is real, with its driver, journal and threads. Only the attempts are not: a step takes a moment, tells of
its progress, and ends as its seed says.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.engine import driver
from cursus_rt_notebook.engine.attempt import Result
from cursus_rt_notebook.engine.events import Go
from cursus_rt_notebook.engine.frontier import drawn
from cursus_rt_notebook.engine.state import SETTLED, Failure, RunState, RunStatus, StepStatus
from cursus_rt_notebook.engine.transitions import ENDED
from cursus_rt_notebook.errors import CommandRefused, SessionBusy
from tests.conftest import wait_until
from tests.stress.test_stress import ROUNDS

MOVING = ("step", "continue", "run_to", "rerun")
CLICKS = (*MOVING, *MOVING, "skip", "interrupt")
IDLE = {RunStatus.READY, RunStatus.PAUSED}
JITTER = 0.002
PATIENCE = 30.0


class FakeAttempt:
    """Stands in for an attempt at a step; its `round` keeps the books."""

    round: Round

    def __init__(self, name: str, run: RunState, planner: Any, report: Any) -> None:
        self._name, self._run, self._report = name, run, report
        self._killed = threading.Event()

    def kill(self) -> None:
        self._killed.set()

    def run(self) -> Result:
        self.round.begins(self._name)
        before = self._run.steps[self._name]
        number = before.attempt + 1
        chance = random.Random(f"{self.round.seed} {self._name} {number}")
        self._report({"attempt": number, "last_line": "working"})
        self._killed.wait(chance.uniform(0, 2 * JITTER))
        status = chance.choices([StepStatus.DONE, StepStatus.CACHED, StepStatus.FAILED], [6, 2, 2])[0]
        status = StepStatus.WAITING if self._killed.is_set() else status
        failure = Failure("StepFailed", "KeyError", "m", "it failed") if status is StepStatus.FAILED else None
        self.round.ends(self._name)
        return Result(replace(before, status=status, attempt=number, failure=failure))


@dataclass
class Round:
    """One seeded session, the hands on it, and what became of each command."""

    seed: int
    workspace: Any
    lock: threading.Lock = field(default_factory=threading.Lock)
    problems: list[str] = field(default_factory=list)
    history: list[RunState] = field(default_factory=list)
    begun: Counter[str] = field(default_factory=Counter)
    going: set[str] = field(default_factory=set)
    taken: Counter[int | None] = field(default_factory=Counter)  # commands to move, by the pause they were meant for
    skipped: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        names = [f"s{n}" for n in range(self.chance.randint(3, 7))]
        self.session = crt.execute_pipeline_with_breakpoints(
            {"name": f"round{self.seed}", "source_dir": str(self.workspace.parent), "steps": self.steps(names)},
            [self.chance.choice(names), f"{self.chance.choice(names)}:before"],
            self.workspace,
            max_workers=self.chance.randint(1, 3),
        )
        self.names = names
        self.history.append(self.session.state)
        self.session.listen(self.watch)
        self.command, self.session._driver.command = self.session._driver.command, self.commanded

    def steps(self, names: list[str]) -> dict[str, Any]:
        """Any graph: each step needs up to two of those before it, for data or only in order."""
        steps: dict[str, Any] = {}
        for place, name in enumerate(names):
            needs = self.chance.sample(names[:place], min(place, self.chance.randint(0, 2)))
            fed, after = needs[:1], needs[1:]
            steps[name] = {
                "script": "step.py",
                "outputs": ["out"],
                "inputs": {f"from_{up}": f"{up}.out" for up in fed},
                "after": after,
                "on_error": self.chance.choice(["pause", "pause", "continue"]),
            }
        return steps

    # What the steps and the driver say

    def begins(self, name: str) -> None:
        with self.lock:
            self.begun[name] += 1
            if name in self.going:
                self.problems.append(f"{name} runs twice at once")
            self.going.add(name)
            if len(self.going) > self.session.state.max_workers:
                self.problems.append(f"{self.going} run side by side")

    def ends(self, name: str) -> None:
        with self.lock:
            self.going.discard(name)

    def watch(self, state: RunState) -> None:
        self.problems += broken(self.history[-1], state, self.session.pipeline)
        self.history.append(state)

    def commanded(self, event: Any, pause: int | None = None) -> Future[None]:
        """Pass a command on to the driver, and count it if it is taken."""
        answer = self.command(event, pause)

        def note(done: Future[None]) -> None:
            if isinstance(event, Go) and done.exception() is None:
                with self.lock:
                    self.taken[pause] += 1

        answer.add_done_callback(note)
        return answer

    # The hands

    def play(self) -> None:
        """Give the session into several hands at once, then see it to its end."""
        hands = [self.click, self.click, self.double_click, self.cell, self.edit, self.edit]
        threads = [
            threading.Thread(target=hand, args=(random.Random(f"{self.seed} {n}"), n), daemon=True)
            for n, hand in enumerate(hands)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), f"round {self.seed}: {thread.name} hangs"
        self.finish()

    def click(self, chance: random.Random, _: int) -> None:
        """Press any button, for the pause that is on the screen, or for one that is over."""
        for _ in range(8):
            time.sleep(chance.uniform(0, JITTER))  # jitter: what the hands are for
            number = self.number() if chance.random() < 0.8 else chance.randint(1, 3)
            self.post(chance.choice(CLICKS), chance.choice(self.names), number)

    def double_click(self, chance: random.Random, _: int) -> None:
        """Press the same button twice, from two threads."""
        for _ in range(5):
            time.sleep(chance.uniform(0, JITTER))
            press = (chance.choice(MOVING), chance.choice(self.names), self.number())
            pair = [threading.Thread(target=self.post, args=press) for _ in range(2)]
            for thread in pair:
                thread.start()
            for thread in pair:
                thread.join()

    def cell(self, chance: random.Random, _: int) -> None:
        """Call what a cell calls, and wait for it."""
        session = self.session
        calls = {
            "step": lambda _: session.step(),
            "resume": lambda _: session.resume(),
            "run_to": session.run_to,
            "rerun": session.rerun,
            "next": lambda _: next(session),
            "send": lambda step: session.send(f"run_to {step}"),
            "wait": lambda _: session.wait(),
        }
        for _ in range(5):
            time.sleep(chance.uniform(0, JITTER))
            with suppress(CommandRefused, SessionBusy, StopIteration):
                calls[chance.choice(list(calls))](chance.choice(self.names))

    def edit(self, chance: random.Random, hand: int) -> None:
        """Add, switch and remove breakpoints of its own; in the end they stand as it left them."""
        own = {f"{name}: seconds == {hand}": True for name in self.names}
        there: dict[str, bool] = {}
        for _ in range(8):
            time.sleep(chance.uniform(0, JITTER))
            text = chance.choice(list(own))
            try:
                if text not in there:
                    self.session.add_breakpoint(text)
                    there[text] = True
                elif chance.random() < 0.5:
                    self.session.enable_breakpoint(text, enabled=not there[text])
                    there[text] = not there[text]
                else:
                    self.session.remove_breakpoint(text)
                    del there[text]
            except CommandRefused as error:
                self.refused_rightly(error)
        found = {b.text: b.enabled for b in self.session.breakpoints if b.text in own}
        if found != there:
            self.problems.append(f"breakpoints {found}, not {there}")

    def refused_rightly(self, error: CommandRefused) -> None:
        if self.session.status not in ENDED:
            self.problems.append(f"refused while it could be done: {error}")

    def number(self) -> int | None:
        pause = self.session.state.pause
        return pause.number if pause else None

    def post(self, command: str, step: str, number: int | None) -> None:
        try:
            self.session.post(command, step, pause=number)
        except CommandRefused:
            return
        if command == "skip":
            self.skipped.append(step)

    def finish(self) -> None:
        """Go on to the end: at failures, again and again, until nothing is left to do."""
        session = self.session
        for _ in range(100):
            if session.status in ENDED:
                break
            session.wait() if session.status is RunStatus.RUNNING else session.resume()
        if self.seed % 5 == 0:
            session.stop()
        assert session.status in ENDED, f"round {self.seed}: {session.status}"
        session.close()

    def check(self) -> None:
        """Whether every command counted once, and nothing is left."""
        states = self.history
        pairs = list(pairwise(states))
        moves = sum(moved(before, after) for before, after in pairs)
        if moves != sum(self.taken.values()):
            self.problems.append(f"{self.taken} commands to move were taken, and it moved {moves} times")
        if doubled := [number for number, count in self.taken.items() if number is not None and count > 1]:
            self.problems.append(f"pauses {doubled} were left more than once")
        for step in self.skipped:
            if not any(state.steps[step].reason == "skipped by hand" for state in states):
                self.problems.append(f"skipping {step} did nothing")
        started = Counter(name for before, after in pairs for name in after.running if name not in before.running)
        if started != self.begun:
            self.problems.append(f"started {started}, ran {self.begun}")
        if self.going or states[-1].running:
            self.problems.append(f"{self.going or states[-1].running} still run")
        numbers = [pause.number for pause in self.session.pauses]
        if numbers != list(range(1, states[-1].pauses + 1)):
            self.problems.append(f"pauses {numbers}")
        if self.session.status is RunStatus.FINISHED and not all(
            step.status in SETTLED or step.status is StepStatus.SKIPPED for step in states[-1].steps.values()
        ):
            self.problems.append(f"finished, with {[str(s.status) for s in states[-1].steps.values()]}")
        assert not self.problems, f"round {self.seed}: {self.problems}"


def moved(before: RunState, after: RunState) -> bool:
    """Whether a command to move was taken between two states that follow each other."""
    gone = after.status in {RunStatus.RUNNING, RunStatus.FINISHED, RunStatus.FAILED}
    return before.status in IDLE and (gone or after.pauses > before.pauses)


def broken(before: RunState, after: RunState, pipeline: Any) -> list[str]:
    """The rules of the state machine that a step from one state to the next has broken."""
    through = {*SETTLED, StepStatus.SKIPPED}
    new = [name for name in after.running if name not in before.running]
    early = [
        f"{name} before {need}"
        for name in new
        for need in pipeline.steps[name].needs
        if after.steps[need].status not in through
        and not (after.steps[need].status is StepStatus.FAILED and pipeline.steps[need].on_error == "continue")
    ]
    rules = {
        "more run than may": len(after.running) <= after.max_workers,
        "one step is one step": not (after.goal and after.goal.kind == "step" and len(after.running) > 1),
        f"started too early: {early}": not early,
        "a pause is where it paused": (after.pause is not None) == (after.status is RunStatus.PAUSED),
        "nothing runs at a pause": not (after.status is RunStatus.PAUSED and after.running),
        "something runs while it moves": after.status is not RunStatus.RUNNING or bool(after.running),
        "pauses are counted one by one": after.pauses - before.pauses in {0, 1},
        "the end is the end": before.status not in ENDED or after.status is before.status,
        "nothing starts after the end": before.status not in ENDED or not new,
        "what is kept up is what is so": replace(drawn(after, pipeline), next_steps=())
        == replace(after, next_steps=()),
    }
    return [rule for rule, holds in rules.items() if not holds]


@pytest.mark.timeout(120 + 5 * ROUNDS)
def test_R2_clicks_cells_and_steps_in_any_order(tmp_path, monkeypatch):
    """The rules hold after every event; no command is lost or counted twice; at the end nothing of it is alive."""
    (tmp_path / "step.py").write_text("def main(**_): pass\n")
    monkeypatch.setattr(driver, "ScriptAttempt", FakeAttempt)
    before = set(threading.enumerate())  # the reader of an earlier test has one
    for seed in range(5 * ROUNDS):
        FakeAttempt.round = Round(seed, tmp_path / "w")
        FakeAttempt.round.play()
        FakeAttempt.round.check()
    wait_until(lambda: set(threading.enumerate()) <= before, told=lambda: set(threading.enumerate()) - before)
