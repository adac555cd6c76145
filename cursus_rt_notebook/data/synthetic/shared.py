"""Keys that several inputs have in common, made so that their tables join.

A column is such a key if two inputs have it by the same name and of the same kind: whole numbers, times or texts. What
takes few values in each of them, as it does in its sample, takes those; other values are numbered alike in all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.synthetic.plan import InputPlan
from cursus_rt_notebook.data.synthetic.recipe import (
    Choice,
    ColumnRecipe,
    Named,
    Nothing,
    Pattern,
    Prose,
    Sequence,
    Shapes,
    Spread,
    TableRecipe,
    Values,
)

_Port = TypeVar("_Port")


def with_shared_keys(plans: Mapping[_Port, InputPlan], rows: int) -> dict[_Port, InputPlan]:
    """The plans, with the same values for columns that several of them have, for tables of so many rows."""
    plans = _with_what_others_know(plans)
    found: dict[tuple[str, str], dict[_Port, list[ColumnRecipe]]] = {}
    for port, plan in plans.items():
        for table in plan.tables:
            for column in table.recipe.columns:
                kind = _kind(column)
                if kind is not None:
                    found.setdefault((column.name, kind), {}).setdefault(port, []).append(column)
    keys = {key: _together([c for some in by.values() for c in some], rows) for key, by in found.items() if len(by) > 1}
    return {port: plan.with_recipes(lambda recipe: _with_keys(recipe, keys)) for port, plan in plans.items()}


def _with_what_others_know(plans: Mapping[_Port, InputPlan]) -> dict[_Port, InputPlan]:
    """The plans, with columns of which one has the name alone as another one knows them, or all take them for keys."""
    known: dict[str, ColumnRecipe] = {}
    times: Counter[str] = Counter()
    for plan in plans.values():
        columns = [column for table in plan.tables for column in table.recipe.columns]
        known |= {column.name: column for column in columns if not column.guessed}
        times.update({column.name for column in columns if column.guessed})
    keys = {name for name, count in times.items() if count > 1 and name not in known}
    return {port: plan.with_recipes(lambda recipe: _told(recipe, known, keys)) for port, plan in plans.items()}


def _told(recipe: TableRecipe, known: Mapping[str, ColumnRecipe], keys: set[str]) -> TableRecipe:
    own = [column.name for column in recipe.columns if column.name in keys and column.guessed]
    # The one column that others have, too, is the key of a table without another.
    alone = len(own) == 1 and not any(column.unique for column in recipe.columns)
    columns: list[ColumnRecipe] = []
    for column in recipe.columns:
        told = column
        if column.guessed and column.name in known:
            told = replace(known[column.name], unique=False, shared=None)
        elif column.name in own:
            told = replace(_as_key(column), unique=column.unique or alone)
        columns.append(told)
    return replace(recipe, columns=tuple(columns))


def _as_key(column: ColumnRecipe) -> ColumnRecipe:
    """The column, as texts if its name says no more than that it is a number."""
    import pyarrow as pa

    if _kind(column) is not None:
        return column
    shape = tuple("upper" if i < 2 else "digit" for i in range(7))
    return replace(column, type=pa.string(), values=Shapes((shape,), (1.0,)))


@dataclass(frozen=True)
class _Key:
    """How the columns of one key are made: `values`, of which there are `size` different ones.

    `anew` is whether they also take the place of what is few values in some table: who it stands for is told in another.
    """

    values: Values
    size: int
    anew: bool = False

    def made(self, column: ColumnRecipe) -> ColumnRecipe:
        """The column, made so."""
        own = column.values
        if isinstance(own, Choice) and not column.unique and not self.anew:
            return replace(column, values=_of(own, self.values) if isinstance(self.values, Choice) else own)
        if isinstance(self.values, Choice) and not column.unique and not _is_text(column):
            return column  # a number that is few values in another table only, such as a year
        values = self.values
        if isinstance(values, Spread | Sequence):
            values = replace(values, format=getattr(own, "format", None))
        return replace(column, values=values, shared=self.size)


def _of(own: Choice, among: Choice) -> Choice:
    """Those of the values that are among others; all if none is."""
    pairs = [pair for pair in zip(own.values, own.weights, strict=True) if pair[0] in among.values]
    return Choice(*zip(*pairs, strict=True), closed=own.closed) if pairs else own


def _with_keys(recipe: TableRecipe, keys: Mapping[tuple[str, str], _Key]) -> TableRecipe:
    columns = (
        keys[column.name, kind].made(column)
        if (kind := _kind(column)) is not None and (column.name, kind) in keys
        else column
        for column in recipe.columns
    )
    return replace(recipe, columns=tuple(columns))


def _together(columns: list[ColumnRecipe], rows: int) -> _Key:
    """What the columns of one key have in common: what the one knows that knows most, over the ranges of all."""
    known = [column for column in columns if not column.guessed] or columns
    unique = [column for column in known if column.unique or isinstance(column.values, Sequence)]
    few = [column.values for column in known if isinstance(column.values, Choice)]
    stands_for = few and any(_is_text(column) for column in unique)
    anew = bool(stands_for) and max(len(one.values) for one in few) > settings.SKETCH_NUMBERS
    if few and not anew:
        merged = _merged(few, max(1, rows) if unique else None)
        return _Key(merged, len(merged.values))
    size = max(1, rows if unique else rows // settings.SYNTHETIC_SHARED)
    first = (unique or known)[0].values
    if isinstance(first, Sequence) and all(isinstance(one.values, Sequence) for one in unique):
        return _Key(first, size, anew)
    spreads = [column.values for column in known if isinstance(column.values, Spread)]
    return _Key(_around(spreads) if spreads else first, size, anew)


def _merged(choices: list[Choice], most: int | None) -> Choice:
    """The values of all, the first `most` of them."""
    weights: dict[Any, float] = {}
    for choice in choices:
        for value, weight in zip(choice.values, choice.weights, strict=True):
            weights[value] = weights.get(value, 0.0) + weight
    return Choice(tuple(weights)[:most], tuple(weights.values())[:most], closed=any(one.closed for one in choices))


def _around(spreads: list[Spread]) -> Spread:
    """A spread over the ranges of all, in the largest steps that any has."""
    low, high = min(one.edges[0] for one in spreads), max(one.edges[-1] for one in spreads)
    return replace(spreads[0], edges=(low, high), step=max(one.step for one in spreads), infinite=(0.0, 0.0))


def _kind(column: ColumnRecipe) -> str | None:
    """What kind of key a column could be; None if it is none, such as a measure."""
    match column.values:
        case Spread(format=str()) | Sequence(format=str()):
            return "time text"
        case Choice() | Shapes() | Prose() | Pattern() | Named() if _is_text(column):
            return "text"
        case Choice(values=values) if not isinstance(values[0], bool) and all(
            float(one).is_integer() for one in values
        ):
            return _number(column)
        case Spread(step=step) | Sequence(step=step) if step and float(step).is_integer():
            return _number(column)
        case Nothing() | _:
            return None


def _number(column: ColumnRecipe) -> str:
    import pyarrow as pa

    return "time" if pa.types.is_temporal(column.type) else "number"


def _is_text(column: ColumnRecipe) -> bool:
    values = column.values
    return isinstance(values, Shapes | Prose | Pattern | Named) or (
        isinstance(values, Choice) and isinstance(values.values[0], str)
    )
