"""Runs on data at s3:// addresses, at a server of our own on this machine."""

from __future__ import annotations

import io
import shutil
import socket
import tarfile
import threading
from typing import Any

import pandas as pd

import cursus_rt_notebook as crt
from tests.engine.test_stubs import FLIGHTS, READS

SECRET = "a-secret-that-nobody-may-see"


def put(s3: Any, key: str, body: bytes | str = FLIGHTS.to_csv(index=False)) -> None:
    """Put an object into the bucket `flights`; a table of flights if nothing else is said."""
    s3.put_object(Bucket="flights", Key=key, Body=body.encode() if isinstance(body, str) else body)


def _keys(s3: Any) -> list[str]:
    return sorted(found["Key"] for found in s3.list_objects_v2(Bucket="flights")["Contents"])


def _two_readers(project: Any, raw: Any) -> dict[str, Any]:
    (project.path / "late.py").write_text(READS)
    step = {"script": "late.py", "inputs": {"raw": raw}, "outputs": ["late"]}
    return project.pipeline({"one": step, "two": {**step, "args": {"n": 2}}})


def _run(session: Any) -> dict[str, str]:
    while session.resume() is not None:
        pass
    session.wait()
    return {name: str(step.status) for name, step in session.state.steps.items()}


def test_two_steps_read_one_address(project, s3, brought):
    """It is fetched once, read as the folder that it is, and nothing is written there."""
    put(s3, "jan/raw/data.csv")
    pipeline = _two_readers(project, "s3://flights/jan/raw")
    session = project.session(pipeline)
    assert _run(session) == {"one": "done", "two": "done"}
    assert brought == ["flights/jan/raw/data.csv"]
    assert session["one"].inputs["raw"].df.equals(FLIGHTS)
    assert _keys(s3) == ["jan/raw/data.csv"]
    session.close()
    assert _run(project.session(pipeline)) == {"one": "cached", "two": "cached"}
    assert len(brought) == 1


def test_one_object_is_given_as_a_file(project, s3):
    """As a path is given as what it is."""
    put(s3, "jan/flights.csv")
    project.script("lines", 'write("out", "n.txt", str(len(open(input_paths["raw"]).readlines())))')
    pipeline = project.pipeline({"lines": {"inputs": {"raw": "s3://flights/jan/flights.csv"}, "outputs": ["out"]}})
    session = project.session(pipeline)
    assert _run(session) == {"lines": "done"}
    assert (session["lines"]["out"].path / "n.txt").read_text() == "4"


def test_new_data_is_seen_by_a_new_session_and_by_rerun(project, s3):
    """By its ETag; within a session it is what it was."""
    put(s3, "jan/raw/data.csv")
    pipeline = _two_readers(project, "s3://flights/jan/raw")
    session = project.session(pipeline, ["two"])
    session.resume()
    assert session["one"]["late"].shape[0] == 2
    put(s3, "jan/raw/data.csv", FLIGHTS.assign(dep_delay=5).to_csv(index=False))
    session.rerun("one")
    assert session["one"]["late"].shape[0] == 3
    session.resume()
    assert session["two"]["late"].shape[0] == 3


def test_an_input_given_by_the_caller_and_a_sample(project, s3, monkeypatch):
    """Of a large table only the first rows; that is said of the step."""
    monkeypatch.setattr("cursus_rt_notebook.workspace.remote.FETCH_WHOLE", 100)
    put(s3, "jan/raw/data.csv", pd.concat([FLIGHTS] * 50).to_csv(index=False))
    (project.path / "local").mkdir()
    FLIGHTS.to_csv(project.path / "local" / "data.csv", index=False)
    pipeline = crt.load_pipeline(_two_readers(project, str(project.path / "local")))
    address = {"path": "s3://flights/jan/raw", "sample": 6}
    session = project.session(pipeline.with_inputs({"one.raw": address}))
    _run(session)
    assert session["one"]["late"].shape[0] == 4
    assert "input 'raw': only the first 6 rows of each large table were fetched" in [
        finding.message for finding in session["one"].state.findings
    ]


def test_what_cannot_be_read_is_the_steps_failure(project, s3, monkeypatch):
    """With what to do, and without credentials anywhere."""
    session = project.session(_two_readers(project, "s3://flights/none"), max_workers=1)
    pause = session.resume()
    assert pause.error.kind == "InputMissing"
    assert pause.error.message == "input 'raw' of one: there is nothing at s3://flights/none"
    session.close()
    put(s3, "jan/raw/data.csv")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    session = project.session(_two_readers(project, "s3://flights/jan/raw"))
    pause = session.resume()
    assert "may not be read with these credentials" in pause.error.message
    assert "aws sts get-caller-identity" in pause.error.advice
    kept = [path.read_bytes() for path in project.workspace.rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in content for content in kept)


def test_an_optional_input_of_which_nothing_is_there(project, s3):
    """The step runs without it."""
    project.script("reads", 'write("out", "n.txt", str("raw" in input_paths))')
    raw = {"path": "s3://flights/none", "optional": True}
    session = project.session(project.pipeline({"reads": {"inputs": {"raw": raw}, "outputs": ["out"]}}))
    assert _run(session) == {"reads": "done"}
    assert (session["reads"]["out"].path / "n.txt").read_text() == "False"


