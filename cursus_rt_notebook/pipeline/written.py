"""The keys of a pipeline as written, and the types of their values: one flat model for each kind of mapping.

What mappings hold other mappings by name (steps, inputs, outputs) is `Any` here: each is read on its own, so that a
fault in one hides none in another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from cursus_rt_notebook.pipeline.model import Effects
from cursus_rt_notebook.pipeline.units import UnitError, parse_bytes, parse_seconds


def _amount(parse: Callable[[object], float]) -> BeforeValidator:
    def validate(value: object) -> float:
        try:
            return parse(value)
        except UnitError as error:
            raise PydanticCustomError("unit", "{words}", {"words": str(error), "fix": error.fix}) from None

    return BeforeValidator(validate)


Seconds = Annotated[float, _amount(parse_seconds)]
Bytes = Annotated[int, _amount(parse_bytes)]


class Written(BaseModel):
    """A mapping of the document. Keys that are absent, or hold nothing, have their defaults."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """The keys that such a mapping may have."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())


class WrittenPipeline(Written):
    """The document itself."""

    name: str | None = None
    source_dir: str = "."
    python: str | None = None
    env: dict[str, Any] = {}
    effects: Effects = "record"
    on_error: Literal["pause", "continue"] = "pause"
    retry: Any = None
    circuit_breaker: Any = None
    steps: dict[str, Any] = {}
    breakpoints: list[Any] = []
    checks: Any = None


class WrittenStep(Written):
    """One entry of `steps`."""

    script: str | None = None
    script_missing: bool = False
    source_dir: str | None = None
    entry: Literal["main", "script"] = "main"
    python: str | None = None
    inputs: dict[str, Any] = {}
    outputs: Any = None
    env: dict[str, Any] = {}
    args: dict[str, Any] = {}
    after: list[str] = []
    timeout: Seconds | None = None
    memory: Bytes | None = None
    cache: bool = True
    effects: Effects = "record"
    on_error: Literal["pause", "continue"] = "pause"
    retry: Any = None
    circuit_breaker: Any = None
    container: Any = None
    requirements: dict[str, Any] = {}
    stub: Any = None


class WrittenContainer(Written):
    """Where a step's ports lie in the container that its script was written for, by port."""

    inputs: dict[str, Any] = {}
    outputs: dict[str, Any] = {}


class WrittenInput(Written):
    """An input in its long form."""

    step: str | None = None
    port: str | None = None
    path: str | None = None
    package: str | None = None
    sample: int | None = Field(default=None, ge=1)
    optional: bool = False
    open: bool = False
    copy_files: bool = Field(default=False, alias="copy")
    schema_file: str | None = Field(default=None, alias="schema")


class WrittenGiven(Written):
    """The data of one output of a stub, in its long form."""

    path: str | None = None
    sample: int | None = Field(default=None, ge=1)
    unpack: bool = False


class WrittenOutput(Written):
    """An output in its long form."""

    channels: list[str] = []
    required: bool = False
    schema_file: str | None = Field(default=None, alias="schema")
    checks: Any = None
    packed: str | None = None


class WrittenChecks(Written):
    """What is checked of tables: a number is a threshold against the baseline, all else speaks of columns by name."""

    rows: Any = None
    missing: Any = None
    range: Any = None
    unique: Any = None
    key: Any = None
    on_failure: Literal["warn", "pause"] = "warn"


class WrittenRetry(Written):
    """How often a step is tried, the seconds before the second try, and for which errors."""

    attempts: int = Field(default=1, ge=1)
    backoff: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    on: list[str] = ["ConnectionError", "TimeoutError"]


class WrittenBreaker(Written):
    """After how many failures in a row a step is left alone, and for how many seconds."""

    failures: int = Field(default=3, ge=1)
    reset: float = Field(default=60.0, ge=0, allow_inf_nan=False)
