"""The table in a real browser, over the real reader: what the eye gets, and what mouse and keys do."""

from __future__ import annotations

import json

import pytest

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.errors import CursusError
from cursus_rt_notebook.notebook import assets
from cursus_rt_notebook.render.panel import conditions, grid

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

ROWS = 1_000_000  # 24 million pixels: more than the scroll bar stands for exactly
PAGE = """<!doctype html><meta charset="utf-8"><style>{style}</style>
<section class="crt crt-panel" style="width: 800px"><div class="crt-look"></div></section>
<script type="module">{script}
window.escaped = [];
window.gate = Promise.resolve();
document.querySelector(".crt-panel").addEventListener("keydown", (event) => window.escaped.push(event.key));
const ask = async (what, args) => {{
  await window.gate;
  const answer = await window.answer(what, args);
  if (answer.error) throw Object.assign(new Error(answer.error), {{ fix: answer.fix }});
  return answer.answer;
}};
window.mount = (source) => {{
  const made = grid({{ ask, signal: new AbortController().signal }}, source);
  document.querySelector(".crt-look").replaceChildren(made.element);
}};
</script>"""
SEEN = """() => [...document.querySelectorAll(".crt-sheet-row:not([hidden])")].map((row) =>
  [row.querySelector(".crt-sheet-index"), ...row.querySelectorAll(".crt-sheet-cell")].map((cell) => cell.textContent))"""
HERE = "() => document.querySelector('.crt-sheet')?.getAttribute('aria-busy') === 'false'"
JUMP = """async (to) => {
  const sheet = document.querySelector(".crt-sheet");
  const began = performance.now();
  sheet.scrollTop = sheet.scrollHeight * to;
  do await new Promise(requestAnimationFrame); while (sheet.getAttribute("aria-busy") !== "false");
  return performance.now() - began;
}"""


class Sheet:
    """A page with one table in it."""

    def __init__(self, page, reader):
        self.page = page
        self.asked = []
        self._reader = reader
        self._artifact = None
        page.expose_function("answer", self._answer)
        text = PAGE.format(style=assets.styles(), script=assets.module())
        # A page of this machine may use the clipboard; nobody serves it.
        page.route("http://localhost/", lambda route: route.fulfill(body=text, content_type="text/html"))
        page.goto("http://localhost/")

    def show(self, path):
        """Mount a table, and wait for its cells."""
        self.mount(path)
        return self.wait()

    def mount(self, path):
        """Put a table into the page."""
        self._artifact = Artifact(path, port="out", expression='session["make"]["out"]', reader=self._reader)
        about = {"step": "make", "at": None, "side": "outputs", "port": "out", "channel": None, "file": None}
        self.page.evaluate("(source) => window.mount(source)", {**about, "rows": None, "columns": None})

    def wait(self):
        """Until every cell in view is there."""
        self.page.wait_for_function(HERE)
        return self

    def press(self, *keys):
        """Keys on the table."""
        self.page.locator(".crt-sheet").focus()
        for key in keys:
            self.page.keyboard.press(key)
        return self.wait()

    def filter(self, where):
        """Type a filter."""
        field = self.page.locator(".crt-sheet-query input")
        field.fill(where)
        field.press("Enter")
        self.page.wait_for_function("() => !document.querySelector('.crt-sheet-asks')")
        return self.wait()

    def go(self, row):
        """Jump to a row."""
        field = self.page.locator(".crt-sheet-pager input")
        field.fill(str(row))
        field.press("Enter")
        return self.wait()

    @property
    def rows(self):
        """The rows in view: number and cells as they read."""
        return self.page.evaluate(SEEN)

    def text(self, part):
        """What a part of the frame says."""
        return self.page.locator(f".crt-sheet-{part}").inner_text()

    def _answer(self, what, args):
        self.asked.append((what, args))
        told = {
            key: value for key, value in args.items() if key not in ("step", "at", "side", "port", "channel", "file")
        }
        answer = {
            "table_page": lambda: grid.page_view(self._artifact, **told),
            "table_profile": lambda: grid.profile_view(self._artifact, **told),
            "table_cell": lambda: self._artifact.cell(**told),
            "table_condition": lambda: conditions.condition(**told),
        }[what]
        try:
            return {"answer": json.loads(json.dumps(answer()))}
        except CursusError as error:
            return {"error": error.message, "fix": error.fix}


