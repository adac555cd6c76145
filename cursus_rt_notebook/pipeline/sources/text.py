"""The text of a file that a document is read from: UTF-8, no larger than a document is, no pipe that waits for ever."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.document import Document
from cursus_rt_notebook.pipeline.faults import listed, near, quoted
from cursus_rt_notebook.pipeline.files import exists, is_folder

_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")  # marks of byte order, or the first sign of JSON


def read_text(source: str | os.PathLike[str], kind: str, suffixes: tuple[str, ...]) -> tuple[Document, str]:
    """The empty document for the file at `source`, and its text; a file like it would end in one of `suffixes`.

    Raises:
        PipelineError: there is no such file, or it cannot be what it should be.
    """
    origin = os.fspath(source)
    path = Path(os.path.abspath(os.path.expanduser(origin)))  # noqa: PTH100, PTH111 - follows no link, never raises
    name = path.name.removesuffix(path.suffix).removesuffix(".pipeline")
    document = Document(origin=origin, name=name or "pipeline", base_dir=path.parent, file=origin, kind=kind)
    return document, _text(path, document, suffixes)


def _text(path: Path, document: Document, suffixes: tuple[str, ...]) -> str:
    if "\n" in document.origin:
        document = Document("the text", document.name, document.base_dir, kind=document.kind)
        message = f"this is the text of a {document.kind}, not the path of one"
        document.fault((), message, "save it to a file, or give a dict")
        raise document.error()
    language = suffixes[0].removeprefix(".").upper()
    try:
        content = _content(path, document, language)
        if content[:2] in _UTF_16:
            document.fault((), "is UTF-16 text, not UTF-8", "save it as UTF-8")
            raise document.error()
        return content.decode("utf-8-sig")
    except PipelineError:
        raise  # ours, and a ValueError as well
    except UnicodeDecodeError as error:
        fix = f"save it as UTF-8, if this is the {document.kind} and not its data"
        document.fault((), f"is not UTF-8 text (byte {error.start:,})", fix)
    except OSError as error:
        document.fault((), f"cannot be read: {error.strerror}", _instead(path, suffixes, language))
    except ValueError:
        fix = f"give the path of a {language} file"
        document.fault((), "cannot be read: a path holds no NUL and no half characters", fix)
    raise document.error()


def _content(path: Path, document: Document, language: str) -> bytes:
    if exists(path) and not (path.is_file() or path.is_dir()):  # opening a pipe would wait for ever
        document.fault((), "is neither a file nor a folder", f"give the path of a {language} file")
        raise document.error()
    with path.open("rb") as file:
        content = file.read(settings.PIPELINE_BYTES + 1)
    if len(content) > settings.PIPELINE_BYTES:
        limit = settings.PIPELINE_BYTES // settings.MIB
        document.fault((), f"is larger than {limit} MiB", f"is this the {document.kind}, and not its data?")
        raise document.error()
    return content


def _instead(path: Path, suffixes: tuple[str, ...], language: str) -> str:
    folder = str(path if is_folder(path) else path.parent)
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in islice(entries, 1_000))
    except OSError:
        return f"there is no folder {quoted(folder)}"
    found = [name for name in names if name.endswith(suffixes)]
    if meant := near(path.name, found):
        return f"did you mean {quoted(meant)}?"
    return f"{quoted(folder)} holds {listed(found)}" if found else f"{quoted(folder)} holds no {language} file"
