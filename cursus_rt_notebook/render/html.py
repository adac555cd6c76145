"""The only builder of tags. Whatever is not `Markup` is text: escaped, its invisible characters shown.

`Markup` is made here alone, from names in the lists below; so no value of a user's can add an element, an attribute
or a URL, wherever it is put.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from cursus_rt_notebook.render.chars import visible

_TAG_NAMES = (
    "b br code details div em h4 i img li pre small span summary table tbody td th thead tr ul svg g path text title"
)
_ATTRIBUTE_NAMES = (
    "align alt aria-hidden aria-label class data-step height open role src style title width "
    "d fill font-family font-size font-weight stroke stroke-dasharray stroke-linecap stroke-width text-anchor viewBox "
    "x xmlns y"
)
_TAGS = frozenset(_TAG_NAMES.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_VOID = frozenset({"br", "img"})
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+")


class Markup(str):
    """HTML that is safe as it stands. Only this module makes it."""

    __slots__ = ()


Child = Markup | str | int | None
Attribute = str | float | bool | None


def tag(name: str, *children: Child, **attributes: Attribute) -> Markup:
    """One element. `class_` is the attribute class, `aria_label` aria-label; None and False leave one out.

    Raises:
        ValueError: a tag, attribute or URL that we never write.
    """
    if name not in _TAGS:
        raise ValueError(f"<{name}> is not among the tags we write")
    opening = f"<{name}{''.join(_attribute(k, v) for k, v in attributes.items())}>"
    return Markup(opening if name in _VOID else f"{opening}{join(children)}</{name}>")


def text(value: object) -> Markup:
    """Any value as text in a page."""
    return value if isinstance(value, Markup) else Markup(escape(visible(str(value))))


def join(parts: Iterable[Child], between: str = "") -> Markup:
    """Several pieces in a row, None left out; `between` is text."""
    return Markup(text(between).join(text(p) for p in parts if p is not None))


def stylesheet(css: str) -> Markup:
    """A style sheet of the package's own; refused if it could end its element."""
    if "<" in css:
        raise ValueError("a style sheet holds no markup")
    return Markup(f"<style>{css}</style>")


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-") if name != "viewBox" else name
    if name not in _ATTRIBUTES:
        raise ValueError(f"{name} is not among the attributes we write")
    if value is True:
        return f" {name}"
    if name == "src" and not _PICTURE.fullmatch(str(value)):
        raise ValueError("a picture is part of the page, never fetched")
    # Single quotes need no escape in a notebook's JSON, where each double one costs a byte.
    return f" {name}='{escape(visible(str(value)))}'"
