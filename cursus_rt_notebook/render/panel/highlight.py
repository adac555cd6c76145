"""Python source as lines of coloured pieces: plain data, no markup."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

Piece = tuple[str, str]
Line = tuple[Piece, ...]

_LONGEST: Final = 2_000  # characters of a line; nobody reads more, and a browser is slow with it
# Pygments' kinds of token, the most special first, and what we call them.
_KINDS: Final = (
    ("Comment", "comment"),
    ("Literal.String", "string"),
    ("Literal.Number", "number"),
    ("Keyword", "keyword"),
    ("Operator.Word", "keyword"),
    ("Name.Function", "def"),
    ("Name.Class", "def"),
    ("Name.Decorator", "def"),
    ("Name.Builtin", "builtin"),
    ("Name.Exception", "builtin"),
)


@lru_cache(maxsize=32)
def highlight(source: str) -> tuple[Line, ...]:
    """The lines of a Python source, each as (kind, text); code that is no Python yet is coloured as far as it goes."""
    from pygments.lexers.python import PythonLexer

    lexer = PythonLexer(stripnl=False, ensurenl=False)
    lines: list[list[Piece]] = [[]]
    for token, text in lexer.get_tokens(source):
        kind = _kind(str(token).removeprefix("Token."))
        first, *others = text.split("\n")
        _add(lines[-1], kind, first)
        for part in others:
            lines.append([])
            _add(lines[-1], kind, part)
    return tuple(_limited(line) for line in lines)


def _add(line: list[Piece], kind: str, text: str) -> None:
    if text and line and line[-1][0] == kind:
        line[-1] = (kind, line[-1][1] + text)
    elif text:
        line.append((kind, text))


def _kind(token: str) -> str:
    return next((kind for prefix, kind in _KINDS if token == prefix or token.startswith(prefix + ".")), "")


def _limited(line: list[Piece]) -> Line:
    length = sum(len(text) for _, text in line)
    if length <= _LONGEST:
        return tuple(line)
    kept: list[Piece] = []
    room = _LONGEST
    for kind, text in line:
        kept.append((kind, text[:room]))
        room -= len(text)
        if room <= 0:
            break
    return (*kept, ("comment", f"… ({length:,} characters)"))
