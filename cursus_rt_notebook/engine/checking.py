"""The checks of a step that has settled: its tables as its pipeline wants them, as they were, and as its consumers do.

They are made in the step's own thread. Whatever goes wrong with them is a finding, and never the end of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from cursus_rt_notebook.data.checks import checking
from cursus_rt_notebook.data.checks.baseline import BaselineTable, find
from cursus_rt_notebook.data.checks.checking import Subject
from cursus_rt_notebook.data.checks.quality import CheckResult
from cursus_rt_notebook.data.reader import get_reader
from cursus_rt_notebook.engine import edges
from cursus_rt_notebook.engine.edges import Table
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.recording import baseline_of
from cursus_rt_notebook.engine.state import SETTLED, Hit, When
from cursus_rt_notebook.engine.verdicts import remembered, text_of
from cursus_rt_notebook.errors import DataError
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Checks


@dataclass(frozen=True)
class Checked:
    """What came of the checks of one step: the results, what is worth saying, and whether the run pauses for it."""

    results: tuple[CheckResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    hits: tuple[Hit, ...] = ()

    def news(self, already: Iterable[Finding]) -> dict[str, Any]:
        """What to note of the step, beside the findings that it has already."""
        mine = {finding.message for finding in self.findings}
        kept = (finding for finding in already if finding.message not in mine)
        return {"checks": self.results, "findings": (*kept, *self.findings)}


def may_pause(view: StepView) -> bool:
    """Whether a check of this step's tables can pause the run, so that it has to be made before others start."""
    return any(view.pipeline.checks_of(view.name, port).pauses for port in view.step.outputs)


def checked(view: StepView) -> Checked:
    """Check the tables of a step that has settled, with what its consumers expect of them; of one that failed its files."""
    if view.status not in SETTLED:
        return Checked(findings=tuple(edges.with_files(view)))
    baseline = baseline_of(view)
    results: list[CheckResult] = []
    findings: list[Finding] = list(edges.with_files(view))
    told: list[str] = []
    for port in view.outputs:
        checks = view.pipeline.checks_of(view.name, port)
        tables = edges.tables_of(view, port)
        made = [result for table in tables for result in _results(view, table, checks, _before(baseline, table))]
        worse = list(edges.with_consumers(view, port, tables))
        worse += [one for table in tables for one in edges.with_baseline(view, table, _before(baseline, table))]
        results += [replace(result, on_failure=checks.on_failure or "warn") for result in made]
        findings += [*(_finding(view.name, result) for result in made if not result.passed), *worse]
        if checks.pauses:
            told += [result.message for result in made if result.failed]
            told += [finding.message for finding in worse if finding.severity == "warning"]
    return Checked(tuple(results), tuple(findings), _hits(view.name, told))


def _before(baseline: tuple[BaselineTable, ...], table: Table) -> BaselineTable | None:
    return find(baseline, table.port, table.channel)


def _results(view: StepView, table: Table, checks: Checks, before: BaselineTable | None) -> Iterator[CheckResult]:
    drifting = before if checks.drifts and before and before.digest != table.key else None
    if drifting is not None or checks.of_columns:
        asked = ("rules", checks.model_dump_json(exclude={"on_failure"}), drifting)
        yield from _made(view, table, asked, lambda subject: checking.check(subject, checks, drifting))
    schemas = {source.schema_file: True for _, _, source in edges.readers(view, table.port)}
    schemas |= {view.step.outputs[table.port].schema_file: False}
    for schema, values in schemas.items():
        if schema is not None:
            asked = ("schema", text_of(schema), checks.key, values)
            conform = checking.conforming(schema, checks.key, values=values)
            yield from _made(view, table, asked, conform)


def _made(
    view: StepView, table: Table, asked: Iterable[object], make: Callable[[Subject], Iterable[CheckResult]]
) -> Iterator[CheckResult]:
    def find() -> list[CheckResult]:
        return list(make(Subject(get_reader(), table.path, table.port, table.channel)))

    try:
        kept = remembered(view.workspace.journal, table.key, asked, find)
    except DataError as error:
        message = f"{table.name} could not be checked: {error.message}"
        yield CheckResult("unchecked", table.port, table.channel, (), None, message, error.fix)
    else:
        yield from map(CheckResult.from_plain, kept)


def _finding(step: str, result: CheckResult) -> Finding:
    return Finding("warning", result.message, result.fix, step=step, port=result.port)


def _hits(step: str, told: list[str]) -> tuple[Hit, ...]:
    """The pause for what failed: its first reason, and how many more there are."""
    more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
    return (Hit(step, When.CHECK, f"check failed: {told[0]}{more}"),) if told else ()
