"""Tables as HTML and as text: first rows, types, missing shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.grid import grid
from cursus_rt_notebook.render.html import Markup, join, tag
from cursus_rt_notebook.render.look import LEFT, look

if TYPE_CHECKING:
    from cursus_rt_notebook.data.summary import Column, TableSummary

PAGE_COLUMNS = 20
_PAGE_CELL = 40
_TEXT_CELL = 22
_NAME = 40
_NAMED = 8
_HOT = 0.02  # above this share, what is missing is marked
_FLOATS = ("float", "double", "half")
_LONG_NUMBER = 12
_NUMERIC = ("int", "uint", "float", "double", "decimal", "half")


def as_html(table: TableSummary, *, rows: int, columns: int = PAGE_COLUMNS) -> Markup:
    """The first rows as a table; numbers to the right, what is missing never mistaken for text."""
    shown = table.columns[:columns]
    head = tag("tr", tag("th"), *(_header(column) for column in shown))
    body = (
        tag("tr", tag("td", table.index_start + i, class_="crt-ix"), *map(_cell, shown, row))
        for i, row in enumerate(table.cells[:rows])
    )
    return grid(body, head)


def is_numeric(column: Column) -> bool:
    """Whether a column's values are read as numbers."""
    return column.type.lower().startswith(_NUMERIC)


def caption(table: TableSummary, *, rows: int, columns: int = PAGE_COLUMNS) -> str:
    """Which part of the table is shown: `first 10 of 229,153 rows · 9 more columns: a, b, c`."""
    shown = min(len(table.cells), rows)
    total = "?" if table.rows is None else words.number(table.rows)
    told = f"first {words.number(shown)} of {total} rows" if shown else "no rows"
    if shown and shown == table.rows:
        told = words.plural(shown, "row")
    told += f" · {chars.one_line(table.note[:200])}" if table.note else ""
    hidden = table.columns[columns:]
    more = len(hidden) + table.truncated_columns
    if not more:
        return told
    names = [chars.cut(chars.one_line(c.name[:200]), _NAME) for c in hidden[:_NAMED]]
    if names and more > len(names):
        names.append("…")
    return f"{told} · {words.plural(more, 'more column')}{': ' if names else ''}{', '.join(names)}"


def as_text(table: TableSummary, columns: int) -> list[str]:
    """The table in at most so many columns of a terminal; what does not fit is named below it."""
    widths = _widths(table, columns)
    shown = table.columns[: len(widths)]
    index = max(len(str(table.index_start + len(table.cells))), 1)
    lines = [
        _row("", index, [c.name for c in shown], shown, widths),
        _row("", index, [_kind(c) for c in shown], shown, widths),
    ]
    if any(column.missing for column in shown):
        lines.append(_row("", index, [_missing(c) for c in shown], shown, widths))
    lines.append("-" * (index + sum(w + 2 for w in widths)))
    for i, row in enumerate(table.cells):
        cells = [_plain(column, value) for column, value in zip(shown, row, strict=False)]
        lines.append(_row(str(table.index_start + i), index, cells, shown, widths))
    return [*lines, chars.cut(caption(table, rows=len(table.cells), columns=len(widths)), columns)]


def _header(column: Column) -> Markup:
    name = column.name if column.name.strip() else f'"{column.name}"'
    kind = tag("small", column.type[:_NAME], " ", *_missing_share(column))
    return tag("th", _shortened(name, _NAME), tag("br"), kind, **({} if is_numeric(column) else LEFT))


def _missing_share(column: Column) -> tuple[Markup | str, ...]:
    bar = tag("i", style=f"width:{max(column.missing, 0.04):.0%}") if column.missing else None
    figure = f"{words.share(column.missing)}{' missing' if column.missing else ''}"
    return (
        tag("span", bar, class_="crt-nul"),
        tag("b", figure, **look("hot")) if column.missing > _HOT else figure,
    )


def _cell(column: Column, value: str | None) -> Markup:
    text = tag("em", "missing") if value is None else _shortened(_quoted(_rounded(column, value)), _PAGE_CELL)
    # Attributes, since a reader that drops styles keeps them; text goes left also where the page's own style has it right.
    return tag("td", text, align="right") if is_numeric(column) else tag("td", text, **LEFT)


def _rounded(column: Column, value: str) -> str:
    # 12.658579999999999 is 12.65858 to a reader; all its digits are in the DataFrame.
    if len(value) <= _LONG_NUMBER or not column.type.lower().startswith(_FLOATS):
        return value
    try:
        return f"{float(value):.10g}"
    except ValueError:
        return value


def _quoted(value: str) -> str:
    # Text that could be taken for something else stands in quotes.
    return f'"{value}"' if value in ("", "missing") or value != value.strip() else value


def _shortened(text: str, most: int) -> Markup:
    if len(text) <= most:
        return join([text])
    return tag("span", chars.cut_long(text, most), title=text[:300], class_="crt-cut")


def _widths(table: TableSummary, columns: int) -> list[int]:
    left = columns - max(len(str(table.index_start + len(table.cells))), 1)
    widths: list[int] = []
    for i, column in enumerate(table.columns):
        cells = [_plain(column, row[i]) for row in table.cells]
        needed = max(map(chars.width, (chars.one_line(column.name[:100]), _kind(column), _missing(column), *cells)))
        wide = min(needed, _TEXT_CELL)
        left -= wide + 2
        if left < 0 and widths:
            break
        widths.append(wide)
    return widths


def _row(index: str, index_width: int, cells: list[str], shown: tuple[Column, ...], widths: list[int]) -> str:
    padded = (
        chars.pad(chars.one_line(cell[:200]), wide, right=is_numeric(column))
        for cell, column, wide in zip(cells, shown, widths, strict=False)
    )
    return f"{index:>{index_width}}  {'  '.join(padded)}".rstrip()


def _kind(column: Column) -> str:
    return chars.one_line(column.type[:_NAME])


def _missing(column: Column) -> str:
    return f"{words.share(column.missing)} missing" if column.missing else ""


def _plain(column: Column, value: str | None) -> str:
    if value is None:
        return "missing"
    value = _rounded(column, value)
    text = chars.one_line(value[:200])
    if value not in ("", "missing") and value == value.strip():
        return chars.cut(text, _TEXT_CELL)
    return f'"{chars.cut(text, _TEXT_CELL - 2)}"'
