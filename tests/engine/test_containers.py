"""Steps that were written for a container: its paths are folders of the step's own, in and out."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Project
from tests.faults.conftest import messages

IN, OUT = "/opt/ml/processing/input", "/opt/ml/processing/output"
MAKE = """\
import json
import sys
from pathlib import Path


def tree(folder):
    folder = Path(folder)
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*")) if folder.is_dir() else None


"""
FOUR = "def main(input_paths, output_paths, environ_vars, job_args):\n"


@pytest.fixture(params=["main", "script"])
def entry(request: pytest.FixtureRequest) -> str:
    """Both ways into a script."""
    return request.param


def _script(project: Project, name: str, body: str, inputs: dict[str, str], outputs: dict[str, str]) -> None:
    """A script with this body of `main`, and a `__main__` block that names its container's paths."""
    lines = "\n".join("    " + line for line in body.strip().splitlines())
    block = f'if __name__ == "__main__":\n    main({inputs!r}, {outputs!r}, {{}}, None)\n'
    (project.path / f"{name}.py").write_text(f"{MAKE}{FOUR}{lines}\n\n\n{block}")


def _step(entry: str, inputs: dict[str, str], outputs: dict[str, str], /, **step: Any) -> dict[str, Any]:
    written = {"entry": entry, "container": {"inputs": inputs, "outputs": outputs}, "outputs": list(outputs)}
    return {**written, **step}


def _data(project: Project, *names: str) -> str:
    folder = project.path / "data"
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return str(folder)


def _finished(project: Project, steps: dict[str, Any], **options: Any) -> Any:
    session = project.session(project.pipeline(steps), **options)
    session.resume()
    if session.state.pause and session.state.pause.when == "preflight":
        session.resume()
    assert session.status == "finished", [session[name].error for name in steps]
    return session


def _text(session: Any, step: str, port: str, name: str) -> str:
    return (Path(session[step][port].path) / name).read_text()


def test_nested_inputs_are_nested(project: Project, entry: str):
    """The inner one lies in the outer one's folder, and hides what that had there, as one volume hides another."""
    outer = _data(project, "train/t.csv", "model_artifacts/old.json", "model_artifacts_too/x.json")
    (project.path / "inner").mkdir()
    (project.path / "inner" / "new.json").write_text("{}")
    inputs = {"model_artifacts": f"{IN}/model_artifacts", "data": IN}
    outputs = {"out": f"{OUT}/out"}
    body = 'Path(output_paths["out"], "seen").write_text(json.dumps([tree(input_paths["data"]), sorted(input_paths)]))'
    _script(project, "step", body, inputs, outputs)
    given = {"model_artifacts": {"path": str(project.path / "inner")}, "data": {"path": outer}}
    session = _finished(project, {"step": _step(entry, inputs, outputs, inputs=given)})
    seen = _text(session, "step", "out", "seen")
    assert '"model_artifacts/new.json", "model_artifacts_too", "model_artifacts_too/x.json"' in seen
    assert "old.json" not in seen
    assert not session["step"].state.findings


def test_an_input_that_is_not_given_is_not_there(project: Project, entry: str):
    """The block passes its path all the same, and so it is told in both ways, as in production."""
    inputs = {"data": f"{IN}/data", "extra": f"{IN}/extra"}
    outputs = {"out": OUT}
    body = f"""
told = {{port: Path(path).exists() for port, path in input_paths.items()}}
Path(output_paths["out"], "told").write_text(json.dumps([told, Path("{IN}/extra").exists(), Path("{OUT}").is_dir()]))
"""
    _script(project, "step", body, inputs, outputs)
    steps = {"step": _step(entry, inputs, outputs, inputs={"data": {"path": _data(project, "a.csv")}})}
    session = _finished(project, steps)
    assert _text(session, "step", "out", "told") == '[{"data": true, "extra": false}, false, true]'
    session.close()
    script = project.path / "step.py"
    script.write_text(script.read_text().split("if __name__")[0])
    if entry == "main":  # without such a block, a main is told of what is given
        session = _finished(project, steps)
        assert _text(session, "step", "out", "told") == '[{"data": true}, false, true]'


