"""The only builder of tags."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import cursus_rt_notebook
from cursus_rt_notebook.render.html import Markup, join, stylesheet, tag, text


def test_V1_whatever_is_not_markup_is_text():
    """V1: children and attribute values are escaped, quotes too."""
    built = tag("td", "<script>alert(1)</script>", title="' onclick='x", align="right")
    assert built == (
        "<td title='&#x27; onclick=&#x27;x' align='right'>&lt;script&gt;alert(1)&lt;/script&gt;</td>"
    )  # fmt: skip


def test_markup_nests_without_being_escaped_twice():
    """What the builder made is taken as it is."""
    assert tag("b", tag("i", "a&b"), " ", 5) == "<b><i>a&amp;b</i> 5</b>"


def test_V7_invisible_characters_are_shown_in_text_and_attributes():
    """V7: no caller can forget it, since the builder does it."""
    assert tag("b", "\u202ex", title="\x1b") == "<b title='\\x1b'>\\u202ex</b>"


@pytest.mark.parametrize("name", ["script", "iframe", "a", "style", "b onclick=x", "form"])
def test_unknown_tags_are_refused(name):
    """Only tags we write can be written."""
    with pytest.raises(ValueError, match="tags we write"):
        tag(name)


@pytest.mark.parametrize("attribute", ["onclick", "href", "srcdoc", "id", "x onerror"])
def test_unknown_attributes_are_refused(attribute):
    """Only attributes we write can be written; none of them is a link."""
    with pytest.raises(ValueError, match="attributes we write"):
        tag("b", **{attribute: "x"})


@pytest.mark.parametrize(
    "url", ["http://x/y.png", "javascript:alert(1)", "data:text/html;base64,AAAA", "data:image/png;base64,A A"]
)
def test_pictures_are_part_of_the_page(url):
    """No picture is fetched from anywhere."""
    with pytest.raises(ValueError, match="never fetched"):
        tag("img", src=url)
    assert "src='data:image/png;base64,AAAA'" in tag("img", src="data:image/png;base64,AAAA")


def test_attributes_that_are_off_are_left_out():
    """None and False leave an attribute out, True writes its name."""
    assert tag("details", open=True, title=None, class_=False) == "<details open></details>"


def test_join_puts_escaped_text_between():
    """Pieces in a row, None left out."""
    assert join(["<", None, Markup("<b></b>")], " & ") == "&lt; &amp; <b></b>"
    assert text(5) == "5"


def test_a_style_sheet_cannot_end_its_element():
    """A sheet that holds markup is refused."""
    with pytest.raises(ValueError, match="no markup"):
        stylesheet("</style><script>")


def test_V1_nobody_else_makes_markup_or_tags():
    """V1: `Markup(...)` of anything but nothing is called in render/html.py alone, and no other module holds a tag."""
    package = Path(cursus_rt_notebook.__file__).parent
    for path in (*package.glob("render/**/*.py"), *package.glob("notebook/*.py")):
        if path.name == "html.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Markup":
                assert [getattr(a, "value", None) for a in node.args] == [""], path
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and path.name != "dag.py":
                assert "</" not in node.value, path
