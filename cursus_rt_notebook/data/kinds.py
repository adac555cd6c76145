"""What kind of file it is: its content decides, its name only where the content leaves it open.

Nothing is parsed, unpickled or executed: the first few kilobytes are compared with known beginnings.
"""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.packing import PACKED_SUFFIXES, Packing, packing_of, peek_inside
from cursus_rt_notebook.suffixes import PICKLES, TABLES

TABLE_KINDS: Final = frozenset(TABLES.values())
_TEXT_PER_CONTROL: Final = 50  # characters for each control character, in text of an older encoding
_PEEK: Final = 8 * settings.KIB

# (offset, bytes, kind, what it is called)
_MAGIC: Final[tuple[tuple[int, bytes, str, str], ...]] = (
    (0, b"PAR1", "parquet", ""),
    (0, b"\x89PNG\r\n\x1a\n", "image", "PNG"),
    (0, b"\xff\xd8\xff", "image", "JPEG"),
    (0, b"GIF8", "image", "GIF"),
    (8, b"WEBP", "image", "WebP"),
    (0, b"\x93NUMPY", "array", "NumPy"),
    (0, b"\x89HDF\r\n\x1a\n", "array", "HDF5"),
    (0, b"SQLite format 3\0", "unknown", "SQLite database"),
    (0, b"%PDF-", "unknown", "PDF"),
    (0, b"ARROW1", "unknown", "Arrow file"),
    (0, b"\x7fELF", "unknown", "program"),
    (0, b"\x28\xb5\x2f\xfd", "archive", "zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "archive", "7z"),
    (257, b"ustar", "archive", "tar"),
)
# Formats that have no beginning of their own, or share a pickle's, a zip's or a text's.
_MODELS: Final = {
    **PICKLES, ".bst": "XGBoost", ".ubj": "XGBoost", ".pt": "PyTorch", ".pth": "PyTorch", ".onnx": "ONNX", ".h5": "HDF5",
    ".keras": "Keras", ".safetensors": "safetensors", ".cbm": "CatBoost",
}  # fmt: skip
_TEXT_KINDS: Final = {
    **{suffix: kind for suffix, kind in TABLES.items() if kind != "parquet"}, ".svg": "svg",
    ".txt": "text", ".md": "text", ".log": "text", ".yaml": "text", ".yml": "text", ".py": "text", ".html": "text",
    ".toml": "text", ".ini": "text", ".xml": "text", ".sql": "text",
}  # fmt: skip
_SUFFIX_KINDS: Final = {**_TEXT_KINDS, **TABLES, ".npy": "array", ".png": "image", ".jpg": "image"}
_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Kind:
    """What a file is: csv, tsv, parquet, json, jsonl, text, svg, image, model, array, archive or unknown.

    `packing` says how it is compressed; `note` is what else there is to know, for people.
    """

    name: str
    packing: Packing | None = None
    note: str = ""

    @property
    def is_table(self) -> bool:
        """Whether it can be read as a table."""
        return self.name in TABLE_KINDS

    @property
    def described(self) -> str:
        """The kind as a noun, with the note: "a csv (though named .parquet)"."""
        article = "an" if self.name[0] in "aeiou" else "a"
        named = f"{article} {self.name}" if self.name != "unknown" else "of an unknown kind"
        return f"{named} ({self.note})" if self.note else named


def kind_of(path: str) -> Kind:
    """Say what kind of file `path` is."""
    try:
        # A pipe or device would block, or never end.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return Kind("unknown", note="not a regular file")
        with Path(path).open("rb") as file:
            start = file.read(_PEEK)
    except OSError as error:
        return Kind("unknown", note=error.strerror or type(error).__name__)
    return _kind(path, start)


def mistaken(path: str) -> Kind | None:
    """What a file is, where that is not what its name says; None where it is that, or the name says nothing."""
    kind, name = kind_of(path), Path(path.lower())
    packed_as = PACKED_SUFFIXES.get(name.suffix)
    claimed = _SUFFIX_KINDS.get(Path(name.stem).suffix if packed_as else name.suffix)
    if claimed is None or kind.note == "empty":
        return None
    alike = {claimed, "jsonl"} if claimed == "json" else {claimed}
    return None if kind.name in alike and kind.packing == packed_as else kind


def _kind(path: str, start: bytes) -> Kind:
    name = Path(path.lower())
    suffix = name.suffix
    if not start:
        return Kind(_SUFFIX_KINDS.get(suffix, "model" if suffix in _MODELS else "unknown"), note="empty")
    found = _by_magic(start, suffix)
    if found is not None:
        return found
    packing = packing_of(start)
    if packing is not None:
        return _packed(path, packing, name.stem if suffix in PACKED_SUFFIXES else name.name)
    if is_text(start):
        return _text(start, suffix)
    return Kind("unknown", note=f"binary, though named {suffix}" if suffix in _SUFFIX_KINDS else "")


def _by_magic(start: bytes, suffix: str) -> Kind | None:
    for offset, magic, kind, called in _MAGIC:
        if start.startswith(magic, offset) and not (kind == "array" and suffix in _MODELS):
            return Kind(kind, note=_though(called, kind, suffix))
    if len(start) > 1 and start[0] == 0x80 and 2 <= start[1] <= 5:  # PROTO, and the protocols there are
        return Kind("model", note=_though(_MODELS.get(suffix, "pickle"), "model", suffix))
    return Kind("model", note=_MODELS[suffix]) if suffix in _MODELS else None


def _though(called: str, kind: str, suffix: str) -> str:
    """Add to what a file is called that its name says otherwise."""
    claimed = _SUFFIX_KINDS.get(suffix, kind)
    return ", ".join(filter(None, (called, f"though named {suffix}" if claimed != kind else "")))


def _packed(path: str, packing: Packing, inner_name: str) -> Kind:
    inside = peek_inside(path, packing, _PEEK)
    suffix = Path(inner_name).suffix
    if inside is None:
        return Kind("archive", packing, packing if packing == "zip" else f"{packing}, damaged")
    if packing != "zip" and inside.startswith(b"ustar", 257):
        return Kind("archive", packing, f"tar, {packing}")
    if is_text(inside) and suffix not in _MODELS:
        inner = _text(inside, suffix)
        if inner.name != "text" or suffix:
            return Kind(inner.name, packing, inner.note or packing)
    return Kind("archive", packing, packing)


def is_text(start: bytes) -> bool:
    """Whether a file that begins with `start` reads as text, in any encoding one meets."""
    if start.startswith(_BOMS):
        return True
    if b"\0" in start:
        return False
    if _is_utf8(start):
        return True
    control = sum(byte < ord(" ") and byte not in b"\t\n\r\f\x1b" for byte in start)
    return control * _TEXT_PER_CONTROL <= len(start)


def _is_utf8(start: bytes) -> bool:
    try:
        start.decode()
    except UnicodeDecodeError as error:
        # The cut may fall within a character.
        return len(start) == _PEEK and error.start > len(start) - 4
    return True


def _text(start: bytes, suffix: str) -> Kind:
    if start.startswith(_BOMS):
        return Kind(_TEXT_KINDS.get(suffix, "text"), note="UTF-16")
    claimed = _TEXT_KINDS.get(suffix)
    kind = _json_kind(start, suffix) or claimed or _guess(start)
    notes = [f"though named {suffix}"] if suffix in _SUFFIX_KINDS and kind not in {claimed, "jsonl"} else []
    if not _is_utf8(start):
        notes.append("not UTF-8")
    return Kind(kind, note=", ".join(notes))


def _json_kind(start: bytes, suffix: str) -> str | None:
    """Find JSON where another name hides it: a table, and lines in what is named JSON."""
    if suffix not in {"", ".csv", ".tsv", ".json", ".out"}:
        return None
    body = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not body.startswith((b"{", b"[")):
        return None
    first, _, rest = body.partition(b"\n")
    if body.startswith(b"{") and _parses(first):
        return "jsonl" if rest.strip() else "json"
    return "json" if len(start) < _PEEK and _parses(body) else None


def _parses(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _guess(start: bytes) -> str:
    """The kind of a text whose name says nothing, such as a part file's."""
    if start.lstrip().startswith(b"<svg"):
        return "svg"
    lines = start.splitlines()[: 20 if len(start) < _PEEK else -1]
    for kind, mark in (("tsv", b"\t"), ("csv", b",")):
        counts = {line.count(mark) for line in lines}
        if len(lines) > 1 and len(counts) == 1 and counts != {0}:
            return kind
    return "text"
