"""The cells of one column, some rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.synthetic import arrow, numbers
from cursus_rt_notebook.data.synthetic.numbering import LARGEST, edge, evenly, key_of, mixed
from cursus_rt_notebook.data.synthetic.recipe import (
    Choice,
    ColumnRecipe,
    Listed,
    Named,
    Nothing,
    Octets,
    Pattern,
    Prose,
    Record,
    Sequence,
    Shapes,
    Spread,
    Values,
)
from cursus_rt_notebook.data.synthetic.texts import Pool, prose, shaped
from cursus_rt_notebook.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


class Column:
    """Makes the cells of a column.

    Args:
        recipe: How.
        seed: Other seeds give other cells.
        table: The table's name, which makes its cells its own; those of a shared key are the same in every table.
    """

    def __init__(self, recipe: ColumnRecipe, seed: int, table: str) -> None:
        self.recipe = recipe
        self._key = key_of(seed, table, recipe.name)
        self._numbers = key_of(seed, recipe.name) if recipe.shared else self._key
        made = recipe.values
        self._pool = Pool(made, self._numbers) if isinstance(made, Pattern | Named) else None

    @property
    def keyed(self) -> bool:
        """Whether its values are numbered rather than drawn: they differ, or other tables have them, too."""
        return self.fixed or self.recipe.shared is not None

    @property
    def fixed(self) -> bool:
        """Whether each row has its own value, so that there is no other for it."""
        return self.recipe.unique or isinstance(self.recipe.values, Sequence)

    def cells(self, rows: np.ndarray, turn: int = 0) -> pa.Array:
        """The cells of the rows with these numbers; another `turn` gives others, except where they are fixed.

        Raises:
            DataError: there are not so many different values.
        """
        import numpy as np
        import pyarrow as pa

        rng = np.random.default_rng([*self._key, turn, int(rows[0]) if len(rows) else 0])
        share, gaps = evenly(len(rows), rng), evenly(len(rows), rng)
        if not self.keyed:
            raw = self._drawn(self.recipe.values, share, rng)
        else:
            number = rows if self.fixed else (share * self._different()).astype(np.int64)
            self._check(number)
            raw = self._numbered(self.recipe.values, number)
        return _without(arrow.typed(raw, self.recipe), pa.array(gaps < self.recipe.missing))

    def _different(self) -> int:
        """How many different values a shared key has."""
        size, room = self.recipe.shared or 1, _room(self.recipe.values)
        return size if room is None else min(size, room)

    def _check(self, number: np.ndarray) -> None:
        room = _room(self.recipe.values)
        if room is not None and len(number) and number.max() >= room:
            raise DataError(
                f"column {self.recipe.name!r} is to have no value twice, and there are only {room:,} different ones",
                fix=f"ask for at most {room:,} rows",
            )

    def _drawn(self, made: Values, share: np.ndarray, rng: np.random.Generator) -> Any:
        import numpy as np

        match made:
            case Choice():
                weights = np.cumsum(made.weights)
                place = np.searchsorted(weights, share * weights[-1], side="right")
                return _taken(made.values, place.clip(max=len(made.values) - 1))
            case Spread():
                return numbers.spread(made, share)
            case Shapes():
                return shaped(made, rng.integers(LARGEST, size=len(share)), self._key, unique=False)
            case Prose():
                return list(prose(made, share, rng))
            case Octets():
                return [rng.bytes(int(size)) for size in (made.lengths[0] + edge(made.lengths, share)).round()]
            case Listed():
                return self._listed(made, share, rng)
            case Record():
                return self._record(made, len(share), rng)
            case Pattern() | Named():
                assert self._pool
                return self._pool.drawn(share)
            case Sequence() | Nothing():
                return [None] * len(share)

    def _numbered(self, made: Values, number: np.ndarray) -> Any:
        import numpy as np

        match made:
            case Choice():
                return _chosen(made, number)
            case Spread():
                return numbers.spaced(made, number, self._numbers, settings.SYNTHETIC_RUN if self.recipe.shared else 1)
            case Sequence():
                return made.start + number * made.step
            case Shapes():
                return shaped(made, number, self._numbers)
            case Pattern() | Named():
                assert self._pool
                return self._pool.numbered(number)
            case Prose() | Octets():
                rng = np.random.default_rng([*self._numbers, int(number[0]) if len(number) else 0])
                share = (mixed(number, self._numbers) >> np.uint64(11)) / 2.0**53
                raw = self._drawn(made, share, rng)
                return [
                    f"{one} {i}" if isinstance(one, str) else b"%b%d" % (one, i)
                    for one, i in zip(raw, number, strict=True)
                ]
            case Listed() | Record() | Nothing():
                return self._drawn(made, np.zeros(len(number)), np.random.default_rng(self._numbers))

    def _listed(self, made: Listed, share: np.ndarray, rng: np.random.Generator) -> pa.Array:
        import numpy as np
        import pyarrow as pa

        lengths = (made.lengths[0] + edge(made.lengths, share)).round().astype(np.int64)
        inner = Column(made.inner, int(rng.integers(1 << 31)), "").cells(np.arange(lengths.sum()))
        offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int64())
        return pa.LargeListArray.from_arrays(offsets, inner)

    def _record(self, made: Record, count: int, rng: np.random.Generator) -> pa.Array:
        import numpy as np
        import pyarrow as pa

        seed = int(rng.integers(1 << 31))
        arrays = [Column(field, seed, "").cells(np.arange(count)) for field in made.fields]
        return pa.StructArray.from_arrays(arrays, [field.name for field in made.fields])


def _room(made: Values) -> int | None:
    """How many different values there are, where there must be no others."""
    if isinstance(made, Choice) and made.closed:
        return len(made.values)
    if isinstance(made, Spread) and made.closed and made.step:
        return int((made.edges[-1] - made.edges[0]) / made.step) + 1
    return None


def _without(array: pa.Array, missing: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute

    compute: Any = pyarrow.compute  # its functions are made when it is imported
    return compute.if_else(missing, pa.scalar(None, array.type), array) if missing.true_count else array


def _taken(values: tuple[Any, ...], place: np.ndarray) -> list[Any]:
    return [values[i] for i in place.tolist()]


def _chosen(made: Choice, number: np.ndarray) -> list[Any]:
    """The values one after the other, and when there are no more, others like them."""
    values, count = made.values, len(made.values)
    numeric = isinstance(values[0], int | float) and not isinstance(values[0], bool)
    if numeric:
        most = max(values)
        return [values[i] if i < count else most + i - count + 1 for i in number.tolist()]
    if isinstance(values[0], bool):
        return [values[i % count] for i in number.tolist()]
    return [values[i] if i < count else f"{values[i % count]}{i // count}" for i in number.tolist()]
