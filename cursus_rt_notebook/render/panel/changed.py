"""What a step changed: each table it wrote beside the input it most resembles, and beside the last good run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.summary import Column, TableSummary
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import Table
from cursus_rt_notebook.errors import CursusError, Unreadable
from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.panel.gone_view import lost_sentence
from cursus_rt_notebook.render.panel.parts import Sentence, code, say, strong, to_step
from cursus_rt_notebook.render.panel.ports_view import parts_of, tables_of, what_is_wrong
from cursus_rt_notebook.render.panel.step_view import nothing_yet

Json = dict[str, Any]

_ALIKE = 0.25  # of the columns of both together; tables that share fewer are not the same one changed
_ROWS = 400
_NAMED = 6
_SPLIT = 24  # tables into which an input is taken to be split
_NAME = 200
_MISSING = 0.001  # a share that moved less than this did not change


@dataclass(frozen=True)
class Known:
    """One table with what is known of it: where it lies, its rows, its columns."""

    port: str
    channel: str | None
    step: str | None
    rows: int | None
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        """The port, with the channel after it."""
        return "/".join(filter(None, (self.port, self.channel)))

    @property
    def names(self) -> frozenset[str]:
        """The names of its columns."""
        return frozenset(column.name for column in self.columns)


def changed_view(view: StepView, port: str | None = None, channel: str | None = None) -> Json:
    """The tables a step wrote, and one of them (the first) compared with what came in."""
    tables = _tables(view)
    chosen = _chosen(tables, port, channel)
    told: Json = {
        "tables": [
            {"port": t.port, "channel": t.channel, "label": t.channel or t.port, "size": words.shape(t.rows, t.columns)}
            for t in tables
        ],
        "chosen": None,
        "nothing": None,
    }
    if chosen is None:
        return told | {"nothing": _no_tables(view)}
    return told | {"chosen": _compared(view, chosen)}


def alike(one: Known, other: Known) -> float:
    """How much two tables resemble each other: the share of column names, of all, that both have."""
    every = one.names | other.names
    return len(one.names & other.names) / len(every) if every else 0.0


def resembled(table: Known, inputs: list[Known]) -> Known | None:
    """The input that a table resembles most; of equals the one of its channel, then the largest; None if none does."""
    near = [other for other in inputs if alike(table, other) >= _ALIKE]
    return max(near, key=lambda o: (alike(table, o), o.channel == table.channel, o.rows or 0), default=None)


def column_rows(before: Known, after: Known) -> list[Json]:
    """The columns that differ, what was added first; then how the others stand."""
    old = {column.name: column for column in before.columns}
    new = {column.name: column for column in after.columns}
    rows = [_column(name, old.get(name), new.get(name)) for name in dict.fromkeys((*new, *old))]
    order = ("added", "type", "missing", "removed", "same")
    return sorted(rows, key=lambda row: order.index(row["what"]))


def row_change(before: int | None, after: int | None) -> str:
    """How the number of rows changed: `336,776 → 202,123 (134,653 fewer, -40.0%)`."""
    if before is None or after is None:
        return " → ".join("?" if n is None else words.number(n) for n in (before, after))
    told = f"{words.number(before)} → {words.number(after)}"
    difference = after - before
    if not difference:
        return f"{told} (as many)"
    return (
        f"{told} ({words.number(abs(difference))} {'fewer' if difference < 0 else 'more'}{_share(difference, before)})"
    )


def _share(difference: int, before: int) -> str:
    """How much that is of what there was before."""
    if not before:
        return ""
    if difference >= before:
        return f", {(before + difference) / before:.1f} times as many"
    return f", {'-' if difference < 0 else '+'}{words.share(abs(difference) / before)}"


def _chosen(tables: list[Table], port: str | None, channel: str | None) -> Table | None:
    """The table that is meant: of a port that is split its first channel, else the first of all."""
    wishes = ((t.port, t.channel) == (port, channel) for t in tables), (t.port == port for t in tables)
    found = [next((t for t, fits in zip(tables, wish, strict=True) if fits), None) for wish in wishes]
    return next((t for t in (*found, *tables) if t is not None), None)


def _tables(view: StepView) -> list[Table]:
    """The tables that the step wrote, as the pipeline declares their ports and channels."""
    outputs = view.step.outputs
    places = {
        (port, channel): place
        for place, (port, channel) in enumerate((p, c) for p, out in outputs.items() for c in (None, *out.channels))
    }
    tables = [table for table in view.state.tables if table.port in view.outputs]
    return sorted(tables, key=lambda table: places.get((table.port, table.channel), len(places)))


def _no_tables(view: StepView) -> Sentence:
    if view.outputs:
        return say("It wrote no table to compare. Its files are under Outputs.")
    return nothing_yet(view, "outputs to compare with its inputs")


def _compared(view: StepView, table: Table) -> Json:
    after, trouble = _known(view, "outputs", table.port, table.channel)
    told: Json = {"port": table.port, "channel": table.channel, "trouble": trouble, "sentences": [], "columns": []}
    told |= {"gone": "", "marked": False}
    if after is None:
        return told
    inputs = list(_inputs(view))
    before = resembled(after, inputs)
    lost = [loss for loss in view.state.losses if loss.port == table.port and loss.channel in {None, table.channel}]
    sentences = [*map(lost_sentence, lost), *_against_input(before, after, view), *_together(before, inputs, view)]
    sentences += _against_former(table)
    told |= {"gone": _gone(table, before, marked=bool(lost)), "marked": bool(lost)}
    if before is None:
        return told | {"sentences": sentences}
    columns = column_rows(before, after)
    same = sum(row["what"] == "same" for row in columns)
    shown = [row for row in columns if row["what"] != "same"]
    more = len(shown) - _ROWS
    rest = [f"{words.plural(same, 'column')} unchanged"] if same else []
    rest += [f"{words.plural(more, 'more changed column')} not listed"] if more > 0 else []
    return told | {"sentences": sentences, "columns": shown[:_ROWS], "rest": " · ".join(rest)}


def _gone(table: Table, before: Known | None, *, marked: bool) -> str:
    """Whether to look for rows that are gone: `now`, only when `asked`, or (where there are none fewer) not at all."""
    if marked:
        return "now"
    earlier = (table.former, before.rows if before else None)
    return "asked" if any(rows is not None and rows > (table.rows or 0) for rows in earlier) else ""


def _against_input(before: Known | None, after: Known, view: StepView) -> Iterator[Sentence]:
    if before is None:
        names = words.listed((name[:_NAME] for name in sorted(view.step.inputs)), _NAMED)
        yield say(
            f"It resembles no input ({names}): all its columns are new."
            if names
            else "It was made without inputs: all its columns are new."
        )
        return
    origin = (" from ", to_step(before.step, "outputs")) if before.step else ()
    yield say(strong("Rows"), f" {row_change(before.rows, after.rows)}, against ", code(before.name), *origin, ".")
    columns = column_rows(before, after)
    for what, verb in (("added", "added"), ("removed", "removed"), ("type", "changed their type")):
        names = [row["name"] for row in columns if row["what"] == what]
        if names:
            listed = words.listed((chars.cut_middle(name, 60) for name in names), _NAMED)
            count = words.plural(len(names), "column")
            yield say(strong(count), f" {verb if len(names) > 1 or what != 'type' else 'changed its type'}: {listed}.")


def _together(before: Known | None, inputs: list[Known], view: StepView) -> Iterator[Sentence]:
    """What became of an input that was split: all rows of the tables that resemble it."""
    tables = _tables(view)
    if before is None or not 1 < len(tables) <= _SPLIT:
        return
    known = (_known(view, "outputs", table.port, table.channel)[0] for table in tables)
    parts = [each for each in known if each is not None and resembled(each, inputs) == before]
    # Where one table holds all the rows still, nothing was split.
    if len(parts) > 1 and before.rows is not None and all((part.rows or 0) < before.rows for part in parts):
        rows = sum(part.rows or 0 for part in parts)
        whole = words.listed((part.channel or part.port for part in parts), _NAMED)
        yield say(strong("Together"), f", {whole} have {words.number(rows)} rows{_beside(rows, before)}.")


def _beside(rows: int, before: Known) -> str:
    lost = (before.rows or 0) - rows
    if not lost:
        return f", as many as {before.name}"
    return f", {words.number(abs(lost))} {'fewer' if lost > 0 else 'more'} than {before.name}"


def _against_former(table: Table) -> Iterator[Sentence]:
    if table.former is None or table.rows is None:
        return
    if table.former == table.rows:
        yield say("As many rows as in the last good run.")
        return
    yield say(strong("Last good run"), f": {row_change(table.former, table.rows)}{_beyond(table)}.")


def _beyond(table: Table) -> str:
    """Whether a table is larger or smaller than it ever was in the last good runs."""
    if table.usual is None or table.rows is None or table.usual[0] <= table.rows <= table.usual[1]:
        return ""
    low, high = table.usual
    usual = words.number(low) if low == high else f"{words.number(low)} to {words.number(high)}"
    return f"; in the last good runs it had {usual}"


def _column(name: str, old: Column | None, new: Column | None) -> Json:
    what = "same"
    if old is None:
        what = "added"
    elif new is None:
        what = "removed"
    elif old.type != new.type:
        what = "type"
    elif abs(old.missing - new.missing) >= _MISSING:
        what = "missing"
    return {
        "name": name[:_NAME] if name.strip() else f'"{name}"',
        "what": what,
        "before": old.type if old else "",
        "after": new.type if new else "",
        "missing_before": words.share(old.missing) if old else "",
        "missing_after": words.share(new.missing) if new else "",
    }


def _inputs(view: StepView) -> Iterator[Known]:
    """Every table that came in, as far as it can be read."""
    for port, artifact in view.inputs.items():
        for channel, _ in parts_of(artifact):
            known, _ = _known(view, "inputs", port, channel)
            if known is not None:
                yield known


def _known(view: StepView, side: str, port: str, channel: str | None) -> tuple[Known | None, str]:
    """A table with its columns, or why there is none."""
    artifact = (view.outputs if side == "outputs" else view.inputs)[port]
    part = artifact if channel is None else artifact[channel]
    try:
        summary = _summary(part, view.workspace.path)
    except (CursusError, OSError) as error:
        return None, what_is_wrong(error)
    if summary is None:
        return None, "it is no table"
    counted: Mapping[str | None, Table] = tables_of(view, side, port)
    rows = counted[channel].rows if channel in counted else summary.rows
    return Known(port, channel, artifact.step if side == "inputs" else None, rows, summary.columns), ""


def _summary(part: Artifact, workspace: Path) -> TableSummary | None:
    # What lies in the workspace never changes, so it is looked at once.
    if part.path.is_relative_to(workspace):
        return _kept_summary(part.path)
    return part.summary(rows=0)


@lru_cache(maxsize=256)
def _kept_summary(path: Path) -> TableSummary | None:
    try:
        return Artifact(path).summary(rows=0)
    except Unreadable:
        return None
