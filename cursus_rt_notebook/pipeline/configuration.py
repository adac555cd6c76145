"""What a step is given beside its data: environment, arguments, and how often it is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import described, quoted
from cursus_rt_notebook.pipeline.model import Breaker, Retry
from cursus_rt_notebook.pipeline.reading import read
from cursus_rt_notebook.pipeline.written import Written, WrittenBreaker, WrittenRetry


def read_env(written: Mapping[str, Any], path: KeyPath, document: Document) -> dict[str, str | None]:
    """The environment at `path`: text, numbers as they were written, and None for what the caller has to give.

    True and false are refused: scripts compare with `true`, `True`, `1` and more, and only the user knows with which.
    """
    env: dict[str, str | None] = {}
    for name, value in written.items():
        where = (*path, name)
        if _is_variable(name, where, document):
            env[name] = _variable(value, where, document)
    return env


def read_args(written: Mapping[str, Any], path: KeyPath, document: Document) -> dict[str, Any]:
    """The arguments at `path`, which have to be what JSON can hold."""
    for where, value in _leaves(dict(written), path):
        key = where[-1]
        if key == "" or (isinstance(key, str) and where in document.unquoted):
            document.check_name(where, key, "argument")
        elif where in document.doubtful:
            message = "this value is read differently by the versions of YAML"
            document.fault(where, message, f"write {document.doubtful[where]}")
        elif isinstance(value, str):
            _check_text(value, where, document)
        elif not (value is None or isinstance(value, (bool, int, float, dict, list))):
            fix = "give text, numbers, true, false, None, and lists and dicts of them"
            document.fault(where, f"is {described(value)}, which JSON cannot hold", fix)
    return dict(written)


def read_retry(written: Any, path: KeyPath, document: Document, under: Retry | None = None) -> Retry:
    """When and how often a step is tried again; what is written is laid over `under`, key by key."""
    retry = read(WrittenRetry, written, path, document)
    for index, name in enumerate(retry.on):
        if not all(part.isidentifier() for part in name.split(".")):
            message = f"{quoted(name)} is not the name of an exception"
            document.fault((*path, "on", index), message, "write ConnectionError, or package.Error")
    own = _own(retry)
    return (under or Retry()).model_copy(update=own | {"on": tuple(retry.on)} if "on" in own else own)


def read_breaker(written: Any, path: KeyPath, document: Document, under: Breaker | None = None) -> Breaker | None:
    """After how many failures a step is left alone, laid over `under` key by key; None where nothing is written."""
    if written is None:
        return under
    return (under or Breaker()).model_copy(update=_own(read(WrittenBreaker, written, path, document)))


def _own(written: Written) -> dict[str, Any]:
    """The values that stand in the document itself, without defaults."""
    return {name: getattr(written, name) for name in written.model_fields_set}


def _is_variable(name: str, path: KeyPath, document: Document) -> bool:
    if path in document.unquoted and document.unquoted[path] != "a number":
        return document.check_name(path, name, "variable")
    if not name or "=" in name or "\0" in name:
        document.fault(path, f"{quoted(name)} cannot name a variable of the environment", "write NAME: value")
        return False
    return _check_text(name, path, document)


def _variable(value: Any, path: KeyPath, document: Document) -> str | None:
    if isinstance(value, bool):
        shown = document.written.get(path, str(value).lower())
        document.fault(path, "is true or false, and a variable of the environment is text", f'quote it: "{shown}"')
        return None
    if isinstance(value, (int, float)):
        return document.written.get(path, str(value))
    if value is None or (isinstance(value, str) and _check_variable_text(value, path, document)):
        return value
    if not isinstance(value, str):
        document.fault(path, f"is {described(value)}, and a variable of the environment is text", "write text")
    return None


def _check_text(text: str, path: KeyPath, document: Document) -> bool:
    """Whether `text` is made of whole characters: halves cannot be written to anything."""
    try:
        text.encode()
    except UnicodeEncodeError:
        document.fault(path, "holds half of a character", "write the whole one")
        return False
    return True


def _check_variable_text(text: str, path: KeyPath, document: Document) -> bool:
    """Whether a process can be given `text`: a NUL would cut it off."""
    if "\0" in text:
        document.fault(path, "holds a NUL, which no variable of the environment can", "take it out")
        return False
    return _check_text(text, path, document)


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """Everything inside `value`, with its place; the containers too."""
    inside: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*path, key), item
        yield from _leaves(item, (*path, key))
