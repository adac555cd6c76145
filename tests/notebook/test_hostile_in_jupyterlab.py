"""Text that means harm, in everything that has a text, as a reader of the panel sees it in a real JupyterLab."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import pairwise

import pytest

from tests.conftest import Project, wait_until
from tests.notebook.lab import WIDE, Sheet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CANARY = "canary-4711-never-shown"
IMG = "<img src=x onerror=window.hostile=1>"
SVG = "<svg onload=window.hostile=1>"
SCRIPT = "</script><script>window.hostile=1</script>"
QUOTES = "' onmouseover='window.hostile=1' \" onfocus=\"window.hostile=1"
URL = "javascript:window.hostile=1"
BIDI = "user\u202etxt.exe\u202c"
HIDDEN = "zero\u200bwidth\u2066x\u2069"
LINK = "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\ \x1b[2J\x07"
LONG = "<b>" * 3_400
TEXTS = [IMG, SVG, SCRIPT, QUOTES, URL, BIDI, HIDDEN, LINK, "a.b", "back\\slash", "__proto__", "constructor", LONG]
# As far as names may be: no separator of paths, no control character, a thousand characters.
FIRST, PROTO, THIRD, FOURTH, FAILS, LAST = STEPS = (
    f"{SVG} a.b \" '",
    "__proto__",
    f"{URL} {BIDI} {HIDDEN}",
    "<b>" * 333,
    "constructor",
    f"toString {IMG}",
)
PORT, FILES = f"{IMG} {BIDI}", "__proto__"
CHANNELS = [f"{QUOTES} x", "hasOwnProperty"]
WHERE = f"{FAILS}: len({IMG + SCRIPT + BIDI!r}) == rows"

WRITE = f"""
import json, os, sys, warnings
from pathlib import Path
import pandas as pd

TEXTS = json.loads({json.dumps(json.dumps(TEXTS))})


def main(input_paths, output_paths, environ_vars, job_args):
    for text in TEXTS:
        print(text)
        print("WARNING", text)
        print("ERROR:", text, file=sys.stderr)
    warnings.warn(TEXTS[0])
    print("the token is", os.environ["API_TOKEN"])
    names = [*TEXTS, ""]
    frame = pd.DataFrame({{name: [TEXTS[(i + j) % len(TEXTS)] for j in range(40)] for i, name in enumerate(names)}})
    frame.index = pd.Index([f"{{text}} {{i}}" for i, text in enumerate((TEXTS * 4)[:40])], name=TEXTS[0])
    for channel in json.loads({json.dumps(json.dumps(CHANNELS))}):
        folder = Path(output_paths[{PORT!r}]) / channel
        folder.mkdir(parents=True)
        frame.to_parquet(folder / "t.parquet")
    folder = Path(output_paths[{FILES!r}])
    folder.mkdir(parents=True, exist_ok=True)
    text = "\\n".join(TEXTS)
    for name in (TEXTS[0], TEXTS[3], TEXTS[5], TEXTS[6], "__proto__"):
        (folder / f"{{name}}.txt").write_text(text)
    (folder / "page.html").write_text("<script>window.hostile=1</" + "script>")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="parent.hostile=1"><script>parent.hostile=1</' + 'script></svg>'
    (folder / "drawing.svg").write_text(svg)
    with open(os.fsencode(folder) + b"/caf\\xe9\\xff.txt", "w") as file:
        file.write(text)
"""
PASS = """
import shutil


def main(input_paths, output_paths, environ_vars, job_args):
    (inside,), (outside,) = input_paths.values(), output_paths.values()
    shutil.copytree(inside, outside, dirs_exist_ok=True)
"""
FAIL = f"""
import json, os
import pandas as pd

TEXTS = json.loads({json.dumps(json.dumps(TEXTS))})
Hostile = type(TEXTS[0], (Exception,), {{}})


def main(input_paths, output_paths, environ_vars, job_args):
    token, note = os.environ["API_TOKEN"], "it is " + os.environ["API_TOKEN"]
    everything = {{text: text for text in TEXTS}}
    frame = pd.DataFrame({{text: [text] for text in TEXTS}})
    lone, text = "\\ud800 \\udcff", TEXTS[7]
    names = {{"TEXTS": TEXTS, "Hostile": Hostile, "note": note}}
    try:
        raise OSError(note)
    except OSError as error:
        exec(compile("raise Hostile('\\\\n'.join([*TEXTS, note, '\\\\udcff']))", TEXTS[0], "exec"), names)
