"""A Cursus project from its files to its outputs: by the call, the command line, and the magic's words."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from ruamel.yaml import YAML

import cursus_rt_notebook as crt
from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.project import PROJECT_OPTIONS, project_of
from tests.pipeline.cursus.conftest import config, interface

NODES = ["Clean_training", "Fit"]


@pytest.fixture
def files(project, monkeypatch):
    """Two steps: the first writes what it is given, the second copies it."""
    monkeypatch.chdir(project.path)
    scripts = project.path / "dockers" / "scripts"
    scripts.mkdir(parents=True)
    said = 'f"{environ_vars[\'LABEL_FIELD\']},{job_args.job_type}\\n" + read("DATA")'
    for name, text in (("clean", said), ("fit", 'read("DATA")')):
        project.script(name, f'write("out", "t.csv", {text})').rename(scripts / f"{name}.py")
    (project.path / "steps").mkdir()
    for name in ("Clean", "Fit"):
        variables = {"required": ["LABEL_FIELD"] if name == "Clean" else [], "optional": {}}
        written = interface(name, env_vars=variables, framework_requirements={})
        YAML(typ="safe").dump(written, project.path / "steps" / f"{name.lower()}.step.yaml")
    (project.path / "p.dag.json").write_text(json.dumps({"dag": {"nodes": NODES, "edges": [NODES]}}))
    own = {"processing_source_dir": "somewhere/dockers/scripts"}
    fields = {"Clean_training": own | {"label_name": "late"}, "Fit": own}
    (project.path / "c.json").write_text(json.dumps(config({}, **fields)))
    (project.path / "data").mkdir()
    (project.path / "data" / "t.csv").write_text("1,2\n")
    return project


def test_by_the_call(files):
    """The paths are given straight to it, and the data."""
    session = crt.execute_pipeline_with_breakpoints(
        "p.dag.json",
        ["Fit"],
        files.workspace,
        config="c.json",
        interfaces="steps",
        source_dirs=["dockers"],
        inputs={"Clean_training.DATA": "data"},
    )
    pause = next(session)
    assert pause.step == "Fit", pause
    assert pause["out"].df.to_csv(index=False) == "late,training\n1,2\n"
    session.close()


def test_by_the_command_line(files):
    """With the same words as options."""
    options = [
        "--config",
        "c.json",
        "--interfaces",
        "steps",
        "--source-dir",
        "dockers",
        "--input",
        "Clean_training.DATA=data",
    ]
    command = [sys.executable, "-m", "cursus_rt_notebook", "run", "p.dag.json", *options]
    done = subprocess.run(
        [*command, "--workspace", str(files.workspace)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _options(**given):
    words = {"config": None, "interfaces": None, "source_dirs": [], "inputs": [], "stubs": [], "entry": None}
    return SimpleNamespace(**words | given)


def test_the_words_of_a_line():
    """What was not given is left out; a pair has two sides."""
    assert len(PROJECT_OPTIONS) == len(vars(_options()))
    assert project_of(_options()) == {}
    given = _options(inputs=["a.b=x=y", "c.d=s3://z"], stubs=["e=skip"], source_dirs=["f"], entry="script")
    assert project_of(given) == {
        "inputs": {"a.b": "x=y", "c.d": "s3://z"},
        "stubs": {"e": "skip"},
        "source_dirs": ["f"],
        "entry": "script",
    }
    for wrong in ("a.b", "=x", "a.b="):
        with pytest.raises(PipelineError, match=r"STEP\.PORT=PATH"):
            project_of(_options(inputs=[wrong]))
