"""Names of steps, ports, channels and runs: what may be one, and the folder it gets.

A name is the user's text and is shown as such; `folder_name` is the only way from it to a path component.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

from cursus_rt_notebook.errors import NameRefused

MAX_LENGTH = 1_000
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}")
_RESERVED = {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10))}


def check_name(text: object, kind: str = "name") -> str:
    """Return `text` if it can name a `kind` (step, port, channel, run).

    Any printable text will do, in any script, except what reads as a path: separators, `.`, `..`, a leading `~` or
    a drive letter; and control characters, which a terminal or a graph would obey.

    Raises:
        NameRefused: it cannot; says why, and what to write instead.
    """
    if not isinstance(text, str):
        raise NameRefused(f"{kind} {text!r} is {type(text).__name__}, not text", fix=_as_text(text))
    reason = _why_not(text)
    if reason:
        shown = text if len(text) <= 80 else f"{text[:80]}... ({len(text):,} characters)"
        raise NameRefused(f"{kind} {shown!r} {reason}", fix="use letters, digits, _ and -")
    return text


def folder_name(name: str) -> str:
    """The path component for a name: itself where that is safe everywhere, else a short slug and a digest.

    Two names never share a folder, also on filesystems that fold case or normalise Unicode.
    """
    check_name(name)
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    ascii_form = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_form).strip("-")[:32]
    # The dot keeps these apart from plain names, which have none.
    return f"{slug or 'x'}.{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def subscript(name: str) -> str:
    """`["name"]`, as Python that means this very text and hides nothing of it, whatever characters it holds."""
    quoted = json.dumps(name, ensure_ascii=False)
    return f"[{''.join(c if c.isprintable() else ascii(c)[1:-1] for c in quoted)}]"


def _as_text(value: object) -> str:
    whole = isinstance(value, (int, float))
    return f'quote it: "{value}"' if whole else "write a name, as text in quotes"


def _why_not(text: str) -> str:
    if not text:
        return "is empty"
    if len(text) > MAX_LENGTH:
        return f"is longer than {MAX_LENGTH:,} characters"
    if text != text.strip():
        return "begins or ends with white space"
    if "/" in text or "\\" in text:
        return "holds a path separator"
    if text in {".", ".."} or text.startswith("~") or re.match(r"[A-Za-z]:$", text):
        return "reads as a path"
    if any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} for c in text):
        return "holds a control or unassigned character"
    return ""
