"""What a caller gives: refused in our words where it cannot be what it is for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, cast

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.faults import near
from cursus_rt_notebook.pipeline.project import Project


def check_keywords(call: str, given: Iterable[str]) -> None:
    """Refuse what is no keyword of a project, as Python itself does for a call that lists its own.

    Raises:
        TypeError: names the call, and the keyword that was probably meant.
    """
    for name in given:
        if name not in Project.__annotations__:
            meant = near(name, Project.__annotations__)
            hint = f". Did you mean {meant!r}?" if meant else ""
            raise TypeError(f"{call}() got an unexpected keyword argument {name!r}{hint}")


def path_of(name: str, given: Any) -> str:
    """The text of a path that is given for `name`.

    Raises:
        PipelineError: it is none.
    """
    if not isinstance(given, (str, os.PathLike)):
        raise PipelineError(f"{name}={given!r:.40} is no path", fix=f'give {name}="PATH"')
    return os.fspath(cast("str | os.PathLike[str]", given))


def texts_of(name: str, given: Any, example: str) -> dict[str, str]:
    """The mapping from texts to texts that is given for `name`; an empty one for None. `example` shows such a one.

    Raises:
        PipelineError: it is none; the values, which may be secrets, are not shown.
    """
    found = {} if given is None else mapping_of(name, given, example)
    for key, value in found.items():
        if not (isinstance(key, str) and isinstance(value, str)):  # pyright: ignore[reportUnnecessaryIsInstance]
            wrong = key if not isinstance(key, str) else value  # pyright: ignore[reportUnnecessaryIsInstance]
            raise PipelineError(f"{name}[{key!r}] is of type {type(wrong).__name__}, not text", fix=f"give {example}")
    return found


def mapping_of(name: str, given: Any, example: str) -> dict[str, Any]:
    """The mapping that is given for `name`; `example` shows such a one.

    Raises:
        PipelineError: it is none.
    """
    if not isinstance(given, Mapping):
        raise PipelineError(f"{name} is of type {type(given).__name__}, not a mapping", fix=f"give {example}")
    return dict(cast("Mapping[str, Any]", given))
