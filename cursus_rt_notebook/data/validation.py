"""What a look at a table says of it: how it compares with what is expected, and how its checks came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, computed_field

from cursus_rt_notebook.data.compatibility import Difference, Level
from cursus_rt_notebook.data.quality import CheckResult
from cursus_rt_notebook.display import Shown

if TYPE_CHECKING:
    import pandas as pd


class ValidationResult(Shown, BaseModel):
    """How a table compares with what is expected of it. `source` and `place` say who expects that, and where it stands.

    `.model_dump_json()` gives it as JSON, `.to_dataframe()` as a table with a row for each difference and check.
    """

    model_config = ConfigDict(frozen=True)
    __test__: ClassVar[bool] = False  # or pytest takes it for a test where it is imported

    port: str
    level: Level = Level.STRICT
    source: str = ""
    place: str = ""
    differences: tuple[Difference, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    messages: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()

    @computed_field
    @property
    def ok(self) -> bool:
        """Whether the table can be used as it is expected to: not incompatible, and no check failed."""
        return self.level is not Level.INCOMPATIBLE and not any(check.failed for check in self.checks)

    def to_dataframe(self) -> pd.DataFrame:
        """A row for each difference and each check: what, columns, verdict, rows that fail, message, what to do."""
        import pandas as pd

        names = ("what", "columns", "verdict", "failing", "message", "fix")
        rows = [(d.kind, d.column, str(d.level), d.failing, d.message, d.fix) for d in self.differences]
        rows += [(c.kind, ", ".join(c.columns), _verdict(c), c.failing, c.message, c.fix) for c in self.checks]
        return pd.DataFrame(rows, columns=pd.Index(names))


def _verdict(check: CheckResult) -> str:
    return {True: "passed", False: "failed", None: "not made"}[check.passed]
