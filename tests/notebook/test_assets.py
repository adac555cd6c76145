"""The panel's script and style as one text each."""

from __future__ import annotations

import json
import re
from pathlib import Path

from cursus_rt_notebook.notebook import assets
from cursus_rt_notebook.render.states import STATES

STATIC = Path(assets.__file__).parent / "static"
SCRIPTS = {str(path.relative_to(STATIC)): path.read_text() for path in STATIC.rglob("*.js")}
STYLES = {str(path.relative_to(STATIC)): path.read_text() for path in STATIC.rglob("*.css")}
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE)


def test_one_module_holds_every_script_once():
    """Nothing is imported any more, and nothing but the widget is exported."""
    joined = assets.module()
    assert not re.findall(r"^import ", joined, re.MULTILINE)
    assert re.findall(r"^export .*", joined, re.MULTILINE) == ["export default {"]
    for name, text in SCRIPTS.items():
        assert joined.count(text.splitlines()[0]) == 1, name


def test_every_name_is_its_own():
    """All scripts share one scope once they are joined."""
    names = [name for text in SCRIPTS.values() for name in TOP_LEVEL.findall(text)]
    assert len(names) > 30
    assert sorted(names) == sorted(set(names))


def test_a_part_comes_before_what_needs_it():
    """So that a constant is there when the module that uses it is read."""
    joined = assets.module()
    for name, text in SCRIPTS.items():
        for path in re.findall(r'from "(\.[\w./-]+\.js)"', text):
            needed = str((STATIC / name).parent.joinpath(path).resolve().relative_to(STATIC))
            assert joined.index(SCRIPTS[needed].splitlines()[0]) < joined.index(text.splitlines()[0]), (name, needed)


def test_v1_no_script_makes_markup_of_text():
    """V1: there is no call by which a text could become an element or code."""
    dangerous = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\beval\(|new Function|srcdoc|DOMParser"
    )
    assert {name: dangerous.findall(text) for name, text in SCRIPTS.items() if dangerous.search(text)} == {}


def test_nothing_comes_from_elsewhere():
    """No script or style names an address to fetch from."""
    for name, text in {**SCRIPTS, **STYLES}.items():
        assert not re.findall(
            r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(|fetch\(|XMLHttpRequest|WebSocket", text
        ), name


def test_scripts_stay_small():
    """As modules do: a script that passes 400 lines is two."""
    assert {name: text.count("\n") for name, text in SCRIPTS.items() if text.count("\n") > 400} == {}


def test_the_looks_are_those_of_the_pictures():
    """Shape and colour of each state are the same in the panel's script as in the table of states."""
    block = re.search(r"export const LOOKS = (\{.*?\n\});", SCRIPTS["dom.js"], re.DOTALL)
    assert block
    text = re.sub(r"(\w+): \[", r'"\1": [', block[1])
    looks = json.loads(re.sub(r",(\s*[\]}])", r"\1", text))
    assert looks.pop("breakpoint")[0] == "bp"
    assert looks == {key: [look.colour, look.shape, not look.outlined] for key, look in STATES.items()}
