"""A debugger for pipelines of scripts, inside Jupyter.

>>> import cursus_rt_notebook as crt
>>> session = crt.execute_pipeline_with_breakpoints("flights.pipeline.yaml", breakpoints=["preprocess"])
>>> for pause in session:
...     pause["processed_data/train"].df

Every public name is imported when it is first used, so that `import cursus_rt_notebook` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cursus_rt_notebook.data.artifact import Artifact
    from cursus_rt_notebook.data.checks.baseline import Baseline
    from cursus_rt_notebook.data.checks.quality import CheckResult
    from cursus_rt_notebook.data.checks.validation import ValidationResult
    from cursus_rt_notebook.engine.environments.build import build_envs
    from cursus_rt_notebook.engine.execute import execute_pipeline_with_breakpoints, runs, shutdown
    from cursus_rt_notebook.engine.executions import open_execution
    from cursus_rt_notebook.engine.pause import Pause, StepView
    from cursus_rt_notebook.engine.profile import Profile
    from cursus_rt_notebook.engine.session import InteractiveExecutionResult
    from cursus_rt_notebook.engine.state import Breakpoint, Failure
    from cursus_rt_notebook.engine.testing.comparing import DataComparison, compare_data
    from cursus_rt_notebook.engine.testing.data_flow import DataFlowManager
    from cursus_rt_notebook.engine.testing.executor import PipelineScriptExecutor
    from cursus_rt_notebook.engine.testing.integration import ConfigurationIntegration, ContractIntegration
    from cursus_rt_notebook.engine.testing.lineage import DataLineage
    from cursus_rt_notebook.engine.testing.results import (
        ExecutionResult,
        PipelineTestResult,
        TestResult,
        TransitionTestResult,
    )
    from cursus_rt_notebook.engine.testing.script_manager import ExecutionContext, ScriptImportManager
    from cursus_rt_notebook.engine.timeline import Timeline
    from cursus_rt_notebook.errors import CursusError, PipelineError, SessionError, StepError, WorkspaceError
    from cursus_rt_notebook.pipeline.contract import ScriptContract
    from cursus_rt_notebook.pipeline.cursus.load import load_cursus
    from cursus_rt_notebook.pipeline.drafting.init import init
    from cursus_rt_notebook.pipeline.explained import WiringExplanation
    from cursus_rt_notebook.pipeline.findings import Finding
    from cursus_rt_notebook.pipeline.load import load_pipeline
    from cursus_rt_notebook.pipeline.model import Pipeline, Step
    from cursus_rt_notebook.pipeline.step_config import ConfigBase

__all__ = [
    "Artifact",
    "Baseline",
    "Breakpoint",
    "CheckResult",
    "ConfigBase",
    "ConfigurationIntegration",
    "ContractIntegration",
    "CursusError",
    "DataComparison",
    "DataFlowManager",
    "DataLineage",
    "ExecutionContext",
    "ExecutionResult",
    "Failure",
    "Finding",
    "InteractiveExecutionResult",
    "Pause",
    "Pipeline",
    "PipelineError",
    "PipelineScriptExecutor",
    "PipelineTestResult",
    "Profile",
    "ScriptContract",
    "ScriptImportManager",
    "SessionError",
    "Step",
    "StepError",
    "StepView",
    "TestResult",
    "Timeline",
    "TransitionTestResult",
    "ValidationResult",
    "WiringExplanation",
    "WorkspaceError",
    "build_envs",
    "compare_data",
    "execute_pipeline_with_breakpoints",
    "init",
    "load_cursus",
    "load_pipeline",
    "open_execution",
    "runs",
    "shutdown",
]

_HOMES = {
    "Artifact": "data.artifact",
    "Baseline": "data.checks.baseline",
    "Breakpoint": "engine.state",
    "CheckResult": "data.checks.quality",
    "ConfigBase": "pipeline.step_config",
    "ConfigurationIntegration": "engine.testing.integration",
    "ContractIntegration": "engine.testing.integration",
    "CursusError": "errors",
    "DataComparison": "engine.testing.comparing",
    "DataFlowManager": "engine.testing.data_flow",
    "DataLineage": "engine.testing.lineage",
    "ExecutionContext": "engine.testing.script_manager",
    "ExecutionResult": "engine.testing.results",
    "Failure": "engine.state",
    "Finding": "pipeline.findings",
    "InteractiveExecutionResult": "engine.session",
    "Pause": "engine.pause",
    "Pipeline": "pipeline.model",
    "PipelineError": "errors",
    "PipelineScriptExecutor": "engine.testing.executor",
    "PipelineTestResult": "engine.testing.results",
    "Profile": "engine.profile",
    "ScriptContract": "pipeline.contract",
    "ScriptImportManager": "engine.testing.script_manager",
    "SessionError": "errors",
    "Step": "pipeline.model",
    "StepError": "errors",
    "StepView": "engine.pause",
    "TestResult": "engine.testing.results",
    "Timeline": "engine.timeline",
    "TransitionTestResult": "engine.testing.results",
    "ValidationResult": "data.checks.validation",
    "WiringExplanation": "pipeline.explained",
    "WorkspaceError": "errors",
    "build_envs": "engine.environments.build",
    "compare_data": "engine.testing.comparing",
    "execute_pipeline_with_breakpoints": "engine.execute",
    "init": "pipeline.drafting.init",
    "load_cursus": "pipeline.cursus.load",
    "load_pipeline": "pipeline.load",
    "open_execution": "engine.executions",
    "runs": "engine.execute",
    "shutdown": "engine.execute",
}


def load_ipython_extension(ipython: Any) -> None:
    """Carry out `%load_ext cursus_rt_notebook`: add the magics to a shell."""
    import_module(f"{__name__}.notebook.magics").load_ipython_extension(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Carry out `%unload_ext cursus_rt_notebook`."""
    import_module(f"{__name__}.notebook.magics").unload_ipython_extension(ipython)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version(__name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
