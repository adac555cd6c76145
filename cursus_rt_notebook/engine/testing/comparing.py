"""One step on two sources of data, side by side: what it took, and what it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.checks.baseline import BaselineColumn, BaselineTable
from cursus_rt_notebook.data.checks.examining import measure
from cursus_rt_notebook.data.checks.lattice import Fit, fit
from cursus_rt_notebook.data.reader import get_reader
from cursus_rt_notebook.data.results import TestedModel
from cursus_rt_notebook.engine.testing.data_sources import REAL, SYNTHETIC
from cursus_rt_notebook.engine.testing.executor import PipelineScriptExecutor
from cursus_rt_notebook.engine.testing.results import ExecutionResult, TestResult
from cursus_rt_notebook.errors import DataError
from cursus_rt_notebook.settings import MISSING_APART, WORKSPACE_DIR

Pair = tuple[Any, Any]
_DIFFERS, _FITS = "differs", "one fits into the other"


class ColumnFigures(BaseModel):
    """A column in figures: its type, the share of missing cells, least and most value, different values (about)."""

    model_config = ConfigDict(frozen=True)

    type: str
    missing: float | None
    minimum: int | float | str | None = None
    maximum: int | float | str | None = None
    distinct: int | None = None

    @classmethod
    def of(cls, column: BaselineColumn, rows: int) -> Self:
        """The figures of a column that was measured over so many rows."""
        missing = round(column.missing / rows, 4) if rows else None
        least, most = column.minimum, column.maximum
        return cls(type=column.type, missing=missing, minimum=least, maximum=most, distinct=column.distinct)


class ColumnComparison(BaseModel):
    """One column of both tables; None where a table does not have it. `note` says how the types differ, if they do."""

    model_config = ConfigDict(frozen=True)

    name: str
    first: ColumnFigures | None
    second: ColumnFigures | None
    note: str = ""


class TableComparison(BaseModel):
    """One table that the step wrote from both sources: its rows, and its columns."""

    model_config = ConfigDict(frozen=True)

    port: str
    channel: str | None
    rows: tuple[int | None, int | None]
    columns: tuple[ColumnComparison, ...]

    @property
    def name(self) -> str:
        """The port, with the channel after it."""
        return f"{self.port}/{self.channel}" if self.channel else self.port


class DataComparison(TestedModel):
    """One step on two sources of data. `left_out` says of which outputs nothing could be measured, and why."""

    step: str
    sources: tuple[str, str]
    first: TestResult
    second: TestResult
    tables: tuple[TableComparison, ...] = ()
    left_out: dict[str, str] = Field(default_factory=dict[str, str])

    @property
    def ok(self) -> bool:
        """Whether it succeeded on both, and wrote the same columns of types that fit."""
        return self.first.ok and self.second.ok and not self._differing

    @property
    def _differing(self) -> list[str]:
        return [f"{table.name}.{each.name}" for table in self.tables for each in table.columns if each.note == _DIFFERS]

    @property
    def headline(self) -> str:
        """How it went on both, in one sentence."""
        told = f"{self.step} on {self.sources[0]} and on {self.sources[1]} data"
        for result in (self.first, self.second):
            if not result.ok:
                return f"{told}: {result.headline}"
        runs = [self.first.execution, self.second.execution]
        took = " and ".join(f"{run.seconds or 0:.1f} s with {(run.peak_memory or 0) / 1e6:,.0f} MB" for run in runs)
        differing = self._differing
        what = f"{len(differing)} columns differ" if len(differing) != 1 else f"{differing[0]} differs"
        return f"{told}: {took}; {what if differing else 'the same columns'}"

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What to do about a failure, or about columns that differ."""
        found = (*self.first.recommendations, *self.second.recommendations)
        shown = ", ".join(self._differing[:5])
        more = (f"give the port a schema, so that made-up data is like the real: {shown}",) if shown else ()
        return (*dict.fromkeys(found), *more)

    def rows(self) -> Sequence[dict[str, Any]]:
        """A row a measure: of what, which, the value on each source, and a note where they are far apart.

        First what the run took and the sizes of the tables, then what has a note.
        """
        names = self.sources if self.sources[0] != self.sources[1] else (self.sources[0], f"{self.sources[1]} (2)")
        head = [*_costs(self.step, self.first.execution, self.second.execution), *self._sizes()]
        columns = [row for table in self.tables for row in _column_rows(table)]
        ordered = [*head, *sorted(columns, key=lambda row: not row[3])]
        return [
            {"of": of, "measure": what, names[0]: first, names[1]: second, "note": note}
            for of, what, (first, second), note in ordered
        ]

    def _sizes(self) -> Iterator[tuple[str, str, Pair, str]]:
        for table in self.tables:
            yield table.name, "rows", table.rows, ""
            first = sum(each.first is not None for each in table.columns)
            second = sum(each.second is not None for each in table.columns)
            yield table.name, "columns", (first, second), _DIFFERS if first != second else ""
        for name, why in self.left_out.items():
            yield name, "left out", (None, None), why


Row = tuple[str, str, Pair, str]


