"""Stand-ins with the attributes that the renderers read, where making the real thing would need a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cursus_rt_notebook.data.files import FileInfo
from cursus_rt_notebook.data.summary import Column, TableSummary
from cursus_rt_notebook.engine.state import Failure, RunState, When
from cursus_rt_notebook.errors import CursusError
from cursus_rt_notebook.pipeline.model import Pipeline

_TABLE = FileInfo("t.csv", "csv", 5)


@dataclass
class Artifact:
    """A port, or a channel of it."""

    step: str | None
    port: str
    channel: str | None = None
    table: TableSummary | None = None
    more: tuple[FileInfo, ...] = ()
    parts: Mapping[str, Artifact] = field(default_factory=dict)
    error: CursusError | None = None
    path: Path = Path("nowhere")

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels."""
        return tuple(self.parts)

    @property
    def files(self) -> list[FileInfo]:
        """Its files."""
        return [_TABLE, *self.more] if self.table or self.error else list(self.more)

    @property
    def expression(self) -> str:
        """The Python that gives it."""
        return f'pause["{self.port}{"/" + self.channel if self.channel else ""}"]'

    def __getitem__(self, channel: str) -> Artifact:
        return self.parts[channel]

    def summary(self) -> TableSummary | None:
        """The table, if it is one."""
        if self.error:
            raise self.error
        return self.table


class Pause:
    """A pause over a state."""

    def __init__(self, state: RunState, pipeline: Pipeline, **facts: Any) -> None:
        assert state.pause
        self.state, self.pipeline = state, pipeline
        self.number, self.step = state.pause.number, state.pause.step
        self.when, self.reason = When(state.pause.when), state.pause.reason
        self.inputs: Mapping[str, Artifact] = facts.get("inputs", {})
        self.outputs: Mapping[str, Artifact] = facts.get("outputs", {})
        self.log: str = facts.get("log", "")
        self.error: Failure | None = state.steps[self.step].failure if self.step else None


class StepView:
    """A step of a state."""

    def __init__(self, name: str, run: RunState, pipeline: Pipeline, **facts: Any) -> None:
        self.name, self.run, self.pipeline = name, run, pipeline
        self.state = run.steps[name]
        self.inputs: Mapping[str, Artifact] = facts.get("inputs", {})
        self.outputs: Mapping[str, Artifact] = facts.get("outputs", {})
        self.log: str = facts.get("log", "")
        self.error = self.state.failure


@dataclass
class Explanation:
    """Why a step ran."""

    step: str
    summary: str
    compared_with: str
    changes: tuple[Any, ...] = ()
    diffs: Mapping[str, str] = field(default_factory=dict)


class InteractiveExecutionResult:
    """A session over a state."""

    def __init__(self, state: RunState, pipeline: Pipeline) -> None:
        self.state, self.pipeline = state, pipeline


FLIGHT_COLUMNS = (
    ("month", "int"), ("day", "int"), ("dep_time", "float"), ("dep_delay", "float"), ("arr_delay", "float"),
    ("carrier", "text"), ("origin", "text"), ("dest", "text"), ("distance", "int"), ("tailnum", "text"),
    ("note", "text"), ("air_time", "float"), ("hour", "int"), ("minute", "int"), ("temp", "float"),
    ("wind_speed", "float"), ("precip", "float"), ("seats", "float"), ("engine", "text"),
)  # fmt: skip


def flights_table(rows: int = 229_153) -> TableSummary:
    """Ten rows as they come out of preprocess."""
    missing = {"temp": 0.0031, "seats": 0.146, "engine": 0.146, "note": 0.5}
    columns = tuple(Column(name, kind, missing.get(name, 0.0)) for name, kind in FLIGHT_COLUMNS)
    return TableSummary(rows, columns, tuple(tuple(_cells(i)) for i in range(10)))


def _cells(i: int) -> list[str | None]:
    places = [
        ("UA", "LGA", "IAH"),
        ("AA", "JFK", "MIA"),
        ("B6", "JFK", "BQN"),
        ("DL", "LGA", "ATL"),
        ("B6", "EWR", "FLL"),
    ]
    carrier, origin, dest = places[i % 5]
    notes = [
        "",
        None,
        "missing",
        "diverted to a field nobody had heard of before, and back again the next morning",
        "  ",
    ]
    seats = None if i % 4 == 1 else "149.0"
    return [
        "1", "1", f"{533 + 7 * i}.0", f"{4 - i}.0", f"{20 - 9 * i}.0", carrier, origin, dest, f"{1416 - 71 * i}",
        f"N{14228 + i}", notes[i % 5], "227.0", "5", f"{15 + i}", None if i == 3 else "39.02", "12.65858", "0.0", seats,
        None if seats is None else "Turbo-fan",
    ]  # fmt: skip


def flights_outputs() -> dict[str, Artifact]:
    """The ports of preprocess."""
    sizes = {"train": 229_153, "val": 49_104, "test": 49_089}
    channels = {c: Artifact("preprocess", "processed_data", c, flights_table(n)) for c, n in sizes.items()}
    cancelled = {"cancelled": Artifact("preprocess", "rejects", "cancelled", flights_table(9_430))}
    files = (FileInfo("model.joblib", "model", 2_400_000, "a pickle: never opened"), FileInfo("card.txt", "text", 812))
    return {
        "processed_data": Artifact("preprocess", "processed_data", parts=channels),
        "calibration": Artifact("preprocess", "calibration", more=files),
        "rejects": Artifact("preprocess", "rejects", parts=cancelled),
    }
