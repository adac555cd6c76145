"""The quickstart as its first user meets it: the flights of 2013, a real JupyterLab, the mouse."""

from __future__ import annotations

import shutil

import pytest

from tests.conftest import wait_until
from tests.notebook.lab import NARROW, REPOSITORY, WIDE, Sheet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# Every look that a node goes through, as the page shows it.
WATCH = """(step) => {
  const node = document.querySelector(`.crt-node[data-step="${step}"]`);
  window.looks = [node.dataset.look];
  new MutationObserver(() => window.looks.push(node.dataset.look)).observe(node, { attributes: true });
}"""


@pytest.fixture(scope="module")
def quickstart(lab):
    """The notebooks' folder in the lab, as in a checkout; what runs there is kept from test to test."""
    leave = shutil.ignore_patterns("flights_copy", "flights_workspace", ".*")
    shutil.copytree(REPOSITORY / "notebooks", lab.root, ignore=leave, dirs_exist_ok=True)
    return lab


@pytest.fixture
def sheet(quickstart, browser, request, shots):
    """The notebook run up to its panel; a picture is kept at the end."""
    size, dark = getattr(request, "param", (WIDE, False))
    quickstart.theme(dark=dark)
    opened = Sheet.open(browser, quickstart, "01_quickstart.ipynb", size)
    opened.run_cell(0)
    opened.run_cell(1)
    opened.panel.wait_for()
    yield opened
    opened.shot(shots, request.node.name)
    quickstart.theme(dark=False)
    assert opened.faults == []
    opened.close()


def test_step_continue_look_mend_rerun_with_the_mouse(sheet, quickstart, shots):
    """See it stop, go on, look into tables, meet a failing step, mend it, and see it green."""
    sheet.stands("Paused after preprocess", 120)
    look_into_a_table(sheet)

    sheet.page.evaluate(WATCH, "impute")
    sheet.press("step")
    sheet.stands("Paused after impute", 60)
    looks = list(dict.fromkeys(sheet.page.evaluate("window.looks")))
    assert looks[0] == "waiting"
    assert "running" in looks
    assert looks[-1] in {"paused", "done"}

    sheet.press("continue")
    sheet.stands("Paused before train", 60)
    break_and_mend(sheet, quickstart, shots)


def look_into_a_table(sheet):
    """Click a node, then page, sort and filter its table, and send it to a cell."""
    sheet.node("join_weather").click()
    sheet.panel.locator(".crt-step h3, .crt-step-title", has_text="join_weather").first.wait_for()
    sheet.node("preprocess").click()
    panel = sheet.panel
    panel.locator(".crt-sheet[aria-busy=false]").wait_for()
    panel.locator(".crt-sheet-shown", has_text="of 196,351").wait_for()

    panel.get_by_role("button", name="Last rows").click()
    panel.locator(".crt-sheet-shown", has_text="\N{EN DASH}196,351").wait_for()
    panel.get_by_role("button", name="First rows").click()

    distance = panel.get_by_role("columnheader").filter(has_text="distance")
    distance.locator(".crt-sheet-sort").click()
    distance.locator(".crt-sheet-sort").click()
    wait_until(lambda: distance.get_attribute("aria-sort") == "descending", 20)

    field = panel.locator(".crt-sheet-query input")
    field.fill("carier = 'UA'")
    field.press("Enter")
    panel.locator(".crt-sheet-wrong", has_text="carrier").first.wait_for()
    field.fill("carrier = 'HA' and month = 12")
    field.press("Enter")
    panel.locator(".crt-sheet-shown", has_text="match").wait_for()
    panel.locator(".crt-sheet-cell", has_text="HNL").first.wait_for()

    cells = sheet.page.locator(".jp-Notebook .jp-Cell").count()
    panel.get_by_role("button", name="Send to a cell").click()
    # JupyterLab has not seen this notebook before, and asks (twice) before it lets a page change it.
    for title in ("Run Command?", "Trust this notebook?"):
        sheet.page.locator(".jp-Dialog", has_text=title).get_by_role("button", name="Trust").click()
    wait_until(lambda: sheet.page.locator(".jp-Notebook .jp-Cell").count() == cells + 1, 20)
    line = """.query("carrier = 'HA' and month = 12", sort='-distance')"""
    sheet.page.locator(".jp-CodeCell", has_text=line).first.wait_for()


def break_and_mend(sheet, quickstart, shots):
    """A typo in encode.py: Rerun stops there and says what it should be; mended, Rerun is green."""
    script = quickstart.root / "flights_copy" / "scripts" / "encode.py"
    source = script.read_text()
    script.write_text(source.replace('"carrier"', '"carier"'))
    sheet.node("encode").click()
    sheet.press("rerun")
    sheet.stands("Stopped in encode", 60)
    card = sheet.panel.locator(".crt-error-card")
    card.get_by_text("Did you mean").wait_for()
    assert card.locator(".crt-fix").first.inner_text() == "carrier"
    assert sheet.node("encode").get_attribute("data-look") == "failed"
    assert sheet.node("train").get_attribute("data-look") == "skipped"
    sheet.shot(shots, "failed")

    script.write_text(source)
    sheet.panel.get_by_role("button", name="Rerun step").click()
    sheet.stands("Paused after encode", 60)
    assert sheet.node("encode").get_attribute("data-look") == "paused"
    assert sheet.node("train").get_attribute("data-look") == "waiting"
    sheet.press("continue")
    sheet.stands("Paused before train", 60)
    assert sheet.node("encode").get_attribute("data-look") in {"done", "cached"}


@pytest.mark.parametrize(
    "sheet",
    [(WIDE, True), (NARROW, False), (NARROW, True)],
    ids=["wide-dark", "narrow-light", "narrow-dark"],
    indirect=True,
)
def test_it_fits_every_width_and_theme(sheet):
    """Nothing sticks out of the panel; below 760 px the graph stands above the table; colours follow the theme."""
    sheet.stands("Paused after preprocess", 120)
    sheet.panel.locator(".crt-sheet[aria-busy=false]").wait_for()
    inside = sheet.panel.evaluate("""(panel) => {
      const box = panel.getBoundingClientRect();
      const parts = [...panel.querySelectorAll(".crt-head, .crt-progress, .crt-toolbar, .crt-look, .crt-graph-side")];
      return parts.every((part) => part.getBoundingClientRect().right <= box.right + 1);
    }""")
    assert inside
    graph, look = sheet.panel.locator(".crt-graph-side").bounding_box(), sheet.panel.locator(".crt-look").bounding_box()
    narrow = sheet.page.viewport_size["width"] < 900
    assert (look["y"] >= graph["y"] + graph["height"] - 1) == narrow
    ground = sheet.panel.evaluate("(panel) => getComputedStyle(panel).backgroundColor")
    page = sheet.page.evaluate("getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor")
    assert ground == page
