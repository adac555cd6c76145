"""A table as the front end's grid asks for it, as plain data: windows of cells, what is in a column, single cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.query import ColumnProfile, Sort
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.errors import CommandRefused
from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.panel.conditions import choices_of, example
from cursus_rt_notebook.render.panel.files_view import artifact_at

Json = dict[str, Any]
Order = Sequence[tuple[str, bool]]  # columns, and whether descending

_HOT = 0.02  # above this share, what is missing is marked
_VALUE = 60
_LOWEST = 0.06  # what is there at all is to be seen beside the highest bar


def table_at(view: StepView, side: str, port: str, channel: str | None, file: str | None) -> Artifact:
    """The artifact whose table is meant: a port, one of its channels, or one of the files there.

    Raises:
        CommandRefused: there is none now.
    """
    artifact = artifact_at(view, side, port, channel)
    if file is None or not artifact.path.is_dir():
        return artifact
    if file not in artifact:
        raise CommandRefused(f"{artifact.name} has no file {file!r} now", fix="look again")
    return artifact[file]


def page_view(
    artifact: Artifact, *, start: int, rows: int, first_column: int, columns: int, sort: Order, where: str | None
) -> Json:
    """A window of the table, sorted and filtered, with the Python that gives the same table."""
    page = artifact.page(
        start=start,
        rows=rows,
        first_column=first_column,
        columns=columns,
        sort=[Sort(name, descending) for name, descending in sort],
        where=where,
    )
    return {
        "total": page.total,
        "matched": page.matched,
        "start": page.start,
        "positions": page.positions,
        "column_count": page.column_count,
        "first_column": page.first_column,
        "columns": [{"name": column.name, "type": column.type, "numeric": column.numeric} for column in page.columns],
        "choices": {column.type: choices_of(column.type) for column in page.columns},
        "example": example(page),
        "cells": page.cells,
        "cut": page.cut,
        "note": page.note,
        "python": python_line(artifact.expression, where, sort),
    }


def profile_view(artifact: Artifact, names: Sequence[str]) -> list[Json]:
    """What is in some columns: the share that is missing, bars to draw, and the same in words."""
    return [_column(profile) for profile in artifact.profile(names)]


def python_line(expression: str, where: str | None, sort: Order) -> str:
    """The one line of Python that gives a table as it is shown."""
    if not where and not sort:
        return f"{expression}.df"
    given = [repr(where)] if where else []
    # A name that begins with a dash would be read as descending.
    plain = not any(name.startswith("-") for name, _ in sort)
    if sort and plain:
        order = [f"-{name}" if descending else name for name, descending in sort]
        given.append(f"sort={order if len(order) > 1 else order[0]!r}")
    line = f"{expression}.query({', '.join(given)})"
    if plain:
        return line
    names, up = [name for name, _ in sort], [not descending for _, descending in sort]
    return f'{line}.sort_values({names!r}, ascending={up!r}, kind="stable")'


def _column(profile: ColumnProfile) -> Json:
    missing = words.share(profile.missing)
    return {
        "name": profile.name,
        "missing": profile.missing,
        "share": missing,
        "hot": profile.missing > _HOT,
        "bars": _heights([bar.count for bar in profile.bins or profile.top]),
        "wide": not profile.bins,
        "facts": [f"{missing} missing", *_facts(profile)],
        "top": [
            {"text": _shown(one.value), "value": one.value, "count": words.number(one.count)} for one in profile.top
        ],
    }


def _facts(profile: ColumnProfile) -> list[str]:
    facts: list[str] = []
    if profile.minimum is not None and profile.maximum is not None:
        facts.append(f"{_shown(profile.minimum)} to {_shown(profile.maximum)}")
    if profile.distinct is not None:
        more = "more than " if profile.distinct_more else ""
        facts.append(f"{more}{words.plural(profile.distinct, 'different value')}")
    if profile.bins:
        most = max(profile.bins, key=lambda one: one.count)
        facts.append(f"most between {_shown(most.low)} and {_shown(most.high)} ({words.number(most.count)})")
    facts += [f"{_shown(one.value)}: {words.number(one.count)}" for one in profile.top]
    return facts


def _heights(counts: Sequence[int]) -> list[float]:
    most = max(counts, default=0)
    return [round(max(count / most, _LOWEST), 3) if count else 0 for count in counts]


def _shown(value: str) -> str:
    text = chars.cut_long(chars.one_line(value), _VALUE)
    return f'"{text}"' if value in ("", "missing") or value != value.strip() else text
