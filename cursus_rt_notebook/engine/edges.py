"""Whether the tables of a step are what those that read them expect, and what they were in the recorded good run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.checks.baseline import BaselineTable
from cursus_rt_notebook.data.checks.compatibility import Difference, Level, compare
from cursus_rt_notebook.data.checks.expected import ExpectedTable, from_schema, from_script
from cursus_rt_notebook.data.checks.validation import differences_of
from cursus_rt_notebook.data.reader import get_reader
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.record import columns_of
from cursus_rt_notebook.engine.verdicts import remembered, text_of
from cursus_rt_notebook.errors import DataError
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, FromStep, Step
from cursus_rt_notebook.pipeline.script_use import script_use
from cursus_rt_notebook.settings import COLUMNS_SHOWN
from cursus_rt_notebook.workspace.store import Workspace


@dataclass(frozen=True)
class Table:
    """The table of a port, or of a channel of it; `digest` is that of the port's content, "" where it is not known."""

    port: str
    channel: str | None
    artifact: Artifact  # the port's
    digest: str

    @property
    def name(self) -> str:
        """What the table is called: `processed_data/train`."""
        return f"{self.port}/{self.channel}" if self.channel else self.port

    @property
    def key(self) -> str:
        """By what is remembered what is known of it."""
        return f"{self.digest}/{self.channel or ''}" if self.digest else ""

    @property
    def path(self) -> Path:
        """Where it lies.

        Raises:
            DataError: there is no one table.
        """
        return (self.artifact[self.channel] if self.channel else self.artifact).table_path

    def columns(self, workspace: Workspace) -> tuple[str, ...]:
        """Its columns; none where it cannot be read."""
        if self.digest:
            return tuple(columns_of(self.artifact, self.channel, self.digest, workspace))
        try:
            return tuple(self.artifact.schema)
        except DataError:
            return ()


def tables_of(view: StepView, port: str) -> list[Table]:
    """The tables that a step may have written to a port: the port's own, or its channels'."""
    artifact = view.outputs[port]
    return [Table(port, channel, artifact, view.state.outputs[port]) for channel in artifact.channels or (None,)]


def readers(view: StepView, port: str) -> Iterator[tuple[Step, str, FromStep]]:
    """The inputs that a port of this step feeds: whose, which, and how that is written."""
    for name in view.pipeline.consumers[view.name]:
        step = view.pipeline.steps[name]
        for into, source in step.inputs.items():
            if isinstance(source, FromStep) and (source.step, source.port) == (view.name, port):
                yield step, into, source


def with_consumers(view: StepView, port: str, tables: Sequence[Table]) -> Iterator[Finding]:
    """What the steps that read a port cannot do with its tables."""
    for consumer, into, source in readers(view, port):
        if source.schema_file is not None:
            for table in tables:
                yield from _by_schema(view, table, consumer, into, source.schema_file)
        for one, place in _lacking(consumer, into, tables, view.workspace):
            message = f"{consumer.name} reads {one.column!r} of {into} ({place}), and {view.name} writes no such column to {port}"
            yield Finding("warning", message, one.fix, step=view.name, port=port)


def with_baseline(view: StepView, table: Table, before: BaselineTable | None) -> Iterator[Finding]:
    """How the columns of a table are not what they were in the recorded good run."""
    if before is None or before.digest == table.key:
        return
    found = _compared(view.workspace, table, before.expected(), before.as_plain())
    if isinstance(found, Finding):
        yield found
    elif found:
        wrong = any(one.level is Level.INCOMPATIBLE for one in found)
        told = [one.message for one in found if one.level is Level.INCOMPATIBLE or not wrong]
        rest = f"; and {len(found) - COLUMNS_SHOWN} more" if len(found) > COLUMNS_SHOWN else ""
        consumers = ", ".join(step.name for step, _, _ in readers(view, table.port))
        message = (
            f"{table.name} is not as in the baseline (run {before.run_id}): {'; '.join(told[:COLUMNS_SHOWN])}{rest}"
        )
        fix = f"look at {view.name}" + (f" before {consumers} goes on" if consumers else "")
        fix = f"{fix}; if it is right, session.record_baseline()"
        yield Finding("warning" if wrong else "info", message, fix, step=view.name, port=table.port)


def with_files(view: StepView) -> Iterator[Finding]:
    """What a step expects of the user's own files and does not find there: by their schemas, and if it failed by its script."""
    for port, source in view.step.inputs.items():
        artifact = view.inputs.get(port)
        if not isinstance(source, FromPath | FromAddress) or artifact is None:
            continue
        name = source.path.name if isinstance(source, FromPath) else source.name
        table = Table(port, None, artifact, view.state.inputs.get(port, "") if view.error is None else "")
        if source.schema_file is not None:
            yield from _by_schema(view, table, view.step, port, source.schema_file)
        for one, place in _lacking(view.step, port, [table], view.workspace) if view.error else ():
            message = f"{view.name} reads {one.column!r} of {port} ({place}), and {name} has no such column"
            yield Finding("warning", message, one.fix, step=view.name, port=port)


def _by_schema(view: StepView, table: Table, consumer: Step, into: str, schema: Path) -> Iterator[Finding]:
    try:
        expected = from_schema(schema)
    except DataError as error:
        if consumer.name == view.name:  # for a consumer's the check of its values says it
            yield Finding("warning", error.message, error.fix, step=consumer.name, port=into, file=str(schema))
        return
    found = _compared(view.workspace, table, expected, text_of(schema))
    if isinstance(found, Finding):
        yield found
        return
    writer = f"{view.name} writes to {table.name}" if consumer.name != view.name else f"is in {table.name}"
    for one in found:
        if one.level is Level.INCOMPATIBLE:
            message = f"{consumer.name} cannot use what {writer}: {one.message} ({into} is to be as {schema.name} says)"
            fix = f"{one.fix}, in {view.step.script.name}" if consumer.name != view.name else one.fix
            yield Finding("warning", message, fix, step=view.name, port=table.port)


def _compared(workspace: Workspace, table: Table, expected: ExpectedTable, asked: object) -> list[Difference] | Finding:
    """How a table differs from what is expected; a finding, where it cannot be looked at."""

    def find() -> tuple[Difference, ...]:
        return differences_of(get_reader(), table.path, expected)

    try:
        kept = remembered(workspace.journal, table.key, ("compare", expected.source, asked), find)
    except DataError as error:
        message = f"{table.name} could not be compared with {expected.place}: {error.message}"
        return Finding("warning", message, error.fix, step=table.artifact.step, port=table.port)
    return [Difference.from_plain(one) for one in kept]


def read_columns(script: Path, port: str, entry: str = "main") -> ExpectedTable | None:
    """The columns that a script surely reads from a port; None if its text says nothing of any."""
    try:
        use = script_use(script, entry).inputs.get(port)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # which is the failure of the step that runs it
    columns = [(column.name, column.line) for column in use.columns if column.surely] if use else []
    return from_script(columns, script) if columns else None


def _lacking(step: Step, port: str, tables: Sequence[Table], workspace: Workspace) -> Iterator[tuple[Difference, str]]:
    """The columns that a script reads from a port and no table of it has, each with the place that reads it.

    A script may read any of the tables: nothing is said where one of them cannot be read.
    """
    wanted = read_columns(step.script, port, step.entry)
    names = [table.columns(workspace) for table in tables] if wanted else []
    if wanted is None or not names or not all(names):
        return
    together = dict.fromkeys((name for each in names for name in each), "")
    places = {column.name: column.place for column in wanted.columns}
    yield from ((one, places[one.column]) for one in compare(together, wanted, lambda _: ()))
