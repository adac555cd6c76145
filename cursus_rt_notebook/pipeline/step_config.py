"""The configuration of one step, from whatever holds it: a step, a mapping, or an object with attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, Self, cast

from pydantic import BaseModel, ConfigDict

from cursus_rt_notebook.errors import PipelineError, ScriptNotFound
from cursus_rt_notebook.pipeline.contract import PortContract, ScriptContract
from cursus_rt_notebook.pipeline.model import Step

# Where configurations say what their script is, in the order in which they are believed.
SCRIPT_KEYS: Final = (
    "script",
    "script_path",
    "processing_entry_point",
    "training_entry_point",
    "inference_entry_point",
    "entry_point",
)
SOURCE_KEYS: Final = ("processing_source_dir", "source_dir")
_NAME_KEYS: Final = ("name", "step_name", "job_name")


class ConfigBase(BaseModel):
    """The configuration of one step: its script, what it declares, and the values it is given.

    `env` holds the values of variables, None for one that somebody else must give; `source_dir` is where the script's
    local modules lie.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    script: Path
    source_dir: Path
    entry: Literal["main", "script"] = "main"
    python: Path | None = None
    contract: ScriptContract
    env: dict[str, str | None] = {}
    args: dict[str, Any] = {}

    @classmethod
    def of(
        cls, config: ConfigBase | Step | Mapping[str, Any] | object, find: Callable[[str], Path | None] | None = None
    ) -> Self:
        """Read a configuration: a `Step`; a mapping with the keys of a pipeline's step; or an object with attributes.

        In the last two the script is the first there is of `script`, `script_path`, `processing_entry_point`,
        `training_entry_point`, `inference_entry_point` and `entry_point`, below `processing_source_dir` or `source_dir`.

        Args:
            config: The configuration.
            find: Where a path lies that is not where it was written, None if nowhere.

        Raises:
            ScriptNotFound: it names no script, or none that is there.
            PipelineError: it names an entry that there is not.
        """
        if isinstance(config, cls):
            return config
        if isinstance(config, Step):
            return cls._of_step(config)
        return cls._of_values(_values(config), find)

    @classmethod
    def _of_step(cls, step: Step) -> Self:
        return cls(
            name=step.name,
            script=step.script,
            source_dir=step.source_dir,
            entry=step.entry,
            python=step.python,
            contract=ScriptContract.of_step(step),
            env=step.env,
            args=step.args,
        )

    @classmethod
    def _of_values(cls, values: Mapping[str, Any], find: Callable[[str], Path | None] | None) -> Self:
        script = _script(values, find)
        env = {str(name): None if value is None else str(value) for name, value in _mapping(values, "env").items()}
        args = _mapping(values, "args")
        contract = ScriptContract(
            entry_point=script.name,
            inputs=_ports(values.get("inputs")),
            outputs=_ports(values.get("outputs")),
            required_env=tuple(name for name, value in env.items() if value is None),
            optional_env={name: value for name, value in env.items() if value is not None},
            arguments=args,
        )
        python, entry = values.get("python"), values.get("entry") or "main"
        if entry not in {"main", "script"}:
            message = f"the configuration of {script.name} has the entry {entry!r}"
            raise PipelineError(message, fix='write "main", or "script" for its __main__ block')
        return cls(
            name=str(_first(values, _NAME_KEYS) or script.stem),
            script=script,
            source_dir=_source_dir(values) or script.parent,
            entry=entry,
            python=Path(python) if python else None,
            contract=contract,
            env=env,
            args=args,
        )


def _values(config: object) -> Mapping[str, Any]:
    if isinstance(config, Mapping):
        return cast("Mapping[str, Any]", config)
    names = {*SCRIPT_KEYS, *SOURCE_KEYS, *_NAME_KEYS, "env", "args", "inputs", "outputs", "entry", "python"}
    return {name: _attribute(config, name) for name in names}


def _attribute(config: object, name: str) -> Any:
    try:
        return getattr(config, name, None)
    except Exception:  # noqa: BLE001 - a property of somebody's class: what it cannot tell, it does not
        return None


def _first(values: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((values[key] for key in keys if values.get(key)), None)


def _script(values: Mapping[str, Any], find: Callable[[str], Path | None] | None) -> Path:
    written = _first(values, SCRIPT_KEYS)
    if written is None:
        raise ScriptNotFound("the configuration names no script", fix=f"give one of {', '.join(SCRIPT_KEYS)}")
    folder = _source_dir(values) or Path()
    tried = tuple(dict.fromkeys((folder / str(written), Path(str(written)))))
    found = next((path for path in tried if path.is_file()), None)
    if found is None and find is not None:
        sources = (values.get(key) for key in SOURCE_KEYS)
        options = (*(f"{source}/{written}" for source in sources if source), str(written))
        found = next((path for option in options if (path := find(option)) and path.is_file()), None)
    if found is None:
        places = " nor ".join(str(path.absolute()) for path in tried)
        fix = "mend its path, or give the source_dir that it lies in"
        raise ScriptNotFound(f"there is no script {places}", fix=fix, path=str(tried[0].absolute()))
    return found.absolute()


def _source_dir(values: Mapping[str, Any]) -> Path | None:
    folder = _first(values, SOURCE_KEYS)
    return Path(str(folder)).absolute() if folder else None


def _mapping(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    found: Any = values.get(key)
    return {str(name): value for name, value in found.items()} if isinstance(found, Mapping) else {}


def _ports(written: Any) -> dict[str, PortContract]:
    """The ports in a list of names, or a mapping from names to what is said of each."""
    if isinstance(written, Mapping):
        return {str(port): _port(said) for port, said in written.items()}
    return {str(port): PortContract() for port in written or ()}


def _port(said: Any) -> PortContract:
    if not isinstance(said, Mapping):
        return PortContract()
    told = cast("Mapping[str, Any]", said)
    required = bool(told.get("required", not told.get("optional", False)))
    schema: Any = told.get("schema")
    return PortContract(
        required=required,
        channels=tuple(map(str, told.get("channels") or ())),
        schema_file=Path(str(schema)) if schema else None,
    )
