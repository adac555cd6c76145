"""Where the time goes in a step's `main`, or its `__main__` block: sampled by pyinstrument, else counted by cProfile.

pyinstrument is used where the step's own interpreter has it installed. Either sees the thread that `main` runs in, not
other threads, nor processes that it starts. What comes of it is one JSON document::

    profiler   "pyinstrument" or "cProfile"
    seconds    how long main took, whether it returned or raised
    tree       pyinstrument: a node; cProfile: null
    functions  the 100 functions with the most time of their own, the most first
    lines      pyinstrument: the 100 lines of the user's own files with the most time; cProfile: []

    a node     {function, file, line, library, seconds, own, children: [node, ...]}, the children by their time; what
               took less than 0.5 % is left out (it still counts in the seconds of what called it)
    a function {function, file, line, library, seconds, own, calls}
    a line     {file, line, seconds, own}

`seconds` are those spent in a function and all that it called, `own` those in itself alone; for a line `own` are those
in which it was the innermost line of the user's, so what it called of libraries is its own. `line` is where the
function begins; `file` is "<built-in>" and `line` 0 for what is written in C. `library` says that it is not the user's.
`calls` is null for pyinstrument, which counts none. Seconds are wall clock.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import time
from typing import Any, Callable, Dict, Tuple

from . import loader

INTERVAL = 0.001
_LEAST_SHARE = 0.005
_LISTED = 100
_DEEPEST = 200  # frames: JSON is nested as the calls are
_BUILT_IN = "<built-in>"
_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep

Plain = Dict[str, Any]
# Where a function is (name, file, first line), and the line in it that ran.
_Place = Tuple[str, str, int]
_Frame = Tuple[_Place, int]

# Kept from before the script runs: it may put anything in their place.
_open, _dumps, _clock, _getpid = open, json.dumps, time.perf_counter, os.getpid


def profiled(path: str, call: Callable[[], Any]) -> Any:
    """Run `call` under a profiler and write what it found to the file `path`; returns and raises what `call` does."""
    profiler = _start()
    if profiler is None:
        return call()
    pid = _getpid()
    began = _clock()
    try:
        return call()
    finally:
        if _getpid() == pid:  # not in a copy that the script made with os.fork
            _finish(profiler, path, _clock() - began)


def _start() -> _Sampler | _Counter | None:
    sampler = _begun(_Sampler) if _has_pyinstrument() else None
    return sampler or _begun(_Counter)


def _begun(profiler: Any) -> Any:
    try:
        return profiler()
    except Exception as error:  # noqa: BLE001 - a broken one, a very old one, or one that is at work already
        print(f"{profiler.NAME} cannot be used: {error!r}", file=sys.stderr)
    return None


def _has_pyinstrument() -> bool:
    spec = importlib.util.find_spec("pyinstrument")
    return spec is not None and loader.is_library(str(spec.origin))


def _finish(profiler: _Sampler | _Counter, path: str, seconds: float) -> None:
    try:
        found = {"seconds": seconds, **profiler.finish()}
        with _open(path, "w", encoding="ascii") as file:
            file.write(_dumps(found))
    except Exception as error:  # noqa: BLE001 - a profile that is lost is no failure of the script's
        print(f"the profile could not be written: {error!r}", file=sys.stderr)


class _Sampler:
    """pyinstrument's sampler, its samples added up as they come: kept one by one they would take gigabytes."""

    NAME = "pyinstrument"

    def __init__(self) -> None:
        module: Any = importlib.import_module("pyinstrument.stack_sampler")
        self._folder = os.path.dirname(module.__file__) + os.sep
        self._seconds: dict[tuple[str, ...], float] = {}
        self._sampler: Any = module.get_stack_sampler()
        self._sampler.has_warned_about_timing_overhead = True  # the log is the script's
        self._sampler.subscribe(self._take, desired_interval=INTERVAL, use_async_context=False)

    def _take(self, stack: list[str], seconds: float, state: Any) -> None:
        del state
        key = tuple(stack)
        self._seconds[key] = self._seconds.get(key, 0.0) + seconds

    def finish(self) -> Plain:
        self._sampler.unsubscribe(self._take)
        stacks = [(_frames(stack), seconds) for stack, seconds in self._seconds.items()]
        stacks = [(frames, seconds) for frames, seconds in stacks if frames and not self._is_ours(frames[0])]
        return {
            "profiler": self.NAME,
            "tree": _tree(stacks),
            "functions": _functions(stacks),
            "lines": _lines(stacks),
        }

    def _is_ours(self, frame: _Frame) -> bool:
        # What ran beside main: the sampler's own beginning and end, and the clock that was read.
        file = frame[0][1]
        return file == _BUILT_IN or file.startswith(self._folder)


