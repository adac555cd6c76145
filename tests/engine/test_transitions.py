"""The pure state machine: what each event makes of a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cursus_rt_notebook.engine.breakpoints import parse_breakpoints
from cursus_rt_notebook.engine.events import (
    Ended,
    Go,
    Halt,
    Kill,
    Preflighted,
    Replaced,
    SetBreakpoints,
    Skip,
    Start,
)
from cursus_rt_notebook.engine.frontier import first_state
from cursus_rt_notebook.engine.state import Failure, Hit, RunStatus, StepStatus, When
from cursus_rt_notebook.engine.transitions import ENDED, advance
from cursus_rt_notebook.errors import CommandRefused
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import FromStep, Pipeline, Step

DIAMOND = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}


def make_pipeline(needs: dict[str, list[str]], **step_options: dict) -> Pipeline:
    steps = {
        name: Step(
            name=name,
            script=Path("s.py"),
            inputs={up: FromStep(step=up, port="out") for up in ups},
            outputs={"out": {}},
            **step_options.get(name, {}),
        )
        for name, ups in needs.items()
    }
    return Pipeline(name="p", steps=steps, source_dir=Path(), base_dir=Path(), origin="dict")


class Machine:
    """Drives `advance` as the driver would, and remembers what was started and killed."""

    def __init__(self, needs=DIAMOND, breakpoints=None, max_workers=2, **options):
        self.pipeline = make_pipeline(needs, **options)
        self.state = first_state(
            self.pipeline,
            {},
            run_id="r",
            breakpoints=parse_breakpoints(breakpoints, tuple(needs)),
            max_workers=max_workers,
        )
        self.started: list[str] = []
        self.killed: list[str] = []

    def send(self, event):
        self.state, effects = advance(self.state, event, self.pipeline)
        self.started += [e.step for e in effects if isinstance(e, Start)]
        self.killed += [e.step for e in effects if isinstance(e, Kill)]
        return self

    def end(self, name, status=StepStatus.DONE, **kwargs):
        failure = Failure("StepFailed", "KeyError", "m", "it failed") if status is StepStatus.FAILED else None
        step = replace(self.state.steps[name], status=status, failure=failure, key=f"k-{name}")
        return self.send(Ended(step, **kwargs))

    def run_all(self, order):
        for name in order:
            self.end(name)
        return self

    @property
    def running(self):
        return self.state.having(StepStatus.RUNNING)

    def statuses(self):
        return {name: str(step.status) for name, step in self.state.steps.items()}


def test_nothing_starts_before_a_command():
    """A new run is ready and idle."""
    machine = Machine()
    assert machine.state.status is RunStatus.READY
    assert machine.started == []


def test_continue_runs_independent_steps_side_by_side_to_the_end():
    """Steps start when what they need is settled, up to max_workers at once."""
    machine = Machine().send(Go("continue"))
    assert machine.running == ("a",)
    machine.end("a")
    assert machine.running == ("b", "c")
    machine.run_all("bcd")
    assert machine.started == ["a", "b", "c", "d"]
    assert machine.state.status is RunStatus.FINISHED


def test_max_workers_bounds_what_runs():
    """With one worker, independent steps run one after another."""
    machine = Machine(max_workers=1).send(Go("continue")).end("a")
    assert machine.running == ("b",)


def test_a_breakpoint_after_lets_running_steps_finish_and_starts_no_new_one():
    """The pause comes when the last running step has ended."""
    machine = Machine(breakpoints=["b"]).send(Go("continue")).end("a").end("b")
    assert machine.state.status is RunStatus.RUNNING
    assert machine.running == ("c",)
    machine.end("c")
    assert machine.running == ()
    assert machine.state.status is RunStatus.PAUSED
    assert (machine.state.pause.step, machine.state.pause.when, machine.state.pause.number) == ("b", When.AFTER, 1)


def test_a_breakpoint_before_pauses_once():
    """Continuing from a pause before a step runs it."""
    machine = Machine(breakpoints="d:before").send(Go("continue")).run_all("abc")
    assert (machine.state.pause.step, machine.state.pause.when) == ("d", When.BEFORE)
    machine.send(Go("continue"))
    assert machine.running == ("d",)
    machine.end("d")
    assert machine.state.status is RunStatus.FINISHED


def test_two_breakpoints_met_at_once_are_two_pauses():
    """Neither is lost: the second comes at the next continue, before anything runs."""
    machine = Machine(breakpoints=["b", "c"]).send(Go("continue")).run_all("abc")
    assert machine.state.pause.step == "b"
    machine.send(Go("continue"))
    assert machine.state.pause.step == "c"
    assert machine.started == ["a", "b", "c"]


def test_step_runs_exactly_one():
    """Also where two could run side by side, and also past a breakpoint before it."""
    machine = Machine(breakpoints="a:before").send(Go("step"))
    assert machine.running == ("a",)
    machine.end("a")
    assert machine.state.pause.reason == "one step"
    machine.send(Go("step"))
    assert machine.running == ("b",)
    machine.end("b")
    assert machine.state.status is RunStatus.PAUSED


def test_run_to_runs_only_what_the_target_needs():
    """It pauses before the target, with the other branch untouched."""
    machine = Machine({"a": [], "b": ["a"], "c": ["a"], "e": ["b"]}).send(Go("run_to", "e")).run_all("ab")
    assert machine.started == ["a", "b"]
    assert (machine.state.pause.step, machine.state.pause.when) == ("e", When.BEFORE)


def test_run_to_a_settled_step_is_refused():
    """It says to rerun it."""
    machine = Machine().send(Go("step")).end("a")
    with pytest.raises(CommandRefused, match="rerun"):
        machine.send(Go("run_to", "a"))


def test_run_to_a_skipped_step_is_refused():
    """It says why the step is skipped."""
    machine = Machine().send(Go("step")).end("a").send(Skip("b"))
    with pytest.raises(CommandRefused, match="needs b"):
        machine.send(Go("run_to", "d"))


def test_run_to_a_step_whose_upstream_failed_pauses_and_says_so():
    """The run is not ended by a target that cannot be reached."""
    machine = Machine(max_workers=1).send(Go("run_to", "d")).end("a").end("b", StepStatus.FAILED)
    assert machine.state.pause.when is When.FAILED
    machine.send(Go("run_to", "d")).end("c")
    assert machine.state.status is RunStatus.FAILED


def test_rerun_of_another_step_is_no_answer_to_a_breakpoint():
    """A run that stands before a step stands there again after something above it was run again."""
    machine = Machine(breakpoints="d:before").send(Go("continue")).run_all("abc")
    machine.send(Go("rerun", "c")).end("c").send(Go("continue"))
    assert (machine.state.pause.step, machine.state.pause.when) == ("d", When.BEFORE)
    machine.send(Go("continue"))
    assert machine.running == ("d",)


def test_R6_rerun_makes_exactly_the_descendants_stale():
    """What does not need the step stays as it is."""
    machine = Machine({"a": [], "b": ["a"], "x": [], "c": ["b"]}, max_workers=1, breakpoints="c")
    machine.send(Go("continue")).run_all("abxc")
    assert machine.state.status is RunStatus.PAUSED
    machine.send(Go("rerun", "b"))
    assert machine.statuses() == {"a": "done", "b": "running", "x": "done", "c": "stale"}
    machine.end("b")
    assert machine.state.pause.reason == "run again"
    assert machine.state.next_steps == ("c",)


def test_R6_an_edit_makes_exactly_the_descendants_stale():
    """A changed script is found at the next command."""
    machine = Machine(breakpoints="d:before").send(Go("continue")).run_all("abc")
    machine.send(Go("continue", changed={"b": "b.py changed"}))
    assert machine.statuses() == {"a": "done", "b": "running", "c": "done", "d": "waiting"}


def test_R6_skip_takes_exactly_what_needs_the_outputs():
    """Each skipped step names the step that it lacks."""
    machine = Machine({"a": [], "b": ["a"], "c": ["b"], "x": ["a"]}).send(Go("step")).end("a").send(Skip("b"))
    assert machine.statuses() == {"a": "done", "b": "skipped", "c": "skipped", "x": "waiting"}
    assert machine.state.steps["c"].reason == "needs b, which was skipped"
    machine.send(Go("continue")).end("x")
    assert machine.state.status is RunStatus.FINISHED


def test_a_step_that_was_rerun_without_its_input_and_killed_is_skipped_again():
    """It still cannot get what it needs."""
    machine = Machine({"a": [], "b": ["a"]}).send(Skip("a")).send(Go("rerun", "b")).send(Halt(final=False))
    machine.end("b", StepStatus.WAITING)
    assert machine.statuses() == {"a": "skipped", "b": "skipped"}
    assert machine.state.steps["b"].reason == "needs a, which was skipped"


def test_a_stale_step_that_proves_unchanged_stops_nothing():
    """Its breakpoint was answered when it ran."""
    machine = Machine({"a": [], "b": ["a"], "c": ["b"]}, breakpoints=["b"]).send(Go("continue")).run_all("ab")
    machine.send(Go("continue", changed={"a": "a.py changed"})).end("a")
    assert machine.running == ("b",)
    machine.end("b", unchanged=True)
    assert machine.running == ("c",)


def test_a_failure_pauses_after_the_others_have_ended():
    """The failed step's consumers never start."""
    machine = Machine().send(Go("continue")).end("a").end("b", StepStatus.FAILED)
    assert machine.state.status is RunStatus.RUNNING
    machine.end("c")
    assert (machine.state.pause.step, machine.state.pause.when) == ("b", When.FAILED)
    assert "d" not in machine.started


