"""A pause in a real JupyterLab, seen by a real browser."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Project, wait_until
from tests.notebook.lab import Sheet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HOSTILE = "<img src=x onerror=window.hostile=1>"
RUN = """
    import cursus_rt_notebook as crt

    steps = {
        "make": {"script": "make.py", "outputs": ["table"]},
        "use": {"script": "use.py", "inputs": {"table": "make.table"}, "outputs": ["copy"]},
    }
    pipeline = {"name": "small", "source_dir": ".", "steps": steps}
    session = crt.execute_pipeline_with_breakpoints(pipeline, ["make"], "workspace")
    pause = next(session)
    pause
"""
END = "session.resume()\nsession.close()\ncrt.shutdown()\nprint('run', session.status)"


def test_U5_a_pause_is_seen_in_jupyterlab(lab, browser, shots):
    """U5: the graph and the first rows are visible, run and saved, and a hostile column name stays text."""
    folder = lab.root / "pause"
    folder.mkdir()
    project = Project(folder)
    project.script("make", f'write("table", "t.csv", "carrier,{HOSTILE}\\nUA,4711\\nDL,4712\\n")')
    project.script("use", 'write("copy", "t.csv", read("table"))')
    lab.write("pause/run.ipynb", RUN, END)
    sheet = Sheet.open(browser, lab, "pause/run.ipynb")
    sheet.run_all()
    sheet.page.get_by_text("run finished").wait_for()
    saw(sheet.page)
    sheet.shot(shots, "pause_run")
    saved = json.dumps(sheet.save())
    assert "image/png" in saved
    sheet.close()

    # Another text has no signature: a stranger's notebook, which JupyterLab cleans before it shows it.
    (folder / "stranger.ipynb").write_text(saved.replace("'run'", "'ran'"))
    sheet = Sheet.open(browser, lab, "pause/stranger.ipynb")
    saw(sheet.page)
    sheet.shot(shots, "pause_stranger")
    sheet.close()


def saw(page) -> None:
    """Assert what the reader of a pause must see."""
    picture = page.locator(".jp-OutputArea-output img").first
    picture.wait_for()
    wait_until(lambda: picture.evaluate("image => image.naturalWidth") > 0)
    box = picture.bounding_box()
    assert box["width"] > 100
    assert box["height"] > 100
    for told in ("Paused after make", "carrier", HOSTILE, "4711", 'pause["table"].df'):
        page.get_by_text(told).first.wait_for()
    assert page.evaluate("window.hostile") is None
    assert page.locator(".jp-OutputArea-output img").count() == 1
