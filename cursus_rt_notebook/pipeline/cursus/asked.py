"""Ask a config object of the cursus package what production asks it: its variables and its arguments.

Only objects that the user made are asked, and their own methods run: they are the user's code.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True)
class Asked:
    """What a config object says: `env` is None where it cannot be asked; `trouble` is why it did not answer."""

    env: Mapping[str, str] | None = None
    arguments: tuple[str, ...] = ()
    trouble: str = ""


def ask(made: Any, declared: tuple[str, ...]) -> Asked:
    """What the object says, given the names of the variables that its interface declares."""
    troubles: list[str] = []
    env = _safely(lambda: _env(made, declared), "get_environment_variables", troubles)
    arguments = _safely(lambda: _arguments(made), "get_job_arguments", troubles)
    return Asked(env, tuple(arguments or ()), "; ".join(troubles))


def _env(made: Any, declared: tuple[str, ...]) -> dict[str, str] | None:
    method = getattr(made, "get_environment_variables", None)
    # Of a class that has its own `environment_variables`, production takes those and not the inherited method.
    if callable(method) and not (_own(made, "environment_variables") and not _own(made, "get_environment_variables")):
        found = method(list(declared)) if _takes_names(method) else method()
    else:
        found = getattr(made, "environment_variables", None)
    if not isinstance(found, Mapping):
        return None
    return {str(k): str(v) for k, v in cast("Mapping[str, Any]", found).items() if v is not None}


def _own(made: Any, name: str) -> bool:
    """Whether a class below the package's base of all configurations defines `name`."""
    for each in type(made).__mro__:
        if each.__name__ in {"BasePipelineConfig", "BaseModel", "object"}:
            return False
        if name in vars(each):
            return True
    return False


def _takes_names(method: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(method).parameters.values()
    except (ValueError, TypeError):
        return False
    kinds = {
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.VAR_POSITIONAL,
    }
    return any(parameter.kind in kinds for parameter in parameters)


def _arguments(made: Any) -> list[str]:
    method = getattr(made, "get_job_arguments", None)
    found: Any = method() if callable(method) else None
    return [str(word) for word in found or ()]


def _safely(call: Callable[[], Any], name: str, troubles: list[str]) -> Any:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - the user's code may raise anything
        troubles.append(f"{name} raised {type(error).__name__}: {error}")
        return None
