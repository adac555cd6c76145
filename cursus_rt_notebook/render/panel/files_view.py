"""The files of a port as plain data for the front end, and what can be shown of one: text, or a picture."""

from __future__ import annotations

import base64
from typing import Any

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.files import FileInfo
from cursus_rt_notebook.data.kinds import TABLE_KINDS
from cursus_rt_notebook.data.preview import preview_file
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.errors import CommandRefused, CursusError
from cursus_rt_notebook.render import words
from cursus_rt_notebook.render.panel.parts import redactor_of
from cursus_rt_notebook.render.panel.ports_view import what_is_wrong

Json = dict[str, Any]

_FILES = 500
_NOTE = 300
_LINES = 2_000
_SHOWN = (TABLE_KINDS - {"parquet"}) | {"image", "svg", "text"}


def artifact_at(view: StepView, side: str, port: str, channel: str | None = None) -> Artifact:
    """The artifact at a port, or at one channel of it.

    Raises:
        CommandRefused: there is none now.
    """
    artifact = (view.outputs if side == "outputs" else view.inputs).get(port)
    if artifact is None or (channel is not None and channel not in artifact.channels):
        raise CommandRefused(f"{view.name} has no data at {port!r} now", fix="look again")
    return artifact if channel is None else artifact[channel]


def files_view(view: StepView, side: str, port: str, channel: str | None = None) -> Json:
    """The files of a port or channel, with kind and size."""
    artifact = artifact_at(view, side, port, channel)
    try:
        files = artifact.files
    except (CursusError, OSError) as error:
        return {"files": [], "more": "", "trouble": what_is_wrong(error)}
    more = len(files) - _FILES
    return {
        "files": [_file(file, artifact) for file in files[:_FILES]],
        "more": f"and {words.plural(more, 'more file')}" if more > 0 else "",
        "trouble": "" if files else "Nothing was written here.",
    }


def preview_view(view: StepView, side: str, port: str, file: str, channel: str | None = None) -> Json:
    """What can be shown of one file: text, or a picture as base64 with its type; else why not.

    Raises:
        CommandRefused: there is no such file in that port.
    """
    artifact = artifact_at(view, side, port, channel)
    if file not in {info.path for info in artifact.files}:
        raise CommandRefused(f"{artifact.name} has no file {file!r} now", fix="look again")
    preview = preview_file(artifact.path / file if artifact.path.is_dir() else artifact.path)
    told: Json = {"kind": preview.kind, "size": words.size(preview.size), "note": preview.note, "cut": ""}
    if preview.image is not None:
        return told | {"media": preview.media, "image": base64.b64encode(preview.image).decode()}
    if preview.text is None:
        return told | {"note": preview.note or f"There is no preview of a file of this kind ({preview.kind})."}
    lines = redactor_of(view.step).text(preview.text).split("\n")
    cut = "only its beginning is shown" if preview.truncated or len(lines) > _LINES else ""
    return told | {"text": "\n".join(lines[:_LINES]), "cut": cut}


def _file(file: FileInfo, artifact: Artifact) -> Json:
    return {
        "path": file.path,
        "kind": file.kind,
        "size": words.size(file.size),
        "note": file.note[:_NOTE],
        "preview": file.kind in _SHOWN,
        "table": file.kind in TABLE_KINDS,
        "expression": _expression(file, artifact),
    }


def _expression(file: FileInfo, artifact: Artifact) -> str:
    """The Python that gives the file as an artifact; the whole one's where that is a file itself."""
    if not artifact.path.is_dir():
        return artifact.expression
    try:
        return artifact[file.path].expression
    except KeyError:  # gone since it was listed
        return ""
