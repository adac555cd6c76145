"""The panel in a real JupyterLab, driven by a real browser's mouse and keys."""

from __future__ import annotations

import time

import pytest

from tests.conftest import wait_until
from tests.notebook.lab import NARROW, Sheet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

OPEN = """
    import cursus_rt_notebook as crt

    def step(name, needs=None):
        inputs = {{"data": f"{{needs}}.out"}} if needs else {{}}
        return {{"script": f"{{name}}.py", "inputs": inputs, "outputs": ["out"]}}

    steps = {{"one": step("one"), "two": step("two", "one"), "three": step("three", "two")}}
    pipeline = {{"name": "small", "source_dir": {source!r}, "steps": steps}}
    session = crt.execute_pipeline_with_breakpoints(pipeline, {breakpoints!r}, {workspace!r})
    session.panel()
"""


@pytest.fixture
def small(project, lab, browser):
    """Opens a notebook with a panel on three small steps; closes it at the end."""
    project.chain("one", "two", "three")
    opened: list[Sheet] = []

    def open_(*more: str, breakpoints=(), size=NARROW) -> Sheet:
        first = OPEN.format(source=str(project.path), workspace=str(project.workspace), breakpoints=list(breakpoints))
        lab.write("small.ipynb", first, *more)
        sheet = Sheet.open(browser, lab, "small.ipynb", size)
        opened.append(sheet)
        sheet.run_cell(0)
        sheet.panel.wait_for()
        return sheet

    yield open_
    for sheet in opened:
        assert sheet.faults == []
        sheet.close()


def test_u1_stop_ends_a_long_step_within_a_second(project, small):
    """U1: pressed in the middle of ten seconds, the step's process is gone and the session paused; it can go on."""
    project.script("two", "import threading; threading.Event().wait(10)")
    sheet = small()
    sheet.press("continue")
    sheet.stands("Running two")
    began = time.monotonic()
    sheet.press("stop")
    sheet.stands("Interrupted in two", 5)
    assert time.monotonic() - began < 1.5  # the target is one second, and the machine may be busy
    project.script("two", 'write("out", "t.csv", read("data"))')
    sheet.press("continue")
    sheet.stands("Finished")


def test_breakpoints_are_set_with_the_mouse(small):
    """A click on the node's edge sets one, where the run then stops; a click on it takes it away."""
    sheet = small()
    edge = sheet.node("two").bounding_box()
    sheet.page.mouse.click(edge["x"] + 3, edge["y"] + edge["height"] - 8)
    sheet.panel.get_by_text("1 breakpoint").wait_for()
    sheet.press("continue")
    sheet.stands("Paused after two")


def test_a_panel_whose_kernel_was_restarted_says_so(small):
    """Whoever comes back to it sees how the run stood, and buttons that do nothing any more."""
    sheet = small(breakpoints=["one"])
    sheet.press("continue")
    sheet.stands("Paused after one")
    sheet.menu("Kernel", "Restart Kernel…")
    sheet.page.locator(".jp-Dialog .jp-mod-accept").click()
    sheet.page.locator(".jp-Dialog").wait_for(state="detached")
    wait_until(
        lambda: (sheet.page.mouse.move(5, 5), sheet.panel.hover(), sheet.panel.get_by_text("Kernel gone").count())[-1]
    )
    sheet.panel.get_by_text("Run the cell again for a new run").wait_for()
    assert sheet.panel.locator("[data-action]:not([aria-disabled=true])").count() == 0
    # A kernel that is about to start cannot be ended.
    sheet.page.get_by_text("| Idle").wait_for()


def test_two_panels_are_in_step(small):
    """The panel shown twice is one session: what is pressed in one is seen in the other."""
    sheet = small("session.panel()", breakpoints=["two"])
    sheet.run_cell(1)
    other = sheet.page.locator(".crt-panel").nth(1)
    other.wait_for()
    other.locator("[data-action=continue]").click()
    sheet.stands("Paused after two")
    other.locator(".crt-pill", has_text="Paused after two").wait_for()
    sheet.press("step")
    other.locator(".crt-pill", has_text="Paused after three").wait_for()


def test_u3_the_page_can_be_closed_and_opened_again(small):
    """U3: the run goes on without a browser, and the panel shows where it stands."""
    sheet = small(breakpoints=["two"])
    sheet.save()
    sheet.press("continue")
    sheet.stands("Paused after two")
    sheet.page.reload()
    sheet.page.get_by_text("| Idle").wait_for()
    sheet.stands("Paused after two")
    sheet.press("continue")
    sheet.stands("Finished")


def test_a_press_while_a_cell_blocks_is_told_or_taken(small):
    """The kernel answers at once, on a thread beside the cell, or the panel says that it is busy; Interrupt works."""
    sheet = small("import time\ntime.sleep(60)")
    sheet.run_cell(1)
    wait_until(lambda: "Busy" in sheet.page.locator("#jp-main-statusbar").inner_text(), 20)
    sheet.press("continue")
    told = sheet.panel.get_by_text("The kernel is busy with a cell")
    wait_until(lambda: told.is_visible() or sheet.panel.locator(".crt-pill").inner_text() != "Ready", 5)
    sheet.menu("Kernel", "Interrupt Kernel")
    sheet.page.get_by_text("KeyboardInterrupt").first.wait_for()
    sheet.stands("Finished")
    told.wait_for(state="hidden")


def test_everything_by_keyboard_alone(project, small):
    """Continue, a breakpoint, step, back and forth, rerun: without touching the mouse."""
    sheet = small()
    sheet.panel.focus()
    keys = sheet.page.keyboard
    keys.press("n")
    sheet.stands("Paused after one")
    keys.press("ArrowDown")
    keys.press("b")
    sheet.panel.get_by_text("1 breakpoint").wait_for()
    keys.press("c")
    sheet.stands("Paused after two")
    keys.press("z")
    sheet.stands("Paused after one")
    sheet.panel.get_by_text("You are looking at pause 1 of 2").wait_for()
    keys.press("Escape")
    sheet.stands("Paused after two")
    keys.press("e")
    sheet.panel.get_by_text("2 attempts kept").wait_for()
    keys.press("c")
    sheet.stands("Finished")
    assert sheet.page.locator(".jp-CodeCell").count() == 1  # no key of ours reached the notebook
