"""What a pipeline execution in SageMaker did, as its service tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cursus_rt_notebook.errors import RemoteUnavailable
from cursus_rt_notebook.settings import PIPELINE_BYTES
from cursus_rt_notebook.workspace.sagemaker_jobs import Place, job_of
from cursus_rt_notebook.workspace.sagemaker_service import Service, client_of

__all__ = ["CloudStep", "Execution", "Place", "read_execution"]

_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:sagemaker:(?P<region>[a-z0-9-]+):\d{12}:pipeline/(?P<pipeline>[A-Za-z0-9-]+)/execution/(?P<id>[a-z0-9]+)"
)
_EXIT: Final = re.compile(r"exit (?:code|status):? (-?\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class CloudStep:
    """One step of an execution: what became of it, and its job's inputs and outputs by name.

    `started` and `ended` are in seconds since 1970; `job` is the ARN of the job, "" for a step that has none; `after` are
    the steps that its definition says it needs.
    """

    name: str
    status: str
    display: str = ""
    reason: str = ""
    exit_code: int | None = None
    started: float | None = None
    ended: float | None = None
    job: str = ""
    inputs: Mapping[str, Place] = field(default_factory=dict[str, Place])
    outputs: Mapping[str, Place] = field(default_factory=dict[str, Place])
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Execution:
    """One execution of a pipeline; its steps in the order in which they began."""

    arn: str
    pipeline: str
    id: str
    status: str
    steps: tuple[CloudStep, ...]


def read_execution(arn: str, client: Any = None) -> Execution:
    """Ask for an execution, its steps, and their jobs.

    Args:
        arn: The execution's.
        client: A SageMaker client of boto3's or botocore's; by default one for the ARN's region.

    Raises:
        RemoteUnavailable: it is no such ARN, there is no such execution, or it may not be read; says what to do.
    """
    found = _ARN.fullmatch(arn.strip()) if isinstance(arn, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
    if found is None:
        fix = "it reads arn:aws:sagemaker:REGION:ACCOUNT:pipeline/NAME/execution/ID"
        raise RemoteUnavailable(f"{arn!r:.200} is no ARN of a pipeline execution", fix=fix)
    asked = Service(client or client_of(found["region"]), arn.strip(), found["region"], found["pipeline"])
    told = asked.call("DescribePipelineExecution", "describe_pipeline_execution", PipelineExecutionArn=asked.arn)
    listed = sorted(asked.steps(), key=lambda each: _seconds(each.get("StartTime")) or float("inf"))
    needs = _definition(asked)
    newest = {each["StepName"]: each for each in listed}  # of one that ran several times the last
    steps = tuple(_step(each, asked, needs.get(name, ())) for name, each in newest.items())
    return Execution(asked.arn, found["pipeline"], found["id"], str(told["PipelineExecutionStatus"]), steps)


def _definition(service: Service) -> dict[str, tuple[str, ...]]:
    """Which steps each step needs, by the definition; nothing where that cannot be read."""
    try:
        told = service.call(
            "DescribePipelineDefinitionForExecution",
            "describe_pipeline_definition_for_execution",
            PipelineExecutionArn=service.arn,
        )
        text = str(told.get("PipelineDefinition", ""))
        return dict(_needs(json.loads(text))) if len(text) <= PIPELINE_BYTES else {}
    except (RemoteUnavailable, ValueError, LookupError, RecursionError, AttributeError, TypeError):
        return {}  # data that flows is known by its addresses


def _needs(definition: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    steps = list(definition.get("Steps", ()))
    while steps:
        step = steps.pop()
        arguments = step.get("Arguments", {})
        steps += [*arguments.get("IfSteps", ()), *arguments.get("ElseSteps", ())]
        texts = re.findall(r'"Get": *"Steps\.([A-Za-z0-9-]+)[.\[]', json.dumps(arguments))
        yield step["Name"], tuple(dict.fromkeys([*step.get("DependsOn", ()), *texts]))


def _step(told: Mapping[str, Any], service: Service, after: tuple[str, ...]) -> CloudStep:
    job, found = job_of(told.get("Metadata", {}), service)
    reason = found.reason or str(told.get("FailureReason", ""))
    code = _EXIT.search(reason) or _EXIT.search(str(told.get("FailureReason", "")))
    return CloudStep(
        name=told["StepName"],
        status=str(told.get("StepStatus", "")),
        display=str(told.get("StepDisplayName", "")),
        reason=reason,
        exit_code=int(code[1]) if code else None,
        started=_seconds(told.get("StartTime")),
        ended=_seconds(told.get("EndTime")),
        job=job,
        inputs=found.inputs,
        outputs=found.outputs,
        after=after,
    )


def _seconds(when: Any) -> float | None:
    return when.timestamp() if hasattr(when, "timestamp") else None