def _costs(step: str, first: ExecutionResult, second: ExecutionResult) -> Iterator[Row]:
    yield step, "status", (first.status, second.status), _DIFFERS if first.success != second.success else ""
    yield step, "seconds", _rounded(first.seconds, second.seconds), ""
    yield step, "processor seconds", _rounded(first.cpu_seconds, second.cpu_seconds), ""
    yield step, "memory MB", _megabytes(first.peak_memory, second.peak_memory), ""
    yield step, "read MB", _megabytes(first.read_bytes, second.read_bytes), ""
    yield step, "written MB", _megabytes(first.written_bytes, second.written_bytes), ""


def _rounded(*values: float | None) -> Pair:
    first, second = (None if value is None else round(value, 2) for value in values)
    return first, second


def _megabytes(*values: int | None) -> Pair:
    return _rounded(*(None if value is None else value / 1e6 for value in values))


def _column_rows(table: TableComparison) -> Iterator[Row]:
    for each in table.columns:
        of = f"{table.name}.{each.name}"
        first, second = each.first, each.second
        yield of, "type", (first.type if first else None, second.type if second else None), each.note
        if first is None or second is None:
            continue
        one, other = first.missing, second.missing
        far = one is not None and other is not None and abs(one - other) >= MISSING_APART
        yield of, "missing", (one, other), "far apart" if far else ""
        if first.minimum is not None or second.minimum is not None:
            yield of, "range", (_range(first), _range(second)), _apart(first, second)


def _range(column: ColumnFigures) -> str:
    return "" if column.minimum is None else f"{_end(column.minimum)} to {_end(column.maximum)}"


def _end(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _apart(first: ColumnFigures, second: ColumnFigures) -> str:
    """A note where no value of one column lies in the range of the other."""
    ends: list[Any] = [first.minimum, first.maximum, second.minimum, second.maximum]
    if not (all(isinstance(end, (int, float)) for end in ends) or all(isinstance(end, str) for end in ends)):
        return ""
    low, high, other_low, other_high = ends
    return "apart" if high < other_low or other_high < low else ""


def compare_data(
    step: str,
    first: Any = SYNTHETIC,
    second: Any = REAL,
    *,
    pipeline: Any = None,
    workspace_dir: str | Path = WORKSPACE_DIR,
    rows: int | None = None,
    seed: int = 0,
) -> DataComparison:
    """Run one step by itself on two sources of data, and set side by side what it took and what it wrote.

    Args:
        step: A step, a script of a step, or a script's path; looked up as `PipelineScriptExecutor` does.
        first: A source as `PipelineScriptExecutor.test_script_isolation` takes it: by default made-up data.
        second: Another: by default what the pipeline names, and what the steps above last wrote.
        pipeline: A YAML file, a mapping, a networkx graph or a loaded pipeline; None for that of the last run.
        workspace_dir: Where artifacts, logs and made-up data are kept.
        rows: Of each table that is made up; 1,000 if None.
        seed: Of what is made up.

    Raises:
        NameUnknown: there is no such step; lists what there is.
        DataError, DataFlowError: an input has no data; says which, and what to give.
    """
    executor = PipelineScriptExecutor(workspace_dir, pipeline)
    one, other = (executor.test_script_isolation(step, source, rows=rows, seed=seed) for source in (first, second))
    left_out: dict[str, str] = {}
    measured = [list(_measured(result.execution, left_out)) for result in (one, other)]
    return DataComparison(
        step=one.execution.step_name,
        sources=(one.data_source, other.data_source),
        first=one,
        second=other,
        tables=tuple(_tables(*measured)),
        left_out=left_out,
    )


def _measured(run: ExecutionResult, left_out: dict[str, str]) -> Iterator[BaselineTable]:
    for port, data in run.outputs.items():
        artifact = Artifact(data.path, step=run.step_name, port=port)
        for channel in artifact.channels or (None,):
            part = artifact[channel] if channel else artifact
            try:
                figures = measure(get_reader(), part.table_path)
            except DataError as error:
                left_out[part.name] = error.message
            else:
                yield BaselineTable.measured(figures, run.step_name, port, channel)


def _tables(first: Sequence[BaselineTable], second: Sequence[BaselineTable]) -> Iterator[TableComparison]:
    """The tables of both, in the order of the first; one that only one of them wrote has no rows in the other."""
    sides = ({(t.port, t.channel): t for t in tables} for tables in (first, second))
    ones, others = sides
    for port, channel in dict.fromkeys((*ones, *others)):
        one, other = ones.get((port, channel)), others.get((port, channel))
        columns = tuple(_columns(_figures(one), _figures(other)))
        rows = (one.rows if one else None, other.rows if other else None)
        yield TableComparison(port=port, channel=channel, rows=rows, columns=columns)


def _figures(table: BaselineTable | None) -> dict[str, ColumnFigures]:
    return {each.name: ColumnFigures.of(each, table.rows) for each in table.columns} if table else {}


def _columns(first: Mapping[str, ColumnFigures], second: Mapping[str, ColumnFigures]) -> Iterator[ColumnComparison]:
    for name in dict.fromkeys((*first, *second)):
        one, other = first.get(name), second.get(name)
        yield ColumnComparison(name=name, first=one, second=other, note=_note(one, other))


def _note(first: ColumnFigures | None, second: ColumnFigures | None) -> str:
    if first is None or second is None:
        return _DIFFERS
    how = fit(first.type, second.type)
    if how is Fit.SAME:
        return ""
    return _FITS if how in {Fit.WIDER, Fit.NARROWER} or fit(second.type, first.type) is Fit.WIDER else _DIFFERS
