"""The panel's script and style: one text each, joined from the files in `static/`.

A widget's front end is one module, loaded from a text, so that its parts cannot import each other there. They are
ordinary modules all the same (editors and tests read them as such); joining takes away the words that tie them.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_STATIC = _PACKAGE / "notebook" / "static"
_COLOURS = _PACKAGE / "render" / "static" / "theme.css"
_ENTRY = "panel.js"
_IMPORT = re.compile(r"^import\s[^;]*?from\s+\"(\.[\w./-]+\.js)\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


@cache
def module() -> str:
    """The panel's script: every module that the entry needs, each once, before those that need it."""
    found: dict[str, str] = {}
    _collect(_ENTRY, found)
    return "\n".join(found.values())


@cache
def styles() -> str:
    """The panel's style sheet, with the colours that all our pages share."""
    own = sorted(_STATIC.rglob("*.css"))
    return "\n".join(path.read_text(encoding="utf-8") for path in (_COLOURS, *own))


def _collect(name: str, found: dict[str, str]) -> None:
    text = (_STATIC / name).read_text(encoding="utf-8")
    for path in _IMPORT.findall(text):
        needed = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
        if needed not in found:
            _collect(needed, found)
    found[name] = _EXPORT.sub("", _IMPORT.sub("", text))