@pytest.fixture(scope="module")
def reader():
    """A reader of our own."""
    made = Reader()
    yield made
    made.close()


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """A long table, a wide one, and one of hostile names and values."""
    import pandas as pd

    folder = tmp_path_factory.mktemp("tables")
    row = pd.RangeIndex(ROWS)
    carrier = pd.Series(["UA", "AA", None, "B6"]).take(row % 4).reset_index(drop=True)
    pd.DataFrame({"n": row, "carrier": carrier, "half": row / 2}).to_parquet(folder / "long.parquet")
    pd.DataFrame({f"feature_{i}": [i, -i] for i in range(5000)}).to_parquet(folder / "wide.parquet")
    odd = {
        "": ["", "missing", " pad"],
        "<img src=x onerror=hostile=1>": ["<b>bold</b>", "<script>hostile=1</script>", None],
        "\u202eevil": ["\u202eabc", "a\nb\tc", "\x1b[31m"],
        "__proto__": [1, 2, 3],
        "constructor": ["y" * 10_000, "b", "c"],
        "x" * 10_000: ["a", "b", "c"],
    }
    pd.DataFrame(odd).to_parquet(folder / "odd.parquet")
    return folder


@pytest.fixture
def sheet(browser, reader):
    """An empty page for a table; nothing may go wrong in it unseen."""
    context = browser.new_context(viewport={"width": 900, "height": 700})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(20_000)
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield Sheet(page, reader)
    context.close()
    assert wrong == []


def test_any_row_of_a_long_table(sheet, tables):
    """The first and last rows, a jump, one step of the wheel: exact, and only what is in view is in the page."""
    sheet.show(tables / "long.parquet")
    assert sheet.rows[0] == ["0", "0", "UA", "0.0"]
    assert sheet.rows[2] == ["2", "2", "missing", "1.0"]
    assert sheet.text("shown") == "rows 1\N{EN DASH}13 of 1,000,000"
    assert sheet.press("Control+End").rows[-1][:2] == ["999999", "999999"]
    assert sheet.text("shown") == "rows 999,988\N{EN DASH}1,000,000 of 1,000,000"
    assert sheet.go("654,321").rows[0][:2] == ["654321", "654321"]
    sheet.page.locator(".crt-sheet").hover()
    sheet.page.mouse.wheel(0, 48)
    sheet.page.wait_for_function(
        "() => document.querySelector('.crt-sheet-shown').textContent.startsWith('rows 654,324')"
    )
    assert sheet.wait().rows[0][0] == "654323"
    assert sheet.page.locator(".crt-sheet *").count() < 500
    times = [sheet.page.evaluate(JUMP, part / 11) for part in range(1, 11)]
    print(f"jump to screen, of {ROWS:,} rows: {', '.join(f'{ms:.0f}' for ms in sorted(times))} ms")
    assert int(sheet.rows[0][0]) == pytest.approx(ROWS * 10 / 11, abs=ROWS / 100)


def test_any_column_of_a_wide_table(sheet, tables):
    """The last of 5,000 columns, with its head."""
    sheet.show(tables / "wide.parquet").press("Control+Home", "End")
    assert sheet.rows[0][-1] == "4999"
    head = sheet.page.locator(".crt-sheet-column").last
    assert head.get_attribute("aria-colindex") == "5001"
    head.get_by_text("0%").wait_for()
    assert "feature_4999: int" in head.get_attribute("title")


def test_sorting_by_mouse(sheet, tables):
    """Ascending, descending, as it is; Shift sorts by a further column; the view begins at its first row."""
    sheet.show(tables / "long.parquet").go(5000)
    buttons = sheet.page.locator(".crt-sheet-sort")
    ups = []
    for modifiers, column in (((), 1), (("Shift",), 0), (("Shift",), 0)):
        buttons.nth(column).click(modifiers=list(modifiers))
        sheet.page.wait_for_function("() => !document.querySelector('.crt-sheet-asks')")
        ups.append(sheet.wait().rows[0][:3])
    assert ups == [["1", "1", "AA"], ["1", "1", "AA"], ["999997", "999997", "AA"]]
    assert sheet.text("python code") == "session[\"make\"][\"out\"].query(sort=['carrier', '-n'])"
    assert sheet.page.locator("[aria-sort=descending]").count() == 1
    buttons.nth(1).click()
    sheet.page.wait_for_function("() => document.querySelectorAll('[aria-sort=descending]').length === 1")
    buttons.nth(1).click()
    sheet.page.wait_for_function("() => document.querySelectorAll('[aria-sort=none]').length === 3")
    assert sheet.wait().rows[0][0] == "0"


