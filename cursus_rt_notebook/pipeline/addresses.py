"""Addresses of data elsewhere, as a document or a caller writes them. Nobody is asked for anything here."""

from __future__ import annotations

from typing import Final, TypeGuard

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.redact import Redactor

SCHEME: Final = "s3://"


def is_address(value: object) -> TypeGuard[str]:
    """Whether a value is an address rather than a path."""
    return isinstance(value, str) and "://" in value


def wrong_address(address: str) -> tuple[str, str] | None:
    """What is wrong with an address, and what to write instead; None if it can be asked."""
    bucket = address.removeprefix(SCHEME).partition("/")[0]
    if not address.startswith(SCHEME) or "::" in address:
        return "is not on this machine", "copy it here and write its path"
    if "@" in bucket:
        return "holds credentials", "write s3://BUCKET/KEY: credentials come from the environment, or from ~/.aws"
    if not bucket or any(sign.isspace() for sign in bucket):
        return "names no bucket", "write s3://BUCKET/KEY"
    return None


def check_address(address: str, what: str, sample: object = None) -> None:
    """Refuse what cannot be asked; `what` it is given for begins the message.

    Raises:
        PipelineError: it is no address of ours, or holds credentials; or `sample` is no number of rows.
    """
    wrong = wrong_address(address)
    if wrong:
        raise PipelineError(f"{what}: {shown(address)} {wrong[0]}", fix=wrong[1])
    check_rows(what, sample)


def check_rows(what: str, sample: object) -> None:
    """Refuse what is no number of rows; `what` it is given for begins the message.

    Raises:
        PipelineError: it is none.
    """
    if sample is not None and (isinstance(sample, bool) or not isinstance(sample, int) or sample < 1):
        raise PipelineError(f"{what}: sample={sample!r:.40} is no number of rows", fix="give a whole number, 1 or more")


def shown(address: str) -> str:
    """An address for a message: in quotes, and without credentials."""
    return quoted(Redactor().text(address))  # masked first: what is cut short reads as no address any more


def below(address: str, name: str) -> str:
    """The address of what lies below another one under a name."""
    return f"{address.rstrip('/')}/{name}"
