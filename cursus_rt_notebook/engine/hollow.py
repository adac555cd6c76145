"""Outputs that are there and hold nothing: tables without rows, lists without items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from cursus_rt_notebook.data.files import is_hidden, walk
from cursus_rt_notebook.engine.state import Table
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.settings import FILES_LOOKED_INTO

_NOTHING = frozenset({b"[]", b"{}", b"null"})
_SEE = "see its log: a step that drops or fails everything may end well all the same"


def findings(step: str, tables: Sequence[Table], outputs: dict[str, Path]) -> Iterator[Finding]:
    """One for each output of which nothing is left; a table by its counted rows, a JSON file by its text.

    Args:
        step: The step.
        tables: Its tables, counted.
        outputs: The folders of its ports.
    """
    told: set[str] = set()
    for port in dict.fromkeys(table.port for table in tables):
        rows = {table.channel: table.rows for table in tables if table.port == port}
        hollow = [channel for channel, count in rows.items() if count == 0]
        if hollow:
            told.add(port)
            channels = ", ".join(f"{port}/{channel}" if channel else port for channel in hollow)
            yield Finding("warning", f"{step} wrote a table without rows to {channels}", _SEE, step=step, port=port)
    for port, root in outputs.items():
        names = [name for name in _json_files(root) if _is_nothing(root / name)] if port not in told else []
        if names:
            message = f"{step} wrote nothing but brackets to {', '.join(names[:3])} of {port}"
            yield Finding("info", message, _SEE, step=step, port=port)


def _json_files(root: Path) -> list[str]:
    if not root.is_dir():
        return []
    names = sorted(walk(root))[:FILES_LOOKED_INTO]
    return [name for name in names if name.lower().endswith(".json") and not is_hidden(Path(name).name)]


def _is_nothing(path: Path) -> bool:
    with suppress(OSError):
        return path.stat().st_size <= 16 and path.read_bytes().strip() in _NOTHING
    return False
