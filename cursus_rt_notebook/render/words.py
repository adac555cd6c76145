"""Numbers as people read them: counts, times, sizes, shares. The one place that decides how."""

from __future__ import annotations

from collections.abc import Iterable

from cursus_rt_notebook.pipeline.units import shown_bytes


def number(value: int) -> str:
    """A count with its thousands apart: `1,234`."""
    return f"{value:,}"


def rough(value: int) -> str:
    """A count in three figures where it is large: `412,000`, `2.36 M`, `1.20 bn`."""
    for limit, unit in ((1e9, "bn"), (1e6, "M")):
        if value >= limit:
            return f"{value / limit:.{max(0, 3 - len(str(int(value / limit))))}f} {unit}"
    return number(value)


def change(value: int | None, former: int | None) -> str:
    """How a count differs from what it was: `(-20 %)`, `(+0.4 %)`, `(-3)`, `(was 0)`; nothing if it does not."""
    if value is None or former is None or value == former:
        return ""
    if not former:
        return "(was 0)"
    per_cent = (value / former - 1) * 100
    if per_cent >= 1000:
        return f"(\N{MULTIPLICATION SIGN}{value / former:,.0f})"
    if abs(per_cent) < 0.05:
        return f"({value - former:+,})"
    # What lost nearly everything has not lost everything.
    fine = abs(per_cent) < 0.95 or (-100 < per_cent < -99)
    return f"({per_cent:+.1f} %)" if fine else f"({per_cent:+.0f} %)"


def plural(count: int, noun: str, many: str | None = None) -> str:
    """A count with its noun: `1 finding`, `2 findings`."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def seconds(value: float) -> str:
    """A time as one or two units: `13 ms`, `2.1 s`, `4 min 10 s`, `3 h 5 min`."""
    if value < 0.0995:
        return f"{max(value, 0) * 1000:.0f} ms"
    if value < 59.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def about(value: float) -> str:
    """A time that was guessed, no finer than it is known: `9 s`, `4 min`."""
    if value >= 60:
        return seconds(round(value / 60) * 60)
    return f"{max(round(value), 1)} s"


def ago(value: float) -> str:
    """How long something is past, in one unit: `just now`, `2 min ago`, `3 h ago`, `5 days ago`."""
    if value < 60:
        return "just now" if value < 10 else f"{int(value)} s ago"
    if value < 3600:
        return f"{int(value // 60)} min ago"
    return f"{int(value // 3600)} h ago" if value < 86400 else f"{plural(int(value // 86400), 'day')} ago"


def size(count: float) -> str:
    """Bytes in decimal units: `512 B`, `41 MB`, `0.9 GB`."""
    return shown_bytes(count)


def share(value: float) -> str:
    """A share in per cent; what is not nothing never reads as nothing: `0%`, `<0.1%`, `2.3%`, `100%`."""
    if value in (0, 1):
        return f"{value:.0%}"
    if value < 0.0005:
        return "<0.1%"
    return ">99.9%" if value >= 0.9995 else f"{value:.1%}"


def shape(rows: int | None, columns: int | None) -> str:
    """The size of a table, rows by columns; what is not known reads as a question mark."""
    return " \N{MULTIPLICATION SIGN} ".join("?" if n is None else number(n) for n in (rows, columns))


def listed(items: Iterable[str], most: int = 5) -> str:
    """Some names in a sentence: `a, b and c`, or `a, b, c and 17 more`."""
    names = list(items)
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1:,} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
