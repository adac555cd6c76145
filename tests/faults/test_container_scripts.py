"""What scripts do that were written for SageMaker's containers: each as a small script of our own, in a session.

README.md in `tests` leads from each of these habits to its test, here and elsewhere.
"""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from tests.conftest import Project
from tests.faults.conftest import messages

IN, OUT = "/opt/ml/processing/input", "/opt/ml/processing/output"
FOUR = "def main(input_paths, output_paths, environ_vars, job_args):"


def _run(project: Project, script: str, **step: Any) -> Any:
    """A session that has run one step of this text, past preflight."""
    (project.path / "step.py").write_text(textwrap.dedent(script).lstrip())
    session = project.session(project.pipeline({"step": {"outputs": ["out"], **step}}))
    session.resume()
    if session.state.pause is not None and session.state.pause.when == "preflight":
        session.resume()
    return session


def _written(session: Any, name: str = "t", step: str = "step") -> str:
    return (session[step]["out"].path / name).read_text()


def test_the_environment_is_read_when_imported_and_again_in_main(project: Project):
    """It is set before the import, and stays; main has it a second time as `environ_vars`."""
    script = f"""
    import os
    from pathlib import Path

    REGION = os.environ["REGION"]


    {FOUR}
        told = REGION, os.environ["REGION"], environ_vars["REGION"]
        Path(output_paths["out"], "t").write_text(" ".join(told))
    """
    assert _written(_run(project, script, env={"REGION": "NA"})) == "NA NA NA"


SECURE = f"""
import os
import subprocess
import sys
from pathlib import Path

USE_SECURE = os.environ.get("USE_SECURE_PYPI", "true").lower() == "true"


def token():
    import a_boto3_that_nobody_has

    return a_boto3_that_nobody_has.client("codeartifact")


def install(*packages):
    index = ["--index-url", f"https://{{token()}}@host/"] if USE_SECURE else []
    subprocess.check_call([sys.executable, "-m", "pip", "install", *packages, *index])


install("lightgbm>=3.3,<4.0", "pandas==1.3.5")


{FOUR}
    Path(output_paths["out"], "t").write_text("here")
"""


def test_a_token_for_pip_is_not_asked_for(project: Project):
    """Where the step says nothing of `USE_SECURE_PYPI`, it is false: neither boto3 nor AWS; what pip was to do is told."""
    session = _run(project, SECURE)
    assert _written(session) == "here"
    assert "the script asks pip for lightgbm >=3.3,<4.0" in messages(session, "step")
    assert ", pandas ==1.3.5 (has " in messages(session, "step")
    asked = _run(project, SECURE, env={"USE_SECURE_PYPI": "true"})
    assert asked["step"].error.kind == "DependencyMissing"


BLOCK = f"""
import argparse
import json
import logging
import os
import sys
from pathlib import Path

logger = logging.getLogger(__name__)


def main(input_paths, output_paths, environ_vars, job_args, log=None):
    log(f"job type {{job_args.job_type}}, {{environ_vars['USE_MODEL']}}")
    if environ_vars["FAIL"]:
        return {{"status": "error"}}
    assert not environ_vars["USE_MODEL"]
    with open(output_paths["summary"], "w") as file:
        json.dump({{"rate": job_args.rate}}, file)
    return {{"status": "success"}}


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    parser = argparse.ArgumentParser()
    parser.add_argument("--job_type", required=True, choices=["training", "testing"])
    parser.add_argument("--rate", type=float, default=0.5)
    args = parser.parse_args()
    input_paths = {{"data": "{IN}/data"}}
    output_paths = {{"summary": os.path.join("{OUT}", "summary.json")}}
    environ_vars = {{
        "USE_MODEL": os.environ.get("USE_MODEL", "false").lower() == "true",
        "FAIL": os.environ.get("FAIL", "") == "yes",
    }}
    result = main(input_paths, output_paths, environ_vars, args, log=logger.info)
    if result["status"] == "error":
        sys.exit(1)
    Path("{OUT}", "_SUCCESS").touch()
    sys.exit(0)
"""
CONTAINER = {
    "inputs": {"data": f"{IN}/data"},
    "outputs": {"out": OUT, "summary": f"{OUT}/summary.json"},
}


