"""What a table is like: as usual, or at the edges of what a script may meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

SCENARIOS: Final = ("standard", "empty", "one_row", "all_null", "extreme", "unicode", "duplicate_keys", "large")

HOSTILE_TEXTS: Final = (
    *(
        "مرحبا بالعالم",
        "\u202eright to left\u202c",
        "👩‍👩‍👧‍👦 🏳️‍🌈",
        "e\u0301a\u0308n\u0303",
        "Ünïcödé ßẞ",
        "日本語テキスト",
    ),
    *(
        'say "hello"',
        "O'Brien",
        "a,b;c\td",
        "two\nlines",
        "carriage\r\nreturn",
        "back\\slash",
        "  spaces  ",
        "\ufeffmark",
    ),
    *("=1+1", "<b>&amp;</b>", "\u200bnarrow", "Ω≈ç√∫µ≤≥÷", "\U0010ffff", "None", "-"),
)


def check(scenario: str) -> None:
    """Make sure that there is such a scenario.

    Raises:
        DataError: there is not; lists those that there are.
    """
    if scenario not in SCENARIOS:
        raise DataError(f"there is no scenario {scenario!r}", fix=f"the scenarios are {', '.join(SCENARIOS)}")


def row_count(scenario: str, rows: int | None) -> int:
    """How many rows a table has, if so many were asked for (or none).

    Raises:
        DataError: that is no number of rows.
    """
    if rows is not None and (not isinstance(rows, int) or rows < 0):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise DataError(f"rows={rows!r} is no number of rows", fix="give a whole number, 0 or more")
    if scenario in {"empty", "one_row"}:
        return int(scenario == "one_row")
    usual = settings.SYNTHETIC_LARGE if scenario == "large" else settings.SYNTHETIC_ROWS
    return usual if rows is None else rows


def changed(cells: pa.Array, scenario: str, rows: np.ndarray) -> pa.Array:
    """The cells of the rows with these numbers, as the scenario has them."""
    import pyarrow as pa

    if scenario == "all_null":
        return pa.nulls(len(cells), cells.type)
    if scenario == "extreme":
        return _every_second(cells, _extremes(cells.type), rows)
    if scenario == "unicode" and _is_text(cells.type):
        return _every_second(cells, HOSTILE_TEXTS, rows)
    return cells


def _every_second(cells: pa.Array, values: tuple[Any, ...], rows: np.ndarray) -> pa.Array:
    """The cells with these values in every second row, one after the other."""
    import pyarrow as pa
    import pyarrow.compute

    compute: Any = pyarrow.compute  # its functions are made when it is imported
    if not values:
        return cells
    plain = cells.cast(cells.type.value_type) if pa.types.is_dictionary(cells.type) else cells
    table = pa.array(values, plain.type)
    put = table.take(pa.array(rows // 2 % len(values)))
    return compute.if_else(pa.array(rows % 2 == 0), put, plain).cast(cells.type)


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(plain) or pa.types.is_large_string(plain) or pa.types.is_string_view(plain)


def _extremes(kind: Any) -> tuple[Any, ...]:
    """The outermost values of a type; none for one that has none."""
    import numpy as np
    import pyarrow as pa

    if _is_text(kind):
        return ("", " ", "x" * settings.SYNTHETIC_LONG, "0", "-1")
    if pa.types.is_boolean(kind):
        return (True, False)
    if pa.types.is_integer(kind):
        limits = np.iinfo(kind.to_pandas_dtype())
        return (limits.max, limits.min, 0)
    if pa.types.is_floating(kind):
        limit = float(np.finfo(kind.to_pandas_dtype()).max)
        return (
            float("inf"),
            float("-inf"),
            float("nan"),
            limit,
            -limit,
            0.0,
            -0.0,
            float(np.finfo(kind.to_pandas_dtype()).tiny),
        )
    return _far_times(kind)


def _far_times(kind: Any) -> tuple[Any, ...]:
    import datetime as dt

    import pyarrow as pa

    if pa.types.is_date(kind):
        return (dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(1970, 1, 1))
    if pa.types.is_time(kind):
        return (dt.time(0), dt.time(23, 59, 59))
    if not pa.types.is_timestamp(kind):
        return ()
    zone = dt.UTC if kind.tz else None
    first, last = (1678, 2262) if kind.unit == "ns" else (1, 9999)  # all that nanoseconds reach
    return tuple(dt.datetime(*day, tzinfo=zone) for day in ((first, 1, 1), (last, 1, 1), (1970, 1, 1)))
