"""What a look at a table says of it: how it compares with what is expected, and how its checks came out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import computed_field

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.checks import checking, examining
from cursus_rt_notebook.data.checks.baseline import BaselineTable
from cursus_rt_notebook.data.checks.checking import Subject
from cursus_rt_notebook.data.checks.compatibility import Difference, Level, compare, worst
from cursus_rt_notebook.data.checks.expected import ExpectedTable, from_schema
from cursus_rt_notebook.data.checks.quality import CheckResult
from cursus_rt_notebook.data.reader import Reader, get_reader
from cursus_rt_notebook.data.results import TestedModel
from cursus_rt_notebook.errors import DataError, SchemaMismatch
from cursus_rt_notebook.pipeline.model import Checks

if TYPE_CHECKING:
    import pandas as pd


class ValidationResult(TestedModel):
    """How a table compares with what is expected of it. `source` and `place` say who expects that, and where it stands.

    `.model_dump_json()` gives it as JSON, `.to_dataframe()` as a table with a row for each difference and check.
    """

    port: str
    level: Level = Level.STRICT
    source: str = ""
    place: str = ""
    differences: tuple[Difference, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    messages: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    def __str__(self) -> str:
        return repr(self)

    @computed_field
    @property
    def ok(self) -> bool:
        """Whether the table can be used as it is expected to: not incompatible, and no check failed."""
        return self.level is not Level.INCOMPATIBLE and not any(check.failed for check in self.checks)

    @property
    def why(self) -> str:
        """The worst of what does not fit; empty where all does."""
        return self.messages[0] if self.messages and not self.ok else ""

    @property
    def headline(self) -> str:
        """How it compares, in one sentence."""
        against = f" with its {self.source} ({self.place})" if self.source else ""
        told = f": {self.messages[0]}" if self.messages else ""
        return f"{self.port} is {self.level}{against}{told}"

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What to do where it does not fit, the worst first."""
        return self.advice

    def raise_for_status(self) -> None:
        """Raise what does not fit, if anything does not.

        Raises:
            SchemaMismatch: a column lacks or holds what it should not, or a check failed; with the port and what to do.
        """
        if self.ok:
            return
        expecting = f" with its {self.source} ({self.place})" if self.source else ""
        what, *others = self.messages or ("",)
        more = f"; and {len(others)} more" if others else ""
        fix, *further = self.recommendations or ("",)
        message = f"{self.port} does not agree{expecting}: {what}{more}"
        raise SchemaMismatch(message, fix=fix, further=tuple(further), ports=(self.port,))

    def rows(self) -> list[dict[str, Any]]:
        """A row for each difference and each check: what, columns, verdict, rows that fail, message, what to do."""
        names = ("what", "columns", "verdict", "failing", "message", "fix")
        rows = [(d.kind, d.column, str(d.level), d.failing, d.message, d.fix) for d in self.differences]
        rows += [(c.kind, ", ".join(c.columns), _verdict(c), c.failing, c.message, c.fix) for c in self.checks]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def to_dataframe(self) -> pd.DataFrame:
        """The same as a DataFrame; with its columns, too, where nothing differs."""
        import pandas as pd

        return pd.DataFrame(self.rows(), columns=pd.Index(("what", "columns", "verdict", "failing", "message", "fix")))


def validate(
    data: Artifact | str | Path,
    expected: ExpectedTable | None = None,
    checks: Checks | None = None,
    *,
    schema: Path | None = None,
    baseline: BaselineTable | None = None,
    reader: Reader | None = None,
) -> ValidationResult:
    """Compare a table with what is expected of it, and check it. Never raises for what a file is: that is a result.

    Args:
        data: An artifact, or the path of a file or of a folder of parts.
        expected: What should be in it; what `schema` says, if that is given and this is not.
        checks: What its columns have to be.
        schema: A pandera schema whose checks of values are made, too.
        baseline: The table as it was in a good run, for the thresholds of `checks` that speak of that.
        reader: Who looks at the data; the kernel's one reader if None.
    """
    port = data.name if isinstance(data, Artifact) else Path(data).name
    schema = schema.absolute() if schema is not None else None  # the reader has a working directory of its own
    try:
        table = data.table_path if isinstance(data, Artifact) else Path(data).absolute()
        expected = from_schema(schema) if expected is None and schema is not None else expected
        differences = differences_of(reader or get_reader(), table, expected) if expected else ()
        subject = Subject(reader or get_reader(), table, port)
        made = [*checking.check(subject, checks or Checks(), baseline)]
        conforming = checking.conform(subject, schema, (checks or Checks()).key, values=True) if schema else ()
        fits = worst(one.level for one in differences) in {Level.STRICT, Level.COMPATIBLE}
        made += (one for one in conforming if fits or one.failed)  # it is not as the schema says where a column is not
    except DataError as error:
        told = f"{port} cannot be looked at: {error.message}"
        return ValidationResult(port=port, level=Level.INCOMPATIBLE, messages=(told,), advice=error.recommendations)
    return _result(port, expected, differences, made)


def differences_of(reader: Reader, table: Path, expected: ExpectedTable) -> tuple[Difference, ...]:
    """How the table in a file or folder differs from what is expected of it.

    Raises:
        DataError: there is no one table, it cannot be read, or it ended the reader.
    """
    types = examining.outline(reader, table)
    return compare(types, expected, lambda rules: examining.examine(reader, table, rules))


def _result(
    port: str, expected: ExpectedTable | None, differences: tuple[Difference, ...], made: list[CheckResult]
) -> ValidationResult:
    told = [*_told(differences, made)]
    return ValidationResult(
        port=port,
        level=worst(difference.level for difference in differences),
        source=expected.source if expected else "",
        place=expected.place if expected else "",
        differences=differences,
        checks=tuple(made),
        messages=tuple(message for message, _ in told),
        advice=tuple(dict.fromkeys(fix for _, fix in told if fix)),
    )


def _told(differences: tuple[Difference, ...], made: list[CheckResult]) -> Iterator[tuple[str, str]]:
    """What is worth saying, the worst first, and what to do about it."""
    for level in (Level.INCOMPATIBLE, Level.CONVERTIBLE):
        yield from ((one.message, one.fix) for one in differences if one.level is level)
    yield from ((one.message, one.fix) for one in made if not one.passed)


def _verdict(check: CheckResult) -> str:
    return {True: "passed", False: "failed", None: "not made"}[check.passed]