"""
OPEN = """
    import json
    from pathlib import Path
    import cursus_rt_notebook as crt

    told = json.loads(Path("told.json").read_text())
    session = crt.execute_pipeline_with_breakpoints(**told, env={"API_TOKEN": Path("token").read_text()})
    session.panel()
"""
# What the panel is made of, and what of it can do something.
TAGS = (
    "section header div span b i em small p h3 h4 ul ol li dl dt dd kbd code pre mark label input select option button form "
    "fieldset datalist details summary table caption thead tbody tr th td svg g path rect circle text title img br "
    "figure figcaption"
)
AUDIT = """
(tags) => {
  const known = new Set(tags.split(" "));
  const found = [];
  const unseen = /(?![\\n\\t\\ufe0e])[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}]/u;
  for (const element of document.querySelectorAll(".crt, .crt *, .crt-twin, .crt-twin *")) {
    const name = element.localName;
    if (!known.has(name) && !(name === "style" && element.textContent.startsWith(".crt"))) found.push(`<${name}>`);
    for (const attribute of element.attributes) {
      const [key, value] = [attribute.name.toLowerCase(), attribute.value];
      const told = `<${name} ${key}=${value.slice(0, 200)}>`;
      if (key.startsWith("on")) found.push(told);
      else if (/^(href|xlink:href|srcset|srcdoc|action|formaction|ping|target)$/.test(key)) found.push(told);
      else if (key === "src" && !(name === "img" && value.startsWith("data:image/"))) found.push(told);
      else if (key === "style" && /url|expression|import/i.test(value)) found.push(told);
      else if (/^(title|alt|placeholder|aria-.*|label)$/.test(key) && unseen.test(value)) found.push(`unseen ${told}`);
    }
    for (const child of element.childNodes) {
      if (child.nodeType === Node.COMMENT_NODE) found.push(`a comment in <${name}>`);
      else if (child.nodeType === Node.TEXT_NODE && unseen.test(child.data)) found.push(`unseen in <${name}>: ${child.data.slice(0, 200)}`);
    }
  }
  return found;
}
"""


class Hostile(Sheet):
    """The notebook of the hostile pipeline."""

    def harmless(self) -> None:
        """Assert that nothing of a user's became an element, an attribute, a URL or a command, and nothing ran."""
        assert self.page.evaluate(AUDIT, TAGS) == []
        assert self.page.evaluate("[window.hostile, document.querySelectorAll('iframe, object, embed').length]") == [
            None,
            0,
        ]
        assert self.faults == []

    def shows(self, *texts: str) -> None:
        """Wait until the panel shows these texts, as text."""
        for text in texts:
            wait_until(
                lambda text=text: text in self.panel.inner_text(),
                30,
                lambda text=text: f"{text!r} not in {self.panel.inner_text()}",
            )

    def face(self, step: str) -> object:
        """A step's box; its name is no selector."""
        return self.page.locator(".crt-graph-pane[data-view=steps] .crt-face").nth(STEPS.index(step))

    def step_tab(self, step: str, tab: str) -> None:
        """Look at a tab of a step."""
        self.face(step).click()
        self.panel.locator(f".crt-step [data-tab={tab}]").click()


@pytest.fixture(scope="module")
def with_widgets(lab):
    """Let JupyterLab keep the state of widgets in notebooks, as a user may ask it to."""
    settings = lab.folder / "settings" / "@jupyter-widgets" / "jupyterlab-manager"
    settings.mkdir(parents=True)
    (settings / "plugin.jupyterlab-settings").write_text('{"saveState": true}')
    yield
    shutil.rmtree(settings)


@pytest.fixture(scope="module")
def folder(lab):
    """The hostile pipeline, where JupyterLab finds it."""
    made = lab.root / "hostile"
    made.mkdir()
    project = Project(made)
    for name, text in (("write", WRITE), (IMG, PASS), ("fail", FAIL)):
        (made / f"{name}.py").write_text(text)
    args = {"pattern": SCRIPT, "list": TEXTS[:8]}
    env = {"API_TOKEN": None, "NOTE": IMG + SCRIPT + BIDI}
    steps = {
        FIRST: {"script": "write.py", "outputs": {PORT: {"channels": CHANNELS}, FILES: None}, "env": env, "args": args}
    }
    for before, name in pairwise(STEPS):
        port, script = (FILES if name == THIRD else PORT), ("fail.py" if name == FAILS else f"{IMG}.py")
        steps[name] = {"script": script, "inputs": {PORT: {"step": before, "port": port}}, "outputs": [PORT]}
    steps[PROTO]["outputs"], steps[FAILS]["env"] = [FILES], env
    pipeline = project.pipeline(steps, name=f"{SVG} {BIDI}")
    told = {"pipeline": pipeline, "breakpoints": [FIRST, WHERE], "workspace_dir": str(project.workspace)}
    (made / "told.json").write_text(json.dumps(told))
    (made / "token").write_text(CANARY)
    lab.write("hostile/run.ipynb", OPEN)
    return made


