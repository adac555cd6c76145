"""The process of one attempt: what it is told to do, through views of its inputs, into a staging folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cursus_rt_notebook.engine.plan import Planner, StepPlan
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.pipeline.effects import mode_of
from cursus_rt_notebook.worker import launch
from cursus_rt_notebook.worker.launch import Order, StepProcess
from cursus_rt_notebook.workspace.store import Staging
from cursus_rt_notebook.workspace.views import View


def make_views(plan: StepPlan, staging: Staging) -> dict[str, View]:
    """A private view of each input."""
    return {
        port: staging.view(_view_name(port, given.path), given.path, copy=given.copy_files)
        for port, given in plan.inputs.items()
    }


def _view_name(port: str, source: Path) -> Path:
    # A file keeps its own name, inside a folder of the port's: scripts read the suffix.
    return Path(folder_name(port)) / source.name if source.is_file() else Path(folder_name(port))


def order_of(
    plan: StepPlan, planner: Planner, staging: Staging, views: Mapping[str, View], *, profile: str = ""
) -> Order:
    """What the step's process is told to do; `profile` names a file for where its time went, if that is wanted."""
    step = plan.step
    return Order(
        step=step.name,
        script=str(step.script),
        entry=step.entry,
        source_dir=str(step.source_dir),
        input_paths={port: str(view.path) for port, view in views.items()},
        output_paths={port: str(staging.outputs(port)) for port in step.outputs},
        environ_vars=dict(plan.environ),
        job_args=dict(step.args),
        cwd=str(staging.scratch),
        scratch=str(staging.scratch),
        known_sources=tuple(str(step.source_dir / name) for name in plan.sources.files),
        profile=profile,
        effects=mode_of(planner.pipeline, step.name),
        own=(str(staging.root),),
    )


def start(order: Order, plan: StepPlan, planner: Planner, log_path: Path, *, ahead: int = 1) -> StepProcess:
    """Start the step's process under its limits; `ahead` more may be wanted soon."""
    step = plan.step
    return launch.start_step(
        order,
        python=str(step.python) if step.python else None,
        modules=planner.modules(plan),
        log_path=log_path,
        redactor=plan.redactor,
        timeout=step.timeout,
        memory=step.memory,
        ahead=ahead,
    )
