"""A step's environment and arguments: what its interface declares, with the values of its configuration.

In production a config class gives the values. Where it can be asked, it is. Else a variable's value is that of the field
which is named after it; the tables below say which fields and forms the classes use instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from itertools import pairwise
from typing import Any, Final, cast

from cursus_rt_notebook.pipeline.cursus.asked import Asked
from cursus_rt_notebook.pipeline.cursus.configuration import NodeConfig
from cursus_rt_notebook.pipeline.cursus.interface import Interface
from cursus_rt_notebook.pipeline.findings import Finding

SECURE_PYPI: Final = "USE_SECURE_PYPI"  # true, or absent: scripts ask AWS for a token when they are imported
_HYPERPARAMETERS: Final = "hyperparameters"

# Fields of the classes that are not called as the variable is, in lower case. `X_FIELD` is `x_name`, see `fields_of`.
_OTHER_FIELDS: Final = {
    "AWS_DEFAULT_REGION": "aws_region",
    "BEDROCK_INFERENCE_PROFILE_REQUIRED_MODELS": "inference_profile_required_models",
    "CONTENT_TYPES": "source_model_inference_content_types",
    "EDX_DATASET_ARN": "edx_arn_base",
    "MODEL_VERSION": "pipeline_version",
    "TASK1_LABEL_NAME": "label_name",
}
# What classes emit beside the variables that the interface declares, where the field has a value; by step type.
_METRICS: Final = ("EVAL_METRIC_CHOICES",)
_REGION: Final = ("AWS_DEFAULT_REGION",)
_UNDECLARED: Final = {
    "BedrockBatchProcessing": _REGION,
    "BedrockProcessing": _REGION,
    "EdxUploading": _REGION,
    "LightGBMModelEval": _METRICS,
    "LightGBMMTModelEval": _METRICS,
    "PyTorchModelEval": _METRICS,
    "TSAModelEval": ("TASK1_LABEL_NAME",),
    "XGBoostModelEval": _METRICS,
    "XgboostMtModelEval": _METRICS,
}
# Lists are joined by commas, unless the interface's own default is JSON; these are JSON without such a default.
_JSON_LISTS: Final = frozenset({"BEDROCK_OUTPUT_COLUMN_MAP", "EDX_OUTPUT_COLUMNS", "MULTICLASS_CATEGORIES"})


def environment(
    interface: Interface, config: NodeConfig, asked: Asked, *, reads_pypi: bool
) -> tuple[dict[str, str | None], list[Finding]]:
    """The environment of a step, and what is worth knowing of it. None is what somebody else has to give.

    Args:
        interface: What is declared.
        config: Where the values are.
        asked: What the config object said; a variable that it knows is not looked for elsewhere.
        reads_pypi: Whether the script reads `USE_SECURE_PYPI`, declared or not.
    """
    env: dict[str, str | None] = dict.fromkeys(interface.required_env) | dict(interface.optional_env)
    if asked.env is None:
        for name in interface.variables:
            value = _value_of(name, interface.optional_env.get(name, ""), config)
            env[name] = env[name] if value is None else value
        emitted = {name: _value_of(name, "", config) for name in _UNDECLARED.get(interface.step_type, ())}
        env |= {name: value for name, value in emitted.items() if value and name not in env}
    else:
        env |= asked.env
    explicit = config.find("env")
    if isinstance(explicit, Mapping):
        given = cast("Mapping[str, Any]", explicit)
        env |= {str(n): None if v is None else _written(v, as_json=False) for n, v in given.items()}
    notes = [_computed(name, config) for name in interface.computed_env if env.get(name) is None]
    if SECURE_PYPI in env or reads_pypi:
        env[SECURE_PYPI] = "false"
    return env, notes


def arguments(interface: Interface, config: NodeConfig, asked: Asked) -> dict[str, Any]:
    """The arguments of a step, as attributes of `job_args`: `--batch-size` is `batch_size`."""
    found: dict[str, Any] = {}
    for flag, source in interface.job_arguments:
        value = config.find(source) if source else None
        if value is None and source == "job_type":
            value = interface.job_type
        if value is not None:
            found[_attribute(flag)] = _plain(value)
    return found | {name: value for name, value in _words(asked.arguments).items() if name not in found}


def fields_of(variable: str) -> tuple[str, ...]:
    """The fields of a configuration that a variable's value may stand in, the first that there is counts."""
    plain = variable.lower()
    others = [_OTHER_FIELDS[variable]] if variable in _OTHER_FIELDS else []
    for suffix, instead in (("_field", "_name"), ("_fields", "_names")):
        if plain.endswith(suffix):
            others.append(plain.removesuffix(suffix) + instead)
    # What a class works out of a field, `effective_x` of `x`, is what it emits.
    return tuple(prefix + name for name in (plain, *others) for prefix in ("effective_", ""))


def _value_of(name: str, default: str, config: NodeConfig) -> str | None:
    fields = fields_of(name)
    value = config.find(*fields)
    if value is None:
        value = config.find_below(_HYPERPARAMETERS, *fields)
    return None if value is None else _written(value, as_json=name in _JSON_LISTS or default[:1] in {"[", "{"})


def _written(value: Any, *, as_json: bool) -> str:
    """A value as text: true and false in lower case, mappings as JSON, lists as JSON or joined by commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (set, frozenset)):
        value = sorted(cast("set[Any]", value), key=str)
    if isinstance(value, Mapping) or (as_json and isinstance(value, (list, tuple))):
        return json.dumps(value, default=str)
    if isinstance(value, (list, tuple)):
        return ",".join(str(item) for item in cast("list[Any]", value))
    return str(value)


def _computed(name: str, config: NodeConfig) -> Finding:
    message = f"production makes up the variable {name} from the S3 folder of the run; here it has no value"
    return Finding("warning", message, "give it, if the script needs it", step=config.node)


def _plain(value: Any) -> Any:
    """A value in the types that a document holds; config objects have others, too."""
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value if isinstance(value, (str, int, float)) or value is None else str(value)


def _attribute(flag: str) -> str:
    return flag.lstrip("-").replace("-", "_")


def _words(line: tuple[str, ...]) -> dict[str, Any]:
    """The arguments in the words of a command line: each flag with the word after it, or true if there is none."""
    found: dict[str, Any] = {}
    for word, after in pairwise((*line, "--")):
        if word.startswith("--"):
            flag, sign, value = word.partition("=")
            found[_attribute(flag)] = value if sign else True if after.startswith("--") else after
    return found
