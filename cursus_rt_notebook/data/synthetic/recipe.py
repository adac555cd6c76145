"""What made-up tables are made from, as plain data: for each column its type, its gaps, and how its values come about.

Numbers stand for times as well, in the unit of the column's Arrow type since 1970 (or midnight), and in microseconds
for times that are written as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Nothing:
    """No values: every cell is missing."""


@dataclass(frozen=True)
class Choice:
    """One of some values, each with its share; `closed` if there must never be another."""

    values: tuple[Any, ...]
    weights: tuple[float, ...]
    closed: bool = False


@dataclass(frozen=True)
class Spread:
    """Numbers or times between edges, as many between any two neighbours.

    `step` is what they are multiples of, counted from the first edge (0: of nothing); `infinite` the shares of minus
    and plus infinity; `format` how a time is written, for one that is text; `closed` if none may lie beyond the edges.
    """

    edges: tuple[float, ...]
    step: float = 0
    infinite: tuple[float, float] = (0.0, 0.0)
    format: str | None = None
    closed: bool = False


@dataclass(frozen=True)
class Sequence:
    """Numbers or times that follow each other, row by row."""

    start: float
    step: float = 1
    format: str | None = None


@dataclass(frozen=True)
class Shapes:
    """Texts of some shapes, each with its share; a shape has for each place a character, or a class of them.

    The classes are `"digit"`, `"upper"` and `"lower"`.
    """

    shapes: tuple[tuple[str, ...], ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Prose:
    """Words, as many as give these lengths in characters, which are edges as in `Spread`."""

    lengths: tuple[int, ...]


@dataclass(frozen=True)
class Pattern:
    """Texts that match a regular expression."""

    regex: str


@dataclass(frozen=True)
class Named:
    """Texts as their name says: what `mimesis` makes, for example `"person.email"`."""

    what: str


@dataclass(frozen=True)
class Octets:
    """Bytes of these lengths, which are edges as in `Spread`."""

    lengths: tuple[int, ...]


@dataclass(frozen=True)
class Listed:
    """Lists of these lengths, which are edges as in `Spread`, and what is in them."""

    lengths: tuple[int, ...]
    inner: ColumnRecipe


@dataclass(frozen=True)
class Record:
    """Records of these fields."""

    fields: tuple[ColumnRecipe, ...]


Values = Nothing | Choice | Spread | Sequence | Shapes | Prose | Pattern | Named | Octets | Listed | Record


@dataclass(frozen=True)
class ColumnRecipe:
    """How one column is made.

    Attributes:
        name: The column's name.
        type: Its Arrow type.
        values: How its values come about.
        missing: The share of missing cells, 0 to 1.
        unique: Whether all values differ.
        shared: How many different values there are, for a key by which tables are joined; None if it is no such key.
            Equal recipes that are shared give equal values, whatever their table and seed's other uses.
        guessed: Whether nothing but the column's name told how to make it.
    """

    name: str
    type: pa.DataType
    values: Values
    missing: float = 0.0
    unique: bool = False
    shared: int | None = None
    guessed: bool = False


@dataclass(frozen=True)
class TableRecipe:
    """How one table is made.

    Attributes:
        columns: Its columns, in their order.
        metadata: What a Parquet file says beside its columns: pandas' index, for example.
        seen: The rows that must not appear, as bits (see `data.scan.seen`).
        rows: How many rows the sample had; None if there was none.
    """

    columns: tuple[ColumnRecipe, ...]
    metadata: Mapping[bytes, bytes] | None = None
    seen: bytes = field(default=b"", repr=False)
    rows: int | None = None

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the tables made."""
        import pyarrow as pa

        return pa.schema([(column.name, column.type) for column in self.columns], metadata=self.metadata)