@pytest.mark.parametrize("entry", ["main", "script"])
def test_the_main_block_is_half_of_the_script(project: Project, entry: str):
    """Both ways convert, parse and log alike; markers that only the block writes are there where it runs."""
    step = {"entry": entry, "container": CONTAINER, "outputs": ["out", "summary"]}
    session = _run(project, BLOCK, env={"USE_MODEL": "false"}, args={"job_type": "training"}, **step)
    assert session.status == "finished", session["step"].error
    assert "job type training, False" in session["step"].log
    assert _written(session, "summary.json") == '{"rate": 0.5}'
    assert [file.path for file in session["step"]["summary"].files] == ["summary.json"]
    marked = [file.path for file in session["step"]["out"].files]
    assert marked == (["_SUCCESS", "summary.json"] if entry == "script" else ["summary.json"])


def test_a_returned_error_is_exit_1_of_the_block(project: Project):
    """And a returned error where main is called: neither is a success."""
    step = {"container": CONTAINER, "outputs": ["out", "summary"], "env": {"FAIL": "yes"}}
    titles = [
        _run(project, BLOCK, args={"job_type": "training"}, entry=entry, **step)["step"].error.title
        for entry in ("main", "script")
    ]
    assert titles == ["returned an error", "exit 1"]


def test_a_choice_that_the_block_refuses_is_exit_2(project: Project):
    """Argparse says why, in the log; a main that is called takes anything."""
    step = {"container": CONTAINER, "outputs": ["out", "summary"], "args": {"job_type": "validation"}}
    session = _run(project, BLOCK, entry="script", **step)
    assert session["step"].error.title == "exit 2"
    assert "invalid choice: 'validation'" in session["step"].log
    assert _run(project, BLOCK, entry="main", **step).status == "finished"


def test_a_block_that_passes_a_name_that_main_never_reads_fails_as_in_production(project: Project):
    """And works where main is called: the two ways differ, and neither is made to agree with the other."""
    script = f"""
    from pathlib import Path


    {FOUR}
        Path(output_paths["out"], "t").write_text(input_paths["eval_output"][-5:])


    if __name__ == "__main__":
        main({{"processed_data": "{IN}/eval"}}, {{"out": "{OUT}"}}, {{}}, None)
    """
    (project.path / "data").mkdir()
    (project.path / "data" / "t.csv").write_text("a\n1\n")
    step = {
        "inputs": {"eval_output": {"path": str(project.path / "data")}},
        "container": {"inputs": {"eval_output": f"{IN}/eval"}, "outputs": {"out": OUT}},
    }
    assert _written(_run(project, script, entry="main", **step)) == "/eval"
    failure = _run(project, script, entry="script", **step)["step"].error
    assert failure.title == "KeyError"
    assert "eval_output" in failure.summary


def test_every_method_of_a_selection_may_fail(project: Project):
    """Each with a logged ERROR and a normal return: the step is done, and says how many errors it logged."""
    script = f"""
    import logging
    from pathlib import Path

    logging.basicConfig(level=logging.INFO)
    logger = logging.getLogger(__name__)


    {FOUR}
        kept = []
        for method in ("variance", "correlation", "rfe"):
            try:
                raise ValueError("input holds NaN")
            except ValueError as error:
                logger.error(f"{{method}} failed: {{error}}")
        Path(output_paths["out"], "t").write_text(str(kept))
        logger.info("FEATURE SELECTION COMPLETED SUCCESSFULLY")
    """
    session = _run(project, script)
    assert session["step"].status == "done"
    assert "step ended well but logged 3 errors" in messages(session, "step")
    assert "rfe failed: input holds NaN" in messages(session, "step")


POOL = f"""
import multiprocessing
from pathlib import Path


def work(number):
    try:
        raise OSError("the shard cannot be read")
    except OSError as error:
        print(f"worker {{number}}: {{error}}")


{FOUR}
    with multiprocessing.Pool(2) as pool:
        pool.map(work, range(4))
"""


def test_all_workers_of_a_pool_may_fail(project: Project):
    """An empty folder and a normal return: said, and a failure where the output is required."""
    session = _run(project, POOL)
    assert session["step"].status == "done"
    assert "step wrote nothing to 'out'" in messages(session, "step")
    assert "worker 3: the shard cannot be read" in session["step"].log
    assert _run(project, POOL, outputs={"out": {"required": True}})["step"].error.kind == "OutputsMissing"


FIRST = """
from pathlib import Path
{imports}

{four}
    shards = sorted(Path(input_paths["data"]).glob("*.csv"))
    text = "".join(shard.read_text() for shard in shards[{which}])
    Path(output_paths["out"], "t").write_text(text)
"""


