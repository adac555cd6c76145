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
_NARROW: Final = 500
_SAMPLE_CELLS: Final = 200_000
_ABSENT: Final = frozenset(csv_text.MISSING)
_GUESSED: Final = frozenset({"int", "float", "bool"})


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
    return frame.select(_present(name) for name in _positions(columns)).collect()


def columns(path: str, separator: str, scan: Scan, types: Sequence[str]) -> pl.LazyFrame:
    """All rows of a CSV that was scanned this way, as `types`, with columns named by position."""
    exprs = [_typed(str(i), kind, missing=bool(scan.missing[i])) for i, kind in enumerate(types)]
    return _lazy(path, separator).select(exprs)


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
    """The texts of a CSV; of the missing ones only those without a character are null."""
    import polars as pl

    return pl.scan_csv(
        path,
        glob=False,  # a name may hold [ or *
        separator=separator,
        infer_schema=False,
        with_column_names=lambda names: _positions(len(names)),
    )


def _present(name: str) -> pl.Expr:
    """A column of texts, with all that are missing as null."""
    import polars as pl

    # `null_values` of scan_csv does the same, and makes reading twice as slow.
    return pl.when(~pl.col(name).is_in(csv_text.MISSING)).then(pl.col(name))


def _typed(name: str, kind: str, *, missing: bool) -> pl.Expr:
    """A column of texts as the type it was found to be, with what is missing as null."""
    import polars as pl

    column = pl.col(name)
    if kind == "int":
        return column.cast(pl.Int64)
    if kind == "float":
        # Of the missing texts some read as NaN, the others not at all.
        return column.cast(pl.Float64, strict=False).fill_nan(None)
    if kind == "bool":
        return pl.when(column.is_in(csv_text.TRUE + csv_text.FALSE)).then(column.is_in(csv_text.TRUE)).alias(name)
    return _present(name) if missing else column


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
    guesses = [_guess(column) for column in sample.collect().iter_columns()]
    if "odd" in guesses:
        return None
    counts = _counted(frame, guesses)
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


def _guess(values: pl.Series) -> str:
    return csv_text.kind_of_values(None if value in _ABSENT else value for value in values)


def _counted(frame: pl.LazyFrame, guesses: Sequence[str]) -> dict[str, Any]:
    """How many texts of each column are missing, and how many fit what it may be."""
    guessed = [i for i, guess in enumerate(guesses) if guess in _GUESSED]
    # Looking for words among numbers costs polars some time for each column: of many, only where there must be some.
    together = guessed if len(guessed) <= _NARROW else []
    exprs = [*_counts(guesses), *(_missing_words(i, guesses[i]) for i in together)]
    counts = frame.select(exprs).collect(engine="streaming").row(0, named=True)
    fitting = {i: counts[f"{i} {guesses[i]}"] + counts[f"{i} missing"] for i in guessed}
    unclear = [i for i in guessed if not together and fitting[i] < counts["rows"]]
    if unclear:
        exprs = [_missing_words(i, guesses[i]) for i in unclear]
        counts |= frame.select(exprs).collect(engine="streaming").row(0, named=True)
    return counts | {f"{i} missing": counts[f"{i} missing"] + counts.get(f"{i} words", 0) for i in guessed}


def _counts(guesses: Sequence[str]) -> list[pl.Expr]:
    import polars as pl

    exprs = [pl.len().alias("rows")]
    for i, guess in enumerate(guesses):
        fits = _fits(pl.col(str(i)), guess)
        exprs += [fit.sum().alias(f"{i} {kind}") for kind, fit in fits.items()]
        exprs.append(_missing(pl.col(str(i)), guess).alias(f"{i} missing"))
    return exprs


def _fits(column: pl.Expr, guess: str) -> dict[str, pl.Expr]:
    """For each type that a column may be, whether a text reads as it."""
    import polars as pl

    fits: dict[str, pl.Expr] = {}
    if guess in {"int", "empty"}:
        fits["int"] = column.cast(pl.Int64, strict=False).is_not_null()
    if guess in {"float", "empty"}:
        fits["float"] = _is_number(column).fill_null(value=False)
    if guess in {"bool", "empty"}:
        fits["bool"] = column.is_in(csv_text.TRUE + csv_text.FALSE)
    return fits


def _missing(column: pl.Expr, guess: str) -> pl.Expr:
    """How many texts are missing; of a column that is not text only the empty ones, as long as all others fit."""
    absent = column.null_count()
    return absent if guess in _GUESSED else absent + column.is_in(csv_text.MISSING).sum()


def _missing_words(number: int, guess: str) -> pl.Expr:
    """How many texts like NA are among those that do not fit."""
    import polars as pl

    column = pl.col(str(number))
    return column.filter(~_fits(column, guess)[guess]).is_in(csv_text.MISSING).sum().alias(f"{number} words")


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
        column = _present(str(i))
        not_bool = ~column.is_in(csv_text.TRUE + csv_text.FALSE) if guesses[i] == "bool" else pl.lit(value=True)
        no_number = column.is_not_null() & ~_is_number(column).fill_null(value=False) & not_bool
        no_int = column.is_not_null() & column.cast(pl.Int64, strict=False).is_null()
        exprs.append(column.filter(no_number).first().str.slice(0, csv_text.LONG).alias(f"{i} float"))
        exprs.append(column.filter(no_int).first().str.slice(0, csv_text.LONG).alias(f"{i} int"))
    return exprs
