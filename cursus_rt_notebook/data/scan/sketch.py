"""A table described so that another one like it can be made: types, gaps, how values spread, the shape of its texts.

Values are told where they are few and frequent, or as the edges of what others lie between; of texts that are nearly
all different only the shape is told: which kinds of characters, how many.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.scan import parquet, seen, time_text

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    import pyarrow as pa

    from cursus_rt_notebook.data.scan.source import Shape

Sketch = dict[str, Any]


def of_table(columns: Iterable[pl.Series], shape: Shape) -> list[bytes]:
    """Describe a table: its columns in JSON, its schema as Arrow writes it, and the bits of its rows (see `seen`)."""
    files = [part.file.path for part in shape.parts]
    indexes = parquet.index_columns(files) if shape.parts[0].scan.way == "parquet" else []
    hashes, found, fields = seen.Hashes(), list[Sketch](), list[Any]()
    for column in chain(columns, indexes):
        found.append({"name": column.name, **sketch(column)})
        fields.append(_field(column))
        hashes.add(column)
    schema = _schema(files[0], shape, fields)
    told = {"rows": len(hashes.folded), "columns": found}
    return [json.dumps(told).encode(), schema.serialize().to_pybytes(), seen.bits_of(hashes.folded).tobytes()]


def _field(column: pl.Series) -> pa.Field:
    import polars as pl
    import pyarrow as pa

    field = column.head(0).to_frame().to_arrow(compat_level=pl.CompatLevel.oldest()).schema.field(0)
    return field.with_type(pa.string()) if pa.types.is_large_string(field.type) else field


def _schema(path: str, shape: Shape, fields: list[pa.Field]) -> pa.Schema:
    """Of a Parquet file its own, with what pandas left in it; else the types that the columns were read as."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if shape.parts[0].scan.way != "parquet":
        return pa.schema(fields)
    own = pq.read_schema(path)
    # In the order of the columns that were described; of parts that differ, the types that hold them all.
    ordered = [own.field(own.get_field_index(field.name)) for field in fields]
    return pa.schema(ordered, metadata=own.metadata)


def sketch(column: pl.Series) -> Sketch:
    """Describe a column: the share of its missing cells, whether its values are all different, and how they are made."""
    column = column.fill_nan(None) if column.dtype.is_float() else column
    values = column.drop_nulls()
    found: Sketch = {"missing": column.null_count() / len(column) if len(column) else 0.0, "unique": False}
    if not len(values):
        return {**found, "how": "nothing"}
    return {**found, **_described(values)}


def _described(values: pl.Series) -> Sketch:
    import polars as pl

    dtype = values.dtype
    if isinstance(dtype, pl.List | pl.Array):
        listed = values.cast(pl.List(dtype.inner)) if isinstance(dtype, pl.Array) else values  # pyright: ignore[reportArgumentType]
        inner = sketch(listed.explode().rename(""))
        return {"how": "list", "lengths": _lengths(listed.list.len()), "inner": inner}
    if isinstance(dtype, pl.Struct):
        return {"how": "record", "fields": [sketch(values.struct.field(field.name)) for field in dtype.fields]}
    if dtype == pl.Binary:
        return {"how": "bytes", "lengths": _lengths(values.bin.size())}
    distinct = values.n_unique()
    unique = {"unique": distinct == len(values) > 1}
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return {**unique, **_text(values.cast(pl.String), distinct)}
    if dtype == pl.Boolean:
        return _choice(values)
    return {**unique, **_spread(values, distinct), "nanoseconds": _nanoseconds(dtype)}


def _nanoseconds(dtype: pl.DataType) -> int | None:
    """How many there are in one of the units in which times of a type are counted; None for what is no time."""
    import polars as pl

    if isinstance(dtype, pl.Datetime | pl.Duration):
        return {"ns": 1, "us": 1_000, "ms": 1_000_000}[dtype.time_unit]
    return 86_400_000_000_000 if dtype == pl.Date else 1 if dtype == pl.Time else None


def _choice(values: pl.Series) -> Sketch:
    import polars as pl

    counts = values.alias("value").value_counts().sort("count", "value", descending=[True, False])
    shown = counts["value"].cast(pl.Float64) if values.dtype.is_decimal() else counts["value"].to_physical()
    return {"how": "choice", "values": shown.to_list(), "weights": (counts["count"] / len(values)).to_list()}


def _few(distinct: int, count: int, most: int) -> bool:
    """Whether values are so few that each stands for many rows."""
    return distinct <= most and 2 * distinct <= count


