"""What a scan of a file says, and how the parts of a table add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cursus_rt_notebook.errors import Unreadable


@dataclass(frozen=True)
class Scan:
    """The shape of a table: rows, columns in all, and for the columns looked at their names, types and missing cells.

    `way` is how it was read, for whoever reads it again; `note` what a user has to know to trust it; `whole` is False
    if only its beginning was looked at.
    """

    rows: int
    columns: int
    names: tuple[str, ...]
    types: tuple[str, ...]
    missing: tuple[int, ...]
    way: str = ""
    note: str = ""
    whole: bool = True


def add_up(scans: Sequence[Scan], files: Sequence[str]) -> Scan:
    """The scan of a table whose parts were scanned.

    Raises:
        Unreadable: the parts have different columns.
    """
    first = scans[0]
    for scan, file in zip(scans, files, strict=True):
        if scan.names != first.names or scan.columns != first.columns:
            raise different_columns(first.names, scan.names, files[0], file)
    types = tuple(
        merge_types([(s.types[i], s.missing[i]) for s in scans if s.rows], first.types[i])
        for i in range(len(first.names))
    )
    return replace(
        first,
        rows=sum(scan.rows for scan in scans),
        types=types,
        missing=tuple(map(sum, zip(*(scan.missing for scan in scans), strict=True))),
        note=next((scan.note for scan in scans if scan.note), ""),
        whole=all(scan.whole for scan in scans),
    )


def merge_types(parts: Sequence[tuple[str, int]], otherwise: str) -> str:
    """The type of a column whose parts have these types and so many missing cells, as pandas joins them."""
    kinds = {kind for kind, _ in parts}
    if not kinds or len(kinds) == 1:
        return next(iter(kinds), otherwise)
    return "float" if kinds == {"int", "float"} else "text"


def different_columns(first: Sequence[str], other: Sequence[str], first_file: str, file: str) -> Unreadable:
    """The error for parts of a table that have different columns."""
    extra = [name for name in other if name not in first]
    lacking = [name for name in first if name not in other]
    what = " and ".join(
        filter(None, (f"has {_listed(extra)}" if extra else "", f"lacks {_listed(lacking)}" if lacking else ""))
    )
    return Unreadable(
        f"the parts have different columns: {file} {what or 'has them in another order'}, compared with {first_file}",
        fix=f'take one part: artifact["{file}"]; parts without a header need pd.read_csv(path, header=None)',
        path=file,
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""  # five names make the point
    return ", ".join(repr(name[:80]) for name in names[:5]) + more
