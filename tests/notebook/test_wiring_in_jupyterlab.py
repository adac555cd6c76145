"""Which output feeds which input, seen on the arrows of the graph; a press leads to why. In a real JupyterLab."""

from __future__ import annotations

import pytest

from tests.notebook.lab import NARROW, WIDE, Sheet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

CELL = """
    from pathlib import Path
    import cursus_rt_notebook as crt
    from tests.pipeline.wired import wired
    folder = Path({folder!r})
    folder.mkdir(exist_ok=True)
    (folder / "raw.csv").write_text("flight,delay\\n1,5\\n")
    pipeline = wired(folder).with_inputs({{"extract.raw": folder / "raw.csv"}})
    session = crt.execute_pipeline_with_breakpoints(pipeline, ["score"], str(folder / "workspace"))
    session.panel()
"""


@pytest.fixture
def opened(lab, browser, tmp_path):
    """Opens a notebook with the panel of a pipeline like Cursus's; closes it, where nothing may have gone wrong."""
    sheets: list[Sheet] = []

    def open_(size=WIDE) -> Sheet:
        lab.write("wiring.ipynb", CELL.format(folder=str(tmp_path / "project")))
        sheet = Sheet.open(browser, lab, "wiring.ipynb", size)
        sheets.append(sheet)
        sheet.run_cell(0)
        sheet.panel.wait_for()
        return sheet

    yield open_
    lab.theme(dark=False)
    for sheet in sheets:
        assert sheet.faults == []
        sheet.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_an_arrow_tells_its_ports_and_a_press_on_it_why(lab, opened, shots, dark):
    """Pointing shows each output and input with its score; one click opens what was weighed for them."""
    lab.theme(dark=dark)
    sheet = opened()
    theme = "dark" if dark else "light"
    card = sheet.panel.locator(".crt-link-card:popover-open")
    wire = sheet.panel.get_by_role("button", name="extract to clean: flights feeds flights, score 1.00 and metadata")
    wire.scroll_into_view_if_needed()
    sheet.page.mouse.move(*_middle(wire))
    card.wait_for()
    told = card.inner_text()
    for words in ("flights → flights", "metadata → spare_rows", "1.00", "the best that is free, after extract.flights"):
        assert words in told, told
    sheet.shot(shots, f"W-arrow-{theme}")
    sheet.page.mouse.click(*_middle(wire))
    here = sheet.panel.locator(".crt-wiring .crt-wired-here")
    here.first.wait_for()
    assert sheet.panel.locator('[data-tab="explain"]').get_attribute("aria-selected") == "true"
    assert [line.split(" ←")[0] for line in here.all_inner_texts()] == ["flights", "spare_rows (optional)"]
    told = sheet.panel.locator(".crt-wiring").inner_text()
    for words in ("extract.metadata 0.7", "taken by flights", "type 0.40 + data type 0.20", "chosen"):
        assert words in told, told
    sheet.page.mouse.move(5, 5)
    card.wait_for(state="detached")
    sheet.shot(shots, f"W-why-{theme}")


def test_arrows_are_reached_by_keys(opened, shots):
    """One stop of the Tab key, then the arrow keys; the focus shows the ports, and Enter opens why."""
    sheet = opened(NARROW)
    wires = sheet.panel.locator(".crt-wire")
    assert wires.evaluate_all("all => all.map((one) => one.getAttribute('tabindex'))") == ["0", "-1", "-1", "-1"]
    sheet.panel.locator(".crt-find").focus()
    sheet.page.keyboard.press("Tab")
    assert sheet.page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("extract to clean")
    for _ in range(3):
        sheet.page.keyboard.press("ArrowRight")
    card = sheet.panel.locator(".crt-link-card:popover-open")
    card.wait_for()
    assert "cleaned → flights" in card.inner_text()
    sheet.shot(shots, "W-arrow-keys-620")
    sheet.page.keyboard.press("Enter")
    here = sheet.panel.locator(".crt-wiring .crt-wired-here")
    here.wait_for()
    assert here.inner_text().startswith("flights ← clean.cleaned 1.00")
    assert "old_scores (optional) ← train.report 0.5" in sheet.panel.locator(".crt-wiring").inner_text()
    sheet.press("continue")
    sheet.stands("Paused after score", 60)
    assert wires.evaluate_all("all => all.filter((one) => one.getAttribute('tabindex') === '0').length") == 1


def _middle(wire) -> tuple[float, float]:
    """The middle of an arrow's line, on the page."""
    middle = "path => path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM())"
    x, y = wire.locator(".crt-part-wire").evaluate(f"path => (({{x, y}}) => [x, y])(({middle})(path))")
    return x, y
