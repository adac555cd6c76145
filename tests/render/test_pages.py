"""Pages and texts of sessions, pauses, steps, artifacts, pipelines, and the limits they keep."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace

import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.files import FileInfo
from cursus_rt_notebook.data.summary import Column, TableSummary
from cursus_rt_notebook.engine.state import PauseInfo, RunStatus, When
from cursus_rt_notebook.errors import Unreadable
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.render import chars, look, show
from tests.render import fakes, flights

OUTPUTS = fakes.flights_outputs()


def paused() -> fakes.Pause:
    """The pause after preprocess."""
    return fakes.Pause(
        flights.paused(), flights.pipeline(), outputs=OUTPUTS, log="reading\n\x1b[33mWARNING\x1b[0m 3 features"
    )


def failed() -> fakes.Pause:
    """The pause at the failure of encode."""
    return fakes.Pause(flights.failed(), flights.pipeline(), inputs={"data": OUTPUTS["processed_data"]})


def everything() -> dict[str, object]:
    """One of each."""
    run = flights.running()
    return {
        "paused": paused(),
        "failed": failed(),
        "session": fakes.InteractiveExecutionResult(run, flights.pipeline()),
        "step": fakes.StepView("preprocess", run, flights.pipeline(), outputs=OUTPUTS),
        "artifact": OUTPUTS["processed_data"],
        "failure": flights.key_error(),
        "pipeline": flights.pipeline(),
    }


def test_a_pause_says_where_how_far_why_and_what():
    """Page and text hold the same: the pill, the sentence, the reason, the ports with their sizes, the Python."""
    for shown in (words_of(show.as_html(paused())), show.as_text(paused(), 100)):
        for part in (
            "flights",
            "run 7",
            "Paused after preprocess",
            "4 of 10",
            "3.7 s · peak 380 MB · 1 finding · 3 breakpoints",
            "breakpoint after preprocess",
            "9,430 rows fewer than came in",
            "229,153 × 19",  # noqa: RUF001
            "49,104 × 19",  # noqa: RUF001
            'pause["processed_data/train"].df',
            "model.joblib",
            "a pickle: never opened",
            "first 10 of 229,153 rows",
            "join_weather",
            "cached · 41 MB",
        ):
            assert part in shown, part


def test_a_failed_pause_begins_with_the_error():
    """The card comes right after the sentence; the inputs stay at hand."""
    for shown in (words_of(show.as_html(failed())), show.as_text(failed())):
        assert shown.index("Stopped in encode") < shown.index("No column") < shown.index("encode_carrier")
        assert 'pause["processed_data/train"].df' in shown
        assert "needs encode" in shown


def test_a_pause_at_preflight_lists_what_was_found():
    """Without a step there are the findings."""
    found = Finding("error", "script train.py is not there", "write it", "train", file="p.yaml", line=3)
    state = replace(flights.paused(), findings=(found,), pause=PauseInfo(1, None, When.PREFLIGHT, "1 error"))
    pause = fakes.Pause(state, flights.pipeline())
    for shown in (words_of(show.as_html(pause)), show.as_text(pause)):
        assert "Paused before the first step" in shown
        assert "script train.py is not there" in shown
        assert "p.yaml:3" in shown


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (RunStatus.READY, "Ready"),
        (RunStatus.FINISHED, "Finished"),
        (RunStatus.STOPPED, "Stopped"),
        (RunStatus.FAILED, "Failed in encode"),
    ],
)
def test_a_session_says_how_it_ended(status, expected):
    """One verb tells where a session stands."""
    state = replace(flights.failed(), status=status, pause=None)
    session = fakes.InteractiveExecutionResult(state, flights.pipeline())
    for shown in (words_of(show.as_html(session)), show.as_text(session)):
        assert expected in shown
        assert "KeyError" in shown


def test_a_page_reads_without_any_style():
    """Stripped to bare elements, as on GitHub, no two facts run together and each table keeps its alignment."""
    bare = re.sub(r"<style>.*?</style>| (?:class|style)='[^']*'", "", show.as_html(paused()))
    assert "align='right'" in bare
    assert "<details open>" in bare
    assert "<b>flights </b><span>run 7 </span><span>" in bare
    assert "</b> 229,153" in bare


def test_a_page_reads_where_only_style_attributes_are_kept():
    """What carries meaning has its style on itself, with the light colours as fallback of every variable."""
    page = re.sub(r"<style>.*?</style>", "", show.as_html(failed()))
    styles = re.findall(r"style='([^']*)'", page)
    assert "background-color:var(--crt-failbg,rgb(253,238,237))" in page
    assert not [style for style in styles if re.search(r"var\(--crt-\w+\)", style)]


@pytest.mark.parametrize("thing", ["paused", "failed", "session", "failure"])
def test_no_space_stands_alone_between_two_elements_of_a_line(thing):
    """JupyterLab drops such a space from a notebook that is not trusted: words would run into each other."""
    page = show.as_html(everything()[thing])
    assert not re.search(r"</(b|span)> <(b|code)|</b> <span", page)
    assert not re.search(r"\w</b><(span|code)", page)


def test_every_class_of_a_page_has_a_rule_or_is_a_hook_for_a_theme():
    """No class is a misspelling."""
    known = set(re.findall(r"\.(crt[\w-]*)", look._read("inline.css") + look._read("theme.css")))
    used = {
        name
        for thing in everything().values()
        for names in re.findall(r"class='([^']*)'", show.as_html(thing))
        for name in names.split()
    }
    assert {name for name in used if not name.startswith("crt-seg-")} <= known


@pytest.mark.parametrize("thing", everything())
def test_V5_a_page_keeps_its_limit_and_is_usually_small(thing):
    """A typical page is below 40 KB, picture and text beside it below 100 KB together."""
    made = everything()[thing]
    page = show.as_html(made)
    assert len(page.encode()) < 40_000
    picture = show.graph_png(made)
    size = len(json.dumps(page)) + len(show.short_text(made).encode()) + (len(picture[0]) * 4 / 3 if picture else 0)
    assert size < 100_000


def test_U5_a_pause_with_everything_too_large_still_fits_a_notebook():
    """U5: two hundred columns of long cells in thirty channels, a long log, many findings: at most 100 KB together."""
    columns = tuple(Column("c" * 90 + str(i), "text", 0.5) for i in range(200))
    table = TableSummary(10**9, columns, ((("<" * 200,) * 200),) * 10, truncated_columns=10**5)
    parts = {f"c{i}": fakes.Artifact("preprocess", "processed_data", f"c{i}", table) for i in range(30)}
    found = tuple(Finding("error", "<" * 5_000, "&" * 5_000, "s" * 500, "p" * 500) for _ in range(50))
    state = flights.paused()
    step = replace(state.steps["preprocess"], findings=found)
    state = replace(state, steps={**state.steps, "preprocess": step}, findings=found)
    artifact = fakes.Artifact("preprocess", "processed_data", parts=parts)
    pause = fakes.Pause(state, flights.pipeline(), outputs={"processed_data": artifact}, log="&" * 10**6)
    page, text = show.as_html(pause), show.short_text(pause)
    assert len(page.encode()) <= settings.PAUSE_PAGE
    assert len(text.encode()) <= settings.PAUSE_TEXT
    assert "left out, to keep the notebook small" in page
    picture = show.graph_png(pause)
    assert len(picture[0]) * 4 / 3 + len(json.dumps(page)) + len(json.dumps(text)) < 100_000


@pytest.mark.parametrize("thing", everything())
@pytest.mark.parametrize("columns", [80, 100])
def test_text_is_laid_out_for_the_terminal(thing, columns):
    """At 100 columns and at 80 no line is wider than the terminal."""
    for line in show.as_text(everything()[thing], columns).splitlines():
        assert chars.width(line) <= columns, line


def test_a_channel_that_cannot_be_read_is_one_line_beside_the_others():
    """One bad file does not take the page with it."""
    bad = fakes.Artifact("preprocess", "processed_data", "val", error=Unreadable("t.csv is cut", fix="make it again"))
    good = fakes.Artifact("preprocess", "processed_data", "train", fakes.flights_table())
    port = fakes.Artifact("preprocess", "processed_data", parts={"train": good, "val": bad})
    pause = fakes.Pause(flights.paused(), flights.pipeline(), outputs={"processed_data": port})
    for shown in (words_of(show.as_html(pause)), show.as_text(pause)):
        assert "t.csv is cut: make it again" in shown
        assert "first 10 of 229,153 rows" in shown


def test_an_empty_port_says_so():
    """A port into which nothing was written is no table and no error."""
    empty = fakes.Artifact("preprocess", "rejects")
    assert "nothing was written here" in show.as_html(empty)
    assert "rejects  empty" in show.as_text(empty)


def test_pictures_and_text_among_the_files_are_shown(tmp_path):
    """A small PNG is part of the page, an SVG is a picture (where its scripts do not run), text is its first lines."""
    (tmp_path / "plot.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 50)
    (tmp_path / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    svg = fakes.Artifact("report", "page", more=(FileInfo("a.svg", "svg", 70),), path=tmp_path)
    png = fakes.Artifact("report", "page", more=(FileInfo("plot.png", "image", 58),), path=tmp_path)
    assert "<img src='data:image/svg+xml;base64," in show.as_html(svg)
    assert "alert" not in show.as_html(svg)
    assert "<img src='data:image/png;base64,iVBOR" in show.as_html(png)
    (tmp_path / "card.txt").write_text("<b>first</b>\n" + "more\n" * 500)
    card = fakes.Artifact("report", "page", more=(FileInfo("card.txt", "text", 2_500),), path=tmp_path)
    assert "&lt;b&gt;first&lt;/b&gt;" in show.as_html(card)
    assert show.as_html(card).count("more") < 20


def test_a_large_pipeline_lists_some_of_its_steps():
    """Beyond a screenful the steps are counted."""
    from tests.render.test_dag import chain

    pipeline, _ = chain([f"s{i}" for i in range(400)])
    assert "and 300 more steps" in show.as_html(pipeline)
    assert "and 340 more steps" in show.as_text(pipeline)
    assert len(show.as_html(pipeline).encode()) <= settings.PAUSE_PAGE


def test_time_left_is_told_once_every_step_was_seen():
    """A running session that knows its steps from earlier says how long it will still take."""
    state = flights.running()
    train = replace(state.steps["train"], started=time.monotonic() - 4.2)
    state = replace(state, steps={**state.steps, "train": train})
    session = fakes.InteractiveExecutionResult(state, flights.pipeline())
    assert "about 9 s left" in show.as_text(session)
    steps = {**state.steps, "report": replace(state.steps["report"], estimate=None)}
    unknown = fakes.InteractiveExecutionResult(replace(state, steps=steps), flights.pipeline())
    assert "left" not in show.as_text(unknown)


def words_of(html: str) -> str:
    """The text of a page."""
    import html as escapes

    return escapes.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", "", html))
