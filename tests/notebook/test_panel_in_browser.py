"""The panel in a page of its own, beside no kernel at all: what it shows at once, and what it says when nobody answers."""

from __future__ import annotations

import json

import pytest

from cursus_rt_notebook.notebook import assets
from cursus_rt_notebook.notebook.panel import open_panel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

PAGE = """<!doctype html><meta charset="utf-8"><style>{style}</style><div id="host"></div>
<script type="module">{script}
const heard = [];
window.sent = [];
const model = {{
  get: () => ({first}),
  send: (message) => window.sent.push(message),
  on: (_, hear) => heard.push(hear),
  off: () => {{}},
}};
window.tell = (message) => heard.forEach((hear) => hear(message));
const began = performance.now();
panel.render({{ model, el: document.querySelector("#host"), signal: new AbortController().signal }});
window.painted = performance.now() - began;
</script>"""


@pytest.fixture
def silent(project, browser):
    """A page with the panel of a session, whose messages go nowhere."""
    session = project.session(project.chain("one", "two", "three"), ["two"])
    script = assets.module().replace("export default {", "const panel = {")
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_content(PAGE.format(style=assets.styles(), script=script, first=json.dumps(open_panel(session).first)))
    page.locator(".crt-panel").wait_for()
    yield page
    page.close()


def test_the_first_paint_needs_no_kernel(silent):
    """Pill, graph and toolbar are there with what the widget came with; what is impossible is disabled, not hidden."""
    assert silent.locator(".crt-pill").inner_text() == "Ready"
    assert silent.locator(".crt-node").count() == 3
    stop = silent.locator("[data-action=stop]")
    assert stop.get_attribute("aria-disabled") == "true"
    assert silent.locator("[data-action=continue]").get_attribute("aria-disabled") == "false"
    assert silent.evaluate("window.painted") < 2000


def test_a_kernel_that_hears_nothing_is_said_to_be_busy(silent):
    """After half a second; the notice goes when the press was heard, and other notices stay."""
    silent.locator("[data-action=continue]").click()
    notice = silent.locator(".crt-notice")
    notice.get_by_text("The kernel is busy with a cell").wait_for()
    assert "Interrupt" in notice.inner_text()
    silent.evaluate("window.sent.forEach((message) => window.tell({ heard: message.id }))")
    notice.wait_for(state="hidden")


def test_a_press_shows_that_it_was_made(silent):
    """At once, before anybody has answered."""
    silent.locator("[data-action=continue]").click()
    assert "crt-heard" in silent.locator("[data-action=continue]").get_attribute("class")
    asked = silent.evaluate("window.sent.filter((message) => message.ask === 'command')")
    assert [one["with"] for one in asked] == [{"name": "continue", "step": None, "pause": None}]


def test_what_is_impossible_cannot_be_pressed(silent):
    """Neither with the mouse nor by its key."""
    silent.locator("[data-action=stop]").click(force=True)
    silent.locator(".crt-panel").focus()
    silent.keyboard.press("s")
    assert silent.evaluate("window.sent.filter((message) => message.ask === 'command')") == []


def test_a_refusal_is_told(silent):
    """What the session says of a command it refuses is read, with what to do."""
    silent.locator("[data-action=step]").click()
    silent.evaluate(
        "window.tell({ id: window.sent.find((m) => m.ask === 'command').id, error: { message: 'too late', fix: 'look again' } })"
    )
    silent.locator(".crt-notice").get_by_text("too late: look again").wait_for()