def test_nested_outputs_are_whole_each(project: Project, entry: str):
    """What lies in the inner port is part of the outer one too, and nothing is left out of either."""
    outputs = {"all": OUT, "metrics": f"{OUT}/eval/metrics", "report": f"{OUT}/eval/report.json"}
    body = f"""
Path("{OUT}/top.csv").write_text("t")
Path("{OUT}/eval/metrics/deep").mkdir()
(Path("{OUT}") / "eval" / "metrics" / "deep" / "m.json").write_text("m")
Path(output_paths["report"]).write_text("r")
"""
    _script(project, "step", body, {}, outputs)
    session = _finished(project, {"step": _step(entry, {}, outputs)})
    names = {port: sorted(file.path for file in session["step"][port].files) for port in outputs}
    assert names == {
        "all": ["eval/metrics/deep/m.json", "eval/report.json", "top.csv"],
        "metrics": ["deep/m.json"],
        "report": ["report.json"],
    }


def test_ports_may_be_one_folder(project: Project):
    """Two names for one place are two artifacts with the same in them."""
    outputs = {"one": OUT, "two": f"{OUT}/"}
    _script(project, "step", f'Path("{OUT}/a").write_text("a")', {}, outputs)
    session = _finished(project, {"step": _step("main", {}, outputs)})
    assert _text(session, "step", "one", "a") == _text(session, "step", "two", "a") == "a"


def test_a_file_is_given_in_its_ports_folder_or_by_the_ports_name(project: Project, entry: str):
    """Hyperparameters come as a folder with a file in it, and as a file, by what the container's path says."""
    given = _data(project, "hyperparameters.json") + "/hyperparameters.json"
    inputs = {"folder": f"{IN}/config", "file": "/opt/ml/input/hyper.json"}
    body = """
told = Path(input_paths["folder"], "hyperparameters.json").read_text(), Path(input_paths["file"]).read_text()
Path(output_paths["out"], "told").write_text(json.dumps(told))
"""
    _script(project, "step", body, inputs, {"out": OUT})
    session = _finished(
        project,
        {"step": _step(entry, inputs, {"out": OUT}, inputs={port: {"path": given} for port in inputs})},
    )
    assert _text(session, "step", "out", "told") == '["hyperparameters.json", "hyperparameters.json"]'


def test_the_source_folder_is_opt_ml_code(project: Project, entry: str):
    """What a script reads there counts: edited, it runs again. A port that lies there and nothing feeds is given."""
    hyper = project.path / "hyperparams"
    hyper.mkdir()
    (hyper / "hyperparameters.json").write_text('{"depth": 3}')
    inputs = {"hyper": "/opt/ml/code/hyperparams"}
    body = """
text = Path("/opt/ml/code/hyperparams/hyperparameters.json").read_text()
assert (Path(input_paths["hyper"]) / "hyperparameters.json").read_text() == text
Path(output_paths["out"], "told").write_text(text)
"""
    _script(project, "step", body, inputs, {"out": OUT})
    steps = {"step": _step(entry, inputs, {"out": OUT})}
    session = _finished(project, steps)
    assert _text(session, "step", "out", "told") == '{"depth": 3}'
    session.close()
    assert _finished(project, steps)["step"].status == "cached"
    (hyper / "hyperparameters.json").write_text('{"depth": 4}')
    again = _finished(project, steps)
    assert again["step"].status == "done"
    assert _text(again, "step", "out", "told") == '{"depth": 4}'


def test_work_folders_are_the_steps_own(project: Project, entry: str):
    """Two scripts with one folder under /tmp never meet, and neither is an effect; not even where these are refused."""
    body = """
work = Path("/tmp/shared_work")
assert not work.exists(), "somebody else's"
work.mkdir()
(work / "x").write_text("x")
(Path("/opt/ml/checkpoints")).mkdir()
Path(output_paths["out"], "where").write_text(str(tree("/tmp")))
"""
    for name in ("one", "two"):
        _script(project, name, body, {}, {"out": OUT})
    steps = {name: _step(entry, {}, {"out": OUT}, effects="refuse") for name in ("one", "two")}
    session = _finished(project, steps)
    assert _text(session, "one", "out", "where") == "['shared_work', 'shared_work/x']"
    assert not Path("/tmp/shared_work").exists()
    assert not session["one"].state.findings


