"""What a script declares: where it is entered, the ports it reads and writes, its environment and arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from cursus_rt_notebook.pipeline.model import Step


class PortContract(BaseModel):
    """What is declared of one port: whether it is needed, its channels, and the file of its pandera schema."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    required: bool = True
    channels: tuple[str, ...] = ()
    schema_file: Path | None = None


class ScriptContract(BaseModel):
    """The contract of one script, as its pipeline declares it.

    `required_env` names the variables that somebody must give a value, `optional_env` holds the others with theirs;
    `arguments` holds the attributes of `job_args`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entry_point: str
    inputs: dict[str, PortContract] = {}
    outputs: dict[str, PortContract] = {}
    required_env: tuple[str, ...] = ()
    optional_env: dict[str, str] = {}
    arguments: dict[str, Any] = {}

    @classmethod
    def of_step(cls, step: Step) -> Self:
        """The contract that a pipeline's step declares for its script."""
        inputs = {
            port: PortContract(required=not source.optional, schema_file=source.schema_file)
            for port, source in step.inputs.items()
        }
        outputs = {
            port: PortContract(required=out.required, channels=out.channels, schema_file=out.schema_file)
            for port, out in step.outputs.items()
        }
        return cls(
            entry_point=step.script.name,
            inputs=inputs,
            outputs=outputs,
            required_env=tuple(name for name, value in step.env.items() if value is None),
            optional_env={name: value for name, value in step.env.items() if value is not None},
            arguments=dict(step.args),
        )
