"""One pipeline under two versions of pandas: what breaks under the kernel's runs in an environment made for it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from packaging.version import Version

import cursus_rt_notebook as crt
from cursus_rt_notebook.errors import EnvironmentsMissing
from cursus_rt_notebook.worker import interpreters
from cursus_rt_notebook.worker.packages import all_versions
from tests.engine.environments.conftest import skip_loudly

# Fills what is missing of each column by the learned mean, also where nothing is: a float into whole numbers.
EVALUATE = """
import json
import pandas as pd

table = pd.read_csv(Path(input_paths["table"]) / "t.csv")
for column, mean in {"hour": 13.2, "distance": 1040.5}.items():
    table.loc[table[column].isna(), column] = mean
write("scored", "t.csv", table.to_csv(index=False))
"""


@pytest.fixture
def pipeline(project) -> crt.Pipeline:
    """Whole numbers, nothing missing, and a step that any pandas from 1.3 on is to run."""
    project.script("extract", 'write("table", "t.csv", "hour,distance\\n5,1400\\n6,719\\n")')
    project.script("evaluate", EVALUATE)
    steps = {
        "extract": {"outputs": ["table"]},
        "evaluate": {
            "inputs": {"table": "extract.table"},
            "outputs": ["scored"],
            "requirements": {"pandas": ">=1.3.0", "numpy": ">=1.21.0"},
        },
    }
    return crt.load_pipeline(project.pipeline(steps))


def test_what_breaks_under_the_kernels_pandas_runs_under_an_older_one(project, pipeline):
    """The kernel's fulfils what the step asks for, and fails it; the version may be asked for by hand."""
    assert Version(pd.__version__) >= Version("3")
    own = crt.build_envs(pipeline, workspace_dir=project.workspace, progress=False)
    assert own == pipeline
    session = project.session(own)
    session.resume()
    assert session["evaluate"].error is not None
    assert "Invalid value '13.2' for dtype 'int64'" in session["evaluate"].error.summary
    assert session["evaluate"].state.packages["pandas"] == pd.__version__
    try:
        older = crt.build_envs(
            pipeline, workspace_dir=project.workspace, steps=["evaluate"], require={"pandas": "<3"}, progress=False
        )
    except EnvironmentsMissing as error:
        skip_loudly(f"pandas below 3 cannot be installed here: {error}")
    session = project.session(older)
    session.resume()
    assert session.status == "finished"
    assert session["extract"].status == "cached"
    assert session["evaluate"]["scored"].df["hour"].tolist() == [5, 6]
    ran = session["evaluate"].state
    python = Path(older.steps["evaluate"].python or "")
    assert ran.packages["pandas"] == all_versions(interpreters.find(str(python)))["pandas"]
    assert Version(ran.packages["pandas"]) < Version("3")


def test_the_panel_shows_which_interpreter_ran(project, pipeline):
    """Beside the step's name only where it is not the kernel's; among its resources always."""
    from cursus_rt_notebook.render.panel.resources_view import resources_view
    from cursus_rt_notebook.render.panel.step_view import facts

    session = project.session(pipeline)
    session.resume()
    figures = dict(resources_view(session["evaluate"])["figures"])
    own = interpreters.find(None).version
    assert figures["ran under"] == f"Python {own}, the kernel's own"
    assert f"pandas {pd.__version__}" in figures["with"]
    assert not any(fact.startswith("Python") for fact in facts(session["evaluate"]))
    named = pipeline.steps["evaluate"].altered(python=Path(interpreters.sys.executable))
    session = project.session(pipeline.altered(steps={**pipeline.steps, "evaluate": named}))
    session.resume()
    assert {f"Python {own}", f"pandas {pd.__version__}"} <= set(facts(session["evaluate"]))
