"""What a breakpoint may say, and whether a condition holds.

Grammar: `STEP`, `STEP:before`, `STEP:after`, `STEP: CONDITION`; a callable, asked after every step; or a pair
`(STEP, callable)`. A step's name may itself hold a colon: the longest name that fits is meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import CodeType
from typing import Any, cast

from cursus_rt_notebook.engine.state import Breakpoint, Hit, When
from cursus_rt_notebook.errors import BreakpointInvalid, CommandRefused

Breakpoints = tuple[Breakpoint, ...]

EVERY_STEP = "*"
_WHENS = {"": When.AFTER, "before": When.BEFORE, "after": When.AFTER}


def parse_breakpoints(given: Any, steps: Sequence[str]) -> tuple[Breakpoint, ...]:
    """Every breakpoint in `given` (None, one, or several), each naming a step that exists.

    Raises:
        BreakpointInvalid: an unknown step (lists the steps) or a condition that is no Python expression.
    """
    if given is None:
        return ()
    alone = isinstance(given, (str, Breakpoint)) or callable(given) or _is_pair(given)
    if not alone and not isinstance(given, Iterable):
        raise _no_breakpoint(given)
    several = (given,) if alone else cast("Iterable[Any]", given)
    return tuple(_parse(one, steps) for one in several)


def _parse(given: Any, steps: Sequence[str]) -> Breakpoint:
    if isinstance(given, Breakpoint):
        if given.step != EVERY_STEP:
            _known(given.step, given.text, steps)
        return given
    if isinstance(given, str):
        return _parse_text(given.strip(), steps)
    if callable(given):
        return Breakpoint(_callable_name(given), EVERY_STEP, When.CONDITION, given)
    if _is_pair(given):
        step, condition = given
        _known(step, str(step), steps)
        return Breakpoint(f"{step}: {_callable_name(condition)}", step, When.CONDITION, condition)
    raise _no_breakpoint(given)


def _no_breakpoint(given: Any) -> BreakpointInvalid:
    fix = 'write "STEP", "STEP:before", "STEP: CONDITION", or give a callable'
    return BreakpointInvalid(f"{given!r} is no breakpoint", fix=fix)


def _is_pair(given: Any) -> bool:
    return isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], str) and callable(given[1])


def _parse_text(text: str, steps: Sequence[str]) -> Breakpoint:
    fits = [s for s in steps if text == s or (text.startswith(s) and text[len(s) :].lstrip().startswith(":"))]
    if not fits:
        _known(text.split(":", maxsplit=1)[0].strip(), text, steps)
    step = max(fits, key=len)
    rest = text[len(step) :].lstrip().removeprefix(":").strip()
    if rest in _WHENS:
        return Breakpoint(text, step, _WHENS[rest])
    compile_condition(rest, text)
    return Breakpoint(text, step, When.CONDITION, rest)


def _known(step: Any, text: str, steps: Sequence[str]) -> None:
    if step in steps:
        return
    near = difflib.get_close_matches(str(step), steps, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise BreakpointInvalid(f"breakpoint {text!r}: no step {step!r}", fix=f"{hint}the steps are {', '.join(steps)}")


def with_breakpoints(present: Breakpoints, added: Breakpoints) -> Breakpoints:
    """`present` with some more at its end; one that was there already moves there."""
    return (*(b for b in present if not _among(b, added)), *added)


def without_breakpoints(present: Breakpoints, gone: Breakpoints) -> Breakpoints:
    """`present` without some.

    Raises:
        CommandRefused: there is none of them.
    """
    _refuse_unless_there(present, gone)
    return tuple(b for b in present if not _among(b, gone))


def with_enabled(present: Breakpoints, chosen: Breakpoints, *, enabled: bool) -> Breakpoints:
    """`present`, some of them enabled or not.

    Raises:
        CommandRefused: there is none of them.
    """
    _refuse_unless_there(present, chosen)
    return tuple(replace(b, enabled=enabled) if _among(b, chosen) else b for b in present)


def with_replaced(present: Breakpoints, old: Breakpoints, new: Breakpoints) -> Breakpoints:
    """`present` with `new` in the place of `old`, enabled as that was.

    Raises:
        CommandRefused: there is no such breakpoint.
    """
    _refuse_unless_there(present, old)
    at = next(i for i, b in enumerate(present) if _among(b, old))
    put = tuple(replace(b, enabled=present[at].enabled) for b in new)
    rest = [(i, b) for i, b in enumerate(present) if not _among(b, (*old, *new))]
    return (*(b for i, b in rest if i < at), *put, *(b for i, b in rest if i > at))


def _among(one: Breakpoint, others: Breakpoints) -> bool:
    return any((one.step, one.when, one.condition) == (b.step, b.when, b.condition) for b in others)


def _refuse_unless_there(present: Breakpoints, wanted: Breakpoints) -> None:
    if not any(_among(b, wanted) for b in present):
        known = ", ".join(b.text for b in present) or "none"
        raise CommandRefused(f"no breakpoint {', '.join(b.text for b in wanted)!r}", fix=f"there are: {known}")


def compile_condition(condition: str, text: str) -> CodeType:
    """The code of a condition that the user typed.

    Raises:
        BreakpointInvalid: it is not a Python expression; shows where.
    """
    try:
        return compile(condition, "<breakpoint>", "eval")
    except SyntaxError as error:
        place = f" at column {error.offset}" if error.offset else ""
        fix = 'write a Python expression, such as "score: rows < 1000"'
        raise BreakpointInvalid(f"breakpoint {text!r}: {error.msg}{place}", fix=fix) from None


def conditions_met(breakpoints: Sequence[Breakpoint], step: Any, numbers: Mapping[str, Any]) -> Iterator[Hit]:
    """A hit for each condition on `step` (a `StepView`) that holds, or that cannot be answered.

    In a text, `numbers` are `seconds` and `memory`; `rows`, `columns` and `nulls("c")` speak of the step's only
    table, `port.rows` and so on of one among several.
    """
    for breakpoint_ in breakpoints:
        if not breakpoint_.enabled or breakpoint_.condition is None or breakpoint_.step not in {step.name, EVERY_STEP}:
            continue
        try:
            met = _holds(breakpoint_, step, numbers)
        except BaseException as error:  # noqa: BLE001  the user's own code: whatever it raises is shown at the pause
            yield Hit(step.name, When.CONDITION, f"{breakpoint_.text} raised {type(error).__name__}: {error}")
        else:
            if met:
                yield Hit(step.name, When.CONDITION, f"{breakpoint_.text} holds")


def _holds(breakpoint_: Breakpoint, step: Any, numbers: Mapping[str, Any]) -> bool:
    if callable(breakpoint_.condition):
        return bool(breakpoint_.condition(step))
    code = compile_condition(breakpoint_.condition, breakpoint_.text)
    # The text was typed by the user in this session; text from files never gets here (pipeline.document refuses it).
    return bool(eval(code, {}, _Names(step, numbers)))  # noqa: S307


class _TableNames:
    """`rows`, `columns` and `nulls` of one artifact, asked for only when named."""

    def __init__(self, artifact: Any) -> None:
        self._artifact = artifact

    @property
    def rows(self) -> int:
        return self._artifact.shape[0]

    @property
    def columns(self) -> list[str]:
        return list(self._artifact.schema)

    def nulls(self, column: str) -> int:
        if column not in self._artifact.schema:
            raise KeyError(f"no column {column!r}; there are {', '.join(self._artifact.schema)}")
        return round(self._artifact.profile((column,))[0].missing * self.rows)

    def __getattr__(self, channel: str) -> _TableNames:
        return _TableNames(self._artifact[channel])


class _Names(Mapping[str, Any]):
    """The names a condition may use, resolved as they are read."""

    def __init__(self, step: Any, numbers: Mapping[str, Any]) -> None:
        self._step = step
        self._numbers = numbers

    def __getitem__(self, name: str) -> Any:
        if name in self._numbers:
            return self._numbers[name]
        if name in self._step.outputs:
            return _TableNames(self._step.outputs[name])
        if name in {"rows", "columns", "nulls"}:
            return getattr(_TableNames(self._only_table()), name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter((*self._numbers, *self._step.outputs))

    def __len__(self) -> int:
        return len(self._numbers) + len(self._step.outputs)

    def _only_table(self) -> Any:
        outputs = self._step.outputs
        if len(outputs) != 1:
            first = next(iter(outputs), "port")
            raise ValueError(f"{self._step.name} has {len(outputs)} outputs ({', '.join(outputs)}): write {first}.rows")
        return next(iter(outputs.values()))


def _callable_name(condition: Callable[..., Any]) -> str:
    return getattr(condition, "__name__", type(condition).__name__)
