"""What `main` is given: paths, variables and arguments, made of text as the script's own `__main__` block makes them.

The block's expressions come with the order; they are evaluated here, in the script's own namespace, where the names that
they use mean what they mean to the block. One that raises leaves the text, and is told.
"""

from __future__ import annotations

import importlib
import json
import os
from typing import Any, Callable, Iterable

from . import moving, protocol, values

NAMES = ("input_paths", "output_paths", "environ_vars", "job_args")
_TELL = 200  # characters of an error
_MISSING: Any = object()

Warn = Callable[[str], None]


class Block:
    """The `__main__` block of a script, as far as the order tells of it."""

    def __init__(self, order: protocol.Message, namespace: dict[str, Any], warn: Warn) -> None:
        self._order = order
        # A copy: what is added to it is none of the script's own names.
        self._namespace = {"os": os, "json": json, **namespace}
        self._warn = warn

    def given(self) -> dict[str, Any]:
        """The four that `main` takes, by the names that the contract has for them."""
        order = self._order
        namespace: Any = importlib.import_module("argparse").Namespace
        arguments = namespace(**self._arguments())
        self._namespace["job_args"] = arguments
        return dict(zip(NAMES, (dict(order["input_paths"]), dict(order["output_paths"]), self._variables(), arguments)))

    def further(self, parameters: Iterable[str]) -> dict[str, Any]:
        """What the block gives for these parameters of `main`, beside the four."""
        shown: dict[str, str] = self._order["extra"]
        found = {name: self._value(shown[name], f"parameter {name}") for name in parameters if name in shown}
        return {name: value for name, value in found.items() if value is not _MISSING}

    def _variables(self) -> dict[str, Any]:
        found: dict[str, Any] = dict(self._order["environ_vars"])
        for name, expression in self._order["conversions"].items():
            condition = self._order["conditions"].get(name, "True")
            held = self._value(condition, f"variable {name}")
            value = self._value(expression, f"variable {name}") if held is not _MISSING and held else _MISSING
            if value is not _MISSING:
                found[name] = value
        return found

    def _arguments(self) -> dict[str, Any]:
        found = {name.replace("-", "_"): value for name, value in self._order["job_args"].items()}
        for name, told in self._order["arguments"].items():
            if name not in found:
                value = self._value(told["default"], f"argument {name}") if told.get("default") else _MISSING
            elif told.get("type") and type(found[name]) in (str, int, float):
                # Through its text, as it comes on a command line.
                value = self._value(f"({told['type']})({str(found[name])!r})", f"argument {name}")
            else:
                continue
            if value is not _MISSING:
                found[name] = value
        return found

    def _value(self, expression: str, what: str) -> Any:
        try:
            name = f"<the __main__ block of {self._order['step']}>"
            data = expression.encode()
            code = moving.compile_moved(data, name, self._order["moves"], "eval")
            return eval(code or compile(data, name, "eval", dont_inherit=True), self._namespace)  # noqa: S307
        except Exception as error:  # noqa: BLE001 - whatever the user's own expression raises
            self._warn(f"{what} is not what the __main__ block makes of it: {expression} raised {_told(error)}")
            return _MISSING


def _told(error: Exception) -> str:
    kind = type(error).__name__
    return values.guarded(lambda: f"{kind}: {error}", kind)[:_TELL]