def test_continuing_an_unchanged_failure_ends_the_run():
    """Running the same again would fail the same."""
    machine = Machine().send(Go("continue")).end("a", StepStatus.FAILED).send(Go("continue"))
    assert machine.state.status is RunStatus.FAILED
    assert machine.started == ["a"]


def test_continuing_a_mended_failure_runs_it_again():
    """The key has changed, so the attempt is worth making."""
    machine = Machine().send(Go("continue")).end("a", StepStatus.FAILED).send(Go("continue", changed={"a": "mended"}))
    assert machine.running == ("a",)
    machine.run_all("abcd")
    assert machine.state.status is RunStatus.FINISHED


def test_rerun_at_a_failure_runs_it_whatever_changed():
    """The user said so."""
    machine = Machine().send(Go("continue")).end("a", StepStatus.FAILED).send(Go("rerun", "a"))
    assert machine.running == ("a",)
    assert machine.state.steps["a"].forced


def test_on_error_continue_runs_what_does_not_depend_on_the_failure():
    """The others are skipped with the reason, and the run ends as failed."""
    machine = Machine(b={"on_error": "continue"}).send(Go("continue")).end("a").end("b", StepStatus.FAILED).end("c")
    assert machine.statuses() == {"a": "done", "b": "failed", "c": "done", "d": "skipped"}
    assert machine.state.steps["d"].reason == "needs b, which failed"
    assert machine.state.status is RunStatus.FAILED


