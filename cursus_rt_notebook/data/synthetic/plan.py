"""What is to be made for one input: tables and the files they go to, and what is copied as it is; and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from cursus_rt_notebook.data.packing import Packing
from cursus_rt_notebook.data.synthetic.recipe import TableRecipe

Source = Literal["schema", "sample", "script", "copied"]


@dataclass(frozen=True)
class Making:
    """How data is made up.

    Attributes:
        rows: How many rows each table has; 1,000 if None, a million in the scenario `"large"`.
        seed: The same gives the same bytes.
        scenario: One of `SCENARIOS`.
    """

    rows: int | None = None
    seed: int = 0
    scenario: str = "standard"


STANDARD: Final = Making()


@dataclass(frozen=True)
class Target:
    """One file of a table: its path below the input, and its format.

    `by_columns` is for a JSON document that holds its columns by name, as pandas writes it by default.
    """

    path: str
    kind: str = "csv"
    packing: Packing | None = None
    by_columns: bool = False


@dataclass(frozen=True)
class TablePlan:
    """One table and its files: one, or the parts it is spread over."""

    recipe: TableRecipe
    files: tuple[Target, ...]

    @property
    def name(self) -> str:
        """What tells it from other tables of its input."""
        return self.files[0].path


@dataclass(frozen=True)
class InputPlan:
    """Everything of one input.

    Attributes:
        source: Where the recipes come from: a schema, a sample or the script; `"copied"` if there is no table.
        tables: The tables.
        copies: Files that stand as they are: each one's path below the input, and where it is.
        file: Whether the input is a file rather than a folder.
    """

    source: Source
    tables: tuple[TablePlan, ...] = ()
    copies: tuple[tuple[str, Path], ...] = ()
    file: bool = False

    def with_recipes(self, change: Callable[[TableRecipe], TableRecipe]) -> InputPlan:
        """The same with other recipes."""
        tables = tuple(replace(table, recipe=change(table.recipe)) for table in self.tables)
        return replace(self, tables=tables)
