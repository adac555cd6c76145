"""Recipes out of samples. The reader looks at them: no row of a sample comes into the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.reader import Reader, get_reader
from cursus_rt_notebook.data.synthetic import guess, recipe
from cursus_rt_notebook.data.synthetic.arrow import nanoseconds
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
    few = told["rows"] < settings.SKETCH_KEYS
    return TableRecipe(tuple(map(_if_key, columns) if few else columns), schema.metadata, seen, told["rows"])


def _if_key(column: ColumnRecipe) -> ColumnRecipe:
    """A column of a short sample: numbers that all differ there are keys only if they are called so."""
    chance = column.unique and isinstance(column.values, recipe.Spread) and not guess.is_key(column.name)
    return replace(column, unique=False) if chance else column


def _column(told: Mapping[str, Any], field: pa.Field) -> ColumnRecipe:
    values = _MAKERS[told["how"]](_in_unit(told, field.type), field.type)
    if isinstance(values, recipe.Shapes | recipe.Prose) and guess.words_of(field.name)[-1:] in _ADDRESSES:
        values = recipe.Named("person.email")
    return ColumnRecipe(field.name, field.type, values, told["missing"], told["unique"])


def _in_unit(told: Mapping[str, Any], kind: pa.DataType) -> Mapping[str, Any]:
    """What was told, with times in the unit of the column's own type: the reader may have counted in another."""
    import pyarrow as pa

    here, own = told.get("nanoseconds"), nanoseconds(kind) if pa.types.is_temporal(kind) else None
    if not here or not own or here == own:
        return told
    lists = {name: [value * here // own for value in told[name]] for name in ("edges", "values") if name in told}
    single = {name: told[name] * here // own for name in ("start", "step") if name in told}
    return {**told, **lists, **single}


_ADDRESSES = (["email"], ["mail"])


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


def _nothing(_: Mapping[str, Any], _kind: pa.DataType) -> Values:
    return recipe.Nothing()


def _prose(told: Mapping[str, Any], _: pa.DataType) -> Values:
    return recipe.Prose(tuple(told["lengths"]))


def _octets(told: Mapping[str, Any], _: pa.DataType) -> Values:
    return recipe.Octets(tuple(told["lengths"]))


_MAKERS = {
    "nothing": _nothing,
    "choice": _choice,
    "spread": _spread,
    "sequence": _sequence,
    "shapes": _shapes,
    "prose": _prose,
    "bytes": _octets,
    "list": _list,
    "record": _record,
}
