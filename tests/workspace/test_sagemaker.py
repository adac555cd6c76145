"""What a pipeline execution did, as its service tells."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.errors import RemoteUnavailable
from cursus_rt_notebook.workspace.sagemaker import Place, read_execution
from tests.clouds import ARN, ROLE, at, cloud, processing, step, training


def test_steps_and_their_jobs_are_read(s3):
    """All pages, in the order in which they began; where each job read and wrote."""
    pages = [
        [step("train", "TrainingJob", minute=20)],
        [step("load", minute=1), step("register", "RegisterModel", minute=30)],
    ]
    jobs = [
        processing("load", {"raw": "s3://b/raw"}, {"DATA": "s3://b/run/DATA"}),
        training("train", {"train": "s3://b/run/DATA/train"}, "s3://b/run/train/output/model.tar.gz"),
    ]
    definition = {
        "Steps": [
            {"Name": "load", "Type": "Processing", "Arguments": {}},
            {
                "Name": "check",
                "Type": "Condition",
                "Arguments": {
                    "IfSteps": [{"Name": "register", "DependsOn": ["train"], "Arguments": {}}],
                    "ElseSteps": [],
                },
            },
            {
                "Name": "train",
                "Arguments": {"x": {"Get": "Steps.load.ProcessingOutputConfig.Outputs['DATA'].S3Output.S3Uri"}},
            },
        ]
    }
    with cloud(pages, jobs, definition) as client:
        execution = read_execution(ARN, client)
    assert (execution.pipeline, execution.id, execution.status) == ("flights", "abc123def456", "Succeeded")
    load, train, register = execution.steps
    assert load.inputs == {"raw": Place("s3://b/raw", "/opt/ml/processing/input/raw")}
    assert load.outputs == {"DATA": Place("s3://b/run/DATA", "/opt/ml/processing/output/DATA")}
    assert (load.started, load.ended) == (at(1).timestamp(), at(5).timestamp())
    assert train.inputs == {"train": Place("s3://b/run/DATA/train", "/opt/ml/input/data/train")}
    assert train.outputs == {
        "model": Place("s3://b/run/train/output/model.tar.gz", "/opt/ml/model", packed=True),
        "output": Place("s3://b/run/train/output/output.tar.gz", "/opt/ml/output/data", packed=True),
    }
    assert (train.after, register.after) == (("load",), ("train",))
    assert register.outputs == {}


def test_why_a_step_failed(s3):
    """Its job's reason, and the exit code in it."""
    told = processing(
        "load",
        {},
        {},
        FailureReason="AlgorithmError: See job logs for more information, exit code: 3",
        ExitMessage="no column x",
    )
    with cloud(
        [[step("load", status="Failed", FailureReason="ClientError: it failed")]], [told], status="Failed"
    ) as client:
        (load,) = read_execution(ARN, client).steps
    assert load.exit_code == 3
    assert load.reason.endswith("exit code: 3 no column x")


def test_a_job_that_is_gone_leaves_its_step(s3):
    """Nothing is known of its data then."""
    with cloud([[step("load")]], [("describe_processing_job", "ResourceNotFound")]) as client:
        (load,) = read_execution(ARN, client).steps
    assert load.outputs == {}
    assert "not on record any more" in load.reason


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "abc",
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/flights",
        "arn:aws:s3:::bucket",
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/flights/execution/",
        f"{ARN}/more",
    ],
)
def test_what_is_no_arn(arn):
    """Said before anybody is asked."""
    with pytest.raises(RemoteUnavailable, match="is no ARN of a pipeline execution") as raised:
        read_execution(arn)
    assert "pipeline/NAME/execution/ID" in raised.value.fix


@pytest.mark.parametrize(
    ("code", "message", "fix"),
    [
        ("ResourceNotFound", "there is no arn:aws:sagemaker", "list-pipeline-executions --pipeline-name flights"),
        (
            "AccessDeniedException",
            "may not call DescribePipelineExecution",
            "ask for sagemaker:DescribePipelineExecution",
        ),
        ("ExpiredTokenException", "does not take the credentials", "aws sso login"),
        ("UnrecognizedClientException", "does not take the credentials", "aws sts get-caller-identity"),
        ("ThrottlingException", "DescribePipelineExecution in eu-west-1 failed: ThrottlingException", "try again"),
    ],
)
def test_errors_say_what_to_do(s3, code, message, fix):
    """And neither who asked nor with what."""
    import boto3
    from botocore.stub import Stubber

    client = boto3.client("sagemaker", region_name="eu-west-1")
    with Stubber(client) as stubber:
        stubber.add_client_error("describe_pipeline_execution", code, f"User: {ROLE} is not authorized")
        with pytest.raises(RemoteUnavailable) as raised:
            read_execution(ARN, client)
    client.close()
    assert message in raised.value.message
    assert fix in raised.value.fix
    assert ROLE not in str(raised.value)


def test_without_credentials(s3, monkeypatch):
    """Nobody is asked for anything."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(RemoteUnavailable, match="does not take the credentials: NoCredentialsError"):
        read_execution(ARN)


def test_a_definition_that_cannot_be_read_is_done_without(s3):
    """What flows is known by where it lies."""
    for definition in ([1], {"Steps": [3]}, {"Steps": [{"Arguments": {}}]}):
        with cloud([[step("load")]], [processing("load", {}, {})], definition) as client:
            assert read_execution(ARN, client).steps[0].after == ()
