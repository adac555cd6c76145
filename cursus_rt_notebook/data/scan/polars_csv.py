"""CSV files through polars, where it is certain that pandas would see the same; None where it is not.

Every value is read as text. A first look at some rows says what each column could be; one pass over the file counts
what is missing and what else does not fit. A column that turns out otherwise is settled by one witness: a value that
proves pandas would take it for text. Anything doubtful (odd quoting, blank lines, numbers that only one of the two
parses) is left to pandas itself.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.scan import csv_text
from cursus_rt_notebook.data.scan.result import Scan

if TYPE_CHECKING:
    import polars as pl

# Every quote opens a field, closes one, or is doubled within one.
_WELL_QUOTED: Final = {
    mark: re.compile(rb'(?:[^"]*+(?<![^%b\n"])"[^"]*+"(?![^%b\r\n"]))*+[^"]*+\Z' % (mark, mark))
    for mark in (b",", b"\t")
}
_BLANK_LINE: Final = re.compile(rb"\n[ \t]*\r?\n|\n[ \t]+\r?\Z")
_LONE_RETURN: Final = re.compile(rb"\r(?!\n)")
_WIDE: Final = 5_000  # more columns than this at a time cost polars more than pandas
_SAMPLE_CELLS: Final = 200_000


def scan(path: str, separator: str, limit: int | None) -> Scan | None:
    """Scan a CSV; the first `limit` columns, or all. None if only pandas can say what is in it."""
    import polars as pl

    if not _regular_lines(path, separator.encode()):
        return None
    try:
        header = (
            pl.scan_csv(path, separator=separator, has_header=False, infer_schema=False, n_rows=1, glob=False)
            .collect()
            .row(0)
        )
        if not any(name and name.strip() for name in header):
            return None
        return _scan(path, separator, header, limit)
    except pl.exceptions.PolarsError:
        return None


def rows(path: str, separator: str, start: int, count: int, columns: int) -> pl.DataFrame:
    """Read some rows of a CSV that was scanned this way, as text, with columns named by position."""
    frame = _lazy(path, separator).select(_positions(columns)).slice(start, count)
    return frame.collect()


def typed(frame: pl.DataFrame, scan: Scan) -> pl.DataFrame:
    """Give rows read as text the scan's types and names."""
    import polars as pl

    targets = {"int": pl.Int64, "float": pl.Float64}
    exprs = [
        pl.col(str(i)).is_in(csv_text.TRUE) if kind == "bool" else pl.col(str(i)).cast(targets.get(kind, pl.String))
        for i, kind in enumerate(scan.types)
    ]
    result = frame.select(exprs)
    result.columns = list(scan.names)
    return result


def _lazy(path: str, separator: str) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_csv(
        path,
        glob=False,  # a name may hold [ or *
        separator=separator,
        infer_schema=False,
        null_values=list(csv_text.MISSING),
        with_column_names=lambda names: _positions(len(names)),
    )


def _positions(count: int) -> list[str]:
    return [str(i) for i in range(count)]


def _regular_lines(path: str, mark: bytes) -> bool:
    """Whether lines end and quotes stand as polars expects them."""
    quotes = returns = False
    last = b""
    with Path(path).open("rb") as file:
        while block := file.read(settings.MIB):
            # bytes.find is ten times faster than a pattern or mmap.find.
            quotes = quotes or b'"' in block
            returns = returns or b"\r" in block
            last = block
        # polars drops a last field that is empty and ends the file.
        if last.endswith(mark) or not (quotes or returns):
            return not last.endswith(mark)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if returns and _LONE_RETURN.search(content):
                return False
            return not quotes or _WELL_QUOTED[mark].match(content) is not None


