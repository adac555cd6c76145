"""Failures and findings: what happened, what to do, and where, before any traceback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import PurePath

from cursus_rt_notebook.engine.state import Failure, Frame, Variable
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, logs, status, words
from cursus_rt_notebook.render.grid import grid, text_row
from cursus_rt_notebook.render.html import Markup, join, tag
from cursus_rt_notebook.render.look import look, toned
from cursus_rt_notebook.render.states import STATES

_MESSAGE = 600
_LINE = 160
_VARIABLES = 25
_OWN_FRAMES = 6
_TRACEBACK = 8_000
_LOG_LINES = 12
_COLUMNS = 8
_SEVERITY = {"error": "failed", "warning": "paused"}


def card(failure: Failure) -> Markup:
    """The error in a card: its name and text, one sentence, what to do."""
    redact = Redactor().text
    lines = [
        # The spaces stand inside: JupyterLab drops those between elements from a notebook that is not trusted.
        tag(
            "div", tag("b", f"{failure.title[:_LINE]} "), tag("code", chars.cut_long(redact(failure.message), _MESSAGE))
        ),
        tag("div", *_marked(redact(failure.summary), failure.suggestion)),
        *_advice(failure),
        tag("div", *_marked(f"Did you mean '{failure.suggestion}'?", failure.suggestion)) if _unsaid(failure) else None,
    ]
    return tag("div", *lines, **toned("card", "failed"))


def _advice(failure: Failure) -> Iterator[Markup]:
    """What to do: a sentence, or a list where there is more than one thing."""
    said = [_marked(Redactor().text(text), failure.suggestion) for text in failure.recommendations]
    if len(said) > 1:
        yield tag("ul", *(tag("li", *one) for one in said))
    else:
        yield from (tag("div", *one) for one in said)


def details(failure: Failure) -> Iterator[Markup]:
    """What stands below the card: the user's frames, the variables of the innermost, the log's end, the traceback."""
    if failure.frames:
        yield _stack(failure.frames)
    own = [frame for frame in failure.frames if frame.own]
    if own and own[-1].variables:
        yield _variables(own[-1])
    if ended := log_end(failure):
        yield join([tag("div", "End of the log", **look("line", "dim")), logs.as_html(ended)])
    if failure.traceback.strip():
        whole = Redactor().text(failure.traceback)[-_TRACEBACK:]
        yield tag("details", tag("summary", "The whole traceback"), tag("pre", whole, **look("source")))


def finding(found: Finding) -> Markup:
    """One finding: what was noticed, and what to do."""
    redact = Redactor().text
    look_ = _SEVERITY.get(found.severity, "running")
    where = ".".join(part for part in (found.step, found.port) if part)
    lines = [
        tag("b", f"{found.severity.capitalize()}{f' in {where[:_LINE]}' if where else ''}"),
        f": {chars.cut_long(redact(found.message), _MESSAGE)}",
        tag("div", chars.cut_long(redact(found.fix), _MESSAGE)) if found.fix else None,
        tag("div", tag("code", _place(found))) if found.file else None,
    ]
    return tag("div", *lines, **toned("note", look_))


def findings_html(found: Sequence[Finding]) -> Iterator[Markup]:
    """All findings, the worst first, under how many there are."""
    yield tag("div", tag("b", _counted(found)), **look("line"))
    yield from map(finding, status.worst_first(found))


def findings_text(found: Sequence[Finding], columns: int) -> Iterator[str]:
    """The same for a terminal."""
    yield _counted(found)
    for one in status.worst_first(found):
        yield ""
        yield from finding_text(one, columns)


def _counted(found: Sequence[Finding]) -> str:
    return status.counted(found) or "Nothing was found."


def remark(found: Finding) -> Markup:
    """A finding as one line among others."""
    fix = chars.cut_long(Redactor().text(found.fix), _MESSAGE)
    return tag("div", chars.cut_long(Redactor().text(found.message), _MESSAGE), f": {fix}" if fix else None)


def failure_text(failure: Failure, columns: int) -> list[str]:
    """The same for a terminal: card, frames, variables, the end of the log."""
    redact = Redactor().text
    lines = [
        f"{STATES['failed'].char} {chars.one_line(failure.title[:_LINE])}: {_cut(redact(failure.message), 300)}",
        f"  {_cut(redact(failure.summary), 300)}",
    ]
    bullet = "- " if failure.further else ""
    lines += [f"  {bullet}{_cut(redact(text), 300)}" for text in failure.recommendations]
    lines += [f"  Did you mean {_cut(failure.suggestion or '', 80)!r}?"] if _unsaid(failure) else []
    lines += [line for own, frames in _grouped(failure.frames) for line in _frames_text(own, frames, columns)]
    own_frames = [frame for frame in failure.frames if frame.own]
    if own_frames and own_frames[-1].variables:
        lines += ["", *(_variable_text(v, columns) for v in own_frames[-1].variables[:_VARIABLES])]
    if ended := logs.plain(log_end(failure)):
        lines += ["", "end of the log:", *(f"  | {chars.cut(line, columns - 4)}" for line in ended.split("\n"))]
    return lines


def finding_text(found: Finding, columns: int) -> list[str]:
    """One finding for a terminal."""
    redact = Redactor().text
    where = ".".join(part for part in (found.step, found.port) if part)
    place = f" in {_cut(where, 60)}" if where else ""
    lines = [f"{'!' if found.severity != 'info' else 'i'} {found.severity}{place}: {_cut(redact(found.message), 300)}"]
    lines += [f"  {_cut(redact(found.fix), 300)}"] if found.fix else []
    lines += [f"  {chars.cut(_place(found), columns - 2)}"] if found.file else []
    return lines


def _unsaid(failure: Failure) -> bool:
    return bool(failure.suggestion) and str(failure.suggestion) not in " ".join(
        (failure.summary, *failure.recommendations)
    )


def _marked(sentence: str, suggestion: str | None) -> Iterator[Markup | str]:
    sentence, right = chars.cut_long(sentence, _MESSAGE), (suggestion or "")[:_LINE]
    for quoted in (f"'{right}'", right):
        if right and quoted in sentence:
            before, _, after = sentence.partition(quoted)
            yield from (before, tag("code", right, **look("fix")), after)
            return
    yield sentence


def log_end(failure: Failure) -> str:
    """The last lines of the log before the error."""
    # The traceback, which Python printed too, is told better above.
    before, found, after = failure.log_tail.rpartition(failure.traceback.strip() or "\0")
    log = before if found else after
    return logs.tail(log, _LOG_LINES) if log.strip() else ""


def _stack(frames: tuple[Frame, ...]) -> Markup:
    blocks = [_own(frames) if own else [_library(frames)] for own, frames in _grouped(frames)]
    return tag("div", *(block for group in blocks for block in group))


def _grouped(frames: Iterable[Frame]) -> Iterator[tuple[bool, list[Frame]]]:
    for own, group in groupby(frames, key=lambda frame: frame.own):
        kept = list(group)
        yield own, kept[-_OWN_FRAMES:] if own else kept


def _own(frames: list[Frame]) -> list[Markup]:
    # Of a deep recursion the last frames tell the story; only the innermost opens with all its source.
    return [_frame(frame, whole=frame is frames[-1]) for frame in frames]


def _frame(frame: Frame, *, whole: bool) -> Markup:
    title = tag("div", tag("b", f"{frame.function[:_LINE]} "), tag("code", _file_line(frame)), **look("line"))
    source = frame.source if whole else tuple(line for line in frame.source if line[0] == frame.line)
    return join([title, _source(frame, source)]) if source else title


def _source(frame: Frame, source: tuple[tuple[int, str], ...]) -> Markup:
    rows: list[Markup] = []
    for number, text in source:
        here = number == frame.line
        line = f"{'→' if here else ' '}{number:5}  {chars.cut_long(Redactor().text(text), _LINE)}"
        rows.append(tag("b", line, **look("mark")) if here else join([line]))
    return tag("pre", join(rows, "\n"), **look("source"))


def _library(frames: list[Frame]) -> Markup:
    rows = (tag("li", tag("code", f"{f.function[:_LINE]} {_file_line(f)}")) for f in frames[:20])
    return tag("details", tag("summary", library_line(frames), **look("dim")), tag("ul", *rows))


def library_line(frames: list[Frame]) -> str:
    """Frames that are not the user's, as one line: `2 frames of pandas`."""
    packages = dict.fromkeys(_package(frame.file) for frame in frames)
    return f"{words.plural(len(frames), 'frame')} of {words.listed(packages, 4)}"


