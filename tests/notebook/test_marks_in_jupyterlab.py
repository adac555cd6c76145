"""What the panel makes one look at: lost rows, failed checks, what preflight found. In a real JupyterLab, by mouse and keys."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

import cursus_rt_notebook as crt
from tests.notebook.lab import NARROW, WIDE, Sheet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

FLIGHTS = Path(__file__).parents[2] / "notebooks" / "flights"
FIRST = ("extract", "join_weather", "join_planes", "preprocess", "impute")
DROP = '    flights = flights[flights["carrier"] != "UA"]\n'
OPEN = """
    import cursus_rt_notebook as crt
    session = crt.execute_pipeline_with_breakpoints({pipeline!r}, {breakpoints!r}, {workspace!r})
    session.panel()
"""


@pytest.fixture
def opened(lab, browser):
    """Opens a notebook with the panel of a pipeline; closes it at the end, where nothing may have gone wrong."""
    sheets: list[Sheet] = []

    def open_(pipeline, workspace, breakpoints=(), size=WIDE) -> Sheet:
        cell = OPEN.format(pipeline=pipeline, breakpoints=list(breakpoints), workspace=str(workspace))
        lab.write("marks.ipynb", cell)
        sheet = Sheet.open(browser, lab, "marks.ipynb", size)
        sheets.append(sheet)
        sheet.run_cell(0)
        sheet.panel.wait_for()
        return sheet

    yield open_
    for sheet in sheets:
        assert sheet.faults == []
        sheet.close()


@pytest.fixture(scope="module")
def flights(tmp_path_factory):
    """The first steps of the flights pipeline, run to their end over all flights; then one drops a sixth of them."""
    folder = tmp_path_factory.mktemp("flights")
    shutil.copytree(FLIGHTS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "flights.pipeline.yaml"
    document = yaml.safe_load(path.read_text())
    document["steps"] = {name: document["steps"][name] for name in FIRST}
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    session = crt.execute_pipeline_with_breakpoints(path, (), folder / "workspace")
    session.resume()
    assert session.status == "finished"
    session.close()
    script = folder / "scripts" / "preprocess.py"
    before = script.read_text()
    at = "    arrived, cancelled = set_aside_cancelled(flights)\n"
    assert before.count(at) == 1
    script.write_text(before.replace(at, DROP + at))
    return path


def test_a_click_on_the_marked_arrow_leads_to_the_rows_that_are_gone(flights, opened, shots):
    """Without configuration: the arrow that leaves the step, one click, counts, columns, and the rows by their key."""
    sheet = opened(str(flights), flights.parent / "workspace", ["preprocess"])
    sheet.press("continue")
    sheet.stands("Paused after preprocess", 120)
    mark = sheet.panel.locator('.crt-lost[data-port="processed_data"]')
    mark.wait_for()
    assert "fewer" in mark.text_content()
    assert "than before" in mark.text_content()
    assert mark.get_attribute("aria-label").startswith("preprocess: ")
    sheet.shot(shots, "E-lost-rows-graph")
    mark.locator(".crt-part-lost").click()
    gone = sheet.panel.locator(".crt-gone")
    gone.locator("table").wait_for()
    assert sheet.panel.locator('[data-tab="changed"]').get_attribute("aria-selected") == "true"
    marked = sheet.panel.locator(".crt-marked > li").first.inner_text()
    assert "rows fewer than before" in marked
    assert "336,776 that came in by joined" in marked
    told = gone.inner_text()
    assert "told apart by flight_id" in told
    assert "carrier is UA in all of them, and in none of the others" in told
    assert 'session["preprocess"].gone("processed_data")' in told
    heads = gone.locator("thead th").all_inner_texts()
    assert heads[0].startswith("flight_id")
    assert gone.locator("tbody tr").count() == 50
    sheet.shot(shots, "E-lost-rows")
    assert len(_saved_pictures(sheet)) == 1


def test_the_mark_is_reached_and_taken_back_by_keys(flights, opened, shots):
    """Enter on it does what a click does; rows that were meant to go are taken as usual, and the mark is gone."""
    sheet = opened(str(flights), flights.parent / "workspace", ["preprocess"], NARROW)
    sheet.press("continue")
    sheet.stands("Paused after preprocess", 120)
    mark = sheet.panel.locator('.crt-lost[data-port="processed_data"]')
    mark.focus()
    sheet.shot(shots, "E-lost-rows-620")
    sheet.page.keyboard.press("Enter")
    sheet.panel.locator(".crt-gone table").wait_for()
    assert sheet.panel.locator('.crt-chip[aria-pressed="true"]:visible').inner_text().startswith("train")
    sheet.panel.get_by_role("button", name="It is meant to be so").press("Enter")
    mark.wait_for(state="detached")
    assert sheet.panel.locator(".crt-lost").count() == 0


def _saved_pictures(sheet: Sheet) -> list[str]:
    """The pictures of the saved notebook, and its page's words about the lost rows."""
    outputs = [output for cell in sheet.save()["cells"] for output in cell.get("outputs", ())]
    pages = ["".join(output["data"].get("text/html", "")) for output in outputs if "data" in output]
    assert any("rows fewer than before in processed_data" in page for page in pages)
    return [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", ())]


def test_a_failed_check_is_a_pause_with_its_rows(project, opened, shots):
    """It says what was expected and found; one click shows the rows that fail, in the table."""
    project.script(
        "make",
        """\
        lines = ["id,delay", *(f"{i},{-i if i % 10 == 3 else i}" for i in range(200))]
        write("out", "t.csv", "\\n".join(lines) + "\\n")
        """,
    )
    project.script("use", 'write("out", "t.csv", read("data"))')
    checks = {"range": {"delay": [0, 470]}, "key": ["id"], "on_failure": "pause"}
    pipeline = project.pipeline(
        {
            "make": {"outputs": {"out": {"checks": checks}}},
            "use": {"inputs": {"data": "make.out"}, "outputs": ["out"]},
        }
    )
    sheet = opened(pipeline, project.workspace)
    sheet.press("continue")
    sheet.stands("Paused after make")
    check = sheet.panel.locator(".crt-check")
    check.wait_for()
    assert sheet.panel.locator('[data-tab="checks"]').inner_text().endswith("1 failed")
    assert "failed" in check.inner_text()
    assert "20 values of delay in out are outside 0 to 470" in check.inner_text()
    assert "expected" in check.inner_text()
    sheet.shot(shots, "E-check")
    check.get_by_role("button", name="Show the 20 rows").click()
    sheet.panel.get_by_text("20 of 200 match").wait_for()
    cells = sheet.panel.locator(".crt-sheet-row:not([hidden]) .crt-sheet-cell").all_inner_texts()
    assert cells[:4] == ["3", "-3", "13", "-13"]
    sheet.shot(shots, "E-check-rows")
    saved = str(sheet.save())
    assert "Check failed" in saved


def test_preflights_findings_are_the_first_pause(project, opened, shots):
    """All in one list with place, severity, message and remedy; a click opens the script at the line."""
    project.script("one", 'import a_package_that_nobody_has\nwrite("out", "t.csv", input_paths["other"])')
    (project.path / "two.py").write_text("def main(input_paths, output_paths, environ_vars, job_args):\n    x = = 1\n")
    steps = {
        "one": {"outputs": ["out"]},
        "two": {"inputs": {"data": "one.out"}, "outputs": ["out"]},
    }
    sheet = opened(project.pipeline(steps), project.workspace)
    sheet.press("continue")
    sheet.stands("Paused before the first step")
    found = sheet.panel.locator(".crt-findings > li")
    found.first.wait_for()
    told = sheet.panel.locator(".crt-findings").inner_text()
    for words in ("syntax error", "two.py:2", "mend the script", "a_package_that_nobody_has", "'other'"):
        assert words in told, told
    sheet.shot(shots, "E-preflight")
    found.filter(has_text="syntax error").get_by_role("button").click()
    line = sheet.panel.locator(".crt-mark-finding").filter(has_text="x = = 1")
    line.wait_for()
    assert sheet.panel.locator('[data-tab="source"]').get_attribute("aria-selected") == "true"
    assert line.is_visible()
    sheet.shot(shots, "E-preflight-line")
