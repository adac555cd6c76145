"""Where scripts are looked for, on a machine that is not the one they were configured on."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.pipeline.cursus.places import Places
from tests.pipeline.cursus.conftest import config

ELSEWHERE = "/home/somebody/else/projects/p1/dockers"


@pytest.mark.parametrize(
    ("own", "file", "root", "source"),
    [
        ({"script_path": "dockers/scripts/fit.py"}, "dockers/scripts/fit.py", None, "dockers/scripts"),
        ({"script_path": "dockers/scripts/fit.py"}, "r/scripts/fit.py", "r", "r/scripts"),
        ({"script_path": f"{ELSEWHERE}/scripts/fit.py"}, "r/p1/dockers/scripts/fit.py", "r", "r/p1/dockers/scripts"),
        ({"script_path": f"{ELSEWHERE}/scripts/fit.py"}, "r/fit.py", "r", "r"),
        ({"processing_entry_point": "deep/fit2.py", "processing_source_dir": "d"}, "r/d/deep/fit2.py", "r", "r/d"),
        ({"processing_entry_point": "fit2.py", "source_dir": ELSEWHERE}, "r/fit2.py", "r", "r"),
        ({"processing_source_dir": "d/s"}, "r/d/s/fit.py", "r", "r/d/s"),
        ({"source_dir": "d", "project_root_folder": "top"}, "r/top/d/fit.py", "r", "r/top/d"),
        ({"effective_source_dir": f"{ELSEWHERE}/s", "processing_entry_point": "fit.py"}, "r/s/fit.py", "r", "r/s"),
        ({}, "r/fit.py", "r", "r"),
        ({}, "fit.py", None, "."),
    ],
)
def test_a_script_is_found_by_its_path(cursus, own, file, root, source):
    """Below the folders that the user names by any end of it, beside the project's files as it is written."""
    cursus.text(file)
    cursus.config = config(Fit=own, Clean_training={})
    step = cursus.load(source_dirs=[root] if root else ()).steps["Fit"]
    assert (step.script, step.source_dir) == (cursus.path / file, cursus.path / source)


def test_a_training_has_its_own_entry(cursus):
    """And not the folder of processing scripts."""
    cursus.interfaces["fit"]["registry"]["sagemaker_step_type"] = "Training"
    cursus.text("d/train.py")
    cursus.text("d/scripts/train.py")
    own = {"training_entry_point": "train.py", "source_dir": "d", "processing_source_dir": "d/scripts"}
    cursus.config = config(Fit=own, Clean_training={})
    assert cursus.load().steps["Fit"].script == cursus.path / "d/train.py"


def test_the_project_may_lie_beside_its_configuration(cursus):
    """`pipeline_config/config.json` and `dockers/` in one folder."""
    cursus.text("project/dockers/fit.py")
    cursus.config = config(Fit={"script_path": "dockers/fit.py"}, Clean_training={})
    cursus.write()
    (cursus.path / "project" / "pipeline_config").mkdir()
    moved = (cursus.path / "config.json").rename(cursus.path / "project" / "pipeline_config" / "config.json")
    found = cursus.load(config=moved).steps["Fit"].script
    assert found == cursus.path / "project/dockers/fit.py"


def test_the_first_root_counts_and_the_longest_end(cursus):
    """Of two copies in one folder that which agrees in more; of two folders the first."""
    for file in ("a/fit.py", "a/scripts/fit.py", "b/dockers/scripts/fit.py"):
        cursus.text(file)
    cursus.config = config(Fit={"script_path": "dockers/scripts/fit.py"}, Clean_training={})
    assert cursus.load(source_dirs=["a", "b"]).steps["Fit"].script == cursus.path / "a/scripts/fit.py"
    assert cursus.load(source_dirs=["b", "a"]).steps["Fit"].script == cursus.path / "b/dockers/scripts/fit.py"


def test_never_a_similar_name(cursus):
    """Neither another file beside it, nor one deeper, nor a folder of that name."""
    for file in ("r/fits.py", "r/Fit.py", "r/deep/fit.py", "r/fit.pyc"):
        cursus.text(file)
    (cursus.path / "r" / "x" / "fit.py").mkdir(parents=True)
    cursus.config = config(Fit={"script_path": "x/fit.py"}, Clean_training={})
    pipeline = cursus.load(source_dirs=["r"])
    (missing,) = (n for n in pipeline.notes if n.step == "Fit")
    assert "is not found" in missing.message
    assert pipeline.steps["Fit"].script == cursus.path / "r/x/fit.py"
    assert missing.file == str(pipeline.steps["Fit"].script)
    deep = cursus.path / "r/deep"
    assert missing.fix == f"is it '{deep}/fit.py'? Then add its folder: source_dirs=[..., '{deep}']"


def test_several_that_may_be_meant(cursus):
    """Are told, the first few; where there is none, that a folder has to be given."""
    cursus.config = config(Fit={"script_path": "x/fit2.py", "processing_entry_point": "fit2.py"}, Clean_training={})
    cursus.text("r/fit3.py")
    (none,) = (n for n in cursus.load(source_dirs=["r"]).notes if n.step == "Fit")
    assert none.fix == "give source_dirs=[FOLDER], a folder that it lies in or below"
    for folder in "dcba":
        cursus.text(f"r/{folder}/fit2.py")
    (several,) = (n for n in cursus.load(source_dirs=["r"]).notes if n.step == "Fit")
    r = cursus.path / "r"
    told = f"'{r}/a/fit2.py', '{r}/b/fit2.py', '{r}/c/fit2.py' and 1 more"
    assert several.fix == f"is it one of {told}? Then add its folder: source_dirs=[..., '{r}/a']"
    assert cursus.load(source_dirs=["r", "r/a"]).steps["Fit"].script == r / "a/fit2.py"


def test_a_path_does_not_climb_out(tmp_path):
    """`..` is no part of an end."""
    (tmp_path / "x.py").write_text("")
    (tmp_path / "r").mkdir()
    assert Places((tmp_path / "r",), ()).find("../x.py") is None
    assert Places((tmp_path / "r",), ()).find("/../../x.py") is None
