"""The cursus package's own objects as what a file would say: looked at by their attributes, whatever their version.

Nothing of the package is imported here: whoever made the objects has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, cast

_PORT = {"type": ("type", "dependency_type", "output_type")}
_RULES = ("required", "compatible_sources", "semantic_keywords", "aliases", "data_type")


def written_interface(found: Any) -> dict[str, Any]:
    """What the file of an interface would say: of a StepInterface, a StepSpecification, or a ScriptContract.

    A contract of the old Python style says neither which inputs are optional nor how ports are wired: no `spec`.
    """
    contract = _first(found, ("contract", "script_contract")) or (found if _is_contract(found) else None)
    spec = _first(found, ("spec",)) or (found if hasattr(found, "dependencies") else None)
    written = {
        "step_type": _text(_first(found, ("step_type",))) or _snake_of(contract),
        "registry": _registry(_first(found, ("registry",))),
        "contract": _contract(contract),
    }
    if spec is not None:
        ports = {"dependencies": _rules(getattr(spec, "dependencies", None)), "outputs": _rules(spec.outputs)}
        written["spec"] = ports
    return written


def is_interface(found: Any) -> bool:
    """Whether this is an object that says what a step's interface is."""
    names = ("contract", "script_contract", "spec", "dependencies")
    return _is_contract(found) or any(hasattr(found, name) for name in names)


def is_catalog(found: Any) -> bool:
    """Whether this is a StepCatalog: it knows interfaces by name."""
    return callable(getattr(found, "load_contract_class", None))


def loader(catalog: Any) -> Callable[[str], Any]:
    """A function from a step's name to what a StepCatalog knows of it; None for what it does not."""

    def load(name: str) -> Any:
        try:
            return catalog.load_contract_class(name)
        except Exception:  # noqa: BLE001 - its code is not ours: what it cannot load, it does not have
            return None

    return load


def _is_contract(found: Any) -> bool:
    return hasattr(found, "expected_input_paths") or hasattr(found, "entry_point")


def _contract(contract: Any) -> dict[str, Any]:
    if contract is None:
        return {}
    inputs = _places(getattr(contract, "inputs", None), getattr(contract, "expected_input_paths", None))
    outputs = _places(getattr(contract, "outputs", None), getattr(contract, "expected_output_paths", None))
    variables = {
        "required": list(_first(contract, ("required_env_vars",)) or ()),
        "optional": dict(_first(contract, ("optional_env_vars",)) or {}),
    }
    written: dict[str, Any] = {
        "entry_point": getattr(contract, "entry_point", None),
        "inputs": inputs,
        "outputs": outputs,
        "env_vars": variables,
        "framework_requirements": dict(_first(contract, ("framework_requirements",)) or {}),
    }
    for key in ("input_source_overrides", "skip_inputs", "runtime_requires", "computed_env_paths"):
        value = _first(contract, (key,))
        written |= {key: value} if isinstance(value, (list, dict)) and value else {}
    arguments: Iterable[Any] = _first(contract, ("job_arguments",)) or ()
    declared = [{"flag": a.flag, "source": getattr(a, "source", "")} for a in arguments]
    return written | ({"job_arguments": declared} if declared else {})


def _places(ports: Any, paths: Any) -> dict[str, Any]:
    """Ports with their container paths: from what is said of each, or from the paths alone."""
    if isinstance(ports, Mapping) and ports:
        named = cast("Mapping[str, Any]", ports)
        keys = ("path", "required", "channels")
        return {
            name: {key: v for key in keys if (v := getattr(port, key, None)) is not None}
            for name, port in named.items()
        }
    return {str(name): {"path": path} for name, path in (cast("Mapping[str, Any]", paths or {})).items()}


def _rules(ports: Any) -> dict[str, Any]:
    """What a specification says of its ports, which it holds by name or as a list."""
    listed = list(cast("Mapping[str, Any]", ports).values()) if isinstance(ports, Mapping) else list(ports or ())
    names = list(cast("Mapping[str, Any]", ports)) if isinstance(ports, Mapping) else [p.logical_name for p in listed]
    return {name: _rule(port) for name, port in zip(names, listed, strict=True)}


def _rule(port: Any) -> dict[str, Any]:
    rule: dict[str, Any] = {"type": _text(_first(port, _PORT["type"]))}
    for key in _RULES:
        value = getattr(port, key, None)
        if value is not None:
            rule[key] = list(cast("Iterable[Any]", value)) if isinstance(value, (list, tuple, set)) else value
    return rule


def _registry(registry: Any) -> dict[str, Any]:
    keys = ("sagemaker_step_type", "requires", "config_class")
    return {key: v for key in keys if (v := getattr(registry, key, None)) is not None}


def _first(found: Any, names: tuple[str, ...]) -> Any:
    return next((value for name in names if (value := getattr(found, name, None)) is not None), None)


def _text(value: Any) -> str | None:
    return None if value is None else str(value.value) if isinstance(value, Enum) else str(value)


def _snake_of(contract: Any) -> str | None:
    """A contract of the old style does not name its step type; its script does, in lower case."""
    entry = getattr(contract, "entry_point", None)
    return str(entry).removesuffix(".py") if entry else None