def _scan(path: str, separator: str, header: Sequence[str | None], limit: int | None) -> Scan | None:
    import polars as pl

    names = csv_text.column_names(header)
    looked_at = len(names) if limit is None else min(limit, len(names))
    if looked_at > _WIDE:
        return None
    frame = _lazy(path, separator).select(_positions(looked_at))
    # A long cell is cut before Python sees it.
    sample = frame.head(max(1, min(100, _SAMPLE_CELLS // looked_at))).select(pl.all().str.slice(0, csv_text.LONG))
    guesses = [csv_text.kind_of_values(column) for column in sample.collect().iter_columns()]
    if "odd" in guesses:
        return None
    counts = frame.select(_counts(guesses)).collect(engine="streaming").row(0, named=True)
    total: int = counts["rows"]
    missing = tuple(int(counts[f"{i} missing"]) for i in range(looked_at))
    if _may_hold_blank_lines(path, missing):
        return None
    types = [_type(guess, counts, i, total - missing[i]) for i, guess in enumerate(guesses)]
    if not _witnessed(frame, types, guesses):
        return None
    final = tuple((kind or "text") if total else "text" for kind in types)
    note = csv_text.HEADLESS if csv_text.looks_headless(header) else ""
    return Scan(total, len(names), names[:looked_at], final, missing, way="polars", note=note)


def _counts(guesses: Sequence[str]) -> list[pl.Expr]:
    import polars as pl

    exprs = [pl.len().alias("rows")]
    for i, guess in enumerate(guesses):
        column = pl.col(str(i))
        exprs.append(column.null_count().alias(f"{i} missing"))
        if guess in {"int", "empty"}:
            exprs.append(column.cast(pl.Int64, strict=False).count().alias(f"{i} int"))
        if guess in {"float", "empty"}:
            exprs.append(_is_number(column).sum().alias(f"{i} float"))
        if guess in {"bool", "empty"}:
            exprs.append(column.is_in(csv_text.TRUE + csv_text.FALSE).sum().alias(f"{i} bool"))
    return exprs


def _is_number(column: pl.Expr) -> pl.Expr:
    """Whether a value is a number to both; null where it is none to polars. A NaN not among the missing is text."""
    import polars as pl

    return column.cast(pl.Float64, strict=False).is_not_nan()


def _may_hold_blank_lines(path: str, missing: Sequence[int]) -> bool:
    """Whether there may be blank lines, which pandas skips. One would leave every column but the first missing."""
    if len(missing) > 1 and not all(missing[1:]):
        return False
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _BLANK_LINE.search(content) is not None


def _type(guess: str, counts: dict[str, Any], i: int, present: int) -> str | None:
    """The column's type if all its values fit one; None if it takes a witness."""
    if guess == "text":
        return "text"
    if not present:
        return "float"
    if counts.get(f"{i} int") == present:
        return "float" if counts[f"{i} missing"] else "int"
    if counts.get(f"{i} bool") == present:
        return "bool"
    if counts.get(f"{i} float") == present:
        return "float" if guess == "float" else None
    return None


def _witnessed(frame: pl.LazyFrame, types: list[str | None], guesses: Sequence[str]) -> bool:
    """Settle the columns that are still open, in place; False if pandas has to."""
    open_columns = [i for i, kind in enumerate(types) if kind is None]
    if not open_columns:
        return True
    witnesses = frame.select(_witness_exprs(open_columns, guesses)).collect().row(0, named=True)
    for i in open_columns:
        not_int, not_float = witnesses[f"{i} int"], witnesses[f"{i} float"]
        types[i] = _witnessed_type(not_int, not_float, guesses[i])
        if types[i] is None:
            return False
    return True


def _witnessed_type(not_int: str | None, not_float: str | None, guess: str) -> str | None:
    """The type of a column by its first value that is no integer, and its first that is no number (nor truth)."""
    if csv_text.kind_of_values([not_int]) == "odd":
        return None
    if not_float is None:
        return "float" if not_int is not None and csv_text.kind_of_value(not_int) == "float" else None
    kind = csv_text.kind_of_value(not_float)
    return "text" if kind == "text" or (kind == "bool" and guess in {"int", "float"}) else None


def _witness_exprs(open_columns: Sequence[int], guesses: Sequence[str]) -> list[pl.Expr]:
    import polars as pl

    exprs: list[pl.Expr] = []
    for i in open_columns:
        column = pl.col(str(i))
        not_bool = ~column.is_in(csv_text.TRUE + csv_text.FALSE) if guesses[i] == "bool" else pl.lit(value=True)
        no_number = column.is_not_null() & ~_is_number(column).fill_null(value=False) & not_bool
        no_int = column.is_not_null() & column.cast(pl.Int64, strict=False).is_null()
        exprs.append(column.filter(no_number).first().str.slice(0, csv_text.LONG).alias(f"{i} float"))
        exprs.append(column.filter(no_int).first().str.slice(0, csv_text.LONG).alias(f"{i} int"))
    return exprs
