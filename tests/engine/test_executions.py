"""A pipeline execution in the cloud, laid under its graph, stepped through, and run again here."""

from __future__ import annotations

import pandas as pd
import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.errors import NameUnknown
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, FromAddress, FromStep
from tests.clouds import ARN, cloud, processing, step, training
from tests.engine.test_addresses import archive, put
from tests.engine.test_stubs import FLIGHTS, READS

RUN = "s3://flights/run"


@pytest.fixture
def local(project):
    """The pipeline that ran: a load without a script here, two steps with theirs, a registration."""
    (project.path / "late.py").write_text(READS)
    project.script("train", 'write("model", "model.txt", read("late", "late.csv"))')
    steps = {
        "DataLoading_training": {
            "script": None,
            "inputs": {"source": {"open": True}},
            "outputs": ["DATA"],
            "stub": "open",
        },
        "Late_training": {"script": "late.py", "inputs": {"raw": "DataLoading_training.DATA"}, "outputs": ["late"]},
        "Train": {
            "script": "train.py",
            "inputs": {"late": "Late_training.late"},
            "outputs": {"model": {"packed": "model.tar.gz"}},
        },
        "Register": {"script": None, "inputs": {"model": "Train.model"}, "outputs": [], "stub": "skip"},
    }
    return crt.load_pipeline(project.pipeline(steps))


def _load():
    return processing("DataLoading-training", {"source": "s3://flights/source"}, {"DATA": f"{RUN}/load/DATA"})


def _late(**more):
    return processing("Late-Training", {"raw": f"{RUN}/load/DATA"}, {"late": f"{RUN}/late/late"}, **more)


def _whole(**more):
    """All that ran in the cloud, to its end."""
    steps = [
        step("DataLoading-training", minute=1),
        step("Late-Training", minute=5),
        step("Train", "TrainingJob", minute=10),
        step("Register", "RegisterModel", minute=20),
    ]
    trained = training("Train", {"late": f"{RUN}/late/late"}, f"{RUN}/train/output/model.tar.gz")
    return cloud([steps], [_load(), _late(), trained], **more)


def _data(s3):
    """What it left: of another month than the script would make of it, so that it can be told apart."""
    put(s3, "run/load/DATA/data.csv")
    put(s3, "run/late/late/late.csv", FLIGHTS[:1].to_csv(index=False))
    put(s3, "run/train/output/model.tar.gz", archive({"model.txt": b"from the cloud"}))


def _finish(session):
    while session.resume() is not None:
        pass
    session.wait()
    return {name: str(one.status) for name, one in session.state.steps.items()}


def test_it_is_stepped_through(project, s3, local):
    """Each step has what it left there, fetched when the run comes to it; nothing of it runs here."""
    _data(s3)
    with _whole() as client:
        recorded = crt.open_execution(ARN, local, client=client)
    assert recorded.name == "small, execution abc123def456"
    assert recorded.steps["DataLoading_training"].inputs["source"] == FromAddress(address="s3://flights/source")
    session = project.session(recorded, ["DataLoading_training", "Late_training"])
    pause = session.resume()
    assert pause["DATA"].df.equals(FLIGHTS)
    assert not (project.workspace / "fetched" / "run" / "train").exists()
    pause = session.resume()
    assert pause["late"].df.equals(FLIGHTS[:1])
    assert session.state.steps["Late_training"].seconds == 240
    assert _finish(session) == dict.fromkeys(recorded.steps, "done")
    assert (session["Train"]["model"].path / "model.txt").read_text() == "from the cloud"
    assert session.state.steps["Train"].stub == "recorded in the cloud"


def test_a_step_is_run_again_here_on_its_real_inputs(project, s3, local):
    """By its own script; what the steps below have is still the cloud's, which is said."""
    _data(s3)
    with _whole() as client:
        session = project.session(crt.open_execution(ARN, local, client=client), ["Late_training"])
    session.resume()
    pause = session.rerun("Late_training")
    assert pause["late"].shape[0] == 2
    assert session.state.steps["Late_training"].stub == ""
    _finish(session)
    assert (session["Train"]["model"].path / "model.txt").read_text() == "from the cloud"
    (finding,) = (f for f in session["Train"].state.findings if "in the cloud" in f.message)
    assert (
        finding.message
        == "its outputs are those that it made in the cloud, of what Late_training wrote there, not here"
    )
    assert finding.fix == "session.rerun('Train') runs it here"


def test_the_steps_below_can_be_run_here_too(project, s3, local):
    """Then on what was made here."""
    _data(s3)
    with _whole() as client:
        session = project.session(crt.open_execution(ARN, local, client=client), ["Late_training"])
    session.resume()
    session.rerun("Late_training")
    session.rerun("Train")
    assert (session["Train"]["model"].path / "model.txt").read_text().count("\n") == 3


