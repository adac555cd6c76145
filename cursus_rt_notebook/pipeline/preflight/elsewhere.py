"""What can be known beforehand of data that is not on this machine, and of what stands in for steps: nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from cursus_rt_notebook.pipeline.addresses import is_address
from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.pipeline.files import exists
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Given, Step

CANNOT_RUN: Final = "cannot run here: "  # how a note begins that tells why


def will_be_fetched(what: str, address: str, step: str, port: str) -> Iterator[Finding]:
    """Data at an address: that it will be fetched, and whether what is needed for it is installed."""
    yield Finding("info", f"{what} will be fetched from {address}", "", step=step, port=port)
    if find_spec("s3fs") is None:
        fix = "pip install 'cursus_rt_notebook[s3]'"
        yield Finding("error", f"{what}: reading s3:// addresses needs s3fs, which is not installed", fix, step, port)


def stub_findings(step: Step, notes: Sequence[Finding] = ()) -> Iterator[Finding]:
    """What stands in for a step, and what of it is not there; among the notes is why it cannot run here, if that is known."""
    stub = step.stub
    assert stub is not None
    if stub.kind == "open":
        yield open_finding(step, next((note for note in notes if is_reason(note, step)), None))
        return
    for name, data in stub.outputs.items():
        port = name.partition("/")[0]
        if data is None:
            fix = f"give it: {_example(step, name)}"
            yield Finding("error", f"output {quoted(name)} is not given yet", fix, step=step.name, port=port)
        place = data.place if isinstance(data, Given) else data
        if is_address(place):
            yield from will_be_fetched(f"output {quoted(name)}", place, step.name, port)
        elif isinstance(place, (str, Path)) and not exists(Path(place)) and not _may_lack(data):
            message = f"output {quoted(name)}: there is nothing at {place}"
            yield Finding("error", message, "put it back, or give another place", step=step.name, port=port)


def is_reason(note: Finding, step: Step) -> bool:
    """Whether a note tells why a step, for which nothing stands in, cannot run here."""
    is_open = step.stub is not None and step.stub.kind == "open"
    return is_open and note.step == step.name and note.message.startswith(CANNOT_RUN)


def open_finding(step: Step, reason: Finding | None = None) -> Finding:
    """That a step cannot run here and nothing stands in for it, why, and what to give."""
    why = f": {reason.message.removeprefix(CANNOT_RUN)}" if reason else ""
    message = f"{step.name} cannot run here, and nothing stands in for it{why}"
    port = next(iter(step.outputs), "OUTPUT")
    fix = f'give its outputs: {_example(step, port)}, or "synthetic", or "skip"'
    return Finding("error", message, fix, step=step.name)


def _may_lack(data: object) -> bool:
    return isinstance(data, Given) and data.optional


def _example(step: Step, port: str) -> str:
    return f'pipeline.with_stubs({{"{step.name}": {{"{port}": PATH}}}})'
