"""What a YAML scalar without quotes means: version 1.2 of the language, and where version 1.1 reads it otherwise.

Most people know YAML by readers of version 1.1, in which `no` is false and `1:30` is ninety. Whatever the two versions
read differently is refused where it matters, instead of choosing one.
"""

from __future__ import annotations

import re
from typing import Any

_MAX_NUMBER = 300  # digits; what is longer is text, as no float holds it

_NULL = re.compile(r"|~|null|Null|NULL")
_BOOL = re.compile(r"(?P<true>true|True|TRUE)|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

_SWITCH = re.compile(r"(?P<on>yes|on)|no|off", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?")
_NUMBER_BY_VERSION = re.compile(
    r"[-+]?0[0-9]+"  # 010 is ten, or eight
    r"|[-+]?0b[01_]+"
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"  # 1:30 is text, or ninety
    r"|[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?"  # 1_000 is text, or a thousand
)


def value_of(text: str) -> Any:
    """The value of a scalar written without quotes: None, a truth value, a number, or the text itself."""
    if _NULL.fullmatch(text):
        return None
    if found := _BOOL.fullmatch(text):
        return found["true"] is not None
    if len(text) > _MAX_NUMBER:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, base=0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.replace(".", "")) if _NOT_FINITE.fullmatch(text) else text


def taken_for(text: str) -> str:
    """What YAML, in either version, takes unquoted `text` for, if not for text; else an empty text."""
    if _SWITCH.fullmatch(text):
        return "true or false"
    if _DATE.fullmatch(text):
        return "a date"
    if _NUMBER_BY_VERSION.fullmatch(text):
        return "a number"
    value = value_of(text)
    if isinstance(value, str):
        return ""
    return "nothing" if value is None else "true or false" if isinstance(value, bool) else "a number"


def alternatives(text: str) -> str:
    """What to write instead of `text`, which the versions of YAML read differently; empty if they agree."""
    if found := _SWITCH.fullmatch(text):
        return f'"{text}" for the text, {"true" if found["on"] else "false"} for the truth value'
    if _NUMBER_BY_VERSION.fullmatch(text):
        return f'"{text}" for the text, or the number in plain decimal digits'
    return ""
