"""Names as long as those of Cursus's steps, seen in the panel: whole in the graph, told apart in the timeline."""

from __future__ import annotations

import pytest

from tests.notebook.lab import NARROW, WIDE, Sheet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

CELL = """
    import cursus_rt_notebook as crt
    session = crt.execute_pipeline_with_breakpoints({document!r}, ["TabularPreprocessing_calibration"], {workspace!r})
    session.panel()
"""
LEFT, RIGHT, END = "TabularPreprocessing_training", "Pack", "TabularPreprocessing_calibration"


@pytest.fixture
def document(project):
    """Two steps beside each other, one with a short name, and one that reads both."""
    for name in ("a", "b"):
        project.script(name, 'write("data", "x.csv", "n\\n1\\n")')
    project.script("c", 'write("data", "x.csv", "n\\n1\\n")')
    steps = {
        LEFT: {"script": "a.py", "outputs": ["data"]},
        RIGHT: {"script": "b.py", "outputs": ["data"]},
        END: {"script": "c.py", "inputs": {"one": f"{LEFT}.data", "two": f"{RIGHT}.data"}, "outputs": ["data"]},
    }
    return project.pipeline(steps)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_long_names_can_be_read(document, project, lab, browser, shots, size):
    """Two lines in the box, which hold them; arrow keys go aside between boxes of two heights; ends stay in the timeline."""
    lab.write("names.ipynb", CELL.format(document=document, workspace=str(project.workspace)))
    sheet = Sheet.open(browser, lab, "names.ipynb", size)
    sheet.run_cell(0)
    sheet.panel.wait_for()
    node = sheet.node(LEFT)
    lines = node.locator("text")
    assert [line.text_content() for line in lines.all()] == ["TabularPreprocessing", "training", "waiting"]
    box = node.locator(".crt-part-box").bounding_box()
    for line in lines.all():
        inner = line.bounding_box()
        assert inner["x"] + inner["width"] <= box["x"] + box["width"]
        assert box["y"] <= inner["y"]
        assert inner["y"] + inner["height"] <= box["y"] + box["height"]
    node.click()
    sheet.page.keyboard.press("ArrowRight")
    sheet.panel.locator(f'.crt-node[data-step="{RIGHT}"] .crt-face[aria-current]').wait_for()
    sheet.press("continue")
    sheet.stands(f"Paused after {END}", 90)
    sheet.shot(shots, f"names-{size[0]}")
    sheet.panel.locator("button[data-view=data]").click()
    data = sheet.panel.locator("[role=tabpanel][data-view=data] .crt-node", has_text="calibration").first
    data.wait_for()
    sheet.shot(shots, f"names-data-{size[0]}")
    sheet.panel.locator(".crt-runid").click()
    name = sheet.panel.locator(f'.crt-tl-name[title="{END}"]')
    tail, whole = name.locator(".crt-tl-tail"), name.bounding_box()
    assert tail.inner_text() == "_calibration"
    assert tail.bounding_box()["x"] + tail.bounding_box()["width"] <= whole["x"] + whole["width"] + 1
    sheet.shot(shots, f"names-run-{size[0]}")
    assert sheet.faults == []
    sheet.close()