def test_R3_interrupt_kills_and_pauses():
    """The session stays usable: the killed step runs again."""
    machine = Machine().send(Go("continue")).send(Halt(final=False))
    assert machine.killed == ["a"]
    machine.end("a", StepStatus.WAITING)
    assert machine.state.pause.when is When.INTERRUPTED
    machine.send(Go("continue"))
    assert machine.running == ("a",)


def test_stop_ends_the_run_and_keeps_what_is_finished():
    """Nothing starts any more, and commands are refused."""
    machine = Machine().send(Go("continue")).end("a").send(Halt(final=True))
    assert machine.state.status is RunStatus.STOPPED
    machine.end("b", StepStatus.WAITING).end("c", StepStatus.WAITING)
    assert machine.statuses()["a"] == "done"
    with pytest.raises(CommandRefused, match="stopped"):
        machine.send(Go("continue"))


def test_moving_commands_are_refused_while_it_moves():
    """A second command does not queue behind the first."""
    machine = Machine().send(Go("continue"))
    with pytest.raises(CommandRefused, match="already moving"):
        machine.send(Go("step"))


def test_a_preflight_error_is_the_first_pause_and_continuing_goes_on():
    """A warning does not stop."""
    errors = (Finding("error", "no file", step="b"), Finding("warning", "w"))
    machine = Machine().send(Preflighted(errors)).send(Go("continue"))
    assert (machine.state.pause.when, machine.state.pause.step) == (When.PREFLIGHT, "b")
    assert machine.started == []
    assert Machine().send(Preflighted(errors[1:])).send(Go("continue")).running == ("a",)
    assert machine.send(Go("continue")).running == ("a",)


