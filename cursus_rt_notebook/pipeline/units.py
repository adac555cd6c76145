"""Seconds and bytes as people write them."""

from __future__ import annotations

import math
import re
from typing import Final

from cursus_rt_notebook.settings import MIB

_BYTES: Final = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SHOWN: Final = ("kB", "MB", "GB", "TB", "PB")
_BINARY_BYTES: Final = {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_SECONDS: Final = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600}
_AMOUNT = re.compile(r"(?P<number>[0-9]{1,15}(\.[0-9]{1,9})?)\s*(?P<unit>[A-Za-z]*)")
_MOST_SECONDS: Final = 10**9


class UnitError(ValueError):
    """Not an amount; `fix` says what to write instead."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def shown_bytes(count: float) -> str:
    """Bytes in decimal units: `512 B`, `41 MB`, `0.9 GB`."""
    if count < 1000:
        return f"{count:.0f} B"
    value = count / 1000
    for unit in _SHOWN:
        # 900 MB reads as 0.9 GB: three figures of megabytes are enough.
        if value < 900 or unit == _SHOWN[-1]:
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
        value /= 1000
    raise AssertionError


def parse_bytes(value: object) -> int:
    """The bytes in `2GB`, `1.5 GiB` or a plain number of bytes, which has to be a megabyte or more.

    Raises:
        UnitError: it is none of these.
    """
    amount = _plain_bytes(value) if isinstance(value, (int, float)) else _written_bytes(value)
    if amount < MIB:
        raise UnitError("is less than a step needs to start", f"write a unit: {value}GB" if amount else "write 2GB")
    return amount


def parse_seconds(value: object) -> float:
    """A positive number of seconds.

    Raises:
        UnitError: it is not; a duration with a unit is converted in the remedy.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UnitError("is not a number of seconds", _in_seconds(value))
    if not 0 < value <= _MOST_SECONDS:
        raise UnitError("is not a positive number of seconds", "write the seconds, or take it away for no limit")
    return float(value)


def _plain_bytes(value: float) -> int:
    if isinstance(value, bool) or not math.isfinite(value):
        raise UnitError("is not an amount of memory", "write 2GB")
    return int(value)


def _written_bytes(value: object) -> int:
    found = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise UnitError("is not an amount of memory", "write 2GB")
    unit = found["unit"].upper()
    factor = (_BYTES | _BINARY_BYTES).get(unit)
    if factor is None:
        meant = unit[:1] if unit[:1] in "KMGT" else ""
        fix = f"write {found['number']}{meant or 'G'}B" + (f" or {found['number']}{meant}iB" if meant else "")
        raise UnitError(f"has no unit that is known ({', '.join(_BYTES)}, KiB, MiB, GiB, TiB)", fix)
    return round(float(found["number"]) * factor)


def _in_seconds(value: object) -> str:
    found = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return "write the seconds as a number: 60"
    factor = _SECONDS.get(found["unit"].lower(), 0) or _SECONDS.get(found["unit"].lower().removesuffix("s"), 1)
    return f"write the seconds as a number: {float(found['number']) * factor:g}"
