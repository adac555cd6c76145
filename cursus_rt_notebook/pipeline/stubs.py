"""What stands in for a step that cannot run here, as a document says it."""

from __future__ import annotations

from typing import Any

from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import described, quoted
from cursus_rt_notebook.pipeline.files import absolute, exists, names_near
from cursus_rt_notebook.pipeline.model import Stub

_WORDS = ("synthetic", "skip", "open")


def read_stub(value: Any, path: KeyPath, document: Document) -> Stub | None:
    """The stub written at `path`: one of the words, or what each output is; None if none is written."""
    match value:
        case None:
            return None
        case "synthetic" | "skip" | "open":
            return Stub(kind=value)
        case dict():
            return Stub(kind="given", outputs=_outputs(value, path, document))  # pyright: ignore[reportUnknownArgumentType]
        case _:
            shown = quoted(value) if isinstance(value, str) else described(value)
            document.fault(path, f"is {shown}, not a stub", f"write {', '.join(_WORDS)}, or {{port: path}}")
            return None


def _outputs(written: dict[str, Any], path: KeyPath, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for port, source in written.items():
        if not isinstance(source, str):
            document.fault((*path, port), f"is {described(source)}, not a path", "write a path, or an s3:// address")
        elif "://" in source:
            found[port] = source
        else:
            found[port] = file = absolute(document.base_dir, source)
            if not exists(file):
                document.fault(
                    (*path, port), f"there is no file or folder {quoted(str(file))}", names_near(file, document)
                )
    return found
