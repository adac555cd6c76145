"""A failed step as data: the card, the stack, the variables, and a text for a colleague."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import Failure, Frame, Variable
from cursus_rt_notebook.render import problems
from cursus_rt_notebook.render.panel.failure_view import failure_view
from cursus_rt_notebook.render.panel.parts import advice, recommended
from tests.render import flights, hostile

MADE_OF = {"python": {"version": "3.11.7"}, "packages": {"pandas": "3.1.1"}}
WORKSPACE = SimpleNamespace(journal=SimpleNamespace(ingredients=lambda key: MADE_OF))


def view(failure: Failure, **step) -> StepView:
    state, pipeline = flights.failed(), flights.pipeline()
    failed = replace(state.steps["encode"], failure=failure, key="k")
    steps = {**pipeline.steps, "encode": pipeline.steps["encode"].model_copy(update=step)}
    return StepView(
        "encode",
        replace(state, steps={**state.steps, "encode": failed}),
        pipeline.model_copy(update={"steps": steps}),
        WORKSPACE,
    )


def test_the_card_says_what_it_means_and_marks_the_right_spelling():
    """The suggestion is a piece of its own, marked once, and where the data came from leads there."""
    failure = replace(flights.key_error(), advice="Did you mean 'carrier'? Its inputs come from impute.imputed_data.")
    told = failure_view(view(failure))
    pieces = [piece for sentence in told["advice"] for piece in sentence]
    assert told["title"] == "KeyError"
    assert [piece["text"] for piece in pieces if piece.get("as") == "fix"] == ["carrier"]
    assert {"text": "impute.imputed_data", "step": "impute", "tab": "outputs", "port": "imputed_data"} in pieces


def test_a_suggestion_that_no_sentence_says_is_said():
    """Did you mean ...?"""
    told = failure_view(view(replace(flights.key_error(), summary="No such column.", advice="")))
    assert "".join(piece["text"] for piece in told["advice"][-1]) == "Did you mean carrier?"


def test_a_sentence_that_only_repeats_the_message_is_left_out():
    """The title and the message have said it already."""
    told = failure_view(view(Failure("StepFailed", "ValueError", "bad", "encode raised ValueError: bad")))
    assert (told["title"], told["message"], told["advice"]) == ("ValueError", "bad", [])


def test_own_frames_come_first_innermost_first_and_library_frames_fold():
    """One looks at one's own code; how many frames of what lie below is one line."""
    told = failure_view(view(flights.key_error()))
    assert [(frame["function"], frame["place"]) for frame in told["frames"]] == [
        ("encode_carrier", "encode.py:40"),
        ("main", "encode.py:71"),
    ]
    assert told["library"]["label"] == "2 frames of pandas"


def test_a_frame_has_its_source_in_colours_and_its_variables():
    """With the numbers of its lines; a table shows its shape and columns."""
    frame = failure_view(view(flights.key_error()))["frames"][0]
    assert [line["line"] for line in frame["source"]] == [38, 39, 40, 41, 42]
    assert ("keyword", "def") in frame["source"][0]["pieces"]
    df = frame["variables"][0]
    assert (df["name"], df["type"], df["shape"]) == ("df", "DataFrame", "229,153 × 4")  # noqa: RUF001
    assert df["columns"][-1] == "carrier"


def test_a_colleague_gets_step_versions_error_frames_and_traceback():
    """As plain text, in the order of a reader's questions."""
    text = failure_view(view(flights.key_error()))["copy"]
    parts = [
        "encode failed in flights, run 7",
        "encode.py",
        "Python 3.11.7",
        "pandas 3.1.1",
        "KeyError",
        "Did you mean",
        "→   40",
        "229,153",
        "Traceback",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_secrets_are_masked_in_the_card_and_in_the_copy():
    """By the values of the step's own secrets, wherever they stand, and by a variable's name."""
    secret = Variable("api_token", "str", "hunter2hunter2")
    said = Variable("url", "str", "https://x/?k=hunter2hunter2")
    frame = Frame(
        "main",
        "/flights/scripts/encode.py",
        1,
        own=True,
        source=((1, "k = 'hunter2hunter2'"),),
        variables=(secret, said),
    )
    failure = replace(flights.key_error(), message="bad hunter2hunter2", traceback="hunter2hunter2", frames=(frame,))
    told = failure_view(view(failure, env={"API_TOKEN": "hunter2hunter2"}))
    assert "hunter2" not in json.dumps(told)


def test_a_step_that_did_not_fail_has_no_card():
    """There is nothing to tell."""
    assert failure_view(StepView("extract", flights.failed(), flights.pipeline(), WORKSPACE)) is None


def test_a_crash_without_frames_is_told_by_its_log():
    """A signal leaves no stack: the end of the log is what there is."""
    crash = Failure("StepCrashed", "SIGSEGV", "killed", "It died.", "See its log.", log_tail="last words\n")
    told = failure_view(view(crash))
    assert told["frames"] == []
    assert told["library"] is None
    assert "last words" in told["log"]


@pytest.mark.parametrize("word", hostile.EVERY, ids=range(len(hostile.EVERY)))
def test_hostile_failures_are_data_of_a_bounded_size(word):
    """Whatever an exception, a name or a value says, the answer is JSON and no larger than a page."""
    told = failure_view(view(hostile.failure(word)))
    assert len(json.dumps(told)) < 400_000
    assert not any(char in told["copy"] for char in "\x1b\u202e\x00")


def test_several_remedies_are_a_list_and_one_is_a_sentence():
    """The likeliest first; each is said once, in the panel, on a page and in a terminal."""
    one = flights.key_error()
    several = replace(one, further=("Or drop the column in impute.", "Or ask its author."))
    assert recommended(one, flights.pipeline()) == []
    told = ["".join(piece["text"] for piece in sentence) for sentence in recommended(several, flights.pipeline())]
    assert told == [one.advice.replace("'carrier'", "carrier"), "Or drop the column in impute.", "Or ask its author."]
    said = " ".join(piece["text"] for sentence in advice(several, flights.pipeline()) for piece in sentence)
    assert "Did you mean" not in said
    page, text = str(problems.card(several)), "\n".join(problems.failure_text(several, 100))
    assert page.count("<li>") == 3
    assert "  - Or ask its author." in text
    assert "<li>" not in str(problems.card(one))
