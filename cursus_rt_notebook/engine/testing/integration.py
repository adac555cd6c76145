"""Configurations and contracts by name: from a pipeline given, a Cursus project, or the workspace's last run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack

from cursus_rt_notebook.data.checks.compatibility import Level
from cursus_rt_notebook.data.checks.validation import ValidationResult
from cursus_rt_notebook.engine.testing.lookup import find_step, pipeline_of, pipeline_of_script, unknown
from cursus_rt_notebook.pipeline.addresses import is_address
from cursus_rt_notebook.pipeline.arguments import check_keywords
from cursus_rt_notebook.pipeline.contract import ScriptContract
from cursus_rt_notebook.pipeline.cursus.contracts import contract_of, known_contract
from cursus_rt_notebook.pipeline.cursus.places import Places
from cursus_rt_notebook.pipeline.faults import near
from cursus_rt_notebook.pipeline.files import working_directory
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.project import Project
from cursus_rt_notebook.pipeline.step_config import ConfigBase
from cursus_rt_notebook.settings import WORKSPACE_DIR


class ConfigurationIntegration:
    """Configurations of steps, as the pipeline has them.

    Args:
        project: What graphs of a Cursus project are loaded with: `config`, `interfaces`, `source_dirs`, see `load_cursus`.
    """

    def __init__(self, **project: Unpack[Project]) -> None:
        check_keywords("ConfigurationIntegration", project)
        self._project = project

    def resolve_step_config(self, step_name: str, pipeline_dag: Any) -> ConfigBase:
        """The configuration of one step of a pipeline: a YAML file, a mapping, a graph, a Cursus one too, or a loaded one.

        Raises:
            PipelineError: the pipeline is wrong; lists every fault.
            NameUnknown: it has no such step; lists the steps.
        """
        pipeline = load_pipeline(pipeline_dag, **self._project)
        if step_name not in pipeline.steps:
            raise unknown("step", step_name, pipeline)
        return ConfigBase.of(pipeline.steps[step_name])

    def extract_script_path(self, config: ConfigBase | Step | Mapping[str, Any] | object) -> str:
        """The absolute path of the script that a configuration names: ours, or a config object or entry of Cursus.

        What is not where the configuration says is looked for in the `source_dirs` of the project.

        Raises:
            ScriptNotFound: it names none, or none that is there.
        """
        roots = self._project.get("source_dirs") or ()
        places = Places.of(roots, [working_directory()])
        return str(ConfigBase.of(config, places.find).script)


class ContractIntegration:
    """Contracts of scripts, by name, and whether data fulfils them.

    Args:
        pipeline: Where names are looked up; the pipeline of the workspace's last run if None.
        workspace_dir: That workspace.
        project: What a graph of a Cursus project is loaded with. Its `interfaces`, or those of an installed `cursus`
            package, also tell the contracts of step types that no pipeline has.
    """

    def __init__(
        self, pipeline: Any = None, workspace_dir: str | Path = WORKSPACE_DIR, **project: Unpack[Project]
    ) -> None:
        check_keywords("ContractIntegration", project)
        self._pipeline = None if pipeline is None else load_pipeline(pipeline, **project)
        self._interfaces = project.get("interfaces")
        self._workspace_dir = workspace_dir

    def get_script_contract(self, script_name: str) -> ScriptContract:
        """The contract of a step, step type or script; of a path that no pipeline knows, the one that its text shows.

        Raises:
            NameUnknown: there is no such script; lists what there is.
            PipelineError: the interface of that name is wrong; lists every fault.
        """
        pipeline = pipeline_of(self._pipeline, self._workspace_dir)
        step = find_step(script_name, pipeline)
        if step is not None:
            return ScriptContract.of_step(step)
        known = known_contract(script_name, self._interfaces)
        if known is not None:
            return known
        if Path(script_name).is_file():
            return ScriptContract.of_step(next(iter(pipeline_of_script(Path(script_name)).steps.values())))
        raise unknown("script", script_name, pipeline)

    def validate_input_requirements(
        self, contract: ScriptContract | Any, available_inputs: Mapping[str, Any]
    ) -> ValidationResult:
        """Whether every required input of a contract is among what is there, by port; what lies at a path must exist.

        The contract may also be one of the cursus package's own.
        """
        declared = contract if isinstance(contract, ScriptContract) else contract_of(contract)
        told = [*_lacking(declared, available_inputs), *_strange(declared, available_inputs)]
        return ValidationResult(
            port=declared.entry_point,
            level=Level.INCOMPATIBLE if any(wrong for _, _, wrong in told) else Level.STRICT,
            messages=tuple(message for message, _, _ in told),
            advice=tuple(fix for _, fix, _ in told),
        )


def _lacking(contract: ScriptContract, available: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    told: list[tuple[str, str, bool]] = []
    for port, declared in contract.inputs.items():
        given = available.get(port)
        if given is None and declared.required:
            meant = near(port, available)
            told.append((f"input {port!r} has no data", f"did you mean {meant}?" if meant else f"give {port!r}", True))
        elif isinstance(given, (str, Path)) and not is_address(given) and not Path(given).exists():
            told.append((f"input {port!r}: there is nothing at {given}", "mend the path", declared.required))
    return told


def _strange(contract: ScriptContract, available: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    there = ", ".join(contract.inputs) or "none"
    strange = (port for port in available if port not in contract.inputs)
    return [(f"{port!r} is no input of {contract.entry_point}", f"its inputs are {there}", False) for port in strange]
