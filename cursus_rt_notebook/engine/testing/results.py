"""What a test of scripts came to, as plain models: one execution, one script, one edge, a whole pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cursus_rt_notebook.data.checks.compatibility import Level
from cursus_rt_notebook.data.checks.validation import ValidationResult
from cursus_rt_notebook.data.results import TestedModel
from cursus_rt_notebook.engine.state import Failure
from cursus_rt_notebook.engine.testing.lineage import DataLineage
from cursus_rt_notebook.errors import CursusError, StepError
from cursus_rt_notebook.pipeline.findings import Finding


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class PortData(_Part):
    """The data at one port: where it lies, its content digest, and the step and port that wrote it, if one did."""

    path: str
    digest: str = ""
    producer: str | None = None
    producer_port: str | None = None


class TableData(_Part):
    """The size of one table that a step wrote."""

    port: str
    channel: str | None = None
    rows: int | None = None
    columns: int | None = None


class ErrorReport(_Part):
    """Why an execution failed: the category ("import", "execution", "data flow"), the error's class, and what to do."""

    category: str
    kind: str
    title: str
    message: str
    summary: str
    recommendations: tuple[str, ...] = ()
    place: str = ""  # file:line of the innermost frame of the user's own
    traceback: str = ""

    @classmethod
    def of(cls, failure: Failure) -> ErrorReport:
        """The report of a step's failure."""
        own = [frame for frame in failure.frames if frame.own]
        return cls(
            category=failure.category,
            kind=failure.kind,
            title=failure.title,
            message=failure.message,
            summary=failure.summary,
            recommendations=failure.recommendations,
            place=f"{own[-1].file}:{own[-1].line}" if own else "",
            traceback=failure.traceback,
        )

    @classmethod
    def of_error(cls, error: CursusError) -> ErrorReport:
        """The report of an error of ours."""
        category = error.category if isinstance(error, StepError) else "import"
        kind = type(error).__name__
        return cls(
            category=category,
            kind=kind,
            title=kind,
            message=error.message,
            summary=error.message,
            recommendations=error.recommendations,
        )


class ExecutionResult(TestedModel):
    """One execution of one script. Seconds and bytes; secrets are masked.

    `status` is the step's (done, cached, failed, skipped, ...); `attempts` counts the tries.
    """

    step_name: str
    script_path: str
    status: str
    success: bool
    result: str = ""
    seconds: float | None = None
    cpu_seconds: float | None = None
    peak_memory: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None
    attempts: int = 0
    inputs: dict[str, PortData] = Field(default_factory=dict[str, PortData])
    outputs: dict[str, PortData] = Field(default_factory=dict[str, PortData])
    tables: tuple[TableData, ...] = ()
    error: ErrorReport | None = None
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    log_path: str | None = None
    log_tail: str = ""

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.success

    @property
    def headline(self) -> str:
        """How it ended, in one sentence."""
        if self.error is not None:
            return f"{self.step_name} failed: {self.error.summary}"
        return f"{self.step_name} is {self.status}" + (f": {self.reason}" if self.reason else "")

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What to do about its failure."""
        return self.error.recommendations if self.error else ()

    def rows(self) -> Sequence[dict[str, Any]]:
        """One row."""
        return [
            {
                "step": self.step_name,
                "status": self.status,
                "seconds": None if self.seconds is None else round(self.seconds, 2),
                "memory_mb": None if self.peak_memory is None else round(self.peak_memory / 1e6, 1),
                "attempts": self.attempts,
                "rows": sum(table.rows or 0 for table in self.tables) if self.tables else None,
                "error": self.error.title if self.error else "",
            }
        ]


class TestResult(TestedModel):
    """One script run by itself. `inputs_from` says for each input where its data came from."""

    script_name: str
    data_source: str
    success: bool
    execution: ExecutionResult
    inputs_from: dict[str, str] = Field(default_factory=dict[str, str])
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.success

    @property
    def headline(self) -> str:
        """How it went, in one sentence."""
        how = "succeeded" if self.success else "failed"
        told = f": {self.execution.error.summary}" if self.execution.error else ""
        return f"{self.script_name} {how} by itself on {self.data_source} data{told}"

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What to do about its failure."""
        return self.execution.recommendations

    def rows(self) -> Sequence[dict[str, Any]]:
        """One row."""
        return [{**self.execution.rows()[0], "data_source": self.data_source}]