def _shards(project: Project) -> dict[str, Any]:
    (project.path / "data").mkdir(exist_ok=True)
    for number in range(4):
        (project.path / "data" / f"part-{number:05}.csv").write_text(f"a\n{number}\n")
    (project.path / "data" / "notes.csv").write_text("a\n9\n")
    return {"inputs": {"data": {"path": str(project.path / "data")}}}


def test_a_script_that_reads_the_first_of_four_shards(project: Project):
    """It is said which it opened, and of how many."""
    session = _run(project, FIRST.format(imports="", four=FOUR, which="1:2"), **_shards(project))
    (finding,) = session["step"].state.findings
    assert finding.message == "step opened 1 of the 4 files part-*.csv of its input 'data': part-00000.csv"
    assert (finding.severity, finding.port) == ("warning", "data")


@pytest.mark.parametrize(("imports", "which"), [("", ":"), ("", ":0"), ("import polars", "1:2")])
def test_nothing_is_said_of_shards_that_are_read_or_may_be(project: Project, imports: str, which: str):
    """All of them, none of them, or by a library that reads files without Python."""
    script = FIRST.format(imports=imports, four=FOUR, which=which)
    assert _run(project, script, **_shards(project))["step"].state.findings == ()


def test_shards_that_spawned_workers_read_are_not_missed(project: Project):
    """Nobody sees what they open, so nothing is said."""
    script = f"""
    import multiprocessing
    from pathlib import Path


    def read(path):
        return Path(path).read_text()


    {FOUR}
        shards = sorted(Path(input_paths["data"]).glob("part-*.csv"))
        first = read(shards[0])
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            Path(output_paths["out"], "t").write_text(first + "".join(pool.map(read, shards[1:])))
    """
    session = _run(project, script, **_shards(project))
    assert session["step"].status == "done"
    assert session["step"].state.findings == ()
    forked = _run(project, script.replace("spawn", "fork"), **_shards(project))
    assert forked["step"].state.findings == ()


@pytest.mark.parametrize(
    ("write", "stops"),
    [
        ('(out / "report.json").write_text(str(time.time_ns()))', False),
        ('(out / f"run_{time.time_ns()}.csv").write_text("a")', False),
        ('gzip.GzipFile(out / "t.csv.gz", "w", mtime=time.time()).close()', True),
    ],
)
def test_a_date_in_an_output_makes_it_another(project: Project, write: str, stops: bool):  # noqa: FBT001
    """Equal runs then differ, in a report or in a file's name: what reads it runs again. Not for the time that gzip keeps."""
    script = f"""
    import gzip
    import time
    from pathlib import Path


    {FOUR}
        out = Path(output_paths["out"])
        {write}
    """
    (project.path / "dated.py").write_text(textwrap.dedent(script))
    project.script("reader", 'write("out", "t", "t")')
    steps = {"dated": {"outputs": ["out"]}, "reader": {"inputs": {"data": "dated.out"}, "outputs": ["out"]}}
    session = project.session(project.pipeline(steps), ["reader"])
    session.resume()
    session.rerun("dated")
    session.resume()
    assert session["dated"].state.attempt == 2
    assert session["reader"].state.attempt == (1 if stops else 2)


def test_a_hyperparameters_file_is_found_beside_the_code_or_in_a_port(project: Project):
    """As a folder that holds it, as the file itself, and where nothing feeds it."""
    script = f"""
    import json
    from pathlib import Path


    {FOUR}
        path = Path(input_paths["hyper"])
        path = path / "hyperparameters.json" if path.is_dir() else path
        Path(output_paths["out"], "t").write_text(str(json.loads(path.read_text())["depth"]))
    """
    for folder, depth in (("hyperparams", 3), ("mine", 4)):
        (project.path / folder).mkdir()
        (project.path / folder / "hyperparameters.json").write_text(f'{{"depth": {depth}}}')
    places = "/opt/ml/code/hyperparams", "/opt/ml/code/hyperparams/hyperparameters.json"
    for place in places:
        container = {"inputs": {"hyper": place}, "outputs": {"out": OUT}}
        assert _written(_run(project, script, container=container)) == "3"
        for given in ("mine", "mine/hyperparameters.json"):
            step = {"container": container, "inputs": {"hyper": {"path": str(project.path / given)}}}
            session = _run(project, script, **step)
            assert session.status == "finished", session["step"].error
            assert _written(session) == "4"
