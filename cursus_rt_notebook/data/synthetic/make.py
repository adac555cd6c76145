"""Inputs made up for a step, or for a whole pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Generic, TypeVar

from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.data.synthetic import scenarios
from cursus_rt_notebook.data.synthetic.choose import plan_input
from cursus_rt_notebook.data.synthetic.plan import STANDARD, InputPlan, Making
from cursus_rt_notebook.data.synthetic.shared import with_shared_keys
from cursus_rt_notebook.data.synthetic.write import write_input
from cursus_rt_notebook.errors import DataError
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, FromStep, Pipeline, Step

_Port = TypeVar("_Port")


class Made(dict[_Port, Path], Generic[_Port]):
    """The inputs made: for each port its file or folder; `sources` says for each where its recipe came from.

    A source is `"schema"`, `"sample"`, `"script"`, or `"copied"` for what was taken over as it was.
    """

    def __init__(self, paths: Mapping[_Port, Path], sources: Mapping[_Port, str]) -> None:
        super().__init__(paths)
        self.sources = dict(sources)


def make_inputs(
    step: Step | str,
    pipeline: Pipeline,
    folder: str | Path,
    making: Making = STANDARD,
    *,
    samples: Mapping[str, str | Path] | None = None,
    reader: Reader | None = None,
) -> Made[str]:
    """Make up data for every input of a step, and return where each lies.

    Each is made from the best there is: the pandera schema of its port, a sample, or what the script reads. An optional
    input of which nothing is known is left out.

    Args:
        step: The step, or its name.
        pipeline: The pipeline it belongs to.
        folder: Where they are made, one subfolder a port; what was there of a port is replaced.
        making: How many rows, of which seed, in which scenario.
        samples: For a port a file or folder like which it is to be: what the producing step wrote last, for example. For
            an input that is a file or folder of the user's, this itself is the sample if none is given.
        reader: Who looks at samples; the kernel's one reader if None.

    Raises:
        DataError: nothing is known of an input (names step and port), or there is no such scenario.
    """
    scenarios.check(making.scenario)
    one = _step(step, pipeline)
    known = dict(samples or {})
    for port in known:
        if port not in one.inputs:
            fix = f"its inputs are {', '.join(one.inputs) or 'none'}"
            raise DataError(f"step {one.name!r} has no input {port!r}", fix=fix, step=one.name, port=port)
    plans = {port: plan_input(one, port, pipeline, known.get(port), reader) for port in one.inputs}
    return write_plans({port: plan for port, plan in plans.items() if plan}, folder, making)


def _step(step: Step | str, pipeline: Pipeline) -> Step:
    if isinstance(step, Step):
        return step
    if step not in pipeline.steps:
        raise DataError(f"there is no step {step!r}; there are {', '.join(pipeline.steps)}", step=step)
    return pipeline.steps[step]


def make_sources(
    pipeline: Pipeline, folder: str | Path, making: Making = STANDARD, *, reader: Reader | None = None
) -> Made[tuple[str, str]]:
    """Make up data for every input of a pipeline that no step feeds, and return where each lies, by step and port.

    As `make_inputs`; a file or folder that several steps read is made once.

    Raises:
        DataError: nothing is known of an input (names step and port), or there is no such scenario.
    """
    scenarios.check(making.scenario)
    plans: dict[tuple[str, str], InputPlan] = {}
    same: dict[tuple[str, str], tuple[str, str]] = {}
    first: dict[Path | tuple[str, int | None], tuple[str, str]] = {}
    for name in pipeline.order:
        step = pipeline.steps[name]
        for port, source in step.inputs.items():
            if isinstance(source, FromStep):
                continue
            place = (name, port)
            same[name, port] = place
            if isinstance(source, FromPath):
                same[name, port] = first.setdefault(source.path, place)
            elif isinstance(source, FromAddress):
                same[name, port] = first.setdefault((source.address, source.sample), place)
            plan = plan_input(step, port, pipeline, None, reader) if same[name, port] == place else None
            if plan is not None:
                plans[name, port] = plan
    made = write_plans(plans, folder, making)
    there = {at: origin for at, origin in same.items() if origin in made}
    return Made(
        {at: made[origin] for at, origin in there.items()}, {at: made.sources[origin] for at, origin in there.items()}
    )


def write_plans(plans: Mapping[_Port, InputPlan], folder: str | Path, making: Making) -> Made[_Port]:
    """Make what is planned, with the same values for keys that several plans have; each below `folder` by its name."""
    joined = with_shared_keys(plans, scenarios.row_count(making.scenario, making.rows))
    paths: dict[_Port, Path] = {}
    for at, plan in joined.items():
        names = (at,) if isinstance(at, str) else tuple(map(str, at))  # pyright: ignore[reportArgumentType]
        target = Path(folder).absolute().joinpath(*map(folder_name, names))
        paths[at] = write_input(plan, target, "/".join(names), making)
    return Made(paths, {at: plan.source for at, plan in plans.items()})
