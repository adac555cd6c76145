"""What there is to show of an artifact, asked for once: its channels, each with a table or a list of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cursus_rt_notebook.data.kinds import TABLE_KINDS
from cursus_rt_notebook.data.preview import FilePreview, preview_file
from cursus_rt_notebook.errors import CursusError
from cursus_rt_notebook.render import words

if TYPE_CHECKING:
    from cursus_rt_notebook.data.artifact import Artifact
    from cursus_rt_notebook.data.files import FileInfo
    from cursus_rt_notebook.data.summary import TableSummary

_PREVIEWS = 2
_PICTURE = 20_000  # bytes; in a page it is a third larger


@dataclass(frozen=True)
class Part:
    """One port, or one channel of it: a table, or files, or why it cannot be looked at.

    `expression` is the Python that gives it. `files` are those that the table is not made of.
    """

    port: str
    channel: str | None
    expression: str
    root: Path
    table: TableSummary | None = None
    files: tuple[FileInfo, ...] = ()
    trouble: str = ""

    @property
    def size(self) -> str:
        """How much there is: rows and columns, or files and bytes."""
        if self.table is not None:
            return words.shape(self.table.rows, self.table.column_count)
        if not self.files:
            return "unreadable" if self.trouble else "empty"
        return f"{words.plural(len(self.files), 'file')}, {words.size(sum(f.size for f in self.files))}"


def parts(artifacts: Mapping[str, Artifact]) -> list[Part]:
    """Everything in some ports, port by port."""
    return [part for artifact in artifacts.values() for part in of_artifact(artifact)]


def of_artifact(artifact: Artifact) -> Iterator[Part]:
    """The channels of an artifact, or itself where it has none."""
    try:
        channels = tuple(artifact.channels)
    except (CursusError, OSError) as error:
        yield Part(artifact.port, artifact.channel, artifact.expression, artifact.path, trouble=_told(error))
        return
    for channel in channels:
        yield _part(artifact[channel])
    if not channels:
        yield _part(artifact)


def previews(part: Part) -> Iterator[tuple[FileInfo, FilePreview]]:
    """A few of the files that are no tables and can be shown: pictures, text."""
    shown = 0
    for file in part.files:
        if shown < _PREVIEWS and file.kind in {"image", "svg", "text", "json"}:
            preview = preview_file(part.root / file.path if part.root.is_dir() else part.root)
            if preview.text or (preview.image and len(preview.image) <= _PICTURE):
                shown += 1
                yield file, preview


def _part(artifact: Artifact) -> Part:
    name = (artifact.port, artifact.channel, artifact.expression, artifact.path)
    # What cannot be read is one line beside the others, not the end of the page.
    try:
        files = tuple(artifact.files)
    except (CursusError, OSError) as error:
        return Part(*name, trouble=_told(error))
    if not any(file.kind in TABLE_KINDS for file in files):
        return Part(*name, files=files)
    try:
        others = tuple(file for file in files if file.kind not in TABLE_KINDS)
        return Part(*name, table=artifact.summary(), files=others)
    except (CursusError, OSError) as error:
        return Part(*name, files=files, trouble=_told(error))


def _told(error: Exception) -> str:
    if isinstance(error, CursusError):
        return f"{error.message}: {error.fix}" if error.fix else error.message
    return str(error) or type(error).__name__
