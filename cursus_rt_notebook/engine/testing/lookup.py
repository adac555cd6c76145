"""What a name means: a step or script of the pipeline given, else of the workspace's last run, else a path."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cursus_rt_notebook.errors import NameUnknown, WorkspaceError
from cursus_rt_notebook.pipeline.faults import listed, near
from cursus_rt_notebook.pipeline.model import FromPath, Output, Pipeline, Step
from cursus_rt_notebook.pipeline.script_use import ScriptUse, script_use
from cursus_rt_notebook.workspace.store import Workspace

TEST: Final = "a test"  # the origin of a pipeline that was made for one: nobody means it by "the last run"


def pipeline_of(pipeline: Pipeline | None, workspace_dir: str | Path) -> Pipeline | None:
    """The pipeline given, else that of the workspace's last run; None if there is neither."""
    return pipeline if pipeline is not None else _last_pipeline(workspace_dir)


def find_step(name: str, pipeline: Pipeline | None) -> Step | None:
    """The step of this name, or the only one whose script has it, with or without `.py`; None if there is none.

    Raises:
        NameUnknown: several steps run a script of this name.
    """
    if pipeline is None:
        return None
    if name in pipeline.steps:
        return pipeline.steps[name]
    path = str(Path(name).absolute())
    found = [step for step in pipeline.steps.values() if _is_script(step, name, path)]
    if len(found) > 1:
        steps = ", ".join(step.name for step in found)
        raise NameUnknown(f"{len(found)} steps run {name}: {steps}", fix="name the step that you mean")
    return found[0] if found else None


def _is_script(step: Step, name: str, path: str) -> bool:
    below = step.script.as_posix().endswith(
        f"/{name}"
    )  # `encode.py`, or as the pipeline writes it: `scripts/encode.py`
    return below or name == step.script.stem or path == str(step.script)


def pipeline_of_script(path: Path) -> Pipeline:
    """A pipeline of one script that none declares: its ports are those that it is seen to use."""
    try:
        use = script_use(path)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        use = ScriptUse()  # which its run tells, with the line
    here = path.absolute()
    step = Step(
        name=path.stem,
        script=here,
        inputs={
            port: FromPath(path=here.parent / port, optional=not used.demanded) for port, used in use.inputs.items()
        },
        outputs={port: Output() for port in use.outputs},
    )
    return Pipeline(
        name=path.stem, steps={step.name: step}, source_dir=here.parent, base_dir=here.parent, origin=str(here)
    )


def unknown(kind: str, name: str, pipeline: Pipeline | None, *, more: Iterable[str] = ()) -> NameUnknown:
    """The error for a name that nothing has; lists what there is."""
    there = [*(pipeline.steps if pipeline else ()), *more]
    if not there:
        fix = "give the pipeline: PipelineScriptExecutor(workspace_dir, pipeline=...), or run one in this workspace"
        return NameUnknown(f"there is no {kind} {name!r}: no pipeline is given and the workspace has none", fix=fix)
    meant = near(name, there)
    fix = f"did you mean {meant}? There are {listed(there)}" if meant else f"there are {listed(there)}"
    return NameUnknown(f"there is no {kind} {name!r} in {pipeline.name if pipeline else 'the workspace'}", fix=fix)


def _last_pipeline(workspace_dir: str | Path) -> Pipeline | None:
    try:
        workspace = Workspace.open(workspace_dir, create=False)
    except WorkspaceError:
        return None
    try:
        documents = (run.facts.get("document") for run in workspace.journal.runs() if run.facts.get("origin") != TEST)
        found = next((document for document in documents if document), None)
    finally:
        workspace.close()
    return Pipeline.model_validate(found) if found else None
