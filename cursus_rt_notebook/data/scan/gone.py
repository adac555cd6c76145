"""The rows of an earlier table that are in none of the present ones, by the columns that tell rows apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.query import NUMERIC, TEMPORAL
from cursus_rt_notebook.data.scan import cells, traits
from cursus_rt_notebook.data.scan.keys import find_key, row_hashes
from cursus_rt_notebook.data.scan.result import merge_types
from cursus_rt_notebook.data.scan.source import Shape
from cursus_rt_notebook.errors import TooLarge

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

Columns = Callable[[Shape, Sequence[int]], "pl.DataFrame"]
_KEY_TYPES: Final = NUMERIC | TEMPORAL | {"text", "bool"}
_CHECKED: Final = 10_000  # rows that both have, to see whether they are the same rows
_SAME: Final = 0.9  # of these have the same value in a column that goes with the key
_TOLD: Final = 30  # columns by which that is told


@dataclass(frozen=True)
class Side:
    """One side of the comparison: a table in one or several parts, which are read by `columns`."""

    parts: Sequence[Shape]
    columns: Columns

    @property
    def rows(self) -> int:
        """The rows of all parts."""
        return sum(part.scan.rows for part in self.parts)

    @cached_property
    def types(self) -> Mapping[str, str]:
        """The type of each column that all parts have, in one word."""
        scans = [part.scan for part in self.parts if part.scan.rows] or [part.scan for part in self.parts[:1]]
        each = [dict(zip(s.names, zip(s.types, s.missing, strict=True), strict=True)) for s in scans]
        names = [name for name in each[0] if all(name in one for one in each)]
        return {name: merge_types([one[name] for one in each], each[0][name][0]) for name in names}

    def frame(self, names: Sequence[str], kinds: Mapping[str, str]) -> pl.DataFrame:
        """Some columns of all parts, one below the other, in types by which they compare; named by their place here."""
        import polars as pl

        frames = [self.columns(part, [part.scan.names.index(name) for name in names]) for part in self.parts]
        for frame in frames:
            frame.columns = list(map(str, range(len(names))))
        alike = [
            frame.select(_comparable(frame.schema[str(i)], str(i), kinds[name]) for i, name in enumerate(names))
            for frame in frames
        ]
        return pl.concat(alike) if len(alike) > 1 else alike[0]


def find_gone(earlier: Side, present: Side, others: Sequence[Side], shown: int) -> tuple[dict[str, Any], np.ndarray]:
    """What is gone, with so many rows as text, and the numbers of all; `others` are tables to which rows may have moved.

    Raises:
        TooLarge: there are too many rows to compare.
    """
    import numpy as np

    _check(sum(one.rows for one in (earlier, present, *others)))
    kinds = earlier.types
    shared = [name for name, kind in kinds.items() if kind in _KEY_TYPES and _has(present, name, kind)]
    shared = shared[: settings.GONE_COLUMNS]
    told: dict[str, Any] = {"key": [], "repeated": 0, "count": 0, "moved": 0, "total": earlier.rows}
    told |= {"columns": [], "more": 0, "cells": [], "cut": [], "traits": []}
    nothing = np.empty(0, np.int64)
    if not shared:
        return told, nothing
    frame, now = earlier.frame(shared, kinds), present.frame(shared, kinds)
    places, told["repeated"] = find_key(frame, lambda names: _same_rows(frame, now, names))
    if not places:
        return told, nothing
    key = [shared[int(place)] for place in places]
    moved = [one.frame(key, kinds) for one in others if all(_has(one, name, kinds[name]) for name in key)]
    left = _missing(frame.select(places), [now.select(places)])
    gone = left & _missing(frame.select(places), moved) if moved else left
    positions = gone.arg_true().to_numpy().astype(np.int64)
    told |= {"key": key, "count": len(positions), "moved": int(left.sum()) - len(positions)}
    if len(positions):
        common = [one | {"column": shared[int(one["column"])]} for one in traits.find(frame, gone, places)]
        told |= _shown(earlier, key, positions[:shown]) | {"traits": common}
    return told, positions


def _check(rows: int) -> None:
    if rows > settings.GONE_LIMIT:
        raise TooLarge(
            f"there are {rows:,} rows to compare, over {settings.GONE_LIMIT:,}",
            fix="compare some of them: `artifact.query(condition)` gives those that match",
        )


def _has(table: Side, name: str, kind: str) -> bool:
    """Whether a table has this column, of this type; one without rows has columns of no type."""
    return name in table.types and (table.types[name] == kind or not table.rows)


def _comparable(dtype: pl.DataType, name: str, kind: str) -> pl.Expr:
    """A column as others of its kind have it: equal values must be equal in every file format."""
    import polars as pl

    column = pl.col(name)
    match kind:
        case "int":  # of more than 64 bits, it is kept as text
            return column.cast(pl.Int64, strict=False) if dtype.is_integer() else column.cast(pl.String)
        case "float":
            return column.cast(pl.Float64, strict=False)
        case "datetime" if isinstance(dtype, pl.Datetime):
            return column.cast(pl.Datetime("us", dtype.time_zone))
        case "text":
            return column.cast(pl.String)
        case _:
            return column


def _missing(before: pl.DataFrame, after: Sequence[pl.DataFrame]) -> pl.Series:
    """Which rows of a table are in none of the others."""
    import polars as pl

    there = pl.concat([row_hashes(frame) for frame in after]).unique()
    return ~row_hashes(before).is_in(there.implode())


def _same_rows(before: pl.DataFrame, after: pl.DataFrame, key: Sequence[str]) -> bool:
    """Whether rows with the same key are the same rows still: numbers that are given anew are no key.

    Told by the columns that say something and are not computed: half of them must still go with the key.
    """
    import polars as pl

    some = before.gather_every(max(1, before.height // _CHECKED))
    told = [n for n in some.columns if n not in key and not some.schema[n].is_float() and some[n].n_unique() > 1]
    told = told[:_TOLD]
    if not told or not after.height:
        return True
    keyed = some.select(told).with_columns(row_hashes(some.select(key)))
    wanted = keyed["hash"].implode()
    now = after.select(told).with_columns(row_hashes(after.select(key))).filter(pl.col("hash").is_in(wanted))
    both = keyed.join(now.unique("hash", keep="first"), on="hash", how="inner", suffix=" now")
    if not both.height:
        return False
    same = both.select(pl.col(n).eq_missing(pl.col(f"{n} now")).mean() for n in told).row(0)
    return 2 * sum(share >= _SAME for share in same) >= len(told)


def _shown(earlier: Side, key: Sequence[str], positions: np.ndarray) -> dict[str, Any]:
    """These rows as text, the key first."""
    names = [*key, *(name for name in earlier.types if name not in key)]
    shown = names[: settings.PAGE_COLUMNS]
    frame = earlier.frame(shown, earlier.types)[positions]
    return {
        "columns": [(name, earlier.types[name]) for name in shown],
        "more": len(names) - len(shown),
        "cells": cells.of_polars(frame),
        "cut": cells.lengths(frame),
    }
