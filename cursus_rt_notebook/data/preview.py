"""A look at a file that is no table: text, cut; a picture's own bytes; or what it is. Nothing is run or unpickled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.kinds import TABLE_KINDS, Kind, kind_of
from cursus_rt_notebook.data.packing import peek_inside

_SHOWN_AS_TEXT: Final = (TABLE_KINDS - {"parquet"}) | {"text"}
_MEDIA: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WebP": "image/webp"}
_TEXT_MEDIA: Final = {".md": "text/markdown", ".json": "application/json", ".csv": "text/csv"}


@dataclass(frozen=True)
class FilePreview:
    """What can be shown of a file: `text`, or `image` with its `media` type, or neither.

    `truncated` says that the text goes on. The text is plain and may hold anything; an SVG is a picture, to be shown
    as one, where its scripts do not run.
    """

    kind: str
    size: int
    note: str = ""
    media: str = ""
    text: str | None = None
    image: bytes | None = None
    truncated: bool = False


def preview_file(path: str | Path) -> FilePreview:
    """Show what can be shown of a file."""
    path = str(path)
    kind = kind_of(path)
    try:
        size = Path(path).stat().st_size
        return _preview(path, kind, size)
    except OSError as error:
        return FilePreview(kind.name, 0, error.strerror or type(error).__name__)


def _preview(path: str, kind: Kind, size: int) -> FilePreview:
    if kind.name in {"image", "svg"} and kind.packing is None:
        return _picture(path, kind, size)
    if kind.name not in _SHOWN_AS_TEXT:
        return FilePreview(kind.name, size, kind.note)
    content = _start(path, kind)
    shown = content[: settings.TEXT_PREVIEW]
    media = _TEXT_MEDIA.get(Path(path).suffix.lower(), "text/plain")
    return FilePreview(kind.name, size, kind.note, media, text=_decode(shown), truncated=len(content) > len(shown))


def _picture(path: str, kind: Kind, size: int) -> FilePreview:
    if size > settings.IMAGE_PREVIEW:
        return FilePreview(kind.name, size, "too large to show")
    media = "image/svg+xml" if kind.name == "svg" else _MEDIA.get(kind.note.split(",")[0], "")
    return FilePreview(kind.name, size, kind.note, media, image=Path(path).read_bytes() if media else None)


def _start(path: str, kind: Kind) -> bytes:
    """One byte more than is shown, so that one knows whether it goes on."""
    if kind.packing is not None:
        return peek_inside(path, kind.packing, settings.TEXT_PREVIEW + 1) or b""
    with Path(path).open("rb") as file:
        return file.read(settings.TEXT_PREVIEW + 1)


def _decode(content: bytes) -> str:
    for bom, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if content.startswith(bom):
            return content.decode(encoding, "replace")
    return content.decode("utf-8", "replace")
