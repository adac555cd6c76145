"""Outputs made up for a step that does not run, of what the steps that read them are seen to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cursus_rt_notebook.data.synthetic.choose import planned
from cursus_rt_notebook.data.synthetic.layout import plan_from_sample
from cursus_rt_notebook.data.synthetic.make import Made, write_plans
from cursus_rt_notebook.data.synthetic.plan import STANDARD, InputPlan
from cursus_rt_notebook.data.synthetic.script import Reading, reading_of
from cursus_rt_notebook.errors import NothingKnown
from cursus_rt_notebook.pipeline.model import FromStep, Pipeline, Step


def make_outputs(
    step: Step,
    pipeline: Pipeline,
    folder: str | Path,
    samples: Mapping[str, Path],
) -> Made[str]:
    """Make up data for every output of a step that another one reads, and return where each lies.

    Each is made from the best there is: a pandera schema of the output or of an input that it feeds, a sample, or the
    columns that the scripts name which read it. `samples` are files or folders like which a port is to be.

    Raises:
        DataError: nothing is known of an output that is needed (names step and port).
    """
    plans = {port: _plan(step, port, pipeline, samples.get(port)) for port in step.outputs}
    return write_plans({port: plan for port, plan in plans.items() if plan}, folder, STANDARD)


def known_of(step: Step, pipeline: Pipeline) -> dict[str, Any]:
    """What a step's outputs are made up from, beside samples, as plain data by port: other data, other outputs."""
    return {port: _known(step, port, pipeline) for port in step.outputs}


def _known(step: Step, port: str, pipeline: Pipeline) -> dict[str, Any]:
    reading, schema = _read_by_all(step, port, pipeline), _schema(step, port, pipeline)
    return {
        "columns": list(reading.columns),
        "files": [[target.path, target.kind] for target in reading.tables],
        "channels": list(step.outputs[port].channels),
        "schema": schema.read_text(errors="replace") if schema is not None and schema.is_file() else "",
    }


def _plan(step: Step, port: str, pipeline: Pipeline, sample: Path | None) -> InputPlan | None:
    reading = _read_by_all(step, port, pipeline)
    known = None if sample is None else plan_from_sample(sample)
    fed = FromStep(step=step.name, port=port)
    found = planned(_schema(step, port, pipeline), known, reading, fed, step.outputs[port].channels)
    needed = [consumer.name for consumer, _, source in readers_of(step, port, pipeline) if not source.optional]
    if found is None and needed:
        others = (
            f", and {needed[0]} reads {', '.join(reading.others)} there, which is no table" if reading.others else ""
        )
        message = f"nothing is known of output {port!r} of {step.name}: no schema, no sample, and no column that {', '.join(needed)} names{others}"
        fix = f"give it: pipeline.with_stubs({{{step.name!r}: {{{port!r}: DataFrame or path}}}}), or a pandera schema (schema: FILE)"
        raise NothingKnown(message, fix=fix, step=step.name, port=port)
    return found


def readers_of(step: Step, port: str, pipeline: Pipeline) -> Iterator[tuple[Step, str, FromStep]]:
    """The inputs that an output feeds: whose, which, and how that is written."""
    for name in pipeline.consumers[step.name]:
        consumer = pipeline.steps[name]
        for into, source in consumer.inputs.items():
            if isinstance(source, FromStep) and (source.step, source.port) == (step.name, port):
                yield consumer, into, source


def _read_by_all(step: Step, port: str, pipeline: Pipeline) -> Reading:
    """What all that read an output read of it, taken together."""
    channels = step.outputs[port].channels
    found = [reading_of(consumer, into, channels) for consumer, into, _ in readers_of(step, port, pipeline)]
    return Reading(
        columns=tuple(dict.fromkeys(column for one in found for column in one.columns)),
        tables=tuple({target.path: target for one in found for target in one.tables}.values()),
        others=tuple(dict.fromkeys(other for one in found for other in one.others)),
    )


def _schema(step: Step, port: str, pipeline: Pipeline) -> Path | None:
    """The schema of an output, else of an input that it feeds."""
    of_readers = (source.schema_file for _, _, source in readers_of(step, port, pipeline))
    return step.outputs[port].schema_file or next(filter(None, of_readers), None)
