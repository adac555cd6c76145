"""The jobs of SageMaker that steps are: where the data lies that they read and wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cursus_rt_notebook.errors import RemoteUnavailable
from cursus_rt_notebook.pipeline.sagemaker import CHANNELS, MODEL, OUTPUT, PACKED
from cursus_rt_notebook.workspace.sagemaker_service import Service


@dataclass(frozen=True)
class Place:
    """Where an input or output of a job lies, and its path in the job's container; whether it is a packed archive."""

    address: str
    path: str = ""
    packed: bool = False


@dataclass(frozen=True)
class Job:
    """What a job read and wrote, by name, and why it failed if it did."""

    inputs: Mapping[str, Place] = field(default_factory=dict[str, Place])
    outputs: Mapping[str, Place] = field(default_factory=dict[str, Place])
    reason: str = ""


def job_of(metadata: Mapping[str, Any], service: Service) -> tuple[str, Job]:
    """The ARN of the job that a step was, and what it read and wrote; "" and nothing for a step of another kind."""
    kind, arn = _kind(metadata)
    return arn, _JOBS[kind](service, arn.rpartition("/")[2]) if kind else Job()


def _kind(metadata: Mapping[str, Any]) -> tuple[str, str]:
    """Which kind of job a step was, and the job's ARN; nothing for one of another kind."""
    for key, kind in (("QualityCheck", "ProcessingJob"), ("ClarifyCheck", "ProcessingJob")):
        if metadata.get(key, {}).get("CheckJobArn"):
            return kind, metadata[key]["CheckJobArn"]
    for kind in _JOBS:
        if metadata.get(kind, {}).get("Arn"):
            return kind, metadata[kind]["Arn"]
    return "", ""


def _processing(service: Service, name: str) -> Job:
    job = service.call("DescribeProcessingJob", "describe_processing_job", ProcessingJobName=name)
    inputs: dict[str, Place] = {}
    for each in job.get("ProcessingInputs", ()):
        source = each.get("S3Input") or {}
        if source.get("S3Uri"):
            inputs[each["InputName"]] = Place(source["S3Uri"], source.get("LocalPath", ""))
    outputs = {
        each["OutputName"]: Place(each["S3Output"]["S3Uri"], each["S3Output"].get("LocalPath", ""))
        for each in job.get("ProcessingOutputConfig", {}).get("Outputs", ())
        if each.get("S3Output")
    }
    return Job(inputs, outputs, " ".join(filter(None, (job.get("FailureReason"), job.get("ExitMessage")))))


def _training(service: Service, name: str) -> Job:
    job = service.call("DescribeTrainingJob", "describe_training_job", TrainingJobName=name)
    inputs: dict[str, Place] = {}
    for each in job.get("InputDataConfig", ()):
        source = each["DataSource"].get("S3DataSource") or {}
        if source.get("S3Uri"):
            inputs[each["ChannelName"]] = Place(source["S3Uri"], f"{CHANNELS}/{each['ChannelName']}")
    model = job.get("ModelArtifacts", {}).get("S3ModelArtifacts", "")
    outputs: dict[str, Place] = {}
    if model:
        packed, folder = model.endswith(".tar.gz"), model.rstrip("/").rpartition("/")[0]
        outputs["model"] = Place(model, MODEL, packed)
        outputs["output"] = Place(f"{folder}/{PACKED[OUTPUT] if packed else 'data'}", OUTPUT, packed)
    return Job(inputs, outputs, str(job.get("FailureReason", "")))


def _tuning(service: Service, name: str) -> Job:
    job = service.call(
        "DescribeHyperParameterTuningJob",
        "describe_hyper_parameter_tuning_job",
        HyperParameterTuningJobName=name,
    )
    best = job.get("BestTrainingJob", {}).get("TrainingJobName")
    return _training(service, best) if best else Job(reason=str(job.get("FailureReason", "")))


def _transform(service: Service, name: str) -> Job:
    job = service.call("DescribeTransformJob", "describe_transform_job", TransformJobName=name)
    source = job.get("TransformInput", {}).get("DataSource", {}).get("S3DataSource", {}).get("S3Uri")
    target = job.get("TransformOutput", {}).get("S3OutputPath")
    inputs = {"data": Place(source)} if source else {}
    outputs = {"transform": Place(target)} if target else {}
    return Job(inputs, outputs, str(job.get("FailureReason", "")))


def _on_record(read: Callable[[Service, str], Job]) -> Callable[[Service, str], Job]:
    """A job may be gone though its step is still listed: then nothing is known of its data."""

    def found(service: Service, name: str) -> Job:
        try:
            return read(service, name)
        except RemoteUnavailable as error:
            if error.missing:
                return Job(reason="its job is not on record any more")
            raise

    return found


_JOBS: Final[Mapping[str, Callable[[Service, str], Job]]] = {
    "ProcessingJob": _on_record(_processing),
    "TrainingJob": _on_record(_training),
    "TransformJob": _on_record(_transform),
    "TuningJob": _on_record(_tuning),
}
