"""Plain values as YAML that reads as the same values, in either version of the language."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from cursus_rt_notebook.pipeline.sources.scalars import alternatives, taken_for

KeyPath = tuple[str | int, ...]
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./]([A-Za-z0-9_./+@=-]| (?=[A-Za-z0-9]))*")
_WIDE: Final = 4096  # a line is never folded
_SHORT: Final = 100  # characters of a mapping or list that still stands in one line


def yaml_text(value: Mapping[str, Any], comments: Mapping[KeyPath, str]) -> str:
    """The text of a document; `comments` stand at the end of the lines of their keys."""
    writer = YAML()
    writer.width = _WIDE
    writer.allow_unicode = True
    writer.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    writer.dump(_mapping(value, (), comments), out)
    return out.getvalue()


def _written(value: Any, path: KeyPath, comments: Mapping[KeyPath, str]) -> Any:
    if isinstance(value, Mapping):
        return _mapping(cast("Mapping[str, Any]", value), path, comments)
    if isinstance(value, (list, tuple)):
        items = cast("list[Any]", value)
        found: Any = CommentedSeq(_written(item, (*path, i), comments) for i, item in enumerate(items))
        if _is_short(items):
            found.fa.set_flow_style()
        return found
    return _text(value) if isinstance(value, str) else value


def _mapping(value: Mapping[str, Any], path: KeyPath, comments: Mapping[KeyPath, str]) -> Any:
    found: Any = CommentedMap()
    for key, item in value.items():
        found[_text(key)] = _written(item, (*path, key), comments)
        if (*path, key) in comments and (isinstance(item, str) or _in_one_line(item, (*path, key), comments)):
            found.yaml_add_eol_comment(comments[*path, key], key=_text(key), column=0)
    if _in_one_line(value, path, comments):
        found.fa.set_flow_style()
    return found


def _text(text: str) -> str:
    """Text in quotes, unless it is of letters, digits and harmless signs, and YAML takes it for text in either version."""
    is_plain = _PLAIN.fullmatch(text) and not taken_for(text) and not alternatives(text)
    return text if is_plain else DoubleQuotedScalarString(text)


def _in_one_line(value: Mapping[str, Any], path: KeyPath, comments: Mapping[KeyPath, str]) -> bool:
    return not value or (len(path) > 2 and _is_short(value) and not any((*path, key) in comments for key in value))


def _is_short(value: Any) -> bool:
    """Whether a mapping or list of plain values fits into one line."""
    inside = list(value.values()) if isinstance(value, Mapping) else value
    plain = all(item is None or isinstance(item, (str, int, float)) for item in inside)
    return plain and len(str(value)) <= _SHORT