@pytest.fixture(scope="module")
def sheet(folder, with_widgets, lab, browser):
    """The notebook, run with the mouse until a step has failed."""
    opened = Hostile.open(browser, lab, "hostile/run.ipynb", WIDE)
    opened.page.on("dialog", lambda dialog: opened.faults.append(f"a dialog: {dialog.message}"))
    opened.run_cell(0)
    opened.panel.wait_for()
    opened.harmless()
    for told in (f"Paused after {SVG}", f"Stopped in {FAILS}"):
        opened.press("continue")
        wait_until(
            lambda told=told: told in opened.panel.locator(".crt-pill").inner_text(), 120, opened.panel.inner_text
        )
        opened.harmless()
    yield opened
    opened.close()


def test_V7_the_graph_and_the_head_show_names_as_text(sheet, shots):
    """V7: both views of the graph, its search and every box's tooltip; n steps are n boxes."""
    assert sheet.page.locator(".crt-graph-pane[data-view=steps] .crt-node").count() == len(STEPS)
    sheet.shows(SVG, "user\\u202etxt.exe\\u202c", "__proto__")
    for step in STEPS:
        sheet.face(step).hover()
        sheet.face(step).click()
        assert sheet.panel.locator(".crt-step h3").get_attribute("title")
        sheet.harmless()
    for wire in sheet.panel.locator(".crt-wire").all():
        wire.dispatch_event("pointerover")
        sheet.panel.locator(".crt-link-card:popover-open").wait_for()
        sheet.harmless()
    sheet.panel.locator("[data-view=data][role=tab]").click()
    sheet.page.locator(".crt-graph-pane[data-view=data] .crt-face").nth(len(STEPS)).click()
    sheet.harmless()
    find = sheet.panel.locator(".crt-find")
    for text in (IMG, BIDI, "__proto__", "("):
        find.fill(text)
        sheet.panel.locator(".crt-found", has_text=" of ").wait_for()
        sheet.harmless()
    find.press("Escape")
    sheet.panel.locator("[data-view=steps][role=tab]").click()
    sheet.shot(shots, "hostile_graph")


def test_V1_the_table_shows_columns_and_cells_as_text(sheet, shots):
    """V1: the heads with what is in them, a column's menu, a filter by such a column, a cell shown whole."""
    sheet.step_tab(FIRST, "outputs")
    cells = sheet.panel.locator(".crt-sheet-cell:visible")
    cells.filter(has_text=SCRIPT).first.wait_for()
    sheet.shows(
        IMG,
        "user\\u202etxt.exe\\u202c",
        "\\x1b]8;;https://evil.example",
        "zero\\u200bwidth",
        "back\\slash",
        "characters",
    )
    sheet.harmless()
    sheet.shot(shots, "hostile_table")
    cells.first.click()
    told = [filtered(sheet) for _ in [*TEXTS, ""]]
    # Every column once; of one whose name is too long for a condition it says so.
    assert len({label for label, _ in told}) == len(told)
    assert [wrong for _, wrong in told if wrong] == [wrong for _, wrong in told if "characters" in wrong]
    assert sum(not wrong for _, wrong in told) == len(TEXTS)
    sheet.page.keyboard.press("Home")
    sheet.panel.locator(".crt-sheet-cut:visible").first.dblclick()
    card = sheet.page.locator(".crt-sheet-card:popover-open")
    card.wait_for()
    wait_until(lambda: card.locator("pre").inner_text() == LONG)
    sheet.harmless()
    sheet.page.keyboard.press("Escape")