def test_filtering_by_expression(sheet, tables):
    """How many match; a wrong one says what is wrong while the table stays; Escape takes it away."""
    sheet.show(tables / "long.parquet").filter("half > 100 and carrier = 'B6'")
    assert sheet.rows[0] == ["203", "203", "B6", "101.5"]
    assert "249,950 of 1,000,000 match" in sheet.text("shown")
    sheet.filter("hafl > 3")
    assert "hafl" in sheet.page.locator(".crt-sheet-filter .crt-sheet-wrong").inner_text()
    assert sheet.rows[0][0] == "203"
    sheet.filter("n < 0")
    assert sheet.page.get_by_text("No row matches the filter.").is_visible()
    sheet.page.locator(".crt-sheet-query input").press("Escape")
    sheet.page.wait_for_function(
        "() => document.querySelector('.crt-sheet-shown').textContent.includes('of 1,000,000')"
    )
    assert sheet.page.locator(".crt-sheet-filter .crt-sheet-wrong").is_hidden()


def test_filtering_in_a_columns_menu(sheet, tables):
    """A frequent value is pressed, a test is chosen by keys; both are one expression that can be changed."""
    sheet.show(tables / "long.parquet")
    sheet.page.locator(".crt-sheet-column").nth(1).get_by_text("25.0%").wait_for()
    sheet.press("Control+Home", "ArrowRight", "Alt+ArrowDown")
    sheet.page.get_by_role("button", name="AA 250,000").click()
    sheet.page.wait_for_function("() => document.querySelector('.crt-sheet-shown').textContent.includes('250,000 of')")
    sheet.press("Control+Home", "Alt+ArrowDown")
    sheet.page.get_by_label("Test of n").select_option("≥")
    sheet.page.get_by_label("Value").fill("many")
    sheet.page.keyboard.press("Enter")
    sheet.page.get_by_text("'many' is no number").wait_for()
    sheet.page.get_by_label("Value").fill("500")
    sheet.page.keyboard.press("Enter")
    sheet.page.wait_for_function("() => document.querySelector('.crt-sheet-query input').value.includes('500')")
    assert sheet.page.locator(".crt-sheet-query input").input_value() == "carrier = 'AA' and n >= 500"
    sheet.page.wait_for_function("() => document.querySelector('.crt-sheet-shown').textContent.includes('249,875 of')")
    assert sheet.wait().rows[0][0] == "501"


def test_the_last_question_wins(sheet, tables):
    """What was asked for meanwhile is not shown in between, and a filter that was taken back is not applied."""
    sheet.show(tables / "long.parquet")
    sheet.page.evaluate("() => { window.gate = new Promise((open) => { window.open_gate = open; }); }")
    field = sheet.page.locator(".crt-sheet-query input")
    for where in ("n > 10", "n > 20", "n > 30"):
        field.fill(where)
        field.press("Enter")
    assert sheet.rows[0][0] == "0"
    sheet.page.evaluate("() => window.open_gate()")
    sheet.page.wait_for_function(
        "() => document.querySelector('.crt-sheet-index:not([role=columnheader])').textContent === '31'"
    )
    asked = [args["where"] for what, args in sheet.asked if what == "table_page" and args["where"]]
    assert asked[0] == "n > 10"
    assert "n > 20" not in asked
    assert asked[-1] == "n > 30"


