"""What flows along an arrow, in words: the rows of a table, and how they differ from the last run that finished."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cursus_rt_notebook.engine.state import SETTLED, StepState, Table
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.render import words
from cursus_rt_notebook.render.chars import one_line
from cursus_rt_notebook.render.geometry import Wire
from cursus_rt_notebook.render.status import dotted, table_name

_ON_WIRE = 18  # characters beside an arrow


@dataclass(frozen=True)
class Flow:
    """The words beside an arrow, the fullest first; all of it for a tooltip; whether it is out of the usual."""

    words: tuple[str, ...] = ()
    title: str = ""
    unusual: bool = False


def on_wire(wire: Wire, pipeline: Pipeline, tail: StepState) -> Flow:
    """What flows along an arrow: rows where one table does, else its channels, else (where it tells) the port."""
    tables = [t for t in tail.tables if t.port in wire.ports]
    if tail.status in SETTLED and tables:
        return _flown(tables)
    outputs = pipeline.steps[wire.tail].outputs
    if len(outputs) < 2:
        return Flow()
    some = _some(name for port in wire.ports for name in (outputs[port].channels or (port,)) if port in outputs)
    return Flow((some,)) if some else Flow()


def is_unusual(table: Table) -> bool:
    """Whether a table has fewer or more rows than it ever had in the last good runs, by more than these differ."""
    if table.rows is None or table.usual is None:
        return False
    low, high = table.usual
    # A sixth run that lies a little outside of five is no news.
    return not low - (high - low) <= table.rows <= high + (high - low)


def sentence(table: Table) -> str:
    """One table with all that is known of its rows: `train: 235,743 rows, 294,678 in the last good run (-20 %)`."""
    name = one_line(dotted(table.port[:80], (table.channel or "")[:80]))
    told = f"{name}: {'?' if table.rows is None else words.plural(table.rows, 'row')}"
    changed = words.change(table.rows, table.former)
    if table.former is not None and changed:
        told += f", {words.number(table.former)} in the last good run {changed}"
    if table.usual is not None and is_unusual(table):
        low, high = map(words.number, table.usual)
        told += f"; unusual: {low if low == high else f'{low} to {high}'} so far"
    return told


def _flown(tables: list[Table]) -> Flow:
    odd = [t for t in tables if is_unusual(t)]
    title = "\n".join(map(sentence, tables))
    if len(tables) == 1 and tables[0].rows is not None:
        return Flow(_rows(tables[0].rows, tables[0].former), title, bool(odd))
    if odd:
        worst = max(odd, key=lambda t: abs((t.rows or 0) - (t.former or 0)) / (t.former or 1))
        changed = words.change(worst.rows, worst.former)
        return Flow((f"{table_name(worst)} {changed}".strip(), changed), title, unusual=True)
    return Flow((_some(dict.fromkeys(map(table_name, tables))),), title)


def _rows(rows: int, former: int | None) -> tuple[str, ...]:
    changed = words.change(rows, former)
    if not changed:
        return words.number(rows), words.rough(rows)
    return f"{words.number(rows)} {changed}", f"{words.rough(rows)} {changed}", words.rough(rows)


def _some(names: Iterable[str]) -> str:
    # As many as an arrow has room for: two halves of names tell less than one name.
    found = list(names)
    whole = dotted(*found)
    shorter = (f"{dotted(*found[:shown])} + {len(found) - shown}" for shown in range(len(found) - 1, 0, -1))
    return next((told for told in (whole, *shorter) if len(told) <= _ON_WIRE), dotted(*found[:1]))
