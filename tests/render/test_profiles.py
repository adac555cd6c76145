"""Where the time of a step went, as it is shown."""

from __future__ import annotations

from pathlib import Path

from cursus_rt_notebook.engine.profile import Profile, Spent, SpentLine
from cursus_rt_notebook.render.show import as_html, as_text

SCRIPTS = Path("/home/me/scripts")
PANDAS = "/venv/lib/python3.11/site-packages/pandas/core"


def spent(function, seconds, *below, library=False, own=0.0, **facts) -> Spent:
    """A function with what it called."""
    file = f"{PANDAS}/frame.py" if library else f"{SCRIPTS}/train.py"
    return Spent(function, file, 7, library, seconds, own, below=below, **facts)


def profile(**facts) -> Profile:
    """A main that loads by a library, which calls back."""
    apply = spent("apply", 6.0, spent("wrapper", 6.0, spent("score", 5.0, own=5.0), library=True), library=True)
    tree = spent("main", 10.0, apply, spent("load", 3.0, own=3.0), spent("trifle", 0.01))
    functions = (spent("score", 5.0, own=5.0), spent("load", 3.0, own=3.0), spent("wrapper", 6, own=1, library=True))
    lines = (SpentLine(f"{SCRIPTS}/train.py", 12, "total += x", 5.0, 5.0),)
    return Profile(
        "train",
        "pyinstrument",
        10.0,
        **{"functions": functions, "lines": lines, "tree": tree, **facts},
        source_dir=SCRIPTS,
    )


def test_the_users_lines_come_first_with_their_text():
    """Seconds, share of the whole, file and line, and what stands there."""
    text = as_text(profile(), 100).splitlines()
    assert text[0] == "train  10.0 s in main · by pyinstrument"
    assert text[2] == "your lines:"
    assert text[3].split() == ["██████", "5.0", "s", "50%", "train.py:12", "total", "+=", "x"]


def test_a_library_is_one_row_and_what_it_calls_of_the_users_is_below_it():
    """Its inner functions, and what took next to nothing, are not in the tree."""
    lines = as_text(profile(), 100).splitlines()
    calls = lines[lines.index("calls, libraries folded:") + 1 : lines.index("functions by their own time:") - 1]
    names = [line[len("  ████████████  10.0 s  100%") :].rstrip() for line in calls]
    assert [name.split()[0] for name in names] == ["main", "apply", "score", "load"]
    assert names[1].split()[1] == "pandas/core/frame.py:7"
    indents = [len(name) - len(name.lstrip()) for name in names]
    assert indents[0] < indents[1] == indents[3] < indents[2]


def test_a_step_too_short_to_sample_says_so():
    """In the place of tables that hold nothing."""
    nothing = profile(functions=(), lines=())
    assert as_text(nothing, 100).splitlines()[1:] == ["main ended before a sample of it was taken"]
    assert "before a sample" in as_html(nothing)
    assert "<table" not in as_html(nothing)


def test_without_a_tree_the_functions_say_how_often_they_were_called():
    """As cProfile counts them."""
    counted = profile(tree=None, lines=(), functions=(spent("score", 5.0, own=5.0, calls=1_200_000),))
    text = as_text(counted, 100)
    assert "1.20 M  score" in text
    assert "calls, libraries" not in text
    assert "<details open>" in as_html(counted)


def test_a_profile_of_nothing():
    """A main that took no time at all."""
    assert "0 ms in main" in as_text(Profile("a", "cProfile", 0.0, ()), 80)
    assert as_html(Profile("a", "cProfile", 0.0, ()))