def filtered(sheet) -> tuple[str, str]:
    """Filter by a value of the column the cursor is in, take that back, go on; returns its name and what was wrong."""
    sheet.panel.locator(".crt-sheet:visible").focus()
    sheet.page.keyboard.press("Alt+ArrowDown")
    card = sheet.page.locator(".crt-sheet-card:popover-open")
    card.locator(".crt-sheet-common").first.wait_for()
    sheet.harmless()
    label = card.get_attribute("aria-label")
    card.locator(".crt-sheet-common").first.click()
    shown = sheet.panel.locator(".crt-sheet-shown:visible")
    wrong = sheet.page.locator(".crt-sheet-wrong:visible")
    wait_until(lambda: "match" in shown.inner_text() or wrong.count(), 20)
    said = wrong.first.inner_text() if wrong.count() else ""
    sheet.harmless()
    if card.is_visible():
        sheet.page.keyboard.press("Escape")
    query = sheet.panel.locator(".crt-sheet-query:visible input")
    if query.input_value():
        query.press("Escape")
    wait_until(lambda: "match" not in shown.inner_text() and not wrong.count())
    sheet.panel.locator(".crt-sheet:visible").focus()
    sheet.page.keyboard.press("ArrowRight")
    # The table scrolls with the next frame, which closes what is open over it.
    sheet.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return label, said


def test_V1_settings_and_files_are_shown_as_text(sheet, shots):
    """V1: environment and arguments; of files their names, and what is in each: text as text, a drawing as a picture, which runs nothing."""
    sheet.step_tab(FIRST, "inputs")
    sheet.shows("It reads no data", "Environment", "Arguments", IMG + SCRIPT, "pattern", SCRIPT)
    sheet.step_tab(FIRST, "outputs")
    chips = sheet.panel.locator(".crt-step .crt-chip:visible")
    wait_until(lambda: chips.count() == len(CHANNELS) + 1)
    for chip in chips.all():
        chip.click()
        sheet.harmless()
    rows = sheet.panel.locator(".crt-port-body:visible tbody tr")
    rows.first.wait_for()
    sheet.shows("caf\\udce9\\udcff.txt", IMG + ".txt", "user\\u202etxt.exe\\u202c.txt")
    preview = sheet.panel.locator(".crt-preview:visible")
    for index in range(rows.count()):
        name = rows.nth(index).locator("td").first.inner_text()
        rows.nth(index).locator("button").first.click()
        preview.locator("code", has_text=name).wait_for()
        assert preview.locator("pre, img").count() == 1, preview.inner_text()
        sheet.harmless()
    sheet.shot(shots, "hostile_files")


@pytest.mark.parametrize("step", [FIRST, PROTO, THIRD, FOURTH, FAILS, LAST], ids=lambda step: ascii(step[:12]))
def test_V1_every_tab_of_every_step(sheet, step):
    """V1: outputs, inputs, what changed, source, log, variables, explain, resources; those that can be looked at."""
    sheet.face(step).click()
    sheet.panel.locator(".crt-step:not(.crt-pending) h3").wait_for()
    tabs = sheet.panel.locator(".crt-step [role=tab]")
    for index in range(tabs.count()):
        if tabs.nth(index).get_attribute("aria-disabled") == "true":
            continue
        tabs.nth(index).click()
        looking = sheet.panel.locator(".crt-looking:visible")
        wait_until(lambda looking=looking: looking.count() == 0, 20, sheet.panel.inner_text)
        sheet.harmless()
        assert CANARY not in sheet.page.content()


def test_V7_the_log_and_its_search(sheet, shots):
    """V7: nothing that a terminal or browser would obey is left; a search marks text; so with warnings and errors."""
    sheet.step_tab(FIRST, "log")
    log = sheet.panel.locator(".crt-log-tools:visible")
    for text in (IMG, SCRIPT, "txt.exe", "click", "***"):
        log.locator("input").fill(text)
        sheet.panel.locator(".crt-log-line:visible mark", has_text=text).first.wait_for()
        sheet.harmless()
    log.locator("input").press("Escape")
    sheet.shows("user\\u202etxt.exe\\u202c")
    for name in ("warnings", "errors", "all"):
        log.get_by_role("button", name=name).click()
        sheet.harmless()
    sheet.shot(shots, "hostile_log")


def test_V1_the_failed_step(sheet, shots):
    """V1: the card with the message, each frame with its source, and the variables; secrets are masked."""
    sheet.step_tab(FAILS, "variables")
    sheet.panel.locator(".crt-error-card").wait_for()
    sheet.shows(SCRIPT, "\\udcff", "***")
    frames = sheet.panel.locator(".crt-frame:visible")
    assert frames.count() >= 1
    for index in range(frames.count()):
        frames.nth(index).click()
        sheet.harmless()
    for fold in sheet.panel.locator(".crt-step details:visible").all():
        fold.locator("summary").click()
        sheet.harmless()
    sheet.panel.locator(".crt-error-card").get_by_role("button", name="Show").click()
    sheet.panel.locator(".crt-code-lines:visible").wait_for()
    sheet.harmless()
    sheet.shot(shots, "hostile_failure")