def test_a_step_that_failed_there_fails_here(project, s3, local):
    """With its reason and exit code; mended and run again here, what did not run there runs here."""
    _data(s3)
    failed = _late(
        ProcessingJobStatus="Failed",
        FailureReason="AlgorithmError: See job logs, exit code: 2",
        ExitMessage="KeyError: 'dep_delay'",
    )
    steps = [step("DataLoading-training", minute=1), step("Late-Training", minute=5, status="Failed")]
    with cloud([steps], [_load(), failed], status="Failed") as client:
        recorded = crt.open_execution(ARN, local, client=client)
    session = project.session(recorded)
    pause = session.resume()
    assert (pause.when, pause.step) == ("failed", "Late_training")
    assert pause.error.title == "exit 2"
    assert "KeyError: 'dep_delay'" in pause.error.summary
    assert pause.error.recommendations == ("Run it here, on its recorded inputs: session.rerun('Late_training')",)
    session.rerun("Late_training")
    assert _finish(session) == {
        "DataLoading_training": "done",
        "Late_training": "done",
        "Train": "done",
        "Register": "skipped",
    }


def test_what_did_not_run_there_is_left_out(project, s3, local):
    """Unless it is asked for."""
    _data(s3)
    steps = [step("DataLoading-training", minute=1), step("Late-Training", minute=5)]
    with cloud([steps], [_load(), _late()]) as client:
        session = project.session(crt.open_execution(ARN, local, client=client))
    assert _finish(session)["Train"] == "skipped"
    assert session.state.steps["Train"].stub == "recorded: not run"


def test_without_a_pipeline_the_graph_is_that_of_the_data(project, s3):
    """What a job read is what lies where another wrote; the scripts are not known."""
    _data(s3)
    with _whole(definition={"Steps": [{"Name": "Register", "DependsOn": ["Train"], "Arguments": {}}]}) as client:
        recorded = crt.open_execution(ARN, client=client)
    assert recorded.order == ("DataLoading-training", "Late-Training", "Train", "Register")
    late = recorded.steps["Late-Training"]
    assert late.script == NO_SCRIPT
    assert late.inputs["raw"] == FromStep(step="DataLoading-training", port="DATA", optional=True)
    assert recorded.steps["Register"].needs == ("Train",)
    session = project.session(recorded)
    assert set(_finish(session).values()) == {"done"}
    assert session["Late-Training"]["late"].shape[0] == 1


def test_a_sample_of_large_tables(project, s3, local, monkeypatch):
    """If that is asked."""
    monkeypatch.setattr("cursus_rt_notebook.workspace.remote.FETCH_WHOLE", 100)
    _data(s3)
    put(s3, "run/load/DATA/data.csv", pd.concat([FLIGHTS] * 100).to_csv(index=False))
    with _whole() as client:
        session = project.session(crt.open_execution(ARN, local, client=client, sample=7), ["DataLoading_training"])
    pause = session.resume()
    assert pause["DATA"].shape[0] == 7


def test_names_that_are_not_clear(project, s3, local):
    """Which step is meant is asked, never guessed; what has no step is said."""
    twins = local.altered(
        steps={**local.steps, "late-training": local.steps["Late_training"].altered(name="late-training")}
    )
    with _whole() as client, pytest.raises(NameUnknown, match="could be 'Late_training', 'late-training'") as raised:
        crt.open_execution(ARN, twins, client=client)
    assert 'names={"Late-Training": "Late_training"}' in raised.value.fix
    with _whole() as client:
        recorded = crt.open_execution(ARN, twins, client=client, names={"Late-Training": "Late_training"})
    assert recorded.steps["Late_training"].stub.recorded.status == "Succeeded"
    other = local.altered(steps={"Late_training": local.steps["Late_training"].altered(inputs={})})
    with _whole() as client:
        notes = crt.open_execution(ARN, other, client=client).notes
    assert "'DataLoading-training', 'Train', 'Register' of the execution" in notes[0].message
    strange = local.altered(steps={"x": local.steps["Late_training"].altered(name="x", inputs={})})
    with _whole() as client, pytest.raises(NameUnknown, match="no step of execution abc123def456"):
        crt.open_execution(ARN, strange, client=client)


def test_an_output_that_is_not_on_record(project, s3, local):
    """Said before the run."""
    steps = {
        **local.steps,
        "Late_training": local.steps["Late_training"].altered(
            outputs={"later": local.steps["Late_training"].outputs["late"]}
        ),
    }
    with _whole() as client:
        recorded = crt.open_execution(
            ARN,
            local.altered(steps={n: s for n, s in steps.items() if n in ("DataLoading_training", "Late_training")}),
            client=client,
        )
    assert any(f.message == "output 'later' is not on record" for f in recorded.preflight())
