"""What the gone rows of a table have in common and the others have not: a few values, no value, a range."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.scan import cells

if TYPE_CHECKING:
    import polars as pl

_MOST: Final = 3
_FEWEST: Final = 5  # rows; fewer have something in common by chance
_VALUES: Final = 3  # that are told as one
_APART: Final = 0.5  # of the others may have it at most


def find(frame: pl.DataFrame, gone: pl.Series, key: Sequence[str]) -> list[dict[str, Any]]:
    """The traits of the rows marked as `gone`, the most telling first."""
    if gone.sum() < _FEWEST or gone.all():
        return []
    # Column by column: both halves of a large table would be the table once more.
    halves = ((frame[name].filter(gone), frame[name].filter(~gone)) for name in frame.columns)
    found = [trait for lost, kept in halves for trait in _traits(lost, kept, alone=[lost.name] == list(key))]
    return sorted(found, key=lambda trait: trait["kept"] - trait["gone"])[:_MOST]


def _traits(lost: pl.Series, kept: pl.Series, *, alone: bool) -> Iterator[dict[str, Any]]:
    missing = lost.null_count() / len(lost), kept.null_count() / len(kept)
    if missing[0] >= settings.GONE_ALIKE and missing[1] <= _APART:
        yield _trait(lost.name, "missing", [], *missing)
        return
    for values in () if alone else _frequent(lost):  # the values of a key are all different
        shares = [_share(one, values) for one in (lost, kept)]
        if shares[0] >= settings.GONE_ALIKE and shares[1] <= _APART:
            yield _trait(lost.name, "value", _texts(lost, values), *shares)
            return
    if (lost.dtype.is_numeric() or lost.dtype.is_temporal()) and missing[0] <= 1 - settings.GONE_ALIKE:
        yield from _range(lost, kept)


def _frequent(lost: pl.Series) -> Iterator[pl.Series]:
    """The most frequent value, the two most frequent ones, and so on."""
    counted = lost.drop_nulls().value_counts(sort=True)[lost.name].head(_VALUES)
    return (counted.head(count).sort() for count in range(1, len(counted) + 1))


def _share(column: pl.Series, values: pl.Series) -> float:
    """The share of a column's cells that hold one of these values."""
    count: Any = column.is_in(values.implode()).sum()
    return int(count or 0) / len(column)


def _range(lost: pl.Series, kept: pl.Series) -> Iterator[dict[str, Any]]:
    ends: list[Any] = [lost.min(), lost.max(), kept.min(), kept.max()]
    if any(end is None or end != end for end in ends):  # noqa: PLR0124  NaN alone differs from itself
        return
    if ends[0] > ends[3] or ends[1] < ends[2]:
        yield _trait(lost.name, "range", _texts(lost, ends), 1.0, 0.0)


def _texts(like: pl.Series, values: Sequence[Any] | pl.Series) -> list[str]:
    import polars as pl

    return [row[0] or "" for row in cells.of_polars(pl.DataFrame({"": pl.Series(values, dtype=like.dtype)}))]


def _trait(column: str, kind: str, texts: Sequence[str], gone: float, kept: float) -> dict[str, Any]:
    return {"column": column, "kind": kind, "texts": list(texts), "gone": gone, "kept": kept}