def test_replaced_data_makes_consumers_stale():
    """The step itself stands as done."""
    machine = Machine(breakpoints="d:before").send(Go("continue")).run_all("abc")
    machine.send(Replaced(replace(machine.state.steps["a"], edited=True)))
    assert machine.statuses() == {"a": "done", "b": "stale", "c": "stale", "d": "waiting"}


def test_breakpoints_can_change_while_it_runs():
    """A breakpoint set on a running step still holds."""
    machine = Machine().send(Go("continue")).send(SetBreakpoints(parse_breakpoints("a", "abcd"))).end("a")
    assert machine.state.pause.step == "a"


def test_a_condition_that_held_pauses():
    """Conditions are asked where the data is; the machine takes the answer."""
    machine = Machine().send(Go("continue")).end("a", hits=(Hit("a", When.CONDITION, "rows < 1 holds"),))
    assert machine.state.pause.reason == "rows < 1 holds"


COMMANDS = st.sampled_from(["step", "continue", "run_to", "rerun", "skip", "interrupt", "stop", "end", "fail", "kill"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(COMMANDS, st.sampled_from("abcd"), st.booleans()), max_size=30))
def test_invariants_hold_whatever_happens(script):
    """Never more than max_workers; nothing starts before its needs settled; no pause while something runs."""
    machine = Machine(breakpoints=["b", "d:before"])
    for command, name, flag in script:
        count = len(machine.started)
        try:
            _play(machine, command, name, flag)
        except CommandRefused:
            continue
        state = machine.state
        assert len(machine.running) <= state.max_workers
        for started in machine.started[count:]:
            needs = {str(state.steps[need].status) for need in machine.pipeline.steps[started].needs}
            assert needs <= {"done", "cached", "skipped"}
        assert not (state.status is RunStatus.PAUSED and machine.running)
        assert (state.pause is not None) == (state.status is RunStatus.PAUSED)
        assert state.status is not RunStatus.RUNNING or machine.running
    assert machine.state.status not in ENDED or machine.state.pause is None


def _play(machine, command, name, flag):
    running = machine.running
    match command:
        case "end" | "fail" | "kill" if running:
            status = {"end": StepStatus.DONE, "fail": StepStatus.FAILED, "kill": StepStatus.WAITING}[command]
            machine.end(running[0] if flag else running[-1], status)
        case "skip":
            machine.send(Skip(name))
        case "interrupt" | "stop":
            machine.send(Halt(final=command == "stop"))
        case "step" | "continue" | "run_to" | "rerun":
            changed = {name: "changed"} if flag else None
            machine.send(Go(command, name if command in {"run_to", "rerun"} else None, changed))
        case _:
            pass
