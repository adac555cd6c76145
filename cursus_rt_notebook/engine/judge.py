"""How an attempt that ran is judged: what it left out, what it touched, what is worth saying."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cursus_rt_notebook.engine import effects, pip_asked
from cursus_rt_notebook.engine.plan import StepPlan
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.settings import ERROR_LINES_SHOWN
from cursus_rt_notebook.worker.launch import Outcome
from cursus_rt_notebook.workspace.store import Manifest, Staging, Workspace
from cursus_rt_notebook.workspace.views import View
from cursus_rt_notebook.workspace.walk import list_folder

# They read files without Python.
_READ_UNSEEN = {"polars", "duckdb", "pyarrow", "pyspark", "dask", "ray", "cudf", "sqlite3", "fastparquet"}

MEASURED = ("seconds", "cpu_seconds", "memory", "read_bytes", "written_bytes")


def measured(outcome: Outcome) -> dict[str, Any]:
    """What an attempt took, under the names that its state and its manifest have for it: those in `MEASURED`."""
    took = (outcome.seconds, outcome.cpu_seconds, outcome.peak_memory, outcome.read_bytes, outcome.written_bytes)
    return dict(zip(MEASURED, took, strict=True))


def empty_outputs(step: Step, staging: Staging) -> tuple[str, ...]:
    """The declared ports that hold no file, or lack one of their channels."""
    return tuple(port for port, output in step.outputs.items() if _is_empty(staging.outputs(port), output.channels))


def lacks_required(step: Step, manifest: Manifest) -> bool:
    """Whether a kept result has an output empty that is required by now: then the step fails, so it is no result."""
    return any(output.required and not manifest.ports[port].files for port, output in step.outputs.items())


def _is_empty(folder: Path, channels: Sequence[str]) -> bool:
    if folder.is_file():  # a script may put a file in its place
        return bool(channels)
    if not any(path.is_file() for path in folder.rglob("*")):
        return True
    return any(not (folder / channel).exists() for channel in channels)


@dataclass(frozen=True)
class Touched:
    """Inputs that are no longer what the attempt was keyed with, and the artifacts that this damaged."""

    findings: tuple[Finding, ...]
    artifacts: tuple[str, ...]


def inputs_touched(plan: StepPlan, views: Mapping[str, View], workspace: Workspace) -> Touched:
    """Find inputs that the step changed in place, or that changed under it while it ran."""
    findings: list[Finding] = []
    artifacts: list[str] = []
    for port, view in views.items():
        given = plan.inputs[port]
        changed = view.changed()
        if given.producer is None:
            if changed or workspace.digest_path(given.path).digest != given.digest:
                findings.append(_changed_meanwhile(plan.step.name, port, changed))
        elif changed:
            message = f"{plan.step.name} changed its input {port!r} in place: {_first(changed)}"
            fix = f"give it a copy of its own: `copy: true` on input {port!r}"
            findings.append(Finding("warning", message, fix, step=plan.step.name, port=port))
            artifacts.append(str(view.source))  # the artifact, unless it was packed for this step
    return Touched(tuple(findings), tuple(artifacts))


def _changed_meanwhile(step: str, port: str, names: Sequence[str]) -> Finding:
    """A user's own file changed under a step: nobody can tell who did it."""
    which = f" ({_first(names)})" if names else ""
    message = f"input {port!r}{which} changed while {step} ran, by it or by somebody else: its outputs are not reused"
    fix = f"run it again; if {step} itself writes there, give it a copy: `copy: true` on input {port!r}"
    return Finding("warning", message, fix, step=step, port=port)


def sources_edited(step: str, names: Sequence[str]) -> Iterator[Finding]:
    """Sources that were edited after the step was planned: nobody can tell which of the two texts ran."""
    if names:
        message = f"{_first(names)} changed while {step} ran, so its outputs are not reused"
        yield Finding("warning", message, "continue to run it again", step=step)


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:3])


