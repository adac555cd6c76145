"""What a step, or its pipeline, says beside scripts and wiring: of its outputs, of failures, of its container."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from cursus_rt_notebook.pipeline.frozen import Frozen

Bound = float | int | str | None


class Checks(Frozen):
    """What is checked of tables, and whether a failed check warns or pauses the run. Shares are from 0 to 1.

    Of columns: the largest share of `missing` cells, the least and the most value in `ranges`, the columns that together
    are `unique`. Against the baseline: by which share the number of rows may differ (`rows_drift`), how much larger the
    shares of missing cells and of repeated values may be, and by which share of its width a range may be left. `key`
    names the columns by which rows are told apart.
    """

    missing: dict[str, float] = {}
    ranges: dict[str, tuple[Bound, Bound]] = {}
    unique: tuple[tuple[str, ...], ...] = ()
    key: tuple[str, ...] = ()
    rows_drift: float | None = None
    missing_drift: float | None = None
    range_drift: float | None = None
    unique_drift: float | None = None
    on_failure: Literal["warn", "pause"] | None = None

    def over(self, other: Checks) -> Checks:
        """These checks, with those of `other` where these say nothing."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return other.model_copy(update={name: value for name, value in given.items() if value not in (None, {}, ())})

    @property
    def of_columns(self) -> bool:
        """Whether anything is asked of columns by name."""
        return bool(self.missing or self.ranges or self.unique)

    @property
    def pauses(self) -> bool:
        """Whether a failed check pauses the run."""
        return self.on_failure == "pause"

    @property
    def drifts(self) -> bool:
        """Whether anything is compared with the baseline."""
        return {self.rows_drift, self.missing_drift, self.range_drift, self.unique_drift} != {None}


class Output(Frozen):
    """One output port: its subfolders (channels), whether leaving it empty is a failure, what its tables have to be.

    `packed` names the archive (`model.tar.gz`) as which production hands it on: whoever reads it gets a folder with that
    one file, while what is kept, and looked at, are the files themselves.
    """

    channels: tuple[str, ...] = ()
    required: bool = False
    schema_file: Path | None = None
    checks: Checks = Checks()
    packed: str | None = None


class Retry(Frozen):
    """How often a step is tried, the seconds before the second try (doubled each time), and for which errors."""

    attempts: int = Field(default=1, ge=1)
    backoff: float = Field(default=1.0, ge=0)
    on: tuple[str, ...] = ("ConnectionError", "TimeoutError")


class Breaker(Frozen):
    """After how many failures in a row a step is left alone, and for how many seconds."""

    failures: int = Field(default=3, ge=1)
    reset: float = Field(default=60.0, ge=0)


class Container(Frozen):
    """Where the ports lie in the container that a script was written for: absolute paths, by port.

    Inputs that nothing feeds are there, too: a script's `__main__` block names them all. An output whose path has a
    suffix is a file.
    """

    inputs: dict[str, str] = {}
    outputs: dict[str, str] = {}
