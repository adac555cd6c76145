"""Secrets, kept out of every display, log and journal.

Masked are the values of environment variables and arguments whose names say so, and the user part of a URL. What
cannot be masked is said here: a secret that was encoded (base64, URL-encoding), or built by the script itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MASK = "***"
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
_URL_USER = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^\s/@'\"<>]+@")
_MIN_LENGTH = 4  # masking "1" or "yes" would blot out whole logs


def is_secret_name(name: str) -> bool:
    """Whether a variable or argument of this name holds a secret."""
    return bool(_SECRET_NAME.search(name))


def mask_mapping(values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with the values of secret names masked."""
    return {k: MASK if is_secret_name(k) and v not in (None, "") else v for k, v in values.items()}


@dataclass(frozen=True)
class Redactor:
    """Masks known secrets in text. Build one per step with `for_values`."""

    secrets: tuple[str, ...] = ()
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        longest_first = sorted(set(self.secrets), key=len, reverse=True)
        if longest_first:
            object.__setattr__(self, "_pattern", re.compile("|".join(map(re.escape, longest_first))))

    @classmethod
    def for_values(cls, *mappings: Mapping[str, Any]) -> Redactor:
        """A redactor for every secret value in these environments and arguments."""
        found = (str(v) for m in mappings for k, v in m.items() if is_secret_name(k) and v is not None)
        return cls(tuple(v for v in found if len(v) >= _MIN_LENGTH))

    def text(self, text: str) -> str:
        """`text` with secrets masked."""
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        return _URL_USER.sub(rf"\g<scheme>{MASK}@", text) if "://" in text else text

    def value(self, name: str, text: str) -> str:
        """The text of a variable: masked whole where its name says secret."""
        return MASK if is_secret_name(name) else self.text(text)

    def deep(self, value: Any) -> Any:
        """A copy of plain data (dicts, lists, text) with secrets masked in every text, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.deep(k): self.deep(v) for k, v in value.items()}
        if isinstance(value, Iterable) and not isinstance(value, bytes):
            return [self.deep(v) for v in value]
        return value

    @property
    def longest(self) -> int:
        """Length of the longest secret: how much of a stream to hold back so that none slips through in two parts."""
        return max(map(len, self.secrets), default=0)