def test_without_a_container_tmp_is_the_machines(project: Project):
    """A step that says nothing of one is compiled as it is written."""
    project.script("step", 'write("out", "t", str(Path("/tmp").resolve()))')
    session = _finished(project, {"step": {"outputs": ["out"]}})
    assert _text(session, "step", "out", "t") == str(Path("/tmp").resolve())


def test_what_no_port_hands_on_is_said(project: Project, entry: str):
    """In production it goes with the container; work folders, and what is left in the inputs, are no news."""
    inputs = {"data": f"{IN}/data"}
    outputs = {"out": f"{OUT}/data"}
    body = f"""
Path("{OUT}/stray.csv").write_text("s")
Path("{IN}/data/left.txt").write_text("l")
Path("/tmp/work.txt").write_text("w")
Path("{OUT}/data/a").write_text("a")
"""
    _script(project, "step", body, inputs, outputs)
    given = {"data": {"path": _data(project, "a.csv")}}
    session = _finished(project, {"step": _step(entry, inputs, outputs, inputs=given)})
    assert messages(session, "step") == f"step wrote {OUT}/stray.csv, which no output port hands on"
    assert not (project.path / "data" / "left.txt").exists()


def test_variables_and_arguments_that_are_paths_are_moved(project: Project, entry: str):
    """Lists too; the key holds what is written, so that the number of a staging folder is no news."""
    body = """
import os
if job_args is not None:
    assert vars(job_args) == {"dir": "/tmp/w", "dirs": ["/opt/ml/model", "x"]}
else:
    assert sys.argv[1:] == ["--dir", "/tmp/w", "--dirs", "/opt/ml/model", "x"]
assert os.environ["WORK"] == "/tmp/work"
Path("/opt/ml/model/m").write_text(os.environ["PLAIN"])
"""
    outputs = {"model": "/opt/ml/model"}
    _script(project, "step", body, {}, outputs)
    steps = {
        "step": _step(
            entry,
            {},
            outputs,
            env={"WORK": "/tmp/work", "PLAIN": "a:b"},
            args={"dir": "/tmp/w", "dirs": ["/opt/ml/model", "x"]},
        )
    }
    session = _finished(project, steps)
    assert _text(session, "step", "model", "m") == "a:b"
    key = session["step"].state.key
    session.close()
    again = _finished(project, steps)
    assert (again["step"].status, again["step"].state.key) == ("cached", key)
    steps["step"]["container"]["outputs"]["model"] = "/opt/ml/output"
    other = project.session(project.pipeline(steps))
    other.resume()
    assert other["step"].state.key != key


def test_a_packed_output_is_kept_as_files_and_read_as_an_archive(project: Project, entry: str):
    """The consumer unpacks it where it lies, as evaluations do; what it writes there is gone with the step."""
    outputs = {"model": "/opt/ml/model"}
    _script(project, "train", 'Path(output_paths["model"], "model.bst").write_text("trees")', {}, outputs)
    inputs = {"model": f"{IN}/model"}
    body = """
import tarfile
folder = Path(input_paths["model"])
assert tree(folder) == ["model.tar.gz"]
with tarfile.open(folder / "model.tar.gz") as tar:
    tar.extractall(folder)
Path(output_paths["out"], "told").write_text((folder / "model.bst").read_text())
"""
    _script(project, "evaluate", body, inputs, {"out": OUT})
    steps: dict[str, Any] = {
        "train": _step(entry, {}, outputs, outputs={"model": {"packed": "model.tar.gz"}}),
        "evaluate": _step(entry, inputs, {"out": OUT}, inputs={"model": "train.model"}),
        "plain": {"script": "plain.py", "inputs": {"model": "train.model"}, "outputs": ["out"]},
    }
    project.script("plain", 'write("out", "t", ",".join(os.listdir(input_paths["model"])))')
    session = _finished(project, steps)
    assert [file.path for file in session["train"]["model"].files] == ["model.bst"]
    assert _text(session, "evaluate", "out", "told") == "trees"
    assert _text(session, "plain", "out", "t") == "model.tar.gz"
    (archive,) = (project.workspace / "packed").rglob("model.tar.gz")
    with tarfile.open(archive) as tar:
        assert tar.getnames() == ["model.bst"]
    before = session["plain"].state.key
    session.close()
    assert _finished(project, steps)["evaluate"].status == "cached"
    steps["train"]["outputs"] = {"model": {}}
    other = project.session(project.pipeline(steps))
    other.resume()
    assert other["plain"].state.key != before


