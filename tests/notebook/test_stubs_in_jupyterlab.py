"""Stubs in the panel: which steps do not run here, what stands in for them, and what to give where nothing does."""

from __future__ import annotations

import pytest

from tests.engine.test_stubs import FLIGHTS, READS
from tests.notebook.lab import WIDE, Sheet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

CELL = """
    import cursus_rt_notebook as crt
    from cursus_rt_notebook.pipeline.model import Recorded, Stub
    pipeline = crt.load_pipeline({document!r})
    failed = Recorded(status="Failed", reason="AlgorithmError: exit code: 2 KeyError: 'hour'", exit_code=2, started=1738324800.0, ended=1738325040.0)
    pipeline = pipeline.with_stubs({{"train": Stub(kind="given", recorded=failed)}})
    session = crt.execute_pipeline_with_breakpoints(pipeline, ["late"], {workspace!r})
    session.panel()
"""


@pytest.fixture
def document(project):
    """A pipeline with one stub of each kind."""
    (project.path / "late.py").write_text(READS)
    project.script("train", 'write("model", "m.txt", "m")')
    FLIGHTS.to_csv(project.path / "data.csv", index=False)
    steps = {
        "load": {"script": None, "outputs": ["DATA"], "stub": {"DATA": str(project.path / "data.csv")}},
        "weather": {"script": None, "outputs": ["DATA"], "stub": "synthetic"},
        "secrets": {"script": None, "outputs": ["KEYS"], "stub": "open"},
        "late": {"inputs": {"raw": "load.DATA", "weather": "weather.DATA"}, "outputs": ["late"]},
        "join": {"script": "late.py", "inputs": {"raw": "weather.DATA"}, "outputs": ["late"]},
        "train": {"inputs": {"late": "late.late"}, "outputs": ["model"]},
        "register": {
            "script": None,
            "inputs": {"model": "train.model", "k": "secrets.KEYS"},
            "outputs": [],
            "stub": "skip",
        },
    }
    return project.pipeline(steps)


def test_the_graph_says_what_stands_in(document, project, lab, browser, shots):
    """In words and with a dashed edge; the step's own page says it, too; nothing is drawn as run that did not."""
    lab.write("stubs.ipynb", CELL.format(document=document, workspace=str(project.workspace)))
    sheet = Sheet.open(browser, lab, "stubs.ipynb", WIDE)
    sheet.run_cell(0)
    sheet.panel.wait_for()
    assert "stub: project/data.csv" in sheet.node("load").text_content()
    assert "stub: synthetic" in sheet.node("weather").text_content()
    assert "stub: skip" in sheet.node("register").text_content()
    assert sheet.node("load").locator("path[stroke-dasharray]").count() == 1
    assert sheet.node("late").locator("path[stroke-dasharray]").count() == 0
    sheet.shot(shots, "stubs-before")
    sheet.press("continue")
    sheet.stands("Paused before the first step")
    assert "secrets cannot run here" in sheet.panel.text_content()
    sheet.press("continue")
    sheet.stands("Stopped in secrets")
    sheet.shot(shots, "stubs-open")
    sheet.node("load").click()
    sheet.panel.get_by_text("stands in for its outputs").wait_for()
    sheet.panel.locator("[data-tab=outputs]").click()
    sheet.panel.locator(".crt-chip", has_text="3 \N{MULTIPLICATION SIGN} 2").first.wait_for()
    sheet.shot(shots, "stubs-load")
    sheet.panel.locator("[data-tab=source]").click()
    sheet.panel.get_by_text("It has no script").wait_for()
    sheet.shot(shots, "stubs-source")
    sheet.panel.locator("[data-tab=explain]").click()
    sheet.shot(shots, "stubs-explain")
    sheet.node("train").click()
    sheet.panel.get_by_text("Recorded in the cloud").wait_for()
    sheet.shot(shots, "stubs-recorded")
    sheet.panel.locator("button[data-view=data]").click()
    sheet.panel.locator("[role=tabpanel][data-view=data] .crt-node", has_text="data.csv").first.wait_for()
    sheet.shot(shots, "stubs-data")
    assert sheet.faults == []
    sheet.close()
