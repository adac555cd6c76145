"""Which rows a table has, kept so that a row can be found to be new, and none can be read out of it.

Each row's hash sets one bit. A row whose bit is not set is certainly new; one whose bit is set may be new, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cursus_rt_notebook import settings

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

_BITS_PER_ROW: Final = 5  # as a power of two: one row in thirty-two is taken for another
_FOLD: Final = 0x9E3779B97F4A7C15  # odd, and without pattern


class Hashes:
    """One number a row, the same wherever the cells are the same, made column by column; a list counts by nothing."""

    def __init__(self) -> None:
        self._folded: np.ndarray | None = None

    @property
    def folded(self) -> np.ndarray:
        """The numbers of all rows; none before the first column."""
        import numpy as np

        return np.zeros(0, np.uint64) if self._folded is None else self._folded

    def add(self, column: pl.Series) -> None:
        """Take the next column into account."""
        import numpy as np

        before = self._folded if self._folded is not None else np.zeros(len(column), np.uint64)
        folded = (before ^ _plain(column).hash(1).to_numpy()) * np.uint64(_FOLD)
        self._folded = folded ^ (folded >> np.uint64(32))


def bits_of(hashes: np.ndarray) -> np.ndarray:
    """The bits that the rows set, as bytes: a power of two of them."""
    import numpy as np

    size = min(settings.SEEN_BITS, max(10, int(len(hashes) or 1).bit_length() + _BITS_PER_ROW))
    flags = np.zeros(1 << size, bool)
    flags[hashes & np.uint64((1 << size) - 1)] = True
    return np.packbits(flags)


def are_seen(hashes: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """For each row whether its bit is set."""
    import numpy as np

    place = hashes & np.uint64(8 * len(bits) - 1)
    return (bits[place >> np.uint64(3)] >> (7 - (place & np.uint64(7)).astype(np.uint8))) & 1 > 0


def _plain(column: pl.Series) -> pl.Series:
    """A column as one of four types, so that equal cells are equal whatever the width of their type."""
    import polars as pl

    dtype = column.dtype
    if dtype.is_nested() or dtype == pl.Null:
        return pl.zeros(len(column), pl.UInt8, eager=True)
    if dtype.is_float() or dtype.is_decimal():
        return column.cast(pl.Float64).fill_nan(None) + 0.0  # so that -0.0 is 0.0
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return column.cast(pl.String)
    if dtype == pl.Binary:
        return column
    return column.to_physical().cast(pl.Int64, strict=False)