def test_V1_the_run(sheet, shots):
    """V1: timeline, findings, breakpoints with a condition of such text that is edited and refused, and runs."""
    sheet.panel.locator(".crt-runid").click()
    assert len(sheet.panel.locator(".crt-run-reason").inner_text()) < 400
    for tab in ("timeline", "findings", "breakpoints", "runs"):
        sheet.panel.locator(f".crt-run [data-tab={tab}]").click()
        sheet.panel.locator(".crt-run li:visible, .crt-tl-row:visible").first.wait_for()
        sheet.harmless()
        sheet.shot(shots, f"hostile_{tab}")
    sheet.panel.locator(".crt-runs button").first.click()
    sheet.panel.locator(".crt-runs-steps tr").nth(2).wait_for()
    sheet.harmless()
    sheet.panel.locator(".crt-run [data-tab=breakpoints]").click()
    add = sheet.panel.locator(".crt-bp-add input")
    for text in (IMG, f"{FIRST}: {SCRIPT} {BIDI}", f"{PROTO}: {LONG[:500]}"):
        add.fill(text)
        add.press("Enter")
        sheet.panel.locator(".crt-bp-add .crt-wrong").wait_for()
        sheet.harmless()
    add.fill(f"{PROTO}:before")
    add.press("Enter")
    sheet.panel.locator(".crt-bp-remove").nth(2).click()
    sheet.harmless()


def test_V1_an_earlier_pause_and_the_keys(sheet):
    """V1: looking back, and the card of keys."""
    sheet.press("back")
    sheet.panel.get_by_text("You are looking at pause 1 of 2").wait_for()
    sheet.shows(SVG)
    sheet.step_tab(FIRST, "outputs")
    sheet.panel.locator(".crt-sheet-cell:visible", has_text=IMG).first.wait_for()
    sheet.harmless()
    sheet.panel.get_by_role("button", name="Return to now").click()
    sheet.panel.focus()
    sheet.page.keyboard.press("?")
    sheet.panel.locator(".crt-help:visible").wait_for()
    sheet.harmless()
    sheet.page.keyboard.press("Escape")


@pytest.fixture(scope="module")
def saved(sheet):
    """The notebook as it is saved, with the state of its widgets."""
    return sheet.save()


def test_K2_a_secret_is_in_no_file_and_on_no_page(sheet, folder, saved):
    """K2: printed, raised and declared, it is in neither the notebook, its widgets' state, the workspace nor the page."""
    assert CANARY not in json.dumps(saved)
    assert "***" in sheet.page.content()
    assert CANARY not in sheet.page.content()
    files = [path for path in (folder / "workspace").rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []


def test_V8_a_page_made_of_the_notebook_holds_its_widgets_state(saved, browser, tmp_path):
    """V8: `</script>` in it ends nothing: the page is whole, its state can be read, and nothing runs."""
    (tmp_path / "run.ipynb").write_text(json.dumps(saved))
    convert = [sys.executable, "-m", "nbconvert", "--to", "html", "run.ipynb"]
    subprocess.run(convert, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    page = browser.new_page()
    page.goto((tmp_path / "run.html").as_uri(), wait_until="commit")
    state = page.locator("script[type='application/vnd.jupyter.widget-state+json']")
    state.wait_for(state="attached")
    told = json.loads(state.text_content())
    assert SCRIPT in json.dumps([one["state"].get("first") for one in told["state"].values()], ensure_ascii=False)
    page.get_by_text("Stopped in").first.wait_for()
    assert page.evaluate(AUDIT, TAGS) == []
    assert page.evaluate("window.hostile") is None
    page.close()


def test_V8_the_saved_notebook_opens_again(sheet, saved, folder, lab, browser, shots):
    """V8: with the state of its widgets, trusted or a stranger's: the run is there to be read, as text."""
    sheet.page.close()
    lab.end_kernels()
    text = json.dumps(saved)
    (folder / "again.ipynb").write_text(text)
    (folder / "stranger.ipynb").write_text(text.replace("told = json", "tell = json"))
    for name in ("run", "again", "stranger"):
        opened = Hostile.open(browser, lab, f"hostile/{name}.ipynb", WIDE)
        opened.page.on("dialog", lambda dialog, opened=opened: opened.faults.append(dialog.message))
        opened.page.locator(".crt", has_text=SVG).locator("visible=true").first.wait_for()
        opened.shot(shots, f"hostile_{name}")
        opened.harmless()
        assert CANARY not in opened.page.content()
        opened.close()