def test_a_stub_at_a_prefix(project, s3, brought):
    """Each output lies below it; one that does not is empty, and said; a run again is from the cache."""
    put(s3, "run7/DATA/data.csv")
    (project.path / "late.py").write_text(READS)
    steps = {
        "load": {"script": None, "outputs": ["DATA", "METADATA"], "stub": "s3://flights/run7"},
        "late": {"inputs": {"raw": "load.DATA"}, "outputs": ["late"]},
    }
    session = project.session(project.pipeline(steps))
    assert _run(session) == {"load": "done", "late": "done"}
    assert session["load"]["DATA"].df.equals(FLIGHTS)
    said = [finding.message for finding in session["load"].state.findings]
    assert "output 'METADATA' is empty: there is nothing at s3://flights/run7/METADATA" in said
    session.close()
    assert _run(project.session(project.pipeline(steps)))["load"] == "cached"
    assert brought == ["flights/run7/DATA/data.csv"]


def test_a_stub_that_is_an_archive(project, s3):
    """Its files are the output; one that leads out of its folder is refused."""
    put(s3, "job/model.tar.gz", archive({"model.txt": b"weights", "info/features.json": b"[]"}))
    put(s3, "job/bad.tar.gz", archive({"../out.txt": b"no"}))
    steps = {
        "train": {
            "script": None,
            "outputs": ["model"],
            "stub": {"model": {"path": "s3://flights/job/model.tar.gz", "unpack": True}},
        }
    }
    session = project.session(project.pipeline(steps))
    assert _run(session) == {"train": "done"}
    assert [file.path for file in session["train"]["model"].files] == ["info/features.json", "model.txt"]
    session.close()
    packed = {"train": {**steps["train"], "outputs": {"model": {"packed": "model.tar.gz"}}}}
    packed["train"]["stub"] = {"model": "s3://flights/job/model.tar.gz"}
    session = project.session(project.pipeline(packed))
    assert _run(session) == {"train": "done"}
    assert [file.path for file in session["train"]["model"].files] == ["info/features.json", "model.txt"]
    session.close()
    steps["train"]["stub"]["model"]["path"] = "s3://flights/job/bad.tar.gz"
    session = project.session(project.pipeline(steps))
    assert _run(session) == {"train": "failed"}
    assert "which is outside" in session["train"].error.message
    assert not list(project.path.rglob("out.txt"))


def archive(files: dict[str, bytes]) -> bytes:
    """A packed archive of these files, by name."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def test_an_interrupt_ends_the_fetching(project, s3, monkeypatch):
    """It is seen how far it is, and the run goes on from there."""
    import s3fs

    put(s3, "jan/raw/data.csv")
    get, began, go_on = s3fs.S3FileSystem.get_file, threading.Event(), threading.Event()

    def slow(self: Any, key: str, target: str, **options: Any) -> Any:
        options["callback"].relative_update(2_000_000)
        began.set()
        while not go_on.wait(0.02):
            options["callback"].relative_update(1)
        return get(self, key, target, **options)

    monkeypatch.setattr(s3fs.S3FileSystem, "get_file", slow)
    session = project.session(_two_readers(project, "s3://flights/jan/raw"), max_workers=1)
    heard: list[str] = []
    session.listen(lambda state: heard.append(state.steps["one"].reason))
    session.post("continue")
    assert began.wait(20)
    session.post("interrupt")
    pause = session.wait()
    assert (pause.when, str(session.state.steps["one"].status)) == ("interrupted", "waiting")
    assert "fetching 1 of 1 file, 2 MB" in heard
    go_on.set()
    assert _run(session) == {"one": "done", "two": "done"}


def test_a_script_by_itself_on_what_its_address_holds(project, s3):
    """Real data is what the pipeline names, wherever it lies."""
    put(s3, "jan/raw/data.csv")
    executor = crt.PipelineScriptExecutor(project.workspace, _two_readers(project, "s3://flights/jan/raw"))
    result = executor.test_script_isolation("one", "real")
    assert result.success
    assert result.execution.tables[0].rows == 2
    assert executor.test_script_isolation("two", "synthetic").success


def test_a_server_that_never_answers_can_be_interrupted(project, s3, monkeypatch):
    """The session is usable at once, whatever the connection does."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        session = project.session(_two_readers(project, "s3://flights/jan"), max_workers=1)
        session.post("continue")
        connection, _ = silent.accept()
        session.post("interrupt")
        pause = session.wait()
        assert (pause.when, str(session.state.steps["one"].status)) == ("interrupted", "waiting")
        connection.close()


def test_what_was_fetched_may_be_deleted(project, s3, brought):
    """While no session is open; the next one that needs it brings it again."""
    put(s3, "jan/raw/data.csv")
    pipeline = _two_readers(project, "s3://flights/jan/raw")
    session = project.session(pipeline)
    _run(session)
    session.close()
    for name in ("fetched", "artifacts"):
        shutil.rmtree(project.workspace / name)
    assert _run(project.session(pipeline)) == {"one": "done", "two": "done"}
    assert brought == ["flights/jan/raw/data.csv"] * 2
