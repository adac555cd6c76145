"""A pipeline execution in the cloud, laid under its graph: what each step left there stands in for running it here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from cursus_rt_notebook.errors import NameRefused, NameUnknown
from cursus_rt_notebook.names import check_name
from cursus_rt_notebook.pipeline.addresses import check_rows
from cursus_rt_notebook.pipeline.arguments import texts_of
from cursus_rt_notebook.pipeline.faults import listed
from cursus_rt_notebook.pipeline.files import working_directory
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import (
    NO_SCRIPT,
    Container,
    FromAddress,
    FromStep,
    Given,
    Input,
    Output,
    Pipeline,
    Recorded,
    Step,
    Stub,
)
from cursus_rt_notebook.workspace.sagemaker import CloudStep, Execution, Place, read_execution

_NOT_DATA: Final = frozenset({"code"})
_ENDED_ILL: Final = frozenset({"Failed", "Stopped", "Stopping"})


def open_execution(
    arn: str,
    pipeline: Any = None,
    *,
    client: Any = None,
    names: Mapping[str, str] | None = None,
    sample: int | None = None,
) -> Pipeline:
    """The pipeline of a SageMaker pipeline execution, in which what was recorded there stands in for each step.

    Run it as any other: `execute_pipeline_with_breakpoints(crt.open_execution(arn, "flights.pipeline.yaml"))` steps through
    what happened; outputs are fetched when the run comes to them, a step that failed there fails here, with its reason.
    `session.rerun("train")` runs a step here instead, by its own script, on the inputs that it had there.

    Args:
        arn: The execution's. Only calls that list and describe are made.
        pipeline: In any form that `load_pipeline` takes. None: a graph of what the jobs read and wrote, without scripts.
        client: A SageMaker client; by default one for the ARN's region, with credentials from the usual places.
        names: The pipeline's step for a step of the execution, where their names differ in more than case and signs.
        sample: Of large tables fetch only so many rows.

    Raises:
        RemoteUnavailable: there is no such execution, or it may not be read; says what to do.
        NameUnknown: no step of the execution is one of the pipeline, or it is not clear which.
        PipelineError: the pipeline is wrong; lists every fault. Or `names` or `sample` is.
    """
    given = None if pipeline is None else load_pipeline(pipeline)
    meant = texts_of("names", names, '{"CLOUD": "STEP"}')
    check_rows("open_execution", sample)
    execution = read_execution(arn, client)
    base = given if given is not None else _drawn(execution)
    found = _matched(base, execution, meant)
    failed = {name for name, cloud in found.items() if cloud.status in _ENDED_ILL}
    notes: list[Finding] = [*base.notes, *_strangers(execution, found)]
    steps: dict[str, Step] = {}
    for name, step in base.steps.items():
        if name in found:
            steps[name] = _laid(step, found[name], sample, notes)
        else:
            steps[name] = _not_run(step, after_failure=not failed.isdisjoint(base.ancestors(name)))
    title = f"{base.name}, execution {execution.id}"
    return base.altered(name=title, steps=steps, origin=execution.arn, notes=tuple(notes))


def _matched(pipeline: Pipeline, execution: Execution, names: Mapping[str, str]) -> dict[str, CloudStep]:
    """The step of the execution that each step of the pipeline was."""
    clouds = {cloud.name: cloud for cloud in execution.steps}
    for cloud, name in names.items():
        _check_known(cloud, clouds, f"execution {execution.id}")
        _check_known(name, pipeline.steps, pipeline.name)
    found = {name: clouds[cloud] for cloud, name in names.items()}
    by_sign: dict[str, list[str]] = {}
    for name in pipeline.steps:
        by_sign.setdefault(_signs(name), []).append(name)
    for cloud in execution.steps:
        if cloud.name in names:
            continue
        alike = [
            n
            for own in (cloud.name, cloud.display)
            for n in ([own] if own in pipeline.steps else by_sign.get(_signs(own), []))
        ]
        alike = list(dict.fromkeys(alike))
        if len(alike) > 1 or (alike and alike[0] in found):
            fix = f'say which: names={{"{cloud.name}": "{alike[0]}"}}'
            raise NameUnknown(
                f"step {cloud.name!r} of the execution could be {listed(alike)}, or is one of several", fix=fix
            )
        if alike:
            found[alike[0]] = cloud
    if not found:
        fix = f"its steps are {listed(clouds)}; name them: names={{...}}, or give the pipeline that it ran"
        raise NameUnknown(f"no step of execution {execution.id} is one of {pipeline.name}", fix=fix)
    return found


def _check_known(name: str, there: Iterable[str], where: str) -> None:
    if name not in there:
        raise NameUnknown(f"there is no step {name!r} in {where}", fix=f"there are {listed(there)}")


def _signs(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _strangers(execution: Execution, found: Mapping[str, CloudStep]) -> list[Finding]:
    known = {cloud.name for cloud in found.values()}
    strange = [cloud.name for cloud in execution.steps if cloud.name not in known]
    if not strange:
        return []
    message = f"{listed(strange)} of the execution: no step of the pipeline has this name"
    return [Finding("info", message, "name it: open_execution(..., names={CLOUD: STEP})")]


def _laid(step: Step, cloud: CloudStep, sample: int | None, notes: list[Finding]) -> Step:
    """A step with what it read and left in the cloud."""
    outputs: dict[str, Given] = {}
    for port, output in step.outputs.items():
        place = _place(port, cloud.outputs, step.container.outputs if step.container else {}, output.packed)
        if place is not None:
            outputs[port] = Given(place=place.address, sample=sample, unpack=place.packed, optional=True)
        elif cloud.status == "Succeeded":
            notes.append(Finding("warning", f"output {port!r} is not on record", "", step=step.name, port=port))
    recorded = Recorded(
        status=cloud.status,
        reason=cloud.reason,
        exit_code=cloud.exit_code,
        started=cloud.started,
        ended=cloud.ended,
        job=cloud.job,
    )
    inputs = {port: _real(port, source, step, cloud, sample) for port, source in step.inputs.items()}
    return step.altered(stub=Stub(kind="given", outputs=outputs, recorded=recorded), inputs=inputs)


def _real(port: str, source: Input, step: Step, cloud: CloudStep, sample: int | None) -> Input:
    """An input as the job had it, where no step feeds it."""
    if isinstance(source, FromStep):
        return source
    place = _place(port, cloud.inputs, step.container.inputs if step.container else {}, None)
    if place is None:
        return source
    return FromAddress(
        address=place.address,
        sample=sample,
        copy_files=source.copy_files,
        optional=source.optional,
        schema_file=source.schema_file,
    )


def _place(port: str, there: Mapping[str, Place], container: Mapping[str, str], packed: str | None) -> Place | None:
    """The recorded place of a port: by its name, else by its path in the container, else as the archive that it is."""
    alike = [name for name in there if name == port] or [name for name in there if _signs(name) == _signs(port)]
    path = PurePosixPath(container.get(port, ""))
    paths = {path, path.parent} if path.suffix else {path}  # of a file that is an output the job names the folder
    alike = alike or [name for name, place in there.items() if place.path and PurePosixPath(place.path) in paths]
    alike = alike or [name for name, place in there.items() if packed and place.address.endswith(f"/{packed}")]
    return there[alike[0]] if len(alike) == 1 else None


def _not_run(step: Step, *, after_failure: bool) -> Step:
    """A step that did not run there: left out, but below one that failed its script runs when that is mended."""
    if after_failure:
        return step if step.script != NO_SCRIPT or step.stub else step.altered(stub=Stub(kind="open"))
    return step.altered(stub=Stub(kind="skip", recorded=Recorded(status="not run")))


def _drawn(execution: Execution) -> Pipeline:
    """The graph of an execution by the data that its jobs read and wrote, and by what its definition says comes first."""
    named = [cloud for cloud in execution.steps if _is_name(cloud.name)]
    steps: dict[str, Step] = {}
    for number, cloud in enumerate(named):
        earlier = named[:number]
        inputs = {
            name: _fed(place, earlier)
            for name, place in cloud.inputs.items()
            if _is_name(name) and name not in _NOT_DATA
        }
        fed = {source.step for source in inputs.values() if isinstance(source, FromStep)}
        after = (other for other in cloud.after if other not in fed and any(each.name == other for each in earlier))
        outputs = {name: place for name, place in cloud.outputs.items() if _is_name(name)}
        steps[cloud.name] = Step(
            name=cloud.name,
            script=NO_SCRIPT,
            inputs=inputs,
            outputs={name: Output() for name in outputs},
            after=tuple(after),
            container=Container(
                inputs={name: place.path for name, place in cloud.inputs.items() if place.path},
                outputs={name: place.path for name, place in outputs.items() if place.path},
            ),
        )
    here = working_directory()
    return Pipeline(name=execution.pipeline, steps=steps, source_dir=here, base_dir=here, origin=execution.arn)


def _fed(place: Place, earlier: Iterable[CloudStep]) -> Input:
    """What fed an input: the output of an earlier step that lies where it was read, or around it; else the address."""
    address = place.address.rstrip("/")
    for cloud in earlier:
        for port, output in cloud.outputs.items():
            source = output.address.rstrip("/")
            if _is_name(port) and (address == source or address.startswith(f"{source}/")):
                return FromStep(step=cloud.name, port=port, optional=True)
    return FromAddress(address=place.address, optional=True)


def _is_name(text: str) -> bool:
    try:
        check_name(text)
    except NameRefused:
        return False
    return True
