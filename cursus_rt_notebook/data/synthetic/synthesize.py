"""Tables out of recipes: seeded, of any size, some rows at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.scan import seen
from cursus_rt_notebook.data.synthetic import days, scenarios
from cursus_rt_notebook.data.synthetic.cells import Column
from cursus_rt_notebook.data.synthetic.recipe import TableRecipe

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def synthesize(
    recipe: TableRecipe, rows: int | None = None, seed: int = 0, scenario: str = "standard", *, table: str = ""
) -> pa.Table:
    """Make a table. The same arguments give the same table.

    Args:
        recipe: How.
        rows: How many rows; 1,000 if None, a million of a large one.
        seed: Another gives other values.
        scenario: One of `SCENARIOS`: standard, empty, one_row, all_null, extreme, unicode, duplicate_keys, large.
        table: A name that makes its values its own, for a table beside others of the same seed.

    Raises:
        DataError: there is no such scenario, or a column cannot have so many different values.
    """
    import pyarrow as pa

    return pa.concat_tables(batches(recipe, rows, seed, scenario, table=table))


def batches(
    recipe: TableRecipe, rows: int | None = None, seed: int = 0, scenario: str = "standard", *, table: str = ""
) -> Iterator[pa.Table]:
    """The table that `synthesize` makes, in pieces that do not take much memory; at least one."""
    import numpy as np
    import pyarrow as pa

    _import_polars()
    scenarios.check(scenario)
    count = scenarios.row_count(scenario, rows)
    columns = [Column(column, seed, table) for column in recipe.columns]
    doubled = scenario == "duplicate_keys"
    keyed = any(column.keyed for column in columns)
    for start in range(0, max(1, count), settings.SYNTHETIC_BATCH):
        numbers = np.arange(start, min(count, start + settings.SYNTHETIC_BATCH))
        if doubled and not keyed:  # without a key it is the whole row that is there twice
            piece = _piece(recipe, columns, np.unique(numbers // 2))
            yield piece.take(numbers // 2 - start // 2)
            continue
        piece = _piece(recipe, columns, numbers // 2 if doubled else numbers)
        arrays = [scenarios.changed(column.combine_chunks(), scenario, numbers) for column in piece.columns]
        yield pa.table(arrays, schema=recipe.schema)


def _import_polars() -> None:
    """Import polars, and leave the environment as it was: polars tells its allocator by it what only this process needs."""
    before = os.environ.get(_ALLOCATOR)
    import_module("polars")
    if before is None:
        os.environ.pop(_ALLOCATOR, None)


_ALLOCATOR: Final = "_RJEM_MALLOC_CONF"


def _piece(recipe: TableRecipe, columns: Sequence[Column], rows: np.ndarray) -> pa.Table:
    """The rows with these numbers, of which the sample has none as far as there are others."""
    import numpy as np
    import pyarrow as pa

    made = pa.table([column.cells(rows) for column in columns], schema=recipe.schema)
    made = days.corrected(made)
    bits = np.frombuffer(recipe.seen, np.uint8)
    old = _old(made, bits)
    for turn in range(1, settings.SYNTHETIC_TRIES + 1):
        if not len(old):
            break
        kept = made.take(old)
        others = [kept[i] if column.fixed else column.cells(rows[old], turn) for i, column in enumerate(columns)]
        again = days.corrected(pa.table(others, schema=recipe.schema))
        place = np.arange(len(rows))
        place[old] = len(rows) + np.arange(len(old))
        made = pa.concat_tables([made, again]).take(place)
        old = old[_old(again, bits)]
    return made


def _old(made: pa.Table, bits: np.ndarray) -> np.ndarray:
    """The places of rows that the sample may have."""
    import numpy as np
    import polars as pl

    if not len(bits) or not made.num_rows:
        return np.zeros(0, np.int64)
    hashes = seen.Hashes()
    for cells in made.columns:
        hashes.add(pl.Series(values=pl.from_arrow(cells)))
    return np.flatnonzero(seen.are_seen(hashes.folded, bits))
