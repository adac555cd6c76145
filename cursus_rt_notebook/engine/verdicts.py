"""What was found out about a table by looking at all of it, remembered for the same content and the same question."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blake3 import blake3

from cursus_rt_notebook.workspace.journal import Journal

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_KIND = "verdict"
_VERSION = 1  # of the answers' form


def remembered(
    journal: Journal, digest: str, asked: Iterable[object], find: Callable[[], Iterable[DataclassInstance]]
) -> list[dict[str, Any]]:
    """What `find` finds, as plain data: from the journal, where the same was `asked` of this content before."""
    name = f"{digest} {blake3(repr((_VERSION, *asked)).encode(errors='replace')).hexdigest(length=16)}"
    known = journal.recall(_KIND, name)
    if known is None:
        known = [asdict(one) for one in find()]
        if digest:
            journal.remember(_KIND, {name: known})
    return known


def text_of(schema: Path) -> str:
    """The text of a schema, which is part of what is asked."""
    try:
        return schema.read_text(errors="replace")
    except OSError as error:
        return str(error)
