"""What every result of a test has in common: it shows itself, serialises to JSON, and becomes a DataFrame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from cursus_rt_notebook.display import Shown

if TYPE_CHECKING:
    import pandas as pd


class TestedModel(Shown, BaseModel, ABC):
    """A frozen model with a headline and rows; `model_dump_json()` gives it as JSON, `to_dataframe()` as a table."""

    __test__: ClassVar[bool] = False  # pytest takes for a test whatever is named like one
    model_config = ConfigDict(frozen=True)

    def __str__(self) -> str:
        return repr(self)

    @property
    @abstractmethod
    def ok(self) -> bool:
        """Whether what was tried went well."""

    @property
    @abstractmethod
    def headline(self) -> str:
        """The outcome in one sentence."""

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What to do about it, the likeliest remedy first; nothing where all is well."""
        return ()

    @abstractmethod
    def rows(self) -> Sequence[dict[str, Any]]:
        """Its parts, as the rows of a table with the same keys each."""

    def to_dataframe(self) -> pd.DataFrame:
        """Its rows as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows())).convert_dtypes()
