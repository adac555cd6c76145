"""What went wrong in a script, as plain data: the exception, its chain, its frames and their variables."""

from __future__ import annotations

import linecache
import os
import traceback
import types
from typing import Any, Dict

from . import loader, values

Plain = Dict[str, Any]

_CHAIN = 8
_GROUP = 10
_MESSAGE = 4_000
_TRACEBACK = 64 * 1024
# What some exceptions carry beside their text, for advice: plain text or numbers only.
_FACTS = ("name", "path", "filename", "lineno", "offset", "text", "msg", "errno", "code", "returncode", "effect")
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>")
_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Limits:
    """How much a failure may tell."""

    def __init__(self, frames: int = 30, variables: int = 40, text: int = 200, context: int = 4) -> None:
        self.frames = frames
        self.variables = variables
        self.text = text
        self.context = context


def bare(error: BaseException) -> Plain:
    """The least that can be told, without running any code of the exception's or of its variables' classes."""
    frames = _whole([_place(frame, line) for frame, line in _walk(error)])[-30:]
    return {"type": _short_type(error), "message": "", "traceback": "", "frames": frames, "cause": None}


def describe(error: BaseException, limits: Limits) -> Plain:
    """All that can be told of an exception."""
    plain = _one(error, limits, 0, set())
    plain["traceback"] = text_of_traceback(error)
    return plain


def strip(error: BaseException) -> None:
    """Take this worker's own frames off the ends of a traceback: they are none of the user's business."""
    trace = error.__traceback__
    while trace is not None and _is_foreign(trace, (_OWN_FOLDER, "<frozen importlib")):
        trace = trace.tb_next
    if trace is not None:
        error.__traceback__ = trace
    # The other end is ours where an effect was refused, perhaps below what the script made of it.
    linked: BaseException | None = error
    for _ in range(_CHAIN):
        if linked is None:
            return
        _strip_end(linked.__traceback__)
        linked = linked.__cause__ or linked.__context__


def _strip_end(trace: types.TracebackType | None) -> None:
    last = None
    while trace is not None:
        if not _is_foreign(trace, (_OWN_FOLDER,)):
            last = trace
        trace = trace.tb_next
    if last is not None:
        last.tb_next = None


def _is_foreign(trace: types.TracebackType, folders: tuple[str, ...]) -> bool:
    return trace.tb_frame.f_code.co_filename.startswith(folders)


def text_of_traceback(error: BaseException) -> str:
    """The traceback as Python prints it, cut in the middle if it is huge."""
    text = values.guarded(lambda: "".join(traceback.format_exception(type(error), error, error.__traceback__)), "")
    return values.shorten(text, _TRACEBACK)


def _one(error: BaseException, limits: Limits, depth: int, seen: set[int]) -> Plain:
    seen.add(id(error))
    plain: Plain = {
        "type": _short_type(error),
        "module": values.type_name(error).rpartition(".")[0],
        "bases": [c.__name__ for c in type(error).__mro__ if c is not object],
        "message": values.shorten(_message(error), _MESSAGE),
        "traceback": "",
        "notes": _notes(error),
        "frames": _frames(error, limits),
        "cause": None,
    }
    plain.update(_facts(error))
    if depth < _CHAIN:
        plain.update(_related(error, limits, depth + 1, seen))
    return plain


def _short_type(error: BaseException) -> str:
    return values.type_name(error).rpartition(".")[2]


def _message(error: BaseException) -> str:
    return values.guarded(lambda: str.__str__(str(error)), "<its text could not be made>")


def _notes(error: BaseException) -> list[str]:
    notes = values.guarded(lambda: list(getattr(error, "__notes__", ())), [])
    return [values.shorten(note, _MESSAGE) for note in notes if type(note) is str][:20]


def _facts(error: BaseException) -> Plain:
    facts: Plain = {}
    for name in _FACTS:
        value = values.guarded(lambda name=name: getattr(error, name, None), None)
        if type(value) in (str, int):
            facts[name] = values.shorten(value, 500) if type(value) is str else value
    if isinstance(error, KeyError) and error.args:
        facts["key"] = values.text_of(error.args[0], 200)
    return facts


