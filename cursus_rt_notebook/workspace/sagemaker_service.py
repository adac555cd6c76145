"""Calls to SageMaker, of which only those that list and describe are made, and its errors in our words.

botocore comes with s3fs; credentials come from the usual places, and are neither shown nor kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cursus_rt_notebook.errors import RemoteUnavailable

_UNKNOWN: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException", "RequestExpired"}
    | {"InvalidSignatureException", "NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError"}
    | {"SSOTokenLoadError", "UnauthorizedSSOTokenError", "CredentialRetrievalError", "ProfileNotFound"}
)
_GONE: Final = frozenset({"ResourceNotFound", "ResourceNotFoundException"})


@dataclass(frozen=True)
class Service:
    """The service, and the execution that it is asked about."""

    client: Any
    arn: str
    region: str
    pipeline: str

    def call(self, operation: str, method: str, **given: Any) -> dict[str, Any]:
        """The answer to one call.

        Raises:
            RemoteUnavailable: there is none; `missing` says that what was asked for is not there.
        """
        try:
            return getattr(self.client, method)(**given)
        except Exception as error:
            raise _told(error, operation, self.arn, self.region, self.pipeline) from error

    def steps(self) -> Iterator[dict[str, Any]]:
        """The steps, page by page."""
        more: dict[str, str] = {}
        while True:
            page = self.call(
                "ListPipelineExecutionSteps", "list_pipeline_execution_steps", PipelineExecutionArn=self.arn, **more
            )
            yield from page.get("PipelineExecutionSteps", ())
            if not page.get("NextToken"):
                return
            more = {"NextToken": page["NextToken"]}


def client_of(region: str) -> Any:
    """A client for a region.

    Raises:
        RemoteUnavailable: botocore is not there, or the profile that is asked for.
    """
    try:
        from botocore.config import Config
        from botocore.session import get_session
    except ImportError as error:
        fix = "pip install 'cursus_rt_notebook[s3]'"
        raise RemoteUnavailable("reading executions needs botocore, which is not installed", fix=fix) from error
    config = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=30)
    try:
        return get_session().create_client("sagemaker", region_name=region, config=config)
    except Exception as error:
        raise _told(error, "connect", "", region, "") from error


def _told(error: Exception, operation: str, arn: str, region: str, pipeline: str) -> RemoteUnavailable:
    """An error of the service in our words: it may name accounts and roles, which are nobody's business."""
    response: Mapping[str, Any] = getattr(error, "response", {})
    code = str(response.get("Error", {}).get("Code", "")) or type(error).__name__
    said = str(response.get("Error", {}).get("Message", ""))
    if code in _GONE or (code == "ValidationException" and re.search("does not exist|not found", said, re.IGNORECASE)):
        fix = f"see its ARN: aws sagemaker list-pipeline-executions --pipeline-name {pipeline} --region {region}"
        return RemoteUnavailable(f"there is no {arn}, or not any more", fix=fix, missing=True)
    if code in _UNKNOWN:
        fix = "sign in again (aws sso login), and see aws sts get-caller-identity"
        return RemoteUnavailable(f"SageMaker in {region} does not take the credentials: {code}", fix=fix)
    if code.startswith("AccessDenied"):
        fix = f"ask for sagemaker:{operation}, or use another profile (AWS_PROFILE)"
        return RemoteUnavailable(f"these credentials may not call {operation}", fix=fix)
    return RemoteUnavailable(f"{operation} in {region} failed: {code}", fix="see the connection, and try again")
