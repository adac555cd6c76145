"""The process of one attempt: what it is told to do, through views of its inputs, into a staging folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cursus_rt_notebook.engine import container
from cursus_rt_notebook.engine.block import as_the_block_does
from cursus_rt_notebook.engine.plan import Planner, StepPlan
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.pipeline.effects import mode_of
from cursus_rt_notebook.worker import launch
from cursus_rt_notebook.worker.inside.moving import moved_value
from cursus_rt_notebook.worker.launch import Order, StepProcess
from cursus_rt_notebook.workspace.store import Staging, Workspace
from cursus_rt_notebook.workspace.views import View


def make_views(plan: StepPlan, staging: Staging, workspace: Workspace) -> dict[str, View]:
    """A private view of each input, where the script looks for it; made with all that its container has."""
    places = container.input_places(plan, staging)
    made: dict[str, View] = {}
    for port in (*places, *(port for port in plan.inputs if port not in places)):  # outer folders before inner ones
        given = plan.inputs[port]
        source = workspace.packed(given.path, given.digest, given.packed) if given.packed else given.path
        place, without = places.get(port, (_view_name(port, source), ()))
        made[port] = staging.view(place, source, copy=given.copy_files, without=without)
    if plan.step.container is not None:
        container.make_room(plan.step, staging)
    return {port: made[port] for port in plan.inputs}


def _view_name(port: str, source: Path) -> Path:
    # A file keeps its own name, inside a folder of the port's: scripts read the suffix.
    return Path(folder_name(port)) / source.name if source.is_file() else Path(folder_name(port))


def order_of(
    plan: StepPlan, planner: Planner, staging: Staging, views: Mapping[str, View], *, profile: str = ""
) -> Order:
    """What the step's process is told to do; `profile` names a file for where its time went, if that is wanted."""
    step = plan.step
    moves = container.moves_of(plan, staging)
    return Order(
        step=step.name,
        script=str(step.script),
        entry=step.entry,
        source_dir=str(step.source_dir),
        input_paths=container.input_paths(plan, views, moves),
        output_paths=container.output_paths(step, staging),
        environ_vars={name: moved_value(value, moves) for name, value in plan.environ.items()}
        if moves
        else dict(plan.environ),
        job_args={name: moved_value(value, moves) for name, value in step.args.items()} if moves else dict(step.args),
        cwd=str(staging.scratch),
        scratch=str(staging.scratch),
        known_sources=tuple(str(step.source_dir / name) for name in plan.sources.files),
        profile=profile,
        effects=mode_of(planner.pipeline, step.name),
        own=(str(staging.root),),
        moves=moves,
        **(as_the_block_does(step, plan.environ) if step.entry == "main" else {}),
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
