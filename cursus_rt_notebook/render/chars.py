r"""Characters: what they take on a screen, and showing those that would command it instead of being read.

A terminal obeys control characters and both terminal and browser obey bidirectional ones, so that text would read
as something it is not. Here each is shown as its escape: U+202E as `\u202e`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Cf holds the bidirectional and zero-width characters; Zl and Zp break lines where nobody sees why.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_KEPT = frozenset("\n\t")
_ELLIPSIS = "…"


def visible(text: str) -> str:
    """`text` with every character that would not be seen, or would be obeyed, as an escape; lines and tabs stay."""
    return text if text.isascii() and text.isprintable() else "".join(map(_visible_char, text))


def one_line(text: str) -> str:
    """`text` as one visible line: line ends and tabs become escapes too."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def width(text: str) -> int:
    """How many columns of a terminal `text` takes: two for a wide character, none for one that sits on another."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def cut(text: str, columns: int) -> str:
    """`text` in at most so many columns, its end replaced by an ellipsis where it is longer."""
    if width(text) <= columns:
        return text
    kept, used = "", 0
    for char in text:
        used += _columns(char)
        if used > columns - 1:
            break
        kept += char
    return kept + _ELLIPSIS


def cut_middle(text: str, characters: int) -> str:
    """`text` in at most so many characters: names that begin alike are told apart by their ends."""
    if len(text) <= characters:
        return text
    tail = (characters - 1) // 3
    return f"{text[: characters - 1 - tail]}{_ELLIPSIS}{text[len(text) - tail :]}"


def cut_long(text: str, characters: int) -> str:
    """`text`, or its beginning and how long it is."""
    if len(text) <= characters:
        return text
    return f"{text[:characters]}{_ELLIPSIS} ({len(text):,} characters)"


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """`text` cut or filled with spaces to exactly so many columns; `right` puts it at the right."""
    text = cut(text, columns)
    space = " " * (columns - width(text))
    return space + text if right else text + space


@lru_cache(maxsize=4096)
def _visible_char(char: str) -> str:
    if char in _KEPT or unicodedata.category(char) not in _INVISIBLE:
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@lru_cache(maxsize=4096)
def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
