"""A pipeline drafted from a folder of scripts: it loads, and says what is guessed."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path

import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook import __main__ as command
from cursus_rt_notebook.errors import NameRefused, PipelineError
from cursus_rt_notebook.pipeline.model import FromStep, Open

FLIGHTS = Path(__file__).parents[3] / "notebooks" / "flights"
HEAD = "def main(input_paths, output_paths, environ_vars, job_args):\n"


def script(folder: Path, name: str, body: str, after: str = "") -> None:
    """A script whose main has this body."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(
        HEAD + textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n" + textwrap.dedent(after)
    )


def drafted(folder: Path) -> tuple[crt.Pipeline, str]:
    """The draft of a folder, as a pipeline and as text."""
    path = crt.init(folder)
    return crt.load_pipeline(path), path.read_text()


def test_the_flights_scripts_give_the_pipeline_written_by_hand(tmp_path):
    """All steps, and of the wiring all but what no name tells; helper modules are no steps."""
    shutil.copytree(FLIGHTS / "scripts", tmp_path / "scripts")
    pipeline, text = drafted(tmp_path / "scripts")
    by_hand = crt.load_pipeline(FLIGHTS / "flights.pipeline.yaml")
    assert set(pipeline.steps) == set(by_hand.steps)
    for name, step in by_hand.steps.items():
        made = pipeline.steps[name]
        assert set(made.inputs) == set(step.inputs), name
        assert set(made.outputs) == set(step.outputs), name
        assert set(made.args) == set(step.args), name
        wired = {port: (one.step, one.port) for port, one in step.inputs.items() if isinstance(one, FromStep)}
        guessed = {port: (one.step, one.port) for port, one in made.inputs.items() if isinstance(one, FromStep)}
        assert guessed.items() <= wired.items(), name
        assert set(wired) - set(guessed) <= {"learned"}, name  # two steps write one: which is meant, nobody can tell
    assert set(pipeline.steps["preprocess"].outputs["processed_data"].channels) == {"train", "val", "test"}
    assert "encode.learned or impute.learned?" in text
    assert pipeline.steps["join_weather"].env == {"WEATHER_LAG_HOURS": "1"}
    assert pipeline.steps["train"].env == {"LABEL": None}


def test_what_main_takes_and_what_its_block_shows(tmp_path):
    """Ports, defaults, choices and container paths; what is not demanded and not known is told beside it."""
    body = """
    data = open(input_paths["data"] + "/t.csv").read()
    if "extra" in input_paths:
        open(input_paths["extra"])
    label = environ_vars["LABEL"]
    size = int(environ_vars.get("SIZE", "32"))
    maybe = environ_vars.get("MAYBE")
    if job_args.job_type == "training":
        print(getattr(job_args, "seed", 7))
    open(output_paths["out"] + "/t.csv", "w").write(data)
    """
    after = """
    if __name__ == "__main__":
        import argparse, os
        parser = argparse.ArgumentParser()
        parser.add_argument("--job_type", choices=["training", "testing"], required=True)
        main(
            {"data": "/opt/ml/processing/input/data", "extra": "/opt/ml/processing/input/extra"},
            {"out": "/opt/ml/processing/output"},
            {"LABEL": os.environ["LABEL"], "SIZE": os.environ.get("SIZE", "64")},
            parser.parse_args(),
        )
    """
    script(tmp_path, "prepare.py", body, after)
    pipeline, text = drafted(tmp_path)
    step = pipeline.steps["prepare"]
    assert step.inputs == {"data": Open()}
    assert list(step.outputs) == ["out"]
    assert step.env == {"LABEL": None, "SIZE": "64"}
    assert step.args == {"job_type": "training", "seed": 7}
    assert step.container is not None
    assert step.container.inputs["extra"] == "/opt/ml/processing/input/extra"
    assert "also takes input extra, if given" in text
    assert "also asks for MAYBE" in text
    assert "one of training, testing" in text
    assert "fill in: prepare.py, line" in text


