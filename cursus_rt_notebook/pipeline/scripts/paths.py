"""Paths below a port, put together from pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from cursus_rt_notebook.pipeline.scripts.values import UNKNOWN, Const, Pattern, Taken, Value, joined, one, only


def is_path(atom: object) -> TypeGuard[Taken]:
    """Whether an atom is a path below a port."""
    return isinstance(atom, Taken) and atom.kind in {"inputs", "outputs"}


def below(start: Value, more: Sequence[Value]) -> Value:
    """`start / more[0] / more[1] ...`, for each thing that `start` may be; a piece that is not known is `*`."""
    pieces = [_piece(piece) for piece in more]
    last = next((atom for piece in reversed(more) if is_path(atom := only(piece))), None)
    if last is not None:  # an absolute path begins anew
        return one(last)
    found: list[Value] = []
    for atom in start:
        if is_path(atom) and not any(piece.startswith("/") for piece in pieces):
            found.append(one(Taken(atom.kind, atom.key, (*atom.parts, *_split("/".join(pieces))))))
        elif isinstance(atom, Const) and isinstance(atom.value, str) and "*" not in pieces:
            found.append(one(Const("/".join((atom.value, *pieces)))))
        else:
            found.append(UNKNOWN)
    return joined(found)


def written_out(pieces: Sequence[Value]) -> Value:
    """The text that pieces make when they are written one after another: a text, or a path below a port."""
    texts = [_text(piece) for piece in pieces]
    if texts and all(text is not None for text in texts):
        return one(Const("".join(filter(None, texts))))
    first = only(pieces[0]) if pieces else None
    rest = "".join(text if text is not None else "*" for text in texts[1:])
    if is_path(first):
        if not rest or rest.startswith("/") or first.parts:
            parts = _glued(first.parts, rest)
            return one(Taken(first.kind, first.key, parts))
        return UNKNOWN
    if any(is_path(atom) for piece in pieces for atom in piece):
        return UNKNOWN
    known = any(text is not None for text in texts)
    return one(Pattern("".join(text if text is not None else "*" for text in texts))) if known else UNKNOWN


def _piece(value: Value) -> str:
    match only(value):
        case Const(str(text)) | Pattern(text):
            return text
        case _:
            return "*"


def _text(piece: Value) -> str | None:
    atom = only(piece)
    return str(atom.value) if isinstance(atom, Const) and isinstance(atom.value, (str, int)) else None


def _glued(parts: tuple[str, ...], rest: str) -> tuple[str, ...]:
    return tuple(_split("/".join(parts) + rest))


def _split(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in {"", "."}]