def findings(
    plan: StepPlan, outcome: Outcome, empty: Sequence[str], lost: Sequence[str], views: Mapping[str, View]
) -> tuple[Finding, ...]:
    """What is worth saying of a success: errors in the log, empty outputs, skipped installs, what was left behind.

    `empty` are the ports without a file, `lost` the files that no port hands on, `views` the inputs as they were given.
    """
    step = plan.step.name
    found: list[Finding] = []
    if outcome.error_lines:
        shown = "; ".join(outcome.error_lines[:ERROR_LINES_SHOWN])
        message = f"{step} ended well but logged {len(outcome.error_lines)} errors: {plan.redactor.text(shown)}"
        found.append(Finding("warning", message, "read its log", step=step))
    found += _never_run(step, outcome.result)
    found += [
        Finding(
            "warning", f"{step} wrote nothing to {port!r}", "mark the output `required: true` to stop here", step, port
        )
        for port in empty
    ]
    found += _not_handed_on(step, lost)
    found += _shards_left(plan, views, outcome)
    found += pip_asked.findings(plan, outcome)
    found += [Finding("warning", text, "", step) for text in outcome.warnings]
    found += effects.findings(step, outcome)
    found += [
        Finding("info", f"{module} could not be loaded ahead: {why}", "", step)
        for module, why in outcome.preload_problems.items()
        if module in plan.sources.imports
    ]
    return tuple(found)


def _not_handed_on(step: str, lost: Sequence[str]) -> Iterator[Finding]:
    """Files that a script wrote in its container where no output port lies: in production they go with it."""
    if lost:
        shown = f"{_first(lost)}{f' and {len(lost) - 3} more' if len(lost) > 3 else ''}"
        message = f"{step} wrote {shown}, which no output port hands on"
        yield Finding("warning", message, "declare an output port there, or write below one that there is", step=step)


def _shards_left(plan: StepPlan, views: Mapping[str, View], outcome: Outcome) -> Iterator[Finding]:
    """Inputs in numbered pieces, of which a script opened some and not the others.

    Only what Python opens is seen, so nothing is said of a script that may read on by other ways.
    """
    numbered = [path for path in outcome.read if re.search(r"\d", Path(path).name)]
    if not numbered or _READ_UNSEEN & set(plan.sources.imports):
        return
    for port, view in views.items():
        if not any(Path(path).is_relative_to(view.path) for path in numbered):
            continue
        pieces: dict[Path, list[Path]] = {}
        for name in list_folder(view.source, follow=True).files if view.source.is_dir() else ():
            path = view.path / name
            pieces.setdefault(path.with_name(re.sub(r"\d+", "*", path.name)), []).append(path)
        for alike, paths in pieces.items():
            read = [path.name for path in paths if str(path) in outcome.read]
            if 0 < len(read) < len(paths):
                few = f"{len(read)} of the {len(paths)} files {alike.name}"
                message = f"{plan.step.name} opened {few} of its input {port!r}: {_first(read)}"
                fix = "if it is to read them all, see how it lists them"
                yield Finding("warning", message, fix, step=plan.step.name, port=port)


def _never_run(step: str, result: str) -> Iterator[Finding]:
    for kind in ("coroutine", "generator"):
        if f"{kind} object" in result[:80]:
            message = f"main of {step} is a {kind}: calling it does nothing until somebody runs it"
            yield Finding("warning", message, "run it inside a plain main", step=step)


def opened_digests(outcome: Outcome, workspace: Workspace) -> dict[str, str] | None:
    """Digests of the files beside the script that it opened; None if one changed after it was read."""
    digests: dict[str, str] = {}
    for path, (size, mtime_ns) in outcome.opened.items():
        if Path(path).is_relative_to(workspace.path):
            continue  # its own inputs and outputs, where the workspace lies under the source folder
        try:
            now = Path(path).stat()
        except OSError:
            return None
        digest = workspace.digest_opened(path)
        if digest is None or (now.st_size, now.st_mtime_ns) != (size, mtime_ns):
            return None
        digests[path] = digest
    return digests


def as_plain(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as the manifest keeps them."""
    return [asdict(finding) for finding in found]


def from_plain(kept: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Findings as the manifest kept them."""
    return tuple(Finding(**finding) for finding in kept)
