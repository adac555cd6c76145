"""Read a pipeline from a YAML file: text in, document out, nothing in it ever evaluated."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.document import Document
from cursus_rt_notebook.pipeline.faults import listed, near, quoted
from cursus_rt_notebook.pipeline.files import exists, is_folder
from cursus_rt_notebook.pipeline.sources.nodes import Node, compose
from cursus_rt_notebook.pipeline.sources.values import plain

if TYPE_CHECKING:
    from ruamel.yaml.events import Event

_SUFFIXES = (".yaml", ".yml")
# What ruamel.yaml raises for some texts that are no YAML, beside its own errors.
_STRAY_ERRORS = (ValueError, ArithmeticError, AssertionError, LookupError, TypeError, AttributeError)


def read_yaml(source: str | os.PathLike[str]) -> Document:
    """The document in the YAML file at `source`.

    Raises:
        PipelineError: there is no such file, or it is not YAML; what is wrong inside is noted in the document.
    """
    origin = os.fspath(source)
    path = Path(os.path.abspath(os.path.expanduser(origin)))  # noqa: PTH100, PTH111 - follows no link, never raises
    name = path.name.removesuffix(path.suffix).removesuffix(".pipeline")
    document = Document(origin=origin, name=name or "pipeline", base_dir=path.parent, file=origin)
    root = _compose(_text(path, document), document)
    value, places = plain(root, document)
    return replace(document, value=value, **vars(places))


def _text(path: Path, document: Document) -> str:
    if "\n" in document.origin:
        document = replace(document, origin="the text", file=None)
        document.fault((), "this is the text of a pipeline, not the path of one", "save it to a file, or give a dict")
        raise document.error()
    try:
        return _content(path, document).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        document.fault((), f"is not UTF-8 text (byte {error.start:,})", "is this the pipeline, and not its data?")
    except OSError as error:
        document.fault((), f"cannot be read: {error.strerror}", _instead(path))
    except ValueError:
        document.fault((), "cannot be read: a path holds no NUL and no half characters", "give the path of a YAML file")
    raise document.error()


def _content(path: Path, document: Document) -> bytes:
    if exists(path) and not (path.is_file() or path.is_dir()):  # opening a pipe would wait for ever
        document.fault((), "is neither a file nor a folder", "give the path of a YAML file")
        raise document.error()
    with path.open("rb") as file:
        content = file.read(settings.PIPELINE_BYTES + 1)
    if len(content) > settings.PIPELINE_BYTES:
        limit = settings.PIPELINE_BYTES // settings.MIB
        document.fault((), f"is larger than {limit} MiB", "is this the pipeline, and not its data?")
        raise document.error()
    return content


def _instead(path: Path) -> str:
    folder = str(path if is_folder(path) else path.parent)
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in islice(entries, 1_000))
    except OSError:
        return f"there is no folder {quoted(folder)}"
    found = [name for name in names if name.endswith(_SUFFIXES)]
    if meant := near(path.name, found):
        return f"did you mean {quoted(meant)}?"
    return f"{quoted(folder)} holds {listed(found)}" if found else f"{quoted(folder)} holds no YAML file"


def _compose(text: str, document: Document) -> Node:
    seen = _Progress()
    try:
        return compose(seen.follow(YAML(typ="safe", pure=True).parse(text)), document)
    except PipelineError:
        raise  # ours, and a ValueError as well
    except MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        line = seen.line if mark is None else mark.line + 1
        document.fault((), f"is not YAML: {_problem(error)}", _remedy(error), line=line)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        document.fault((), "holds a control character, which YAML forbids", "take it out", line=line)
    except (YAMLError, *_STRAY_ERRORS):
        document.fault(
            (), "is not YAML, in this line or soon after", "quote what holds a \\, a % or a !", line=seen.line
        )
    raise document.error()


@dataclass
class _Progress:
    """Remembers how far the parser came, for errors that do not say where they happened."""

    line: int = 1

    def follow(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            mark: Any = event.start_mark
            self.line = mark.line + 1
            yield event


def _problem(error: MarkedYAMLError) -> str:
    """The parser's own words; never the line itself, which may hold a secret."""
    words = " ".join(str(part) for part in (error.context, error.problem) if part)
    return words.replace("('<stream end>',)", "the end of the file").replace("'<stream end>'", "the end of the file")


def _remedy(error: MarkedYAMLError) -> str:
    problem = str(error.problem)
    if "\\t" in problem:
        return "indent with spaces, not tabs"
    if "mapping values are not allowed" in problem:
        return 'put a text that holds ": " into quotes, and check the indentation'
    if "cannot start any token" in problem:
        return "put the text into quotes"
    if "stream" in problem:
        return "close what is open: a quote, a bracket or a brace"
    return "check the indentation, and that every quote, bracket and brace is closed"