def _related(error: BaseException, limits: Limits, depth: int, seen: set[int]) -> Plain:
    found: Plain = {}
    cause, how = error.__cause__, "cause"
    if cause is None and not error.__suppress_context__:
        cause, how = error.__context__, "context"
    if cause is not None and id(cause) not in seen:
        found["cause"] = {**_one(cause, limits, depth, seen), "how": how}
    none: list[Any] = []
    grouped: list[Any] = values.guarded(lambda: list(getattr(error, "exceptions", ())), none)
    parts = [e for e in grouped if isinstance(e, BaseException) and id(e) not in seen][:_GROUP]
    if parts:
        found["exceptions"] = [_one(e, limits, depth, seen) for e in parts]
    return found


def _walk(error: BaseException) -> list[tuple[types.FrameType, int]]:
    found: list[tuple[types.FrameType, int]] = []
    trace = error.__traceback__
    while trace is not None:
        found.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return [(f, n) for f, n in found if not f.f_code.co_filename.startswith(_OWN_FOLDER)]


def _frames(error: BaseException, limits: Limits) -> list[Plain]:
    walked = _walk(error)
    if len(walked) > limits.frames:  # a deep recursion: how it began, and where it ended
        head = limits.frames // 3
        walked = walked[:head] + walked[head - limits.frames :]
    return _whole([_frame(frame, line, limits) for frame, line in walked])


def _whole(frames: list[Plain]) -> list[Plain]:
    """The frames without those of comprehensions, which until 3.11 stand beside the function that they are part of."""
    found: list[Plain] = []
    for plain in frames:
        if found and plain["function"].endswith(_COMPREHENSIONS) and plain["file"] == found[-1]["file"]:
            found[-1] = _joined(found[-1], plain)
        else:
            found.append(plain)
    return found


def _joined(outer: Plain, inner: Plain) -> Plain:
    names = [variable["name"] for variable in inner["variables"]]
    others = [variable for variable in outer["variables"] if variable["name"] not in names]
    return {**inner, "function": outer["function"], "variables": inner["variables"] + others}


def _frame(frame: types.FrameType, line: int, limits: Limits) -> Plain:
    plain = _place(frame, line)
    plain["source"] = _source(frame, line, limits.context)
    plain["variables"] = _variables(frame, limits) if plain["own"] else []
    return plain


def _place(frame: types.FrameType, line: int) -> Plain:
    code = frame.f_code
    name = getattr(code, "co_qualname", code.co_name)
    own = not loader.is_library(code.co_filename)
    return {"function": name, "file": code.co_filename, "line": line, "own": own, "source": [], "variables": []}


def _source(frame: types.FrameType, line: int, context: int) -> list[tuple[int, str]]:
    path = frame.f_code.co_filename
    text = loader.SourceLoader.texts.get(path)
    if text is not None:
        lines = text.decode("utf-8", "replace").splitlines()
    else:
        lines = linecache.getlines(path, frame.f_globals)
    first = max(1, line - context)
    return [(n, lines[n - 1].rstrip("\n")[:500]) for n in range(first, min(line + context, len(lines)) + 1)]


def _variables(frame: types.FrameType, limits: Limits) -> list[Plain]:
    # At the level of a module its imports and functions are not news.
    at_module = frame.f_code.co_name == "<module>"
    found: list[Plain] = []
    for name, value in list(frame.f_locals.items()):
        if len(found) == limits.variables:
            break
        if name.startswith("."):  # what a comprehension goes through
            continue
        if at_module and (name.startswith("__") or type(value) in (types.ModuleType, types.FunctionType, type)):
            continue
        found.append(_variable(name, value, limits.text))
    return found


def _variable(name: str, value: Any, limit: int) -> Plain:
    table = values.table_of(value)
    plain: Plain = {"name": name, "type": values.type_name(value), "value": values.text_of(value, limit)}
    columns: list[str] | None = table.get("columns")
    plain["columns"] = columns or []
    plain["rows"] = table.get("rows")
    return plain