def test_a_workspace_that_is_cleaned_by_hand(project: Project):
    """What was deleted while no session was open is made again, the archive as well as the files in it."""
    project.script("train", 'write("model", "model.bst", "trees")')
    project.script("plain", 'write("out", "t", ",".join(os.listdir(input_paths["model"])))')
    steps: dict[str, Any] = {
        "train": {"outputs": {"model": {"packed": "model.tar.gz"}}},
        "plain": {"inputs": {"model": "train.model"}, "outputs": ["out"]},
    }
    _finished(project, steps).close()
    for folder in ("packed", "artifacts"):
        shutil.rmtree(project.workspace / folder)
        project.script("plain", f'write("out", "t", "{folder}" + ",".join(os.listdir(input_paths["model"])))')
        session = _finished(project, steps)
        assert _text(session, "plain", "out", "t") == f"{folder}model.tar.gz"
        session.close()


def test_an_archive_that_a_consumer_changes_in_place_is_made_again(project: Project):
    """The artifact is whole, and stays."""
    _script(project, "train", 'Path(output_paths["model"], "m").write_text("m")', {}, {"model": "/opt/ml/model"})
    body = """
import os
archive = Path(input_paths["model"], "model.tar.gz")
os.chmod(archive, 0o644)
archive.write_bytes(b"broken")
Path(output_paths["out"], "t").write_text("t")
"""
    inputs = {"model": f"{IN}/model"}
    _script(project, "harm", body, inputs, {"out": OUT})
    _script(project, "read", body.replace('write_bytes(b"broken")', "read_bytes()"), inputs, {"out": OUT})
    steps = {
        "train": _step("main", {}, {"model": "/opt/ml/model"}, outputs={"model": {"packed": "model.tar.gz"}}),
        "harm": _step("main", inputs, {"out": OUT}, inputs={"model": "train.model"}),
        "read": _step("main", inputs, {"out": OUT}, inputs={"model": "train.model"}, after=["harm"]),
    }
    session = _finished(project, steps)
    assert "changed its input 'model' in place: model.tar.gz" in messages(session, "harm")
    (archive,) = (project.workspace / "packed").rglob("model.tar.gz")
    with tarfile.open(archive) as tar:
        assert tar.getnames() == ["m"]
    assert not list((project.workspace / "damaged").iterdir())


@pytest.mark.parametrize(
    "again", ["", 'except OSError as error:\n    raise ValueError(f"Not found ({error})") from error']
)
def test_a_file_that_a_step_above_did_not_write(project: Project, entry: str, again: str):
    """By its place in the container, and also where the script raises it again in words of its own: what is there is told."""
    _script(project, "first", 'Path(output_paths["model"], "model.txt").write_text("m")', {}, {"model": OUT})
    read = 'open(os.path.join(input_paths["model_input"], "risk_table_map.pkl"))'
    body = f"import os\ntry:\n    {read}\n{again}" if again else f"import os\n{read}"
    inputs = {"model_input": f"{IN}/model"}
    _script(project, "second", body, inputs, {"out": OUT})
    steps = {
        "first": _step(entry, {}, {"model": OUT}),
        "second": _step(entry, inputs, {"out": OUT}, inputs={"model_input": "first.model"}),
    }
    session = project.session(project.pipeline(steps))
    session.resume()
    error = session["second"].error
    assert "Input 'model_input' holds no risk_table_map.pkl." in error.summary
    assert "first.model brings: model.txt." in " ".join(error.recommendations)
