"""The magics in a real kernel: Run All, and what a front end asks while the user types."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

REPOSITORY = Path(__file__).parents[2]
PANEL = "application/vnd.jupyter.widget-view+json"
LOAD = "%load_ext cursus_rt_notebook"
END = "import cursus_rt_notebook\ncursus_rt_notebook.shutdown()"
UNTIL_TOLD = """
    import time
    with open(Path(__file__).with_name("ran.txt"), "a") as file:
        file.write("x")
    deadline = time.monotonic() + 60
    while not Path(__file__).with_name("go").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    write("out", "t.csv", "step\\none\\n")
"""

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def folder(project, tmp_path, monkeypatch):
    """Where the kernel runs: `small.yaml` is a chain of three steps."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    (project.path / "small.yaml").write_text(json.dumps(project.chain("one", "two", "three")))
    return project.path


def run_all(folder, *sources):
    """The cells of a notebook after Run All; raises what ended it before its end."""
    cells = [nbformat.v4.new_code_cell(source) for source in (LOAD, *sources, END)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(notebook, timeout=90, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute()
    return notebook.cells[1:-1]


def text(cell):
    """All the text of a cell's outputs."""
    return "".join(out.get("text", "") + out.get("data", {}).get("text/plain", "") for out in cell.outputs)


def kinds(cell):
    """What its outputs are."""
    return {kind for out in cell.outputs for kind in out.get("data", {})}


def test_a_notebook_of_magics_survives_run_all(folder):
    """The run is still moving when the next cell comes: each of them waits for it."""
    run, look, again, step, go_on, end = run_all(
        folder,
        "%cursus_run small.yaml --break one",
        "table = %cursus_inspect one.out\nlist(table.df['step'])",
        "%cursus_inspect one",
        "%cursus_step",
        "%cursus_continue",
        "session.status",
    )
    assert PANEL in kinds(run)
    assert "['one']" in text(look)
    assert {"text/html", "text/plain"} <= kinds(again)
    assert "Paused after two" in text(step)
    assert "image/png" in kinds(step)
    assert "Finished" in text(go_on)
    assert "finished" in text(end)


def test_run_returns_at_once_and_again_runs_nothing_twice(folder, project):
    """The kernel is free while the step runs; the same cell again shows the same session."""
    project.script("one", UNTIL_TOLD)
    run = "%cursus_run small.yaml --break one"
    shown = run_all(
        folder,
        run,
        "former = session\nsession.status",
        run,
        "from pathlib import Path\nPath('go').touch()\nformer is session",
        "%cursus_continue",
        "Path('ran.txt').read_text()",
    )
    assert "running" in text(shown[1])
    assert PANEL in kinds(shown[2])
    assert "True" in text(shown[3])
    assert "Finished" in text(shown[4])
    assert "'x'" in text(shown[5])


def test_a_failing_step_does_not_end_run_all(folder, project):
    """It is a pause, which is shown; what comes after it runs."""
    project.script("two", "raise KeyError('dep_delay')")
    run, go_on, status = run_all(folder, "%cursus_run small.yaml --wait", "%cursus_continue", "session.status")
    assert PANEL in kinds(run)
    assert "dep_delay" in text(go_on)
    assert "failed" in text(status)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("%cursus_run missing.yaml", "no file 'missing.yaml'"),
        ("%cursus_step", "no session in the variable 'session'"),
        ("%cursus_run small.yaml --break tow", "BreakpointInvalid: breakpoint 'tow'"),
        ("bad = {'name': 'x', 'steps': 3}\n%cursus_run bad", "PipelineError: "),
    ],
)
def test_a_mistake_ends_run_all_in_words(folder, source, said):
    """The cell fails, so that nothing builds on it, and none of our frames are shown."""
    with pytest.raises(CellExecutionError) as raised:
        run_all(folder, source, "raise AssertionError('not reached')")
    told = str(raised.value)
    assert said in told
    assert "magics.py" not in told
    assert "not reached" not in told


@pytest.fixture
def client(folder):
    """A kernel's client, with our extension loaded and a run that has ended."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder))
    try:
        for code in (LOAD, "%cursus_run small.yaml", "session.wait()"):
            assert client.execute_interactive(code, timeout=60, output_hook=lambda _: None)["content"]["status"] == "ok"
        yield client
        client.execute_interactive(END, timeout=60, output_hook=lambda _: None)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def test_a_front_end_is_told_what_completes_a_line(client):
    """`complete_request`, with jedi and without: the texts, and what they replace."""

    def complete(code):
        content = client.complete(code, len(code), reply=True, timeout=30)["content"]
        return sorted(content["matches"]), code[content["cursor_start"] : content["cursor_end"]]

    for jedi in (True, False):
        code = f"get_ipython().Completer.use_jedi = {jedi}"
        assert client.execute_interactive(code, timeout=30)["content"]["status"] == "ok"
        assert complete("%cursus_run sm") == (["small.yaml"], "sm")
        assert complete("import os\n%cursus_run small.yaml --break t") == (["three", "two"], "t")
        assert complete("df = %cursus_inspect two.") == (["two.data", "two.out"], "two.")
        assert complete("%cursus_break one:") == (["one:after", "one:before"], "one:")
        assert complete("%cursus_run small.yaml --wa") == (["--wait"], "--wa")


def test_a_front_end_is_told_the_help(client):
    """`%cursus_run?` opens it, and Shift-Tab shows it."""
    reply = client.execute_interactive("%cursus_run?", timeout=30)["content"]
    assert "%cursus_run flights.pipeline.yaml --break preprocess" in reply["payload"][0]["data"]["text/plain"]
    shown = client.inspect("%cursus_break", 5, reply=True, timeout=30)["content"]
    assert "%cursus_break train:before" in shown["data"]["text/plain"]
