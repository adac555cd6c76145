"""The rule behind every preview: what is shown is what pandas would give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.errors import Unreadable

WORDS = {"i": "int", "u": "int", "f": "float", "b": "bool", "M": "datetime", "m": "duration"}


def word(column: pd.Series) -> str:
    """The word for a column, worked out from its dtype and values alone."""
    kinds = {type(value) for value in column.dropna()} if column.dtype == object else set()
    if len(kinds) == 1:
        return {bool: "bool", int: "int"}.get(kinds.pop(), "text")
    return WORDS.get(getattr(column.dtype, "kind", "O"), "text")


def shown(value: Any) -> str | None:
    """A pandas value as a cell should read."""
    if pd.isna(value):
        return None
    if isinstance(value, str):
        return value if len(value) <= 200 else f"{value[:200]}… ({len(value):,} characters)"
    return str(value) if isinstance(value, bool) or not isinstance(value, float) else repr(float(value))


def same_float(one: str | None, other: str | None) -> bool:
    """Whether two cells agree; pandas' fast parser may be off in a float's last digit."""
    if one == other:
        return True
    return one is not None and other is not None and abs(float(one) - float(other)) <= 1e-14 * abs(float(other))


def check_agrees(reader: Reader, path: Path, frame: pd.DataFrame, rows: int = 50) -> None:
    """Check size, names, types, missing cells, first rows and typed head against what pandas read."""
    summary = reader.summary(path, rows=rows)
    assert (summary.rows, summary.column_count) == frame.shape
    assert [c.name for c in summary.columns] == [str(c) for c in frame.columns]
    assert [c.type for c in summary.columns] == [word(frame.iloc[:, i]) for i in range(frame.shape[1])]
    absent = [round(c.missing * len(frame)) for c in summary.columns]
    assert absent == [int(frame.iloc[:, i].isna().sum()) for i in range(frame.shape[1])]
    for row, (_, expected) in zip(summary.cells, frame.head(rows).astype(object).iterrows(), strict=True):
        for column, cell, value in zip(summary.columns, row, expected, strict=True):
            assert cell == shown(value) or (column.type == "float" and same_float(cell, shown(value)))
    assert reader.size(path) == frame.shape
    check_head(reader, path, frame)


def check_head(reader: Reader, path: Path, frame: pd.DataFrame) -> None:
    """Check that the first rows have the values and types of the whole table."""
    head = reader.head(path, 5).to_pandas()
    expected = frame.head(5).reset_index(drop=True)
    assert list(head.columns) == list(map(str, expected.columns))
    for i in range(expected.shape[1]):
        one, other = head.iloc[:, i], expected.iloc[:, i]
        assert one.isna().tolist() == other.isna().tolist()
        if other.dtype != object:
            assert one.dtype == other.dtype
        if other.dtype.kind == "f":
            pd.testing.assert_series_equal(one, other, check_names=False, check_index=False, rtol=1e-14)
        else:
            assert [shown(v) for v in one.dropna()] == [shown(v) for v in other.dropna()]


def agrees_or_refuses(reader: Reader, path: Path) -> None:
    """Check that the reader shows what `pd.read_csv` reads, or refuses what it refuses."""
    try:
        frame = pd.read_csv(path, low_memory=False)
    except Exception:  # noqa: BLE001  # pandas raises dozens of kinds
        try:
            reader.summary(path)
        except Unreadable:
            return
        raise AssertionError("pandas refuses it, and the reader does not") from None
    check_agrees(reader, path, frame)
