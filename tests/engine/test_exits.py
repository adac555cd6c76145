"""A script that exits, or demands a port that its step does not have: what the failure says, and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Project

SCRIPT = """\
import sys


def main(input_paths, output_paths, environ_vars, job_args):
    {body}


if __name__ == "__main__":
    try:
        result = main({{"data": "/opt/ml/processing/input"}}, {{"out": "/opt/ml/processing/output"}}, {{}}, None)
        if isinstance(result, dict) and result.get("status") == "error":
            sys.exit(4)
        sys.exit(0)
    except FileNotFoundError as error:
        sys.exit(1)
    except ValueError as error:
        sys.exit(2)
    except Exception as error:
        sys.exit(3)
"""


def _failed(project: Project, body: str, **step: Any) -> Any:
    (project.path / "step.py").write_text(SCRIPT.format(body=body.replace("\n", "\n    ")))
    session = project.session(project.pipeline({"step": {"outputs": ["result"], "entry": "script", **step}}))
    session.resume()
    if session.state.pause.when == "preflight":
        session.resume()
    assert session["step"].status == "failed", session["step"].log
    return session["step"].error


@pytest.mark.parametrize(
    ("body", "title", "summary", "meaning"),
    [
        ('open("/none/t.csv")', "exit 1", "FileNotFoundError", "for FileNotFoundError (line 15)"),
        (
            'raise ValueError("no rows left")',
            "exit 2",
            "step raised ValueError: no rows left (exit 2)",
            "for ValueError",
        ),
        ("1 / 0", "exit 3", "step raised ZeroDivisionError: division by zero (exit 3)", "for any other exception"),
    ],
)
def test_an_exit_tells_what_came_before_it(project: Project, body: str, title: str, summary: str, meaning: str):
    """The exception that the block made the number of, its frames first; and what the block means by the number."""
    failure = _failed(project, body)
    assert (failure.kind, failure.title) == ("StepFailed", title)
    assert summary in failure.summary
    assert failure.frames[-1].function in {"main", "<module>"}
    assert [frame.line for frame in failure.frames if frame.function == "main"] == [5]
    assert failure.facts == {"exit_code": int(title[-1])}
    (said,) = failure.further
    assert said.startswith(f"Its __main__ block exits with {title[-1]} ")
    assert meaning in said


def test_a_returned_error_is_an_exit_of_the_block(project: Project):
    """As production ends; entered through main, it is the error that main returned."""
    failure = _failed(project, 'return {"status": "error", "error": "no data"}')
    assert failure.title == "exit 4"
    assert "where main returned and " in failure.further[0]
    failure = _failed(project, 'return {"status": "error", "error": "no data"}', entry="main")
    assert failure.title == "returned an error"
    assert "no data" in failure.summary


def test_an_exit_from_inside_main_is_told_in_both_ways(project: Project):
    """With its own words first, and what led to them after."""
    body = 'try:\n    open("/none/t.csv")\nexcept OSError:\n    sys.exit("nothing to read")'
    for entry in ("main", "script"):
        failure = _failed(project, body, entry=entry)
        assert failure.title == "exit 1"
        assert failure.summary == "step called sys.exit: nothing to read"
        assert "FileNotFoundError" in failure.further[0]
        assert failure.frames[-1].function == "main"
    assert _failed(project, "sys.exit(1)", entry="main").summary == "step called sys.exit: 1"


@pytest.mark.parametrize(
    "body",
    [
        'return output_paths["out"]',
        'if "out" not in output_paths:\n    raise ValueError("Missing required output path: out")',
    ],
)
def test_a_port_that_is_not_declared_is_named(project: Project, body: str):
    """A KeyError, or the script's own error: which port it is, what to write, and that the block would give it."""
    failure = _failed(project, body, entry="main")
    assert failure.summary == "step demands output port 'out', which the step does not have: its outputs are result."
    assert failure.advice == "Declare it with the step: `outputs: {out: {}}`."
    assert failure.further == (
        "Its __main__ block gives it at /opt/ml/processing/output: with `entry: script` the step runs as in production.",
    )


def test_an_input_that_is_not_fed_is_named(project: Project):
    """With what to write; nothing is said of a key that is no port's."""
    failure = _failed(project, 'return input_paths["other"]', entry="main")
    assert failure.summary == "step demands input port 'other', which the step does not have: it has no inputs."
    assert failure.advice.startswith("Feed it with the step: `inputs: {other: STEP.PORT}`")
    assert failure.further == ()
    failure = _failed(project, 'return output_paths["results"]', entry="main")
    assert failure.suggestion == "result"
    assert "KeyError: 'other'" in _failed(project, 'return {}["other"]', entry="main").summary


PASSES_ANOTHER = """\
import argparse
import os
import sys


def main(input_paths, output_paths, environ_vars, job_args):
    folder = input_paths.get("eval_output")
    open(os.path.join(folder, "t.csv"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--job_type", required=True)
    args = parser.parse_args()
    try:
        main({"data": "/opt/ml/processing/input"}, {"out": "/opt/ml/processing/output"}, {}, args)
    except Exception as error:
        sys.exit(1)
"""


def _of_another_name(project: Project, **step: Any) -> Any:
    (project.path / "step.py").write_text(PASSES_ANOTHER)
    (project.path / "t.csv").write_text("a\n1\n")
    container = {"inputs": {"eval_output": "/opt/ml/processing/input"}, "outputs": {"out": "/opt/ml/processing/output"}}
    inputs = {"eval_output": str(project.path / "t.csv")}
    keys = {"outputs": ["out"], "entry": "script", "container": container, "inputs": inputs, **step}
    session = project.session(project.pipeline({"step": keys}))
    session.resume()
    if session.state.pause.when == "preflight":
        session.resume()
    return session["step"].error


def test_what_preflight_said_of_a_failed_step_is_recommended(project: Project):
    """The exception only says that something is None: that the block passes another name is what helps."""
    failure = _of_another_name(project, args={"job_type": "training"})
    assert failure.summary.startswith("step raised TypeError")
    assert "main takes input 'eval_output', which the __main__ block never passes" in failure.recommendations[0]
    assert "it passes 'data', which main never reads" in failure.recommendations[0]
    assert "Look at line 8 of step.py" in failure.recommendations[1]


def test_what_preflight_said_of_a_parser_is_recommended_where_it_exits(project: Project):
    """No exception led to the exit of the parser: what it lacked was known."""
    failure = _of_another_name(project)
    assert failure.title == "exit 2"
    assert any("the __main__ block's parser asks for --job_type" in each for each in failure.recommendations)
