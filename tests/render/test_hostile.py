"""No text of a user's becomes an element, an attribute, a URL or a command, wherever it is shown."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from itertools import groupby

import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.engine.state import Failure, Frame, Variable
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.render import dag, show
from cursus_rt_notebook.render.progress import progress_text
from tests.render import fakes, flights, hostile

THINGS = tuple(hostile.things("x"))


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("text", hostile.EVERY, ids=lambda text: ascii(text[:20]))
def test_V1_no_text_adds_an_element_an_attribute_or_a_url(text, thing):
    """V1: a page with hostile text has the very elements and attributes of the same page with harmless text."""
    harmless = _harmless(text)
    page = structure(show.as_html(hostile.things(text)[thing]))
    other = structure(show.as_html(hostile.things(harmless)[thing]))
    # Of very long texts another part may be left out of the page: their escapes are longer.
    assert page == other if text not in hostile.LONG else set(page) <= set(other)
    names = {name for _, attributes in page for name in attributes}
    assert not names & {"href", "src", "srcdoc", "action"}
    assert not [name for name in names if name.startswith("on")]


@pytest.mark.parametrize("text", hostile.EVERY, ids=lambda text: ascii(text[:20]))
def test_V4_the_graph_has_a_node_for_each_step_and_nothing_else(text):
    """V4: n steps are n nodes, and hostile names change nothing but text in the SVG; at most, one is in two lines."""
    pause, other = hostile.things(text)["pause"], hostile.things(_harmless(text))["pause"]
    drawn = structure(dag.svg(pause.pipeline, pause.state))
    assert _lines_as_one(drawn) == _lines_as_one(structure(dag.svg(other.pipeline, other.state)))
    assert [attributes for _, attributes in drawn].count(("class", "data-step", "role", "aria-label")) == 2
    assert {name for name, _ in drawn} == {"svg", "g", "path", "text", "title"}
    assert dag.png(pause.pipeline, pause.state) is not None


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("text", hostile.EVERY, ids=lambda text: ascii(text[:20]))
def test_V7_no_character_commands_the_terminal_or_the_browser(text, thing):
    """V7: in text and in HTML, whatever would be obeyed is shown as its escape."""
    made = hostile.things(text)[thing]
    for shown in (show.as_text(made), show.as_html(made)):
        bad = {c for c in shown if c not in "\n\t\ufe0e" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
        assert not bad


@pytest.mark.parametrize("text", hostile.EVERY, ids=lambda text: ascii(text[:20]))
def test_V7_the_progress_line_stays_one_line(text):
    """V7: a hostile name or log line cannot leave the line of progress."""
    for columns in (40, 80, 140):
        line = progress_text(hostile.things(text)["session"].state, columns)
        assert "\n" not in line
        assert not [c for c in line if c != "\ufe0e" and unicodedata.category(c) in {"Cc", "Cf", "Cs"}]


@pytest.mark.parametrize("thing", THINGS)
def test_V3_text_that_is_an_existing_path_is_shown_not_read(thing, tmp_path):
    """V3: a name, a cell or a log line that is a file's path stays that text."""
    secret = tmp_path / "file"
    secret.write_text("the content of the file")
    made = hostile.things(str(secret))[thing]
    for shown in (show.as_text(made), show.as_html(made)):
        assert "the content of the file" not in shown


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("text", [hostile.MARKUP[0], *hostile.LONG], ids=lambda text: ascii(text[:20]))
def test_V5_names_of_ten_thousand_characters_blow_nothing_up(text, thing):
    """However long the names are, a page and its text keep their limits."""
    made = hostile.things(text)[thing]
    assert len(show.as_html(made).encode()) <= settings.PAUSE_PAGE
    assert len(show.short_text(made).encode()) <= settings.PAUSE_TEXT
    assert all(len(line) <= 4_000 for line in show.as_text(made).splitlines())


def test_V6_nothing_here_uses_the_styler():
    """V6: tables are built from text, cell by cell; pandas and its Styler, which does not escape, have no part in it."""
    import ast
    from pathlib import Path

    import cursus_rt_notebook

    for path in Path(cursus_rt_notebook.__file__).parent.glob("render/*.py"):
        imported = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        }
        assert "pandas" not in imported, path


def test_K6_a_credential_in_a_url_is_masked_once_more_before_it_is_shown():
    """K6: the user part of a URL in a log, an error, a variable or a finding never shows."""
    url = "see https://aws:hunter2@example.com/simple"
    failed = Failure(
        kind="StepFailed",
        title="CalledProcessError",
        message=url,
        summary=url,
        advice=url,
        frames=(Frame("main", "a.py", 1, own=True, source=((1, url),), variables=(Variable("url", "str", url),)),),
        traceback=url,
        log_tail=url,
    )
    state = flights.paused()
    step = replace(state.steps["preprocess"], findings=(Finding("warning", url, url), Finding("error", url, url)))
    state = replace(state, steps={**state.steps, "preprocess": step})
    pause = fakes.Pause(state, flights.pipeline(), log=url)
    running = replace(flights.running().steps["train"], last_line=url)
    line = progress_text(replace(flights.running(), steps={**state.steps, "train": running}), 140)
    for shown in (show.as_text(failed), show.as_html(failed), show.as_text(pause), show.as_html(pause), line):
        assert "https://***@example.com/simple" in shown
        assert "hunter2" not in shown


def _harmless(text: str) -> str:
    return "x" * len(text)


def _lines_as_one(found: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
    return [tag for tag, same in groupby(found) for _ in ((tag,) if tag[0] == "text" else same)]


class _Structure(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, tuple(name for name, _ in attrs)))

    def handle_decl(self, decl):
        raise AssertionError(f"a declaration: {decl}")

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")


def structure(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every element of a page with the names of its attributes."""
    parser = _Structure()
    parser.feed(html)
    parser.close()
    return parser.found
