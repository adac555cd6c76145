"""The rows that a step's table lost, as plain data for the front end: how many, which, and what they have in common."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from cursus_rt_notebook.data.gone import GoneRows, Trait
from cursus_rt_notebook.engine.gone import Compared, compared
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import Loss
from cursus_rt_notebook.names import subscript
from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.panel.parts import Sentence, code, say, strong

Json = dict[str, Any]

_NAME = 80
_VALUE = 60


def gone_view(view: StepView, port: str, channel: str | None = None) -> Json:
    """Which rows the table had in the last good run (else in the input it is most like) and has no more.

    Raises:
        CursusError: a table cannot be read, or there are too many rows.
    """
    told: Json = {"sentences": [], "table": None, "rest": "", "python": ""}
    found = compared(view, port, channel)
    if found is None:
        return told | {
            "sentences": [say("No earlier run kept this table, and no input is like it: there is nothing to compare.")]
        }
    if found.same:
        return told | {"sentences": [say("This is the very table of the last good run: no row is gone.")]}
    rows = found.gone()
    name = f"{port}/{channel}" if channel and len(found.present) == 1 else port
    sentences = list(_sentences(rows, found, name))
    if not rows.cells:
        return told | {"sentences": sentences}
    rest = [f"first {words.number(len(rows.cells))} of {words.number(rows.count)} rows"]
    rest += [f"{words.plural(rows.more, 'more column')}"] if rows.more else []
    return {
        "sentences": sentences,
        "table": _table(rows),
        "rest": " · ".join(rest),
        "python": f"{view.expression}.gone({subscript(name)[1:-1]})",
    }


def lost_sentence(loss: Loss) -> Sentence:
    """How a table compares with earlier good runs, where it has far fewer rows."""
    fewer = strong(f"{words.number(loss.fewer)} rows fewer than before")
    since = f"the last good run ({_day(loss.at)})"
    if not loss.input:
        now = f": {words.number(loss.rows)} now, {words.number(loss.expected)} in {since}, from the same files."
        return say(fewer, now)
    now = words.share(loss.rows / loss.came) if loss.came else "none"
    kept = f", of which it kept {words.share(loss.kept)} or more up to {since}, and {now} now."
    return say(fewer, f" for the {words.number(loss.came)} that came in by ", code(loss.input), kept)


def _sentences(rows: GoneRows, found: Compared, name: str) -> Iterator[Sentence]:
    before = f"in the last good run ({_day(found.run.at)})" if found.run else "as they came in"
    source = name if found.run else found.input
    if not rows.key:
        twice = f" ({words.plural(rows.repeated, 'row')} of it are there twice)" if rows.repeated else ""
        yield say(
            strong("Which rows are gone cannot be said"),
            ": no columns tell the rows of ",
            code(source),
            f" apart{twice}.",
        )
        return
    total = words.number(rows.total)
    if not rows.count:
        yield say(strong("No row is gone"), f" of the {total} that ", code(source), f" had {before}", *_by(rows))
        return
    yield say(
        strong(f"{words.plural(rows.count, 'row')} gone"),
        f" of the {total} that ",
        code(source),
        f" had {before}",
        *_by(rows),
    )
    if rows.moved:
        are = "is" if rows.moved == 1 else "are"
        yield say(f"{words.number(rows.moved)} more {are} in another table of this step now.")
    yield from map(_trait, rows.traits)


def _by(rows: GoneRows) -> Iterator[str | Json]:
    names = [chars.cut_middle(name, _NAME) for name in rows.key]
    yield ", told apart by "
    for place, name in enumerate(names):
        yield code(name)
        yield "." if place == len(names) - 1 else " and " if place == len(names) - 2 else ", "
    if rows.repeated:
        yield f" {words.plural(rows.repeated, 'row')} could not be told apart."


def _trait(trait: Trait) -> Sentence:
    column = code(chars.cut_middle(trait.column, _NAME))
    texts = [chars.cut_long(chars.one_line(text), _VALUE) or '""' for text in trait.texts]
    share = "all of them" if trait.gone == 1 else f"{words.share(trait.gone)} of them"
    others = "none of the others" if trait.kept == 0 else f"{words.share(trait.kept)} of the others"
    match trait.kind:
        case "missing":
            return say(column, " is ", strong("missing"), f" in {share}, and in {others}.")
        case "value":
            values = f"{', '.join(texts[:-1])} or {texts[-1]}" if len(texts) > 1 else texts[0]
            return say(column, " is ", strong(values), f" in {share}, and in {others}.")
        case _:
            low, high, from_, to = texts
            return say(
                column, " is ", strong(f"{low} to {high}"), f" in all of them, and {from_} to {to} in the others."
            )


def _table(rows: GoneRows) -> Json:
    return {
        "columns": [
            {
                "name": column.name[:_NAME],
                "type": column.type,
                "numeric": column.numeric,
                "key": column.name in rows.key,
            }
            for column in rows.columns
        ],
        "cells": rows.cells,
        "cut": rows.cut,
    }


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
