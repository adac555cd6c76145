"""What ports hold, in pages: their tables with the first rows, their files, small pictures and texts."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cursus_rt_notebook import settings
from cursus_rt_notebook.render import chars, contents, tables, words
from cursus_rt_notebook.render.contents import Part
from cursus_rt_notebook.render.grid import grid, text_row
from cursus_rt_notebook.render.html import Markup, join, tag
from cursus_rt_notebook.render.look import look, toned

if TYPE_CHECKING:
    from cursus_rt_notebook.data.files import FileInfo
    from cursus_rt_notebook.data.preview import FilePreview

_NAME = 80
_FILES = 20
_FEW_ROWS = 3
_PREVIEW_LINES = 15
_PREVIEW_TEXT = 1_500


def chips(found: list[Part], title: str | None = None) -> Markup | None:
    """How much each port holds, in a line a port; nothing where there are none."""
    if not found:
        return None
    ports: dict[str, list[Part]] = {}
    for part in found:
        ports.setdefault(part.port, []).append(part)
    return tag("div", title, *(_port(port, parts) for port, parts in ports.items()), **look("line"))


def _port(port: str, parts: list[Part]) -> Markup:
    pieces: list[Markup | str] = [tag("span", port[:_NAME], **look("dim"))]
    for part in parts:
        name = (tag("b", part.channel[:_NAME]), " ") if part.channel else ()
        pieces += [" ", tag("span", *name, part.size, **look("chip"))]
    # A block of its own: without any style each port is a line.
    return tag("div", *pieces, **look("port"))


def blocks(found: list[Part], *, opened: bool = True) -> Iterator[Markup]:
    """What each port holds, to look at: the first rows of a table, the files, small pictures and texts."""
    # The first table is open; the others open on a click, and read as closed where nothing can.
    for i, part in enumerate(found):
        yield _part(part, opened=opened and i == 0, rows=settings.PREVIEW_ROWS if i == 0 else _FEW_ROWS)


def _part(part: Part, *, opened: bool, rows: int) -> Markup:
    name = "/".join(n[:_NAME] for n in (part.port, part.channel) if n)
    trouble = tag("div", chars.cut_long(part.trouble, 400), **toned("note", "paused")) if part.trouble else None
    return tag("details", tag("summary", tag("b", name), f" {part.size}"), trouble, *_body(part, rows), open=opened)


def _body(part: Part, rows: int) -> Iterator[Markup]:
    if part.table is not None:
        yield tables.as_html(part.table, rows=rows)
        yield _caption(tables.caption(part.table, rows=rows), f"{part.expression}.df")
    if part.files:
        yield _files(part)
        yield _caption(words.plural(len(part.files), "file"), f"{part.expression}.files")
        yield from (_preview(file, preview) for file, preview in contents.previews(part))
    elif part.table is None and not part.trouble:
        yield tag("div", "nothing was written here", **look("dim"))


def _preview(file: FileInfo, preview: FilePreview) -> Markup:
    title = tag("div", tag("code", file.path[:_NAME]), **look("line", "dim"))
    if preview.image is not None:
        url = f"data:{preview.media};base64,{base64.b64encode(preview.image).decode()}"
        return join([title, tag("img", src=url, alt=file.path[:_NAME], style="max-width:100%")])
    lines = (preview.text or "").split("\n")[:_PREVIEW_LINES]
    return join([title, tag("pre", chars.cut_long("\n".join(lines), _PREVIEW_TEXT), **look("source"))])


def _caption(text: str, expression: str) -> Markup:
    code = tag("code", expression[:200])
    return tag("div", chars.cut_long(text, 400), " · ", code, **look("type"))


def _files(part: Part) -> Markup:
    files = ((f.path[:_NAME], f.kind, words.size(f.size), f.note[:200]) for f in part.files[:_FILES])
    return grid(map(text_row, (("file", "kind", "size", ""), *files)))
