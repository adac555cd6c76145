"""Step keys: one digest over all that can change what a step writes, and what changed between two of them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Final, cast

from blake3 import blake3

Ingredients = Mapping[str, Mapping[str, str]]
_KEY_LENGTH: Final = 40  # 160 bits: short enough for a path, long enough never to meet twice


@dataclass(frozen=True)
class Change:
    """One ingredient that differs: its section and name, and its digest or text before and after (None: absent)."""

    section: str
    name: str
    before: str | None
    after: str | None


def digest_of_value(value: Any) -> str:
    """The digest of plain data, the same in every process and whatever the order of keys.

    Differs wherever a script could tell the values apart: 1, 1.0, "1" and true are four values. A list and a tuple
    are one, as a step gets a list for both.

    Raises:
        TypeError: the value holds something that is not plain data.
    """
    return blake3(_encode(value)).hexdigest()


def step_key(ingredients: Ingredients) -> str:
    """The key of a step with these ingredients: a name for the folder of what it writes."""
    return digest_of_value(ingredients)[:_KEY_LENGTH]


def changes(old: Ingredients, new: Ingredients) -> tuple[Change, ...]:
    """Which ingredients differ, in the order of the newer ones."""
    found: list[Change] = []
    for section in dict.fromkeys((*new, *old)):
        before, after = old.get(section, {}), new.get(section, {})
        names = dict.fromkeys((*after, *before))
        found += [
            Change(section, name, before.get(name), after.get(name))
            for name in names
            if before.get(name) != after.get(name)
        ]
    return tuple(found)


def _encode(value: Any) -> bytes:
    """A tag, a length and the content: no two values have one encoding."""
    if isinstance(value, Enum):
        return _encode(value.value)
    if value is None or isinstance(value, bool):
        return _tagged("c", repr(value))
    if isinstance(value, str):
        return _tagged("s", value)
    if isinstance(value, int):
        return _tagged("i", int.__repr__(value))
    if isinstance(value, float):
        return _tagged("f", "nan" if math.isnan(value) else float.__repr__(value))
    return _encode_compound(value)


def _encode_compound(value: Any) -> bytes:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value).items()
        return _joined("m", sorted(_encode(k) + _encode(v) for k, v in pairs))
    if isinstance(value, (list, tuple)):
        return _joined("l", [_encode(v) for v in cast("Iterable[Any]", value)])
    if isinstance(value, (set, frozenset)):
        return _joined("e", sorted(_encode(v) for v in cast("Iterable[Any]", value)))
    if isinstance(value, (bytes, bytearray)):
        return _joined("b", [bytes(value)])
    if isinstance(value, os.PathLike):
        return _tagged("p", os.fsdecode(cast("os.PathLike[str]", value)))
    if isinstance(value, (datetime, date, time, Decimal)):
        return _tagged(type(value).__name__, str(value))
    if callable(getattr(value, "item", None)) and getattr(value, "ndim", None) == 0:  # a numpy scalar
        return _encode(value.item())
    raise TypeError(f"{type(value).__name__} is not plain data (text, numbers, lists, dicts): it cannot be in a key")


def _tagged(tag: str, text: str) -> bytes:
    return _joined(tag, [text.encode(errors="surrogatepass")])


def _joined(tag: str, parts: list[bytes]) -> bytes:
    body = b"".join(parts)
    return b"%b%d:%b" % (tag.encode(), len(body), body)
