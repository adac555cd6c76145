"""Inputs that are tables without a row."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cursus_rt_notebook.data.files import is_hidden, walk
from cursus_rt_notebook.engine.plan import StepPlan
from cursus_rt_notebook.engine.upstream.above import Above
from cursus_rt_notebook.settings import FILES_LOOKED_INTO
from cursus_rt_notebook.suffixes import separator_of


def without_rows(plan: StepPlan, above: Above) -> str:
    """Which inputs have no row, and who wrote them so; empty where all have some, or nobody can tell."""
    found = [_told(port, given.producer) for port, given in plan.inputs.items() if _is_without(port, plan, above)]
    return " ".join(found)


def _told(port: str, producer: str | None) -> str:
    by = f": {producer} wrote none" if producer else ""
    return f"Input {port!r} has no rows{by}."


def _is_without(port: str, plan: StepPlan, above: Above) -> bool:
    given = plan.inputs[port]
    source = plan.step.inputs[port]
    state = above.states.get(given.producer or "")
    sizes = [t.rows for t in state.tables if t.port == getattr(source, "port", "")] if state else []
    if sizes:
        return not any(sizes)
    root = given.path
    names = [name for name in sorted(walk(root)) if not is_hidden(Path(name).name)] if root.is_dir() else [""]
    tables = [root / name if name else root for name in names[:FILES_LOOKED_INTO]]
    return bool(tables) and all(map(_has_only_a_header, tables))


def _has_only_a_header(path: Path) -> bool:
    if separator_of(path.name) is None:
        return False
    with suppress(OSError, ValueError), path.open("rb") as lines:
        next(lines, b"")
        return not any(line.strip() for line in lines)
    return False
