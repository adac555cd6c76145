"""The calls a user begins with: run a pipeline with breakpoints, list runs, end everything."""

from __future__ import annotations

import os
import secrets
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from cursus_rt_notebook import display
from cursus_rt_notebook.data import reader
from cursus_rt_notebook.engine.breakpoints import parse_breakpoints
from cursus_rt_notebook.engine.driver import Driver
from cursus_rt_notebook.engine.earlier import Earlier
from cursus_rt_notebook.engine.frontier import first_state
from cursus_rt_notebook.engine.plan import Planner
from cursus_rt_notebook.engine.session import InteractiveExecutionResult
from cursus_rt_notebook.engine.spread import without_skipped
from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.arguments import check_keywords, texts_of
from cursus_rt_notebook.pipeline.checks import with_checks
from cursus_rt_notebook.pipeline.effects import with_effects
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import OnError, Pipeline
from cursus_rt_notebook.pipeline.project import Project
from cursus_rt_notebook.settings import WORKSPACE_DIR
from cursus_rt_notebook.worker import launch
from cursus_rt_notebook.workspace.folder import absolute_folder
from cursus_rt_notebook.workspace.store import Workspace

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

_sessions: weakref.WeakValueDictionary[tuple[str, str], InteractiveExecutionResult] = weakref.WeakValueDictionary()


def execute_pipeline_with_breakpoints(
    pipeline: str | Path | Mapping[str, Any] | nx.DiGraph[Any] | Pipeline,
    breakpoints: Any = None,
    workspace_dir: str | Path = WORKSPACE_DIR,
    *,
    env: Mapping[str, str] | None = None,
    max_workers: int | None = None,
    checks: Mapping[str, Any] | None = None,
    on_error: OnError | None = None,
    effects: str | Mapping[str, str] | None = None,
    **project: Unpack[Project],
) -> InteractiveExecutionResult:
    """Make a session that runs a pipeline and pauses at breakpoints; nothing runs before its first `next`.

    A session of this kernel on the same pipeline and workspace is closed first.

    Args:
        pipeline: A YAML file, a mapping, a networkx graph, a Cursus `.dag.json` or a loaded pipeline.
        breakpoints: `"STEP"` and `"STEP:after"` pause after a step, `"STEP:before"` before it, `"STEP: CONDITION"`
            after it if the condition holds; callables too. None: only failures pause, and what the file says.
        workspace_dir: Where artifacts, logs and the journal are kept.
        env: Values for environment variables that the pipeline declares, for this run.
        max_workers: How many independent steps run side by side; by default one per core.
        checks: How far tables may leave the recorded baseline, over what the file says, and what a failed check does:
            `{"rows": 0.2, "missing": 0.1, "on_failure": "pause"}`.
        on_error: `"continue"` to run on after a failure, without what needs the failed step; `"pause"` to stop at it;
            None for what the pipeline and its steps say.
        effects: What becomes of network connections, processes, and writes outside a step's own folders: `"record"`
            notes them, `"refuse"` raises in the step, `"allow"` does not look. One mode for the steps that say nothing
            themselves, or a mapping of steps to modes.
        project: What `load_pipeline` takes: `config`, `interfaces`, `source_dirs` of a Cursus graph; `inputs`, `stubs`.

    Raises:
        PipelineError: the document is wrong; lists every fault. Or `env`, `on_error`, `effects` or `max_workers` is none
            that there is.
        BreakpointInvalid: a breakpoint names no step, or its condition cannot be read.
        WorkspaceError: the folder cannot be used.
    """
    check_keywords("execute_pipeline_with_breakpoints", project)
    loaded = with_effects(load_pipeline(pipeline, **project), effects)
    loaded = with_checks(loaded, checks) if checks is not None else loaded
    loaded = loaded.with_on_error(on_error) if on_error is not None else loaded
    given = texts_of("env", env, '{"NAME": "VALUE"}')
    workers = _workers(max_workers)
    stops = parse_breakpoints(loaded.breakpoints if breakpoints is None else breakpoints, tuple(loaded.steps))
    where = (str(absolute_folder(workspace_dir)), loaded.name)
    previous = _sessions.pop(where, None)
    if previous is not None:
        previous.close()
    workspace = Workspace.open(workspace_dir)
    earlier = Earlier.read(workspace.journal, loaded.name)
    facts: dict[str, Any] = {"run_id": _new_run_id(), "breakpoints": stops, "max_workers": workers}
    state = without_skipped(first_state(loaded, earlier.seconds, earlier.memory, **facts), loaded)
    planner = Planner(loaded, workspace, given, earlier)
    session = InteractiveExecutionResult(Driver(state, planner), planner)
    _sessions[where] = session
    display.expect_panel(session)
    return session


def _workers(given: Any) -> int:
    if given is None:
        return os.cpu_count() or 1
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise PipelineError(f"max_workers={given!r} means nothing", fix="give a whole number, 1 or more")
    return given


def _new_run_id() -> str:
    # Sorts by time for people; the random part keeps two runs of one second apart.
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"


def runs(workspace_dir: str | Path = WORKSPACE_DIR) -> pd.DataFrame:
    """List what was run in a workspace, newest first: run id, pipeline, when it began and ended, and how.

    Raises:
        WorkspaceError: there is no workspace.
    """
    import pandas as pd

    workspace = Workspace.open(workspace_dir, create=False)
    try:
        found = workspace.journal.runs()
    finally:
        workspace.close()
    rows = {
        "run": [run.run_id for run in found],
        "pipeline": [run.pipeline for run in found],
        "status": [run.status for run in found],
        "started": pd.to_datetime([run.started for run in found], unit="s", utc=True).floor("s"),
        "seconds": [None if run.ended is None else round(run.ended - run.started, 1) for run in found],
    }
    return pd.DataFrame(rows).set_index("run")


def shutdown() -> None:
    """Close every session of this kernel and end all its processes; the next call starts them anew."""
    for session in list(_sessions.values()):
        session.close()
    launch.shutdown()
    reader.shutdown_reader()
