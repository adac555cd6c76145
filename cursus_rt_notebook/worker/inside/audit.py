"""One audit hook for all that is watched in a step: every event costs a call for each hook there is."""

from __future__ import annotations

import sys
from typing import Any, Callable, Dict, Tuple

Handler = Callable[[Tuple[Any, ...]], None]
Handlers = Dict[str, Handler]


class EffectRefused(PermissionError):
    """What a step with `effects: refuse` meets where it reaches out; `effect` says for what."""

    effect = ""


def install(*watched: Handlers) -> None:
    """Call the handlers, from now on, with the arguments of the events that they are for. It cannot be undone.

    Of what they raise, only `EffectRefused` reaches the script; what they cannot make out, they do not see.
    """
    handlers: dict[str, list[Handler]] = {}
    for each in watched:
        for event, handler in each.items():
            handlers.setdefault(event, []).append(handler)
    find = handlers.get

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        for handler in find(event, ()):
            _handle(handler, arguments)

    sys.addaudithook(hook)


def _handle(handler: Handler, arguments: tuple[Any, ...]) -> None:
    try:
        handler(arguments)
    except EffectRefused:
        raise
    except Exception:  # noqa: BLE001 - the call itself will say what is wrong with its arguments
        return