def test_a_script_with_its_block_alone_runs_as_production_runs_it(tmp_path):
    """Its ports are the folders of the container that it names; its own sources are none."""
    (tmp_path / "alone.py").write_text(
        "import os\nif __name__ == '__main__':\n"
        "    print(os.listdir('/opt/ml/processing/input/graph'), os.listdir('/opt/ml/input/data/train'))\n"
        "    print(os.listdir('/opt/ml/processing/input/code'), open('/opt/ml/input/config/hyperparameters.json'))\n"
        "    open('/opt/ml/model/model.txt', 'w'); os.listdir('/opt/ml/model')\n"
    )
    pipeline, text = drafted(tmp_path)
    step = pipeline.steps["alone"]
    assert step.entry == "script"
    assert set(step.inputs) == {"graph", "train"}
    assert set(step.outputs) == {"model"}
    assert step.container is not None
    assert step.container.inputs == {"graph": "/opt/ml/processing/input/graph", "train": "/opt/ml/input/data/train"}
    assert "no main that could be called" in text


def test_wiring_is_guessed_where_one_name_tells_and_orders_the_steps(tmp_path):
    """Not by two that have it, nor by itself, nor in a circle."""
    copy = 'open(output_paths["{1}"] + "/t", "w").write(open(input_paths["{0}"] + "/t").read())'
    for name, ports in {"a_last": ("b", "c"), "z_first": ("a", "b"), "own": ("x", "x")}.items():
        script(tmp_path, f"{name}.py", copy.format(*ports))
    script(tmp_path, "ring_one.py", copy.format("q", "p"))
    script(tmp_path, "ring_two.py", copy.format("p", "q"))
    pipeline, _ = drafted(tmp_path)
    assert list(pipeline.steps).index("z_first") < list(pipeline.steps).index("a_last")
    assert pipeline.steps["a_last"].inputs["b"] == FromStep(step="z_first", port="b")
    assert pipeline.steps["own"].inputs["x"] == Open()
    ring = [pipeline.steps["ring_one"].inputs["q"], pipeline.steps["ring_two"].inputs["p"]]
    assert sorted(type(one).__name__ for one in ring) == ["FromStep", "Open"]


def test_an_optional_input_that_something_makes_stays_optional(tmp_path):
    """It is wired, and the step does not need it."""
    script(tmp_path, "make.py", 'open(output_paths["tables"] + "/t", "w")')
    script(tmp_path, "use.py", 'if "tables" in input_paths:\n    open(input_paths["tables"] + "/t")')
    pipeline, _ = drafted(tmp_path)
    assert pipeline.steps["use"].inputs == {"tables": FromStep(step="make", port="tables", optional=True)}


def test_a_folder_of_junk(tmp_path):
    """Names that YAML takes for something else, texts that would end a comment, files that are no Python."""
    for name in ("on.py", "2024.py", "a.b.py", "- x.py", "ünï: #c.py", "~home.py", "null.py"):
        script(tmp_path, name, 'open(output_paths["yes"])')
    names = [
        "a: b",
        "# c",
        "*d",
        "&e",
        "{f}",
        "[g",
        "'h",
        '"i',
        "on",
        "1.5",
        "line\nbreak",
        "../up",
        "",
        "k, l",
        "~",
        "\x1b[31m",
    ]
    uses = "\n".join(f"open(input_paths[{n!r}]); open(output_paths[{n!r}]); environ_vars[{n!r}]" for n in names)
    script(tmp_path, "odd.py", uses + "\njob_args.on; job_args.no\nenviron_vars.get('TEXT', 'two\\nlines: #')")
    (tmp_path / "broken.py").write_text("def main(:\n")
    (tmp_path / "binary.py").write_bytes(b"\x00\xff\xfe" * 10)
    (tmp_path / "latin.py").write_bytes(b"x = '\xe9'\n")
    (tmp_path / "empty.py").touch()
    (tmp_path / "deep.py").write_text("x = " + "(" * 5000 + ")" * 5000)
    (tmp_path / "helper.py").write_text("def other(): pass\n")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    hidden = tmp_path / ".venv"
    script(hidden, "no_step.py", "pass")
    pipeline, text = drafted(tmp_path)
    assert {"on", "2024", "a.b", "- x", "ünï: #c", "null", "odd"} <= set(pipeline.steps)
    assert not {"helper", "no_step", "broken", "binary", "empty", "deep", "folder"} & set(pipeline.steps)
    assert {"a: b", "# c", "on", "1.5", "k, l"} <= set(pipeline.steps["odd"].inputs)
    assert pipeline.steps["odd"].env["TEXT"] == "two\nlines: #"
    assert "broken.py is left out: it cannot be read (SyntaxError in line 1)" in text
    assert "\x1b" not in text


