"""Where the time of a step went, as HTML and as text: the user's own lines first, libraries folded to one row each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.grid import grid, head_row
from cursus_rt_notebook.render.html import Markup, tag
from cursus_rt_notebook.render.look import LEFT, look

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.profile import Profile, Spent

Row = tuple[str, ...]

_LINES = 12
_CALLS = 30
_FUNCTIONS = 12
_DEEPEST = 12
_LEAST = 0.01  # of the whole: less than this is not shown, by its own time less than half of it
_NAME = 60
_BAR = 12
_TOO_SHORT = "main ended before a sample of it was taken"
_RIGHT = {"style": "text-align:right"}


def profile_html(thing: Profile) -> Iterator[Markup]:
    """The sections of the page."""
    yield tag("div", tag("b", thing.step[:80]), f" {_title(thing)}", **look("line"))
    if _is_empty(thing):
        yield tag("div", _TOO_SHORT, **look("dim"))
        return
    if thing.lines:
        yield _table("Your lines", ("", "seconds", "share", "line", ""), _lines(thing), code=4, opened=True)
    if thing.tree:
        head = ("", "seconds", "share", "call", "where")
        yield _table("Calls, libraries folded", head, _calls(thing), code=3, opened=True)
    head = ("", "own seconds", "share", "calls", "function", "where")
    yield _table("Functions by their own time", head, _functions(thing), code=4, opened=not thing.tree)


def profile_text(thing: Profile, columns: int) -> Iterator[str]:
    """The same for a terminal."""
    yield f"{chars.one_line(thing.step[:80])}  {_title(thing)}"
    if _is_empty(thing):
        yield _TOO_SHORT
        return
    if thing.lines:
        yield from _text_table("your lines:", list(_lines(thing)), columns)
    if thing.tree:
        yield from _text_table("calls, libraries folded:", list(_calls(thing)), columns)
    yield from _text_table("functions by their own time:", list(_functions(thing)), columns)


def _is_empty(thing: Profile) -> bool:
    return not (thing.lines or thing.functions)


def _title(thing: Profile) -> str:
    return f"{words.seconds(thing.seconds)} in main · by {chars.one_line(thing.profiler[:_NAME])}"


def _lines(thing: Profile) -> Iterator[Row]:
    # A line that only calls others of the user's is better told by those.
    ranked = sorted((line for line in thing.lines if _counts(line.own, thing)), key=lambda line: -line.own)
    for line in ranked[:_LINES]:
        place = f"{_place(line.file, thing.source_dir)}:{line.line}"
        yield *_measure(line.own, thing.seconds), place, chars.cut(line.text, _NAME)


def _calls(thing: Profile) -> Iterator[Row]:
    assert thing.tree is not None
    for depth, node in islice(_folded([thing.tree], thing.seconds * _LEAST, 0), _CALLS):
        name = f"{'  ' * min(depth, _DEEPEST)}{chars.cut(node.function, _NAME)}"
        yield *_measure(node.seconds, thing.seconds), name, _where(node, thing.source_dir)


def _folded(nodes: Iterable[Spent], least: float, depth: int) -> Iterator[tuple[int, Spent]]:
    """The tree from above; of a library only the function that was called, and what it called of the user's."""
    for node in nodes:
        if node.seconds >= least:
            yield depth, node
            below = _users(node.below) if node.library else node.below
            yield from _folded(below, least, depth + 1)


def _users(nodes: Iterable[Spent]) -> Iterator[Spent]:
    for node in nodes:
        if node.library:
            yield from _users(node.below)
        else:
            yield node


def _functions(thing: Profile) -> Iterator[Row]:
    # The user's own come first: those are what can be changed.
    ranked = sorted((f for f in thing.functions if _counts(f.own, thing)), key=lambda each: -each.own)
    mine = [each for each in ranked if not each.library][: _FUNCTIONS // 2]
    others = [each for each in ranked if each.library][: _FUNCTIONS - len(mine)]
    for each in (*mine, *others):
        calls = "" if each.calls is None else words.rough(each.calls)
        name = chars.cut(each.function, _NAME)
        yield *_measure(each.own, thing.seconds), calls, name, _where(each, thing.source_dir)


def _counts(seconds: float, thing: Profile) -> bool:
    return seconds >= thing.seconds * _LEAST / 2


def _measure(seconds: float, whole: float) -> Row:
    share = min(seconds / whole, 1.0) if whole else 0.0
    return _bar(share), words.seconds(seconds), f"{share:.0%}"


def _bar(share: float) -> str:
    return "█" * round(share * _BAR) or "▏"


def _where(node: Spent, source_dir: Path) -> str:
    if not node.line:
        return "built in"
    return f"{_place(node.file, source_dir)}:{node.line}"


def _place(file: str, source_dir: Path) -> str:
    """A file as its reader knows it: below the scripts' folder, below its library's, else its last two parts."""
    path = PurePath(file)
    if path.is_relative_to(source_dir):
        return str(path.relative_to(source_dir))[-_NAME:]
    parts = path.parts
    below = parts.index("site-packages") + 1 if "site-packages" in parts else -2
    return "/".join(parts[below:])[-_NAME:]


def _table(title: str, head: Sequence[str], rows: Iterable[Row], *, code: int, opened: bool) -> Markup:
    def cell(i: int, text: str) -> Markup:
        if i == code:  # a block keeps the spaces that show how deep it lies
            return tag("td", tag("code", text.replace("  ", "\N{NO-BREAK SPACE}" * 2)), **LEFT)
        if i == 0:
            return tag("td", tag("span", text, **look("dim")), **LEFT)
        return tag("td", text, **(_RIGHT if head[i] in {"seconds", "own seconds", "share", "calls"} else LEFT))

    body = (tag("tr", *(cell(i, text) for i, text in enumerate(row))) for row in rows)
    return tag("details", tag("summary", title), grid(body, head_row(head)), open=opened)


def _text_table(title: str, rows: list[Row], columns: int) -> Iterator[str]:
    yield from ("", title)
    widths = [max((chars.width(row[i]) for row in rows), default=0) for i in range(len(rows[0]) if rows else 0)]
    for row in rows:
        shown = (chars.pad(chars.one_line(text), width) for text, width in zip(row, widths, strict=True))
        yield chars.cut("  " + "  ".join(shown).rstrip(), columns)
