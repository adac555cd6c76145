"""How a script is called: which of the contract's parameters its `main` takes, and what its command line is."""

from __future__ import annotations

import importlib
import inspect
from typing import Any, Callable

from . import values
from .given import NAMES, Block

_LOGGERS = {"logger", "log"}
_ERRORS = {"error", "failed", "failure"}


class WrongSignatureError(Exception):
    """`main` cannot be called with what a step is given."""

    def __init__(self, expected: str, found: str, unknown: list[str]) -> None:
        more = f"; nothing says what to give for {', '.join(unknown)}" if unknown else ""
        super().__init__(f"wrong signature: expected {expected}, found {found}{more}")
        self.expected = expected
        self.found = found


class _Log:
    """A `logger` parameter: scripts call it like print, or use it like a logger."""

    def __init__(self, name: str) -> None:
        self._logger = importlib.import_module("logging").getLogger(name)

    def __call__(self, *words: Any) -> None:
        print(*words, flush=True)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._logger, name)


def never_runs(main: Callable[..., Any]) -> str:
    """What calling `main` gives instead of running it: "a coroutine" or "a generator"; nothing for a plain function."""
    if inspect.iscoroutinefunction(main):
        return "a coroutine"
    return "a generator" if inspect.isgeneratorfunction(main) or inspect.isasyncgenfunction(main) else ""


def arguments_for(main: Callable[..., Any], step: str, block: Block) -> tuple[list[Any], dict[str, Any]]:
    """The arguments to call `main` with: by keyword where its parameters have the contract's names, else by position.

    Further parameters get what the script's `__main__` block gives them, where that is known.

    Raises:
        WrongSignatureError: neither fits; its text says what was expected and what was found.
    """
    given = block.given()
    try:
        parameters = inspect.signature(main).parameters
    except (TypeError, ValueError):
        return list(given.values()), {}
    further = block.further(n for n in parameters if n not in NAMES)
    if _LOGGERS & set(further):
        _configure_logging()
    for name, parameter in parameters.items():
        # Many a main logs through a parameter that is None where it is called without: preflight tells of these.
        if name in _LOGGERS and (parameter.default is parameter.empty or parameter.default is None):
            further.setdefault(name, _Log(step))
    plain = {n: p for n, p in parameters.items() if n not in further}
    needed = [n for n, p in plain.items() if p.default is p.empty and p.kind in _NAMED]
    takes_all = any(p.kind is p.VAR_KEYWORD for p in plain.values())
    named = takes_all or bool(set(plain) & set(NAMES))
    if named and set(needed) <= set(NAMES) and not _positional_only(plain):
        return [], {**{n: v for n, v in given.items() if takes_all or n in plain}, **further}
    positional = [n for n, p in plain.items() if p.kind in _POSITIONAL]
    starred = any(p.kind is p.VAR_POSITIONAL for p in plain.values())
    by_position = needed == positional[: len(needed)] and len(needed) <= len(NAMES)
    if by_position and (len(positional) >= len(NAMES) or starred) and (len(needed) == len(NAMES) or starred):
        return list(given.values()), further
    raise WrongSignatureError(f"main({', '.join(NAMES)})", f"main{inspect.signature(main)}", _unknown(needed))


def _configure_logging() -> None:
    """As blocks do before they give `main` a logger: without it nobody would see what it says."""
    logging: Any = importlib.import_module("logging")
    if not logging.getLogger().handlers:
        logging.basicConfig(level=logging.INFO)


def _unknown(needed: list[str]) -> list[str]:
    """The parameters for which nothing says what to give, where the others are the contract's."""
    return (
        [name for name in needed if name not in NAMES] if set(NAMES) & set(needed) or len(needed) > len(NAMES) else []
    )


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NAMED = (*_POSITIONAL, inspect.Parameter.KEYWORD_ONLY)


def _positional_only(parameters: dict[str, inspect.Parameter]) -> bool:
    return any(p.kind is p.POSITIONAL_ONLY for p in parameters.values())


def command_line(job_args: dict[str, Any], source: bytes) -> list[str]:
    """The words of a script's command line: `--name value`, a bare flag for true, nothing for false and none."""
    words: list[str] = []
    for name, value in job_args.items():
        flag = _flag(name, source)
        if isinstance(value, (list, tuple)):
            words += [flag, *map(str, value)]
        elif value is True:
            words.append(flag)
        elif value is not False and value is not None:
            words += [flag, str(value)]
    return words


def _flag(name: str, source: bytes) -> str:
    # The attribute of --batch-size is batch_size: the script's text tells which way it spells the flag.
    dashed = "--" + name.replace("_", "-")
    plain = "--" + name
    return dashed if plain.encode() not in source and dashed.encode() in source else plain


def is_error(result: Any) -> bool:
    """Whether a script's `main` said by its return value that it failed."""
    if not issubclass(type(result), dict):
        return False
    status = values.guarded(lambda: result.get("status"), None)
    return type(status) is str and status.lower() in _ERRORS