def test_scripts_in_folders_and_of_the_same_name(tmp_path):
    """A step is called as its file, with the folder's name where that is needed."""
    script(tmp_path / "one", "train.py", "pass")
    script(tmp_path / "two", "train.py", "pass")
    pipeline, _ = drafted(tmp_path)
    assert {name: step.script.parent.name for name, step in pipeline.steps.items()} == {
        "train": "one",
        "two_train": "two",
    }


def test_a_secret_default_is_not_copied(tmp_path):
    """It is to be given by the caller."""
    script(tmp_path, "load.py", 'environ_vars["API_TOKEN"]; environ_vars.get("DB_PASSWORD", "hunter2hunter2")')
    pipeline, text = drafted(tmp_path)
    assert pipeline.steps["load"].env == {"API_TOKEN": None}
    assert "hunter2" not in text


def test_nothing_is_overwritten(tmp_path):
    """A file that is there stays as it is."""
    script(tmp_path, "a.py", "pass")
    path = crt.init(tmp_path, name="mine")
    before = path.read_text()
    assert "name: mine" in before
    with pytest.raises(PipelineError, match="is there already"):
        crt.init(tmp_path)
    assert path.read_text() == before


def test_another_file_leads_to_the_scripts(tmp_path):
    """Also from another folder."""
    script(tmp_path / "scripts", "a.py", "pass")
    path = crt.init(tmp_path / "scripts", tmp_path / "a.pipeline.yaml")
    assert path == tmp_path / "a.pipeline.yaml"
    assert crt.load_pipeline(path).steps["a"].script == tmp_path / "scripts" / "a.py"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "nowhere", "there is no folder"),
        (lambda folder: folder, "no Python file"),
    ],
)
def test_what_cannot_be_drafted_is_an_error(tmp_path, make, message):
    """It says which folder, and what would do."""
    (tmp_path / "helper.py").write_text("x = 1\n")
    with pytest.raises(PipelineError, match=message):
        crt.init(make(tmp_path))
    assert not (tmp_path / "pipeline.yaml").exists()


def test_a_name_that_is_none(tmp_path):
    """As for any pipeline."""
    script(tmp_path, "a.py", "pass")
    with pytest.raises(NameRefused):
        crt.init(tmp_path, name="a/b")
    assert not (tmp_path / "pipeline.yaml").exists()


def test_the_draft_runs_once_its_input_is_given(project):
    """From scripts to a finished run."""
    project.script("make", 'write("table", "t.csv", read("data"))')
    project.script("sum", 'write("total", "t.csv", read("table"))')
    (project.path / "t.csv").write_text("a\n1\n")
    pipeline = crt.load_pipeline(crt.init(project.path)).with_inputs({"make.data": project.path})
    session = project.session(pipeline)
    session.resume()
    assert session.status == "finished"
    assert session["sum"]["total"].df["a"].tolist() == [1]


def test_the_command_line_drafts(tmp_path, capsys):
    """It prints the file; an error is one line on stderr."""
    script(tmp_path, "a.py", "pass")
    assert command.main(["init", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "pipeline.yaml")
    assert command.main(["init", str(tmp_path)]) == 1
    assert "is there already" in capsys.readouterr().err
