"""What stands in for a step: data given for its outputs, made-up tables, or what a run in the cloud left.

An output's data is a path, an `s3://` address, a `Given` (either of them, with more said of it), a DataFrame, a function
of no arguments that makes one of these, or None: still to be given.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import field_serializer, field_validator

from cursus_rt_notebook.pipeline.frozen import Frozen


class Given(Frozen):
    """Data at a path or an address, with more said of it.

    Of large tables at an address only the first `sample` rows are brought here. `unpack` says that it is an archive, whose
    files are meant; `optional` that the output is empty where there is nothing.
    """

    place: Path | str
    sample: int | None = None
    unpack: bool = False
    optional: bool = False


class Recorded(Frozen):
    """What became of a step in a pipeline execution in the cloud.

    `status` is the service's own word; `started` and `ended` are in seconds since 1970; `job` is the ARN of what ran.
    """

    status: str
    reason: str = ""
    exit_code: int | None = None
    started: float | None = None
    ended: float | None = None
    job: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return None if self.started is None or self.ended is None else max(self.ended - self.started, 0.0)


class Stub(Frozen):
    """What stands in for a step that cannot run here, such as the load of data from a private service.

    `kind` is "given": its `outputs` by port or `port/channel`; "synthetic": made-up tables; "skip": it is left out with what
    needs it; "open": nothing yet, the caller gives them (`Pipeline.with_stubs`). `recorded` is there where a run in the
    cloud made the outputs: such a step can be run here again.
    """

    kind: Literal["given", "synthetic", "skip", "open"]
    outputs: dict[str, Any] = {}
    recorded: Recorded | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stub) or (self.kind, self.recorded) != (other.kind, other.recorded):
            return False
        return self.outputs.keys() == other.outputs.keys() and all(
            _same(value, other.outputs[port]) for port, value in self.outputs.items()
        )

    __hash__ = None  # pyright: ignore[reportAssignmentType]  its outputs have none either

    @property
    def words(self) -> str:
        """What stands in, in a few words: `data/flights.csv`, `synthetic`, `recorded: Failed`."""
        if self.recorded is not None:
            done = self.recorded.status == "Succeeded"
            return "recorded in the cloud" if done else f"recorded: {self.recorded.status}"
        if self.kind != "given":
            return self.kind
        shown = list(dict.fromkeys(describe(value) for value in self.outputs.values()))
        return shown[0] if len(shown) == 1 else f"{len(shown)} given outputs" if shown else "nothing"

    @property
    def runs_instead(self) -> bool:
        """Whether the step's own script, where it has one, is what runs when the user has it run again."""
        return self.recorded is not None or self.kind in {"skip", "open"}

    @field_validator("outputs", mode="before")
    @classmethod
    def _read(cls, outputs: Mapping[str, Any]) -> dict[str, Any]:
        return {port: Given(**value) if isinstance(value, dict) else value for port, value in outputs.items()}

    @field_serializer("outputs", when_used="json")
    def _plain(self, outputs: dict[str, Any]) -> dict[str, Any]:
        """What a journal can keep: of a table or function nothing, so it is to be given anew."""
        return {port: _plain(value) for port, value in outputs.items()}


def describe(value: Any) -> str:
    """One output's data in a few words."""
    if value is None:
        return "nothing yet"
    if isinstance(value, Given):
        value = value.place
    if isinstance(value, Path):
        return str(PurePosixPath(*value.parts[-2:]))
    if isinstance(value, str):
        return value if "://" in value else describe(Path(value))
    if is_table(value):
        return "a DataFrame"  # its rows are told where it went
    return f"{getattr(value, '__name__', type(value).__name__)}()"


def is_table(value: Any) -> bool:
    """Whether data is a DataFrame; asked without loading pandas."""
    return hasattr(value, "to_csv") and hasattr(value, "columns")


def _same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if is_table(one) or is_table(other):
        return is_table(one) and is_table(other) and bool(one.equals(other))
    return bool(one == other)


def _plain(value: Any) -> Any:
    if isinstance(value, Given):
        return value.model_dump(mode="json")
    return str(value) if isinstance(value, (str, Path)) else None
