"""Texts where numbers were wanted, and where they lie in files: by their bytes, so that nothing is parsed that could do harm, a pickle least of all."""

from __future__ import annotations

import csv
import mmap
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cursus_rt_notebook.data.files import walk
from cursus_rt_notebook.settings import TEXTS_PER_FILE, TEXTS_SEARCHED
from cursus_rt_notebook.suffixes import PICKLES, TABLES, separator_of

# What XGBoost and LightGBM say of columns that they cannot train on.
_COLUMNS_SAY = re.compile(r"(?:Invalid columns|bad pandas dtypes):\s*(.+)", re.DOTALL)
_COLUMN = re.compile(r"([^\s,:][^,:]*): (?:object|str|string)\b")
_PLAIN = frozenset({".txt", ".yaml", ".yml"})
_EDGE = rb"[\s,;:|\"'\[\]{}()]"
_KEY = re.compile(rb"\"([^\"\n]{1,100})\"\s*:\s*\[?\s*\"?$")

_SAYS = (
    re.compile(r"could not convert string to float: '(.+?)'", re.DOTALL),
    re.compile(r"could not convert string '(.+?)' to (?:float|int)"),
    re.compile(r"invalid literal for int\(\) with base \d+: '(.+?)'", re.DOTALL),
    re.compile(r"Unable to parse string [\"'](.+?)[\"'] at position"),
    re.compile(r"cannot convert value '(.+?)' to"),
    re.compile(r"conversion from `str` to `\w+` failed in column .*?: \[\"(.+?)\"", re.DOTALL),
)

_KEY_SAYS = re.compile(r"\b(?:for|of|at|under) key:? ['\"]?([^\s'\",;:]{1,200})")


@dataclass(frozen=True)
class Hit:
    """A file that holds the text, by its path below the port; and the column, or the key, under which it does."""

    file: str
    under: str = ""

    @property
    def shown(self) -> str:
        """The file, with what it is under."""
        return f"{self.file}, under {self.under!r}" if self.under else self.file


def text_in(message: str) -> str | None:
    """The text that an exception could not make a number of; None for another exception."""
    return next((match[1] for pattern in _SAYS if (match := pattern.search(message))), None)


def key_in(message: str) -> str | None:
    """The key of a dictionary whose value an exception finds wrong; None for another exception."""
    match = _KEY_SAYS.search(message)
    return match[1] if match is not None else None


def is_dictionary(file: str) -> bool:
    """Whether a file may hold a dictionary: a pickle, or JSON."""
    return Path(file).suffix.lower() in {*PICKLES, ".json", ".yaml", ".yml"}


def text_columns_in(message: str) -> tuple[str, ...]:
    """The columns of which an exception says that they hold texts; none for another exception."""
    match = _COLUMNS_SAY.search(message)
    return tuple(_COLUMN.findall(match[1])) if match is not None else ()


def find_text(root: Path, text: str) -> tuple[Hit, ...]:
    """The files below a folder, or the file, that hold a text as a whole word; each place under another name once."""
    return tuple(_hits(root, text))


def _hits(root: Path, text: str) -> Iterator[Hit]:
    names = sorted(walk(root)) if root.is_dir() else [""]
    left = TEXTS_SEARCHED
    for name in names:
        path = root / name if name else root
        suffix = path.suffix.lower()
        with suppress(OSError, ValueError):
            left -= path.stat().st_size
            if left < 0:
                return
            if suffix == ".parquet":
                yield from (Hit(name or path.name, column) for column in _in_parquet(path, text))
            elif suffix in {*TABLES, *PICKLES, *_PLAIN}:
                yield from (Hit(name or path.name, under) for under in _under(path, suffix, text))


def _in_parquet(path: Path, text: str) -> Iterator[str]:
    from pyarrow import parquet, types

    with parquet.ParquetFile(path) as file:
        for field in file.schema_arrow:
            if types.is_string(field.type) or types.is_large_string(field.type):
                columns = (batch.column(0) for batch in file.iter_batches(columns=[field.name]))
                if any(column.index(text).as_py() >= 0 for column in columns):
                    yield field.name


def _under(path: Path, suffix: str, text: str) -> Iterator[str]:
    encoded = re.escape(text.encode())
    # The name of a thing in a pickle follows its length, and is no text between signs.
    pattern = encoded if suffix in PICKLES else b"(?:^|(?<=" + _EDGE + b"))" + encoded + b"(?=" + _EDGE + b"|$)"
    seen: set[str] = set()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for number, match in enumerate(re.finditer(pattern, data)):
            if number >= TEXTS_PER_FILE:
                return
            for under in _names(data, match.start(), separator_of(path.name), text):
                if under not in seen:
                    seen.add(under)
                    yield under


def _names(data: mmap.mmap, at: int, separator: str | None, text: str) -> Iterator[str]:
    """What names the place: a table's columns, a key; an empty name where nothing does."""
    if separator:
        header, row = (_cells(_line(data, place), separator) for place in (0, at))
        if len(header) == len(row) and at > data.find(b"\n") > 0:
            yield from (name for name, cell in zip(header, row, strict=True) if cell.strip() == text)
        return
    key = _KEY.search(data[max(0, at - 120) : at])
    yield key[1].decode("utf-8", "replace") if key else ""


def _line(data: mmap.mmap, at: int) -> bytes:
    end = data.find(b"\n", at)
    return data[data.rfind(b"\n", 0, at) + 1 : end if end >= 0 else len(data)]


def _cells(line: bytes, separator: str) -> list[str]:
    return next(csv.reader([line.decode("utf-8", "replace").rstrip("\r")], delimiter=separator), [])


@dataclass(frozen=True)
class Cells:
    """The cells of a column in the first rows of a table: whether most are numbers, and the first text among them."""

    mostly_numbers: bool
    text: str


def look_at(root: Path, file: str, column: str) -> Cells:
    """What the cells of a column of a text table are; nothing where it cannot be read."""
    path = root / file if root.is_dir() else root
    numbers = rows = 0
    text = ""
    with suppress(OSError, ValueError, csv.Error, KeyError), path.open(encoding="utf-8", errors="replace") as lines:
        for row in csv.DictReader(lines, delimiter=separator_of(path.name) or ","):
            cell = (row[column] or "").strip()
            is_number = _is_number(cell)
            rows += bool(cell)
            numbers += is_number
            text = text or ("" if is_number else cell)
            if rows >= TEXTS_PER_FILE:
                break
    return Cells(numbers * 2 > rows, text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