def _frames(stack: tuple[str, ...]) -> list[_Frame]:
    """The frames of a sample from the first that is not this worker's."""
    told = [_frame(text) for text in stack]
    first = next((i for i, ((_, file, _), _) in enumerate(told) if not _above(file)), len(told))
    return told[first : first + _DEEPEST]


def _frame(text: str) -> _Frame:
    identifier, *attributes = text.split("\x01")
    function, file, first = identifier.split("\x00")
    facts = {attribute[:1]: attribute[1:] for attribute in attributes}
    name = f"{facts['c']}.{function}" if "c" in facts else function
    return (name, file, int(first)), int(facts.get("l", 0))


def _above(file: str) -> bool:
    return file == "<thread>" or file.startswith(_OWN_FOLDER)


class _Node:
    def __init__(self, place: _Place) -> None:
        self.place = place
        self.seconds = 0.0
        self.own = 0.0
        self.children: dict[_Place, _Node] = {}

    def plain(self, least: float) -> Plain:
        kept = sorted((c for c in self.children.values() if c.seconds >= least), key=_by_seconds)
        told = {"seconds": self.seconds, "own": self.own, "children": [child.plain(least) for child in kept]}
        return {**_told(self.place), **told}


def _by_seconds(node: _Node) -> float:
    return -node.seconds


def _tree(stacks: list[tuple[list[_Frame], float]]) -> Plain:
    top = _Node(("<step>", "", 0))
    for frames, seconds in stacks:
        node = top
        node.seconds += seconds
        for place, _ in frames:
            node = node.children.setdefault(place, _Node(place))
            node.seconds += seconds
        node.own += seconds
    root = next(iter(top.children.values())) if len(top.children) == 1 else top
    return root.plain(top.seconds * _LEAST_SHARE)


def _functions(stacks: list[tuple[list[_Frame], float]]) -> list[Plain]:
    whole: dict[_Place, float] = {}
    own: dict[_Place, float] = {}
    for frames, seconds in stacks:
        for place in {place for place, _ in frames}:  # once, however deep it recurses
            whole[place] = whole.get(place, 0.0) + seconds
        own[frames[-1][0]] = own.get(frames[-1][0], 0.0) + seconds
    told = [{**_told(p), "seconds": s, "own": own.get(p, 0.0), "calls": None} for p, s in whole.items()]
    return _most(told)


def _lines(stacks: list[tuple[list[_Frame], float]]) -> list[Plain]:
    whole: dict[tuple[str, int], float] = {}
    own: dict[tuple[str, int], float] = {}
    for frames, seconds in stacks:
        users = [(file, line) for (_, file, _), line in frames if line and not loader.is_library(file)]
        for place in set(users):
            whole[place] = whole.get(place, 0.0) + seconds
        if users:
            own[users[-1]] = own.get(users[-1], 0.0) + seconds
    return _most([{"file": p[0], "line": p[1], "seconds": s, "own": own.get(p, 0.0)} for p, s in whole.items()])


class _Counter:
    """cProfile: counts every call, which slows down scripts that make very many."""

    NAME = "cProfile"

    def __init__(self) -> None:
        # What cProfile is made of: itself it imports `profile`, which may be a file of the user's.
        self._profile: Any = importlib.import_module("_lsprof").Profiler()
        self._profile.enable()

    def finish(self) -> Plain:
        self._profile.disable()
        counted: list[Any] = self._profile.getstats()
        told = [
            {**_told(_place_of(c.code)), "seconds": c.totaltime, "own": c.inlinetime, "calls": c.callcount}
            for c in counted
        ]
        told = [function for function in told if not _above(function["file"])]
        return {"profiler": self.NAME, "tree": None, "functions": _most(told), "lines": []}


def _place_of(code: Any) -> _Place:
    if isinstance(code, str):
        return code, _BUILT_IN, 0
    return getattr(code, "co_qualname", code.co_name), code.co_filename, code.co_firstlineno


def _told(place: _Place) -> Plain:
    function, file, line = place
    return {"function": function, "file": file, "line": line, "library": not file or loader.is_library(file)}


def _most(told: list[Plain]) -> list[Plain]:
    return sorted(told, key=lambda each: (-each["own"], -each["seconds"]))[:_LISTED]
