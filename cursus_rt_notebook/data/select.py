"""Rows of a table for the kernel, chosen by a condition and in an order, typed as in `.df`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cursus_rt_notebook.data import load
from cursus_rt_notebook.data.query import SortOrder
from cursus_rt_notebook.data.tables import TableFiles

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from cursus_rt_notebook.data.reader import Reader


def select(table: TableFiles, reader: Reader, where: str | None, sort: SortOrder, limit: int | None) -> pd.DataFrame:
    """The rows of a table that match, in their order, with their positions in the table as index.

    Raises:
        QueryInvalid: the condition or the order cannot be followed.
        TooLarge: the rows would not fit into the memory that is free.
    """
    import pandas as pd

    positions, rows = reader.take(table.path, where=where, sort=sort, limit=limit)
    frame = load.load(table, reader).iloc[positions] if rows is None else _typed(rows)
    return frame.set_axis(pd.Index(positions), axis=0)


def _typed(rows: pa.Table) -> pd.DataFrame:
    """The rows as pandas has them in the whole table, where cells missing elsewhere change a column's type."""
    import numpy as np

    metadata = dict(rows.schema.metadata or {})
    missing = json.loads(metadata.pop(b"missing"))
    frame = rows.replace_schema_metadata(metadata).to_pandas()
    types = [frame.dtypes.iloc[i] for i in missing]
    changed = {
        frame.columns[i]: _WITH_MISSING[dtype.kind]
        for i, dtype in zip(missing, types, strict=True)
        if isinstance(dtype, np.dtype) and dtype.kind in _WITH_MISSING
    }
    return frame.astype(changed)


_WITH_MISSING = {"i": "float64", "u": "float64", "b": "object"}