def _package(file: str) -> str:
    parts = PurePath(file[:1000]).parts
    for folder in ("site-packages", "dist-packages"):
        if folder in parts[:-1]:
            return parts[parts.index(folder) + 1].removesuffix(".py")
    return "Python" if any(part.startswith("python3") for part in parts) else parts[-1] if parts else "a library"


def _variables(frame: Frame) -> Markup:
    rows = (
        text_row((tag("code", v.name[:80]), _type(v), tag("code", _value(v)))) for v in frame.variables[:_VARIABLES]
    )
    head = tag("div", "Variables in ", tag("code", frame.function[:_LINE]), _left_out(frame), **look("line", "dim"))
    return join([head, grid(rows)])


def _left_out(frame: Frame) -> str | None:
    more = len(frame.variables) - _VARIABLES
    return f" (and {more} more)" if more > 0 else None


def _type(variable: Variable) -> str:
    # The module says little: pandas.DataFrame is a DataFrame.
    return variable.type[-200:].rpartition(".")[2][:80]


def _value(variable: Variable) -> str:
    if variable.rows is None or not variable.columns:
        return chars.cut_long(Redactor().value(variable.name, variable.value), 200)
    columns = ", ".join(name[:40] for name in variable.columns[:_COLUMNS])
    more = f", and {len(variable.columns) - _COLUMNS} more" if len(variable.columns) > _COLUMNS else ""
    return f"{words.shape(variable.rows, len(variable.columns))}: {columns}{more}"


def _frames_text(own: bool, frames: list[Frame], columns: int) -> Iterator[str]:  # noqa: FBT001  a pair of groupby
    if not own:
        yield f"  … {library_line(frames)}"
        return
    for frame in frames:
        yield ""
        yield f"  {_cut(frame.function, 60)}  {_file_line(frame)}"
        for number, text in frame.source if frame is frames[-1] else (s for s in frame.source if s[0] == frame.line):
            mark = "→" if number == frame.line else " "
            yield chars.cut(f"  {mark}{number:5}  {chars.one_line(Redactor().text(text)[:400])}", columns)


def _variable_text(variable: Variable, columns: int) -> str:
    name, kind = chars.one_line(variable.name[:100]), chars.one_line(_type(variable))
    line = f"  {chars.pad(name, 16)}  {chars.pad(kind, 12)}  {chars.one_line(_value(variable))}"
    return chars.cut(line, columns)


def _file_line(frame: Frame) -> str:
    return f"{PurePath(frame.file[-500:]).name}:{frame.line}"


def _place(found: Finding) -> str:
    return chars.one_line(f"{(found.file or '')[-200:]}{f':{found.line}' if found.line else ''}")


def _cut(text: str, characters: int) -> str:
    return chars.one_line(chars.cut_long(text.strip(), characters))
