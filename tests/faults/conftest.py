"""After every fault a good run in the same process; after all of them nothing that was not there before."""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cursus_rt_notebook as crt
from tests.conftest import Project
from tests.engine.everything_ended import count

SCRIPTS = Path(__file__).parent / "scripts"
CANARY = "s3cr3t-canary-value"


@pytest.fixture(scope="package", autouse=True)
def _nothing_remains(tmp_path_factory: pytest.TempPathFactory):
    """Count processes, threads, descriptors, temporary files and staging folders before the first fault and after all."""
    everywhere = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        temporary = str(tmp_path_factory.mktemp("temporary"))
        patch.setenv("TMPDIR", temporary)
        patch.setattr(tempfile, "tempdir", temporary)
        warm = Project(tmp_path_factory.mktemp("warm"))
        assert_good_run(warm)  # libraries open files and start threads of their own when they are first used
        before = _counted(everywhere)
        yield
        after = _counted(everywhere)
        assert {what: left for what in before if (left := Counter(after[what]) - Counter(before[what]))} == {}


def _counted(folder: Path) -> dict[str, list[str]]:
    crt.shutdown()
    gc.collect()
    counted = count(folder)
    del counted["native threads"]  # the pools of polars, pyarrow and numpy grow with what else this process has tested
    counted["threads"] = [name for name in counted["threads"] if not name.startswith("pytest_timeout")]
    return counted


@pytest.fixture(autouse=True)
def _a_good_run_after(project: Project):
    """Whatever a test injected, the next session of this process runs a good pipeline to its end."""
    yield
    assert_good_run(project)


def assert_good_run(project: Project) -> None:
    """A good pipeline runs to its end in this process."""
    shutil.copy(SCRIPTS / "good.py", project.path / "good.py")
    good = project.session(project.pipeline({"good": {"outputs": ["out"]}}, name="good"))
    assert good.resume() is None
    assert good.status == "finished"
    assert good["good"]["out"].df.to_dict("list") == {"a": [1], "b": [2]}
    good.close()


@pytest.fixture
def fault(project: Project) -> Callable[..., Any]:
    """Make a session on one of the scripts, as the step `faulty` of a pipeline."""

    def make(script: str, breakpoints: Any = None, given: dict[str, str] | None = None, **step: Any) -> Any:
        shutil.copy(SCRIPTS / f"{script}.py", project.path / "faulty.py")
        pipeline = project.pipeline({"faulty": {"outputs": ["out"], **step}})
        return project.session(pipeline, breakpoints, env=given)

    return make


def messages(session: Any, step: str | None = None) -> str:
    """What the findings say: of a step, or of the run."""
    findings = session[step].state.findings if step else session.state.findings
    return "\n".join(finding.message for finding in findings)
