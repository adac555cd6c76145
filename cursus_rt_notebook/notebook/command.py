"""What every magic of ours does alike: words, help, and faults told without our own frames."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import line_magic, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from cursus_rt_notebook.errors import CursusError
from cursus_rt_notebook.notebook.line import words
from cursus_rt_notebook.render.chars import visible

Method = Callable[[Any, Any], Any]
_HELP = argument("--help", action="store_true", help="show this text")


def command(*arguments: argument) -> Callable[[Method], Any]:
    """Make a line magic of a method: it gets the line's words as options, and its help from docstring and arguments.

    Nothing in the line is expanded: neither `$NAME` nor `{expression}`.
    """

    def decorate(method: Method) -> Any:
        @functools.wraps(method)
        def magic(magics: Any, line: str) -> Any:
            try:
                return _carried_out(method, magic, magics, line)
            except UsageError as error:
                raise UsageError(f"%{method.__name__}: {visible(str(error))}") from None
            except CursusError as error:
                error.__dict__["_render_traceback_"] = functools.partial(_told, method.__name__, error)
                raise

        for given in (_HELP, *reversed(arguments)):
            given(magic)
        magic.__dict__["arguments"] = (*arguments, _HELP)
        return no_var_expand(line_magic(magic_arguments()(magic)))

    return decorate


def _carried_out(method: Method, magic: Any, magics: Any, line: str) -> Any:
    found = words(line)
    if found and found[-1].unfinished:
        raise UsageError(f"a quote is not closed: {found[-1].raw}")
    texts = [word.text for word in found]
    if "--help" in texts:
        print(magic.__doc__)  # noqa: T201  what was asked for
        return None
    return method(magics, magic.parser.parse_args(texts))


def _told(name: str, error: CursusError) -> list[str]:
    """What IPython shows in the place of a traceback, which would be of nothing but our own frames."""
    return [f"%{name}: {type(error).__name__}: {visible(str(error))}"]