def test_copying_a_range(sheet, tables):
    """Tabs between columns, nothing for what is missing; what is not here yet is fetched; the cap is told."""
    sheet.show(tables / "long.parquet").press("Control+Home", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown")
    sheet.press("Shift+ArrowDown", "Control+c")
    sheet.page.get_by_text("copied 3 rows \N{MULTIPLICATION SIGN} 2 columns").wait_for()
    assert sheet.page.evaluate("() => navigator.clipboard.readText()") == "UA\t0.0\nAA\t0.5\n\t1.0"
    sheet.press("Control+a", "Control+c")
    sheet.page.get_by_text("copied the first 16,666 rows \N{MULTIPLICATION SIGN} 3 columns").wait_for()
    assert sheet.page.evaluate("() => navigator.clipboard.readText()").count("\n") == 16_665


def test_hostile_names_and_values_are_text(sheet, tables):
    """Nothing runs, nothing is mistaken for nothing, what would not be seen is shown, what is long is whole on click."""
    sheet.show(tables / "odd.parquet")
    names = sheet.page.evaluate(
        "() => [...document.querySelectorAll('.crt-sheet-column b')].map((name) => name.textContent)"
    )
    assert names[:4] == ['""', "<img src=x onerror=hostile=1>", "\\u202eevil", "__proto__"]
    first, second, third = sheet.rows
    assert first[1:4] == ['""', "<b>bold</b>", "\\u202eabc"]
    assert second[1:4] == ['"missing"', "<script>hostile=1</script>", "a\\nb\\tc"]
    assert third[1:4] == ['" pad"', "missing", "\\x1b[31m"]
    cut = sheet.page.locator(".crt-sheet-cut").first
    cut.scroll_into_view_if_needed()
    # A table that scrolls closes what is open over it, and tells of its scrolling with the next frame.
    sheet.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    cut.click()
    assert sheet.page.locator(".crt-sheet-card pre").inner_text() == "y" * 10_000
    sheet.page.keyboard.press("Escape")
    assert sheet.page.evaluate("() => document.activeElement.className") == "crt-sheet"
    sheet.press("Control+Home", "ArrowUp", "Enter")
    sheet.page.wait_for_function("() => document.querySelector('[aria-sort=ascending]')")
    assert sheet.wait().rows[0][1] == '""'
    assert sheet.page.evaluate("() => window.hostile") is None
    assert sheet.page.locator(".crt-sheet img, .crt-sheet script").count() == 0


def test_a_table_that_was_out_of_the_page_is_where_it_was(sheet, tables):
    """Hidden by a tab, or taken out with its cell: a browser forgets how far it was scrolled."""
    sheet.show(tables / "long.parquet").go(400_000)
    for away, back in (
        ("look.hidden = true", "look.hidden = false"),
        ("window.held = look.firstChild; window.held.remove()", "look.append(window.held)"),
    ):
        for act in (away, back):
            sheet.page.evaluate(f"() => {{ const look = document.querySelector('.crt-look'); {act}; }}")
            sheet.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert sheet.wait().rows[0][0] == "400000"
        sheet.page.locator(".crt-sheet").hover()
        sheet.page.mouse.wheel(0, 24)
        sheet.page.wait_for_function(
            "() => document.querySelector('.crt-sheet-shown').textContent.startsWith('rows 400,002')"
        )
        sheet.go(400_000)


def test_its_keys_are_not_the_panels(sheet, tables):
    """What the table does with a key, the panel does not do as well; other keys are the panel's."""
    sheet.show(tables / "long.parquet").press("ArrowDown", "ArrowRight", "PageDown", "Home", "End", "Enter")
    sheet.page.locator(".crt-sheet-card").wait_for()
    sheet.page.keyboard.press("c")
    sheet.page.keyboard.press("Escape")
    sheet.press("Control+End", "Control+Home")
    assert sheet.page.evaluate("() => window.escaped.filter((key) => key !== 'Control')") == []
    sheet.press("c")
    assert sheet.page.evaluate("() => window.escaped.at(-1)") == "c"


def test_outside_a_notebook_the_line_is_copied(sheet, tables):
    """Where no application takes a cell, the clipboard does, and the user is told."""
    sheet.show(tables / "odd.parquet")
    sheet.page.get_by_role("button", name="Send to a cell").click()
    sheet.page.get_by_text("copied: paste it into a cell").wait_for()
    assert sheet.page.evaluate("() => navigator.clipboard.readText()") == 'session["make"]["out"].df'


def test_a_table_that_cannot_be_read_says_why(sheet, tmp_path):
    """In the table's place, with a way to try again."""
    (tmp_path / "t.parquet").write_bytes(b"no parquet at all")
    sheet.mount(tmp_path / "t.parquet")
    sheet.page.get_by_role("button", name="Try again").wait_for()
    assert "t.parquet" in sheet.text("message")
