"""What panels add to a notebook, however often it runs: measured in a real kernel, as the notebook is saved."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

REPOSITORY = Path(__file__).parents[2]
RUNS = 100
LIMIT = 100_000  # bytes that a panel may add: picture, page, text
SETUP = """
import json
import time
from pathlib import Path
import cursus_rt_notebook as crt
from cursus_rt_notebook.notebook import twin

pipeline = json.loads(Path("small.json").read_text())
"""
RUN = """
session = crt.execute_pipeline_with_breakpoints(pipeline, ["two"], "workspace")
session.panel()
"""
# The twin is told of the end a moment later: the cell ends when that is in the notebook.
FINISH = """
for _ in range(2):
    session.resume()
    session.wait()
session.panel()._twin.refresh()
"""
END = "session.close()\ncrt.shutdown()"


@pytest.mark.timeout(280)
def test_U5_a_hundred_runs_keep_the_notebook_small(project, tmp_path, monkeypatch):
    """U5: each adds at most 100 KB, the hundredth no more than the second; the panel's own script is in none of it."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    (project.path / "small.json").write_text(json.dumps(project.chain("one", "two", "three")))
    cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, *[RUN, FINISH] * RUNS, END)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    where = {"metadata": {"path": str(project.path)}}
    # JupyterLab keeps the state of widgets only where its user asks for it.
    NotebookClient(notebook, timeout=90, kernel_name="python3", resources=where, store_widget_state=False).execute()
    sizes = [len(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode()) for cell in notebook.cells[1:-1:2]]
    assert all("Finished" in json.dumps(cell.outputs) for cell in notebook.cells[1:-1:2])
    whole = nbformat.writes(notebook)
    print(f"a run adds {min(sizes):,} to {max(sizes):,} bytes; {RUNS} runs: {len(whole.encode()):,} bytes")
    assert len(sizes) == RUNS
    assert max(sizes) < LIMIT
    assert max(sizes[1:]) - min(sizes[1:]) < 1_000
    assert len(whole.encode()) < RUNS * LIMIT
    assert "export default" not in whole
