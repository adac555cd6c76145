"""Which columns tell the rows of a table apart: the fewest, found by looking at the rows that are still alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import settings

if TYPE_CHECKING:
    import polars as pl

_MOST: Final = 8  # columns of a key; a longer one tells a reader nothing
_TRIES: Final = 3  # columns to begin with
_NEAR: Final = 0.9  # an estimate of how many values differ may be off by so much

Accepts = Callable[[Sequence[str]], bool]


def find_key(frame: pl.DataFrame, accepts: Accepts) -> tuple[list[str], int]:
    """The key of a frame, and how many of its rows repeat another's values in every column.

    Single columns are tried first, those with most values first, then the column that tells most of the rows apart
    that are still alike; numbers with fractions come last, for they may be computed anew each time. A key that `accepts`
    refuses is not taken. No columns: there is no key.
    """
    if not frame.height:
        return frame.columns[:1], 0
    ordered = _ordered(frame)
    for column in _unique(frame, [name for name in ordered if not frame.schema[name].is_float()]):
        if accepts([column]):
            return [column], 0
        ordered.remove(column)
    copies = frame.height - row_hashes(frame).n_unique()
    few = settings.GONE_REPEATED * frame.height
    for start in ordered[:_TRIES] if copies <= few else ():
        key, repeated = _grown(frame, [start], ordered)
        if repeated <= few and accepts(key):
            return _pruned(frame, key, repeated), repeated
        ordered = [name for name in ordered if name != start]
    return [], copies


def row_hashes(frame: pl.DataFrame) -> pl.Series:
    """A number for each row, the same for the same values; a missing value is one like others."""
    return frame.hash_rows(seed=0).alias("hash")


def _ordered(frame: pl.DataFrame) -> list[str]:
    import polars as pl

    counts = frame.lazy().select(pl.all().approx_n_unique()).collect(engine="streaming").row(0, named=True)
    varied = [name for name, count in counts.items() if count > 1]
    return sorted(varied, key=lambda name: (frame.schema[name].is_float(), -counts[name]))


def _unique(frame: pl.DataFrame, ordered: Sequence[str]) -> Iterator[str]:
    for name in tuple(ordered):
        column = frame[name]
        estimate: Any = column.approx_n_unique()
        if estimate >= _NEAR * frame.height and column.n_unique() == frame.height:
            yield name


def _grown(frame: pl.DataFrame, key: list[str], others: Sequence[str]) -> tuple[list[str], int]:
    """The key with as many more columns as it takes, and how many rows still repeat another."""
    hashes = row_hashes(frame.select(key))
    while True:
        repeated = frame.height - hashes.n_unique()
        left = [name for name in others if name not in key]
        if not repeated or not left or len(key) == _MOST:
            return key, repeated
        best = _best(frame, hashes, left)
        if best is None:
            return key, repeated
        key = [*key, best]
        hashes = row_hashes(frame.select(key))


def _best(frame: pl.DataFrame, hashes: pl.Series, names: Sequence[str]) -> str | None:
    """The column that tells most apart of the rows that are alike so far; None if none does."""
    import polars as pl

    alike = hashes.is_duplicated()
    # Of many the groups whose number ends so: whole groups, or all would seem to differ.
    groups = max(1, alike.sum() // settings.GONE_SAMPLE)
    chosen = alike & (hashes % groups == 0) if groups > 1 else alike
    sample = frame.select(names).filter(chosen).with_columns(hashes.filter(chosen))
    together = [(pl.col("hash") ^ pl.col(name).hash()).n_unique().alias(name) for name in names]
    apart = sample.select(together).row(0, named=True)
    before = sample["hash"].n_unique()
    exact = [name for name in names if not frame.schema[name].is_float() and apart[name] > before]
    return max(exact or [name for name in names if apart[name] > before], key=lambda n: apart[n], default=None)


def _pruned(frame: pl.DataFrame, key: list[str], repeated: int) -> list[str]:
    """The key without the columns that it does not need."""
    for name in list(key):
        rest = [other for other in key if other != name]
        if rest and frame.height - row_hashes(frame.select(rest)).n_unique() == repeated:
            key = rest
    return key