class TransitionTestResult(TestedModel):
    """Whether what one step writes fits what the next one reads, port by port."""

    upstream_step: str
    downstream_step: str
    success: bool
    ports: dict[str, ValidationResult] = Field(default_factory=dict[str, ValidationResult])
    error: ErrorReport | None = None

    @property
    def ok(self) -> bool:
        """Whether every port fits."""
        return self.success

    @property
    def headline(self) -> str:
        """How they fit, in one sentence."""
        edge = f"{self.upstream_step} -> {self.downstream_step}"
        if self.error is not None:
            return f"{edge} could not be tested: {self.error.summary}"
        levels = ", ".join(f"{port} {_verdict(result)}" for port, result in self.ports.items())
        return f"{edge}: {levels or 'no data flows from one to the other, only order'}"

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What to do where they do not fit."""
        found = (each for result in self.ports.values() for each in result.recommendations)
        return tuple(dict.fromkeys((*(self.error.recommendations if self.error else ()), *found)))

    def rows(self) -> Sequence[dict[str, Any]]:
        """A row a difference; one row for a port that has none."""
        edge = {"upstream": self.upstream_step, "downstream": self.downstream_step}
        return [{**edge, "input": port, **row} for port, result in self.ports.items() for row in _differences(result)]


def _verdict(result: ValidationResult) -> str:
    compared = result.source or result.level is not Level.STRICT
    told = f" ({result.why})" if result.why else ""
    return f"{result.level}{told}" if compared else "not compared: nothing tells what is expected"


def _differences(result: ValidationResult) -> Sequence[dict[str, Any]]:
    none = {"what": "", "columns": "", "verdict": _verdict(result), "failing": None, "message": "", "fix": ""}
    return result.rows() or [{**none, "message": "; ".join(result.messages), "fix": "; ".join(result.advice)}]


class PipelineTestResult(TestedModel):
    """A whole pipeline, run from end to end: every execution, every edge, and what flowed."""

    pipeline: str
    data_source: str
    success: bool
    seconds: float = 0.0
    executions: tuple[ExecutionResult, ...] = ()
    transitions: tuple[TransitionTestResult, ...] = ()
    lineage: DataLineage = DataLineage()
    inputs_from: dict[str, str] = Field(default_factory=dict[str, str])
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every step succeeded and every edge fits."""
        return self.success

    @property
    def headline(self) -> str:
        """How it went, in one sentence."""
        failed = [each.step_name for each in self.executions if each.error]
        unfit = [t for t in self.transitions if not t.success]
        if self.success:
            return f"{self.pipeline} succeeded on {self.data_source} data: {len(self.executions)} steps, {self.seconds:.1f} s"
        told = [f"{', '.join(failed)} failed"] if failed else []
        edges = ", ".join(f"{t.upstream_step} -> {t.downstream_step}" for t in unfit)
        why = next((f" ({r.why})" for t in unfit for r in t.ports.values() if r.why), "")
        told += [f"{edges} do not fit{why}"] if unfit else []
        return f"{self.pipeline} failed on {self.data_source} data: {'; '.join(told) or 'it did not end'}"

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What to do about the failures, step by step."""
        found = (r for each in (*self.executions, *self.transitions) if not each.ok for r in each.recommendations)
        return tuple(dict.fromkeys(found))

    def rows(self) -> Sequence[dict[str, Any]]:
        """A row a step."""
        return [row for each in self.executions for row in each.rows()]