def _spread(values: pl.Series, distinct: int) -> Sketch:
    import polars as pl

    numbers = values.cast(pl.Float64) if values.dtype.is_decimal() else values.to_physical()
    infinite = [0.0, 0.0]
    if numbers.dtype.is_float():
        shares = [(numbers == sign * math.inf).sum() / len(numbers) for sign in (-1, 1)]
        infinite, numbers = shares, numbers.filter(numbers.is_finite())
        if not len(numbers):
            return {"how": "spread", "edges": [0.0], "step": 0, "infinite": infinite}
    if _few(distinct, len(values), settings.SKETCH_NUMBERS) and not any(infinite):
        return _choice(values)
    numbers = numbers.cast(pl.Float64) if numbers.dtype.is_float() else numbers.cast(pl.Int64, strict=False)
    found: Sketch = {**_numbers(numbers.drop_nulls().to_numpy()), "infinite": infinite}
    # Measures seldom repeat; that makes no key of them.
    return found if found.get("step", 1) >= 1 else {**found, "unique": False}


def _numbers(numbers: np.ndarray) -> Sketch:
    import numpy as np

    if not len(numbers):
        return {"how": "spread", "edges": [0], "step": 1}
    steps = np.diff(numbers[: settings.SKETCH_ROWS])
    if len(numbers) > 2 and steps[0] and (steps == steps[0]).all() and (np.diff(numbers) == steps[0]).all():
        return {"how": "sequence", "start": numbers[0].item(), "step": steps[0].item()}
    ordered = np.sort(numbers)
    places = np.linspace(0, len(ordered) - 1, settings.SKETCH_EDGES).round().astype(int)
    edges = ordered[np.unique(places)] if len(ordered) < settings.SKETCH_EDGES else ordered[places]
    return {"how": "spread", "edges": edges.tolist(), "step": _step(ordered)}


def _step(ordered: np.ndarray) -> float:
    """What all numbers are multiples of, from the least on; 0 if of nothing one would write."""
    import numpy as np

    if ordered.dtype.kind == "i":
        return int(np.gcd.reduce(ordered - ordered[0])) or 1
    for digits in range(settings.SKETCH_DECIMALS + 1):
        if np.allclose(ordered, ordered.round(digits), rtol=1e-12, atol=1e-12):
            return float(f"1e-{digits}")
    return 0


def _text(values: pl.Series, distinct: int) -> Sketch:
    lengths = values.str.len_chars()
    longest: Any = lengths.max()
    if longest <= settings.SKETCH_SHAPE:
        read = time_text.read(values)
        if read is not None:
            return {**_numbers(read.micros.to_numpy()), "infinite": [0.0, 0.0], "format": read.format}
    if longest <= settings.CELL_TEXT and _few(distinct, len(values), settings.SKETCH_TEXTS):
        return _choice(values)
    shapes = _shapes(values) if longest <= settings.SKETCH_SHAPE else None
    return {"how": "shapes", "shapes": shapes} if shapes else {"how": "prose", "lengths": _lengths(lengths)}


def _lengths(lengths: pl.Series) -> list[int]:
    return [int(lengths.quantile(i / 10, "nearest") or 0) for i in range(11)]


def _shapes(values: pl.Series) -> list[tuple[list[str], float]] | None:
    """The frequent shapes of texts and their shares; None if there are too many."""
    import polars as pl

    shape = pl.col("text")
    for characters, mark in ((r"\p{Nd}", "9"), (r"\p{Lu}", "A"), (r"[\p{L}--\p{Lu}]", "a")):
        shape = shape.str.replace_all(characters, mark)
    frame = values.alias("text").to_frame().with_columns(shape.alias("shape"))
    counts = frame["shape"].value_counts().sort("count", "shape", descending=[True, False])
    top = counts.head(settings.SKETCH_SHAPES)
    covered = top["count"].sum() / len(values)
    if covered < settings.SKETCH_COVERED or not any(set("9Aa") & set(text) for text in top["shape"]):
        return None
    return [
        (list(_marks(text, frame.filter(pl.col("shape") == text)["text"])), count / len(values))
        for text, count in top.iter_rows()
    ]


_CLASSES = {"9": "digit", "A": "upper", "a": "lower"}


def _marks(shape: str, texts: pl.Series) -> Iterator[str]:
    """For each place the character that all texts have there, or what kind of character they have."""
    distinct = texts.n_unique()
    for i, mark in enumerate(shape):
        alike = distinct > 1 and texts.str.slice(i, 1).n_unique() == 1
        yield texts[0][i] if alike else _CLASSES.get(mark, mark)
