"""Recipes out of samples. The reader looks at them: no row of a sample comes into the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.data.reader import Reader, get_reader
from cursus_rt_notebook.data.synthetic import recipe
from cursus_rt_notebook.data.synthetic.recipe import ColumnRecipe, TableRecipe, Values
from cursus_rt_notebook.data.tables import TableFiles, find_table

if TYPE_CHECKING:
    import pyarrow as pa


def recipe_from_sample(sample: str | Path | TableFiles, reader: Reader | None = None) -> TableRecipe:
    """What a table like this one is made from: same columns and types, gaps, ranges and frequencies, none of its rows.

    Args:
        sample: A file, or a folder that holds one table.
        reader: Who looks at it; the kernel's one reader if None.

    Raises:
        DataError: it is no table, several, or cannot be read.
    """
    import pyarrow as pa

    table = sample if isinstance(sample, TableFiles) else find_table(Path(sample).absolute())
    told, written, seen = (reader or get_reader()).sketch(table)
    schema = pa.ipc.read_schema(pa.py_buffer(written))
    columns = tuple(map(_column, told["columns"], schema))
    return TableRecipe(columns, schema.metadata, seen, told["rows"])


def _column(told: Mapping[str, Any], field: pa.Field) -> ColumnRecipe:
    values = _MAKERS[told["how"]](told, field.type)
    return ColumnRecipe(field.name, field.type, values, told["missing"], told["unique"])


def _choice(told: Mapping[str, Any], _: pa.DataType) -> Values:
    return recipe.Choice(tuple(told["values"]), tuple(told["weights"]))


def _spread(told: Mapping[str, Any], _: pa.DataType) -> Values:
    return recipe.Spread(tuple(told["edges"]), told["step"], tuple(told["infinite"]), told.get("format"))


def _sequence(told: Mapping[str, Any], _: pa.DataType) -> Values:
    return recipe.Sequence(told["start"], told["step"], told.get("format"))


def _shapes(told: Mapping[str, Any], _: pa.DataType) -> Values:
    shapes, weights = zip(*told["shapes"], strict=True)
    return recipe.Shapes(tuple(map(tuple, shapes)), weights)


def _list(told: Mapping[str, Any], kind: pa.DataType) -> Values:
    inner = _column(told["inner"], kind.value_field)
    return recipe.Listed(tuple(told["lengths"]), inner)


def _record(told: Mapping[str, Any], kind: pa.DataType) -> Values:
    fields = [kind.field(i) for i in range(kind.num_fields)]
    return recipe.Record(tuple(map(_column, told["fields"], fields)))


_MAKERS = {
    "nothing": lambda _told, _kind: recipe.Nothing(),
    "choice": _choice,
    "spread": _spread,
    "sequence": _sequence,
    "shapes": _shapes,
    "prose": lambda told, _: recipe.Prose(tuple(told["lengths"])),
    "bytes": lambda told, _: recipe.Octets(tuple(told["lengths"])),
    "list": _list,
    "record": _record,
}
