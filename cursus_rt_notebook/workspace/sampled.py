"""The first rows of a large table elsewhere: of text its first lines, of Parquet its first row groups.

Only what is needed for them is read: the file is opened for reading in ranges.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook.settings import FETCH_CHUNK
from cursus_rt_notebook.suffixes import SEPARATORS, TABLES

_PART: Final = re.compile(r"part|shard|chunk|-of-", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+")


def can_sample(name: str) -> bool:
    """Whether the first rows of a file of this name can be had without the whole."""
    return _kind(name) in {*SEPARATORS, "jsonl", "parquet"}


def tables_in_parts(names: Iterable[str]) -> list[list[str]]:
    """The files, those together that are parts of one table: they say so, and their names differ in digits only."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in sorted(names):
        folder, _, last = name.rpartition("/")
        is_part = can_sample(last) and _PART.search(last)
        found.setdefault((folder, _NUMBER.sub("0", last) if is_part else last), []).append(name)
    return list(found.values())


def write_sample(opened: Any, name: str, rows: int, target: Path, check: Callable[[int], None]) -> int:
    """Write the first rows of an open table to `target`, in its own format; return how many there were.

    Args:
        opened: The file, open for reading bytes from any place.
        name: The file's name, which tells the format.
        rows: How many at most.
        target: Where to.
        check: Told of the bytes read so far, several times; what it raises ends the reading.
    """
    if _kind(name) == "parquet":
        return _parquet(opened, rows, target, check)
    packed = name.lower().endswith(".gz")
    quoted = _kind(name) in SEPARATORS  # a line may end inside quotes: that ends no row
    pieces = _unpacked(_pieces(opened, check)) if packed else _pieces(opened, check)
    text, ends = _first_lines(pieces, rows + quoted, quoted=quoted)
    target.write_bytes(gzip.compress(text, mtime=0) if packed else text)
    return max(ends - quoted, 0)


def _kind(name: str) -> str:
    return TABLES.get(Path(name.lower().removesuffix(".gz")).suffix, "")


def _pieces(opened: Any, check: Callable[[int], None]) -> Iterator[bytes]:
    read = 0
    while piece := opened.read(FETCH_CHUNK):
        read += len(piece)
        check(read)
        yield piece


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What is in a gzip file, which may be several one after another; at most so much at a time, however small it is."""
    unpacker = zlib.decompressobj(wbits=31)
    for piece in pieces:
        rest = piece
        while rest:
            yield unpacker.decompress(rest, FETCH_CHUNK)
            rest = unpacker.unconsumed_tail
            if unpacker.eof:
                rest, unpacker = unpacker.unused_data, zlib.decompressobj(wbits=31)


def _first_lines(pieces: Iterator[bytes], wanted: int, *, quoted: bool) -> tuple[bytes, int]:
    """The first lines as bytes, and how many they are; an end of line inside quotes is none."""
    kept: list[bytes] = []
    lines, inside = 0, False
    for piece in pieces:
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            inside ^= quoted and piece.count(b'"', start, end) % 2 == 1
            start = end + 1
            lines += not inside
            if lines == wanted:
                return b"".join((*kept, piece[:start])), lines
        inside ^= quoted and piece.count(b'"', start) % 2 == 1
        kept.append(piece)
    text = b"".join(kept)
    return text, lines + bool(text and not text.endswith(b"\n"))


def _parquet(opened: Any, rows: int, target: Path, check: Callable[[int], None]) -> int:
    """The first row groups, the last of them cut; its schema is kept with all that is said in it."""
    import pyarrow.parquet as pq

    table = pq.ParquetFile(opened)
    written = 0
    with pq.ParquetWriter(target, table.schema_arrow) as writer:
        for number in range(table.num_row_groups):
            if written >= rows:
                break
            check(opened.tell())
            group = table.read_row_group(number).slice(0, rows - written)
            writer.write_table(group)
            written += group.num_rows
    return written
