"""The best recipe for an input: a schema of its port, a sample, or what the script reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.data.synthetic.guess import guess_table
from cursus_rt_notebook.data.synthetic.layout import plan_from_sample
from cursus_rt_notebook.data.synthetic.plan import InputPlan, Source, TablePlan, Target
from cursus_rt_notebook.data.synthetic.recipe import ColumnRecipe, TableRecipe
from cursus_rt_notebook.data.synthetic.schema import SchemaRecipe, recipe_from_schema
from cursus_rt_notebook.data.synthetic.script import Reading, as_target, reading_of, usual_files
from cursus_rt_notebook.errors import NothingKnown
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, FromStep, Input, Output, Pipeline, Step


def plan_input(
    step: Step, port: str, pipeline: Pipeline, sample: str | Path | None, reader: Reader | None
) -> InputPlan | None:
    """What is to be made for an input of a step; None for an optional one of which nothing is known.

    Raises:
        NothingKnown: nothing is known of one that is needed; names step and port.
        DataError: its schema or sample cannot be read.
    """
    source = step.inputs[port]
    if sample is None and isinstance(source, FromPath) and source.path.exists():
        sample = source.path
    known = None if sample is None else plan_from_sample(sample, reader)
    output = _feeding(source, pipeline)
    if known is not None and output.schema_file is None:
        return known
    reading = reading_of(step, port, output.channels)
    found = planned(output.schema_file, known, reading, source, output.channels)
    return found or (None if source.optional else _nothing_known(step, port, reading))


def planned(
    schema: Path | None, known: InputPlan | None, reading: Reading, source: Input, channels: Sequence[str]
) -> InputPlan | None:
    """What is to be made by the best that is known: a schema, a sample, or what scripts read; None if nothing is."""
    if schema is not None:
        return _from_schema(recipe_from_schema(schema), reading, source, channels, known)
    if known is not None:
        return known
    if not reading.columns:
        return None
    recipe = TableRecipe(guess_table(reading.columns))
    return _plan("script", recipe, _files(source, reading, channels), source)


def _feeding(source: Input, pipeline: Pipeline) -> Output:
    """What the step that feeds an input promises."""
    nothing = Output()
    if not isinstance(source, FromStep) or source.step not in pipeline.steps:
        return nothing
    return pipeline.steps[source.step].outputs.get(source.port, nothing)


def _from_schema(
    schema: SchemaRecipe, reading: Reading, source: Input, channels: Sequence[str], known: InputPlan | None
) -> InputPlan:
    """Columns as the schema has them, and unless it forbids others, what else the sample has and the script reads."""
    read = () if schema.strict else guess_table(reading.columns)
    if known is None or not known.tables:
        recipe = _extended(schema.table, read)
        return _plan("schema", recipe, _files(source, reading, channels), source)
    tables = tuple(
        replace(table, recipe=_extended(schema.table, () if schema.strict else (*table.recipe.columns, *read)))
        for table in known.tables
    )
    return replace(known, source="schema", tables=tables)


def _extended(recipe: TableRecipe, others: Sequence[ColumnRecipe]) -> TableRecipe:
    """The recipe, with those of the other columns that it lacks."""
    columns = {column.name: column for column in others} | {column.name: column for column in recipe.columns}
    names = dict.fromkeys([*(column.name for column in recipe.columns), *(column.name for column in others)])
    return replace(recipe, columns=tuple(columns[name] for name in names))


def _files(source: Input, reading: Reading, channels: Sequence[str]) -> tuple[Target, ...]:
    if isinstance(source, FromPath | FromAddress) and _is_file(source):
        kind = reading.tables[0].kind if reading.tables else "csv"
        return (as_target(source.path.name if isinstance(source, FromPath) else source.name, kind),)
    below = tuple(target for target in reading.tables if target.path)
    return below or usual_files(channels)


def _plan(source: Source, recipe: TableRecipe, files: Sequence[Target], fed: Input) -> InputPlan:
    return InputPlan(source, tuple(TablePlan(recipe, (file,)) for file in files), file=_is_file(fed))


def _is_file(source: Input) -> bool:
    """Whether an input is a file, as far as its name tells: it may not be there."""
    if isinstance(source, FromAddress):
        return "." in source.name
    return isinstance(source, FromPath) and not source.path.is_dir() and bool(source.path.suffix)


def _nothing_known(step: Step, port: str, reading: Reading) -> NoReturn:
    where = f"input {port!r} of step {step.name!r}"
    if reading.others and not reading.tables:
        message = (
            f"{where} cannot be made up: {step.script.name} reads {', '.join(reading.others)} there, which is no table"
        )
    else:
        message = f"nothing is known of {where}: no schema, no sample, and {step.script.name} names no column of it"
    raise NothingKnown(
        message,
        fix=f"give some, {{{port!r}: DataFrame or path}}, or a pandera schema of the port (schema: FILE)",
        step=step.name,
        port=port,
    )
