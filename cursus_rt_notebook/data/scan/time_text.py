"""Texts that are dates or times, all written in one way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cursus_rt_notebook import settings

if TYPE_CHECKING:
    import polars as pl

FORMATS: Final = (
    *("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S%.6f"),
    *("%Y-%m-%dT%H:%M:%S%.3fZ", "%Y-%m-%dT%H:%M:%S%.6fZ", "%Y-%m-%dT%H:%M:%S%.6f", "%Y-%m-%d %H:%M"),
    *("%Y-%m-%d %H:%M:%S+00:00", "%Y-%m-%d %H:%M:%S%.6f+00:00", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d"),
    *("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d-%b-%Y", "%b %d, %Y"),
)


@dataclass(frozen=True)
class TimeText:
    """The format, and each text's time in microseconds since 1970."""

    format: str
    micros: pl.Series


def read(texts: pl.Series) -> TimeText | None:
    """Read texts without gaps as times; None if they are not all written in one of the formats known."""
    few = texts.head(settings.PREVIEW_ROWS)
    for form in FORMATS:
        if _micros(few, form) is not None:
            micros = _micros(texts, form)
            return None if micros is None else TimeText(form, micros)
    return None


def written(micros: pl.Series, form: str) -> pl.Series:
    """Times in microseconds since 1970, as text in one of the formats."""
    import polars as pl

    return micros.cast(pl.Datetime("us")).dt.strftime(form)


def _micros(texts: pl.Series, form: str) -> pl.Series | None:
    import polars as pl

    frame = texts.alias("text").to_frame()
    if "%H" in form:
        time = pl.col("text").str.strptime(pl.Datetime("us"), form, strict=False)
    else:
        time = pl.col("text").str.strptime(pl.Date, form, strict=False).cast(pl.Datetime("us"))
    times = frame.select(time).to_series()
    if times.null_count() or not (times.dt.strftime(form) == texts).all():
        return None
    return times.to_physical()
