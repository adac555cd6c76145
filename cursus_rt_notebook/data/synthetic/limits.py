"""The types and bounds that a pandera schema gives its columns."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook.data.synthetic.arrow import nanoseconds
from cursus_rt_notebook.data.synthetic.recipe import Choice, ColumnRecipe, Spread, Values

if TYPE_CHECKING:
    import pyarrow as pa

_WIDE: Final = 1_000  # from the one bound that is given, or from 0
_DAYS: Final = (dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2024, 12, 31, tzinfo=dt.UTC))


def arrow_type(dtype: Any) -> pa.DataType | None:
    """The Arrow type of what pandas, and pandera with it, calls `dtype`; None for one that may be anything."""
    import pyarrow as pa

    if not isinstance(dtype, str):
        return None
    word = re.sub(r"\[(pyarrow|python|pyarrow_numpy)\]$", "", dtype.strip().lower())
    times = re.fullmatch(r"(?:datetime64|timestamp)(?:\[(s|ms|us|ns)(?:,\s*(?:tz=)?([^\]]+))?\])?", word)
    if times:
        zone = re.search(r",\s*(?:tz=)?([^\]]+)\]", dtype)
        return pa.timestamp(times[1] or "us", zone[1] if zone else None)
    if word in {"category", "object"}:
        return pa.dictionary(pa.int32(), pa.string()) if word == "category" else None
    if word.startswith("timedelta"):
        return pa.duration("us")
    known = {
        "str": "string",
        "large_string": "string",
        "boolean": "bool",
        "date": "date32[day]",
        "integer": "int64",
        "int": "int64",
    }
    known |= {"float": "double", "float64": "double", "float32": "float", "float16": "halffloat"}
    try:
        return pa.type_for_alias(known.get(word, word))
    except ValueError:
        return None


def type_of(values: Values, otherwise: pa.DataType) -> pa.DataType:
    """The type of a column whose schema names none, by the values its checks allow."""
    import pyarrow as pa

    return pa.array(list(values.values)).type if isinstance(values, Choice) else otherwise


def is_text(kind: Any) -> bool:
    """Whether a type is that of texts or categories."""
    import pyarrow as pa

    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)


def allows(facts: Mapping[str, Any], value: Any) -> bool:
    """Whether a value that is listed passes the other checks of its column."""
    if value in (facts.get("notin") or ()) or ("not_equal_to" in facts and value == facts["not_equal_to"]):
        return False
    if isinstance(value, str):
        return "str_matches" not in facts or re.match(str(facts["str_matches"]), value) is not None
    low, high, above, below = _bounds(facts)
    return (low is None or value > low or (value == low and not above)) and (
        high is None or value < high or (value == high and not below)
    )


def raw(value: Any, kind: Any) -> Any:
    """A value as recipes hold it: times as numbers."""
    import pyarrow as pa

    return _moment(value, kind) if pa.types.is_temporal(kind) else value


def spread(facts: Mapping[str, Any], kind: Any, guessed: ColumnRecipe) -> Values:
    """Numbers or times within the bounds of the checks; where there are none, as the column's name suggests.

    Raises:
        ValueError: nothing lies within them.
    """
    import pyarrow as pa

    low, high, above, below = _bounds(facts)
    excluded = [*(facts.get("notin") or ()), *([facts["not_equal_to"]] if "not_equal_to" in facts else [])]
    temporal, whole = pa.types.is_temporal(kind), pa.types.is_integer(kind)
    if low is None and high is None and not excluded and isinstance(guessed.values, Spread) and guessed.type == kind:
        return guessed.values
    if temporal:
        low, high = (None if bound is None else _moment(bound, kind) for bound in (low, high))
        excluded = [_moment(value, kind) for value in excluded]
    first, last = _range(low, high, kind)
    # Times in whole seconds, days where there is nothing smaller.
    step: Any = max(1, 1_000_000_000 // nanoseconds(kind)) if temporal else 1 if whole else 0
    inch = step or (last - first) / 1e6
    first, last = first + inch * (above and first == low), last - inch * (below and last == high)
    if first > last:
        raise ValueError(f"there is nothing from {first} to {last}")
    first, last = _without(first, last, sorted(excluded), inch)
    return Spread((first, last), step, closed=True)


def _bounds(facts: Mapping[str, Any]) -> tuple[Any, Any, bool, bool]:
    """The lower and the upper bound, and whether they are themselves outside."""
    between = facts.get("in_range") or {}
    lows = [(facts["greater_than_or_equal_to"], False)] if "greater_than_or_equal_to" in facts else []
    lows += [(facts["greater_than"], True)] if "greater_than" in facts else []
    highs = [(facts["less_than_or_equal_to"], False)] if "less_than_or_equal_to" in facts else []
    highs += [(facts["less_than"], True)] if "less_than" in facts else []
    if between:
        lows.append((between["min_value"], not between.get("include_min", True)))
        highs.append((between["max_value"], not between.get("include_max", True)))
    low, above = max(lows, default=(None, False))
    high, below = min(highs, key=lambda bound: (bound[0], not bound[1]), default=(None, False))
    return low, high, above, below


def _range(low: Any, high: Any, kind: Any) -> tuple[Any, Any]:
    """Both bounds, where perhaps one is given or none."""
    import numpy as np
    import pyarrow as pa

    temporal, whole = pa.types.is_temporal(kind), pa.types.is_integer(kind)
    usual = [_moment(day, kind) for day in _DAYS] if temporal else [0, 100 if whole and kind.bit_width == 8 else _WIDE]
    wide = usual[1] - usual[0]
    if low is None:
        low = usual[0] if high is None or high > usual[0] else high - wide
    if high is None:
        high = usual[1] if low < usual[1] else low + wide
    if whole:
        limit = np.iinfo(kind.to_pandas_dtype())
        return max(math.ceil(low), int(limit.min)), min(math.floor(high), int(limit.max))
    return (low, high) if temporal else (float(low), float(high))


def _without(first: Any, last: Any, excluded: list[Any], inch: Any) -> tuple[Any, Any]:
    """The largest part of a range in which no excluded value lies."""
    inside = [value for value in excluded if first <= value <= last]
    if not inside:
        return first, last
    edges = [first - inch, *inside, last + inch]
    low, high = max(itertools.pairwise(edges), key=lambda part: part[1] - part[0])
    if high - low < 2 * inch:
        raise ValueError("every value within the bounds is excluded")
    return low + inch, high - inch


def _moment(value: Any, kind: Any) -> int:
    """A date or time, or a text that is one, as a number in the unit of a type."""
    if isinstance(value, int | float):
        return int(value)
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time(), dt.UTC)
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
    return round(seconds * 1_000_000_000 / nanoseconds(kind))
