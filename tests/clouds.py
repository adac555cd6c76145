"""SageMaker as it answers about one execution, by botocore's Stubber: a call that is not expected is an error."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/flights/execution/abc123def456"
IMAGE = {"ImageUri": "image"}
ROLE = "arn:aws:iam::123456789012:role/the-role"


def at(minute: int) -> datetime:
    """A moment of the execution."""
    return datetime(2025, 1, 31, 12, minute, tzinfo=UTC)


def step(
    name: str, kind: str = "ProcessingJob", *, minute: int = 0, status: str = "Succeeded", **more: Any
) -> dict[str, Any]:
    """One step as it is listed."""
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:{kind.lower()}/job-{name}"
    return {
        "StepName": name,
        "StepStatus": status,
        "StartTime": at(minute),
        "EndTime": at(minute + 4),
        "Metadata": {kind: {"Arn": arn}},
        **more,
    }


def processing(name: str, inputs: dict[str, str], outputs: dict[str, str], **more: Any) -> tuple[str, dict[str, Any]]:
    """The answer about a processing job, as it is described."""
    told = {
        "ProcessingJobName": f"job-{name}",
        "ProcessingJobArn": f"arn:aws:sagemaker:eu-west-1:123456789012:processing-job/job-{name}",
        "ProcessingJobStatus": "Completed",
        "CreationTime": at(0),
        "AppSpecification": IMAGE,
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
        },
        "ProcessingInputs": [
            {
                "InputName": port,
                "S3Input": {"S3Uri": place, "LocalPath": f"/opt/ml/processing/input/{port}", "S3DataType": "S3Prefix"},
            }
            for port, place in inputs.items()
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": port,
                    "S3Output": {
                        "S3Uri": place,
                        "LocalPath": f"/opt/ml/processing/output/{port}",
                        "S3UploadMode": "EndOfJob",
                    },
                }
                for port, place in outputs.items()
            ]
        },
        **more,
    }
    return "describe_processing_job", told


def training(name: str, channels: dict[str, str], model: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """The answer about a training job, as it is described."""
    told = {
        "TrainingJobName": f"job-{name}",
        "TrainingJobArn": f"arn:aws:sagemaker:eu-west-1:123456789012:training-job/job-{name}",
        "ModelArtifacts": {"S3ModelArtifacts": model},
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "ResourceConfig": {"VolumeSizeInGB": 30},
        "StoppingCondition": {},
        "CreationTime": at(0),
        "InputDataConfig": [
            {
                "ChannelName": channel,
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": place}},
            }
            for channel, place in channels.items()
        ],
        **more,
    }
    return "describe_training_job", told


@contextmanager
def cloud(
    pages: list[list[dict[str, Any]]], jobs: list[tuple[str, Any]], definition: Any = None, status: str = "Succeeded"
):
    """A client that answers about one execution: its steps, page by page, then its jobs, each or with an error's code."""
    import boto3
    from botocore.stub import Stubber

    client = boto3.client("sagemaker", region_name="eu-west-1", aws_access_key_id="key", aws_secret_access_key="secret")
    with Stubber(client) as stubber:
        asked = {"PipelineExecutionArn": ARN}
        stubber.add_response(
            "describe_pipeline_execution", {"PipelineExecutionArn": ARN, "PipelineExecutionStatus": status}, asked
        )
        for number, page in enumerate(pages):
            told: dict[str, Any] = {"PipelineExecutionSteps": page}
            if number + 1 < len(pages):
                told["NextToken"] = f"page{number + 1}"
            more = {"NextToken": f"page{number}"} if number else {}
            stubber.add_response("list_pipeline_execution_steps", told, {**asked, **more})
        text = json.dumps(definition or {"Version": "2020-12-01", "Steps": []})
        stubber.add_response("describe_pipeline_definition_for_execution", {"PipelineDefinition": text}, asked)
        for method, told in jobs:
            if isinstance(told, str):
                stubber.add_client_error(method, told)
            else:
                stubber.add_response(method, told)
        yield client
        stubber.assert_no_pending_responses()
    client.close()
