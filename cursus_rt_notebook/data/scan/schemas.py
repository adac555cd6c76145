"""Where a table is not as a pandera schema says: pandera's own verdict, with the numbers of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.checks.expected import why_not
from cursus_rt_notebook.data.scan import cells
from cursus_rt_notebook.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_VALUE: Final = 80
_CHECK: Final = 300
_TOGETHER: Final = "multiple_fields_uniqueness"


def violations(frames: Sequence[pd.DataFrame], path: str, key: Sequence[str]) -> list[dict[str, Any]]:
    """For each check of the schema in the file `path` that fails: which, of what columns, how many rows, the first of them.

    `check` is the check as pandera writes it, `name` and `statistics` what it is made of where it is one of a column's,
    `value` the first value that fails it.

    Raises:
        DataError: the file holds no schema.
    """
    import pandas as pd
    import pandera.pandas as pa

    schema = load(path)
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    if schema.index is None:
        frame = frame.reset_index(drop=True)  # so that a label is the number of its row
    wrong = _wrong_types(schema, frame)
    if wrong:
        schema = schema.update_columns({each["columns"][0]: {"dtype": None} for each in wrong})
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        return [*wrong, *_violations(errors.failure_cases, schema, frame, key)]
    return wrong


def _wrong_types(schema: Any, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The columns of another type than the schema gives them: pandera would convert their values one by one, for minutes."""
    from pandera.engines.pandas_engine import Engine

    found: list[dict[str, Any]] = []
    for name, column in schema.columns.items():
        if column.dtype is None or column.regex or column.coerce or schema.coerce or name not in frame.columns:
            continue
        values = frame[name]
        if values.ndim == 1 and column.dtype.check(Engine.dtype(values.dtype), values) is False:
            told = {"columns": [str(name)], "check": f"dtype('{column.dtype}')", "value": str(values.dtype)}
            found.append({**told, "count": 0, "rows": [], "key": [], "keys": []})
    return found


def load(path: str) -> Any:
    """The pandera schema in a YAML file, of which nothing is evaluated.

    Raises:
        DataError: it holds none.
    """
    from pandera.io.pandas_io import deserialize_schema
    from ruamel.yaml import YAML

    try:
        with Path(path).open("rb") as file:
            # What is longer than a schema can be is cut, and then no YAML.
            return deserialize_schema(YAML(typ="safe", pure=True).load(file.read(settings.PIPELINE_BYTES)))
    except Exception as error:  # ruamel, pandera and pandas each raise many kinds
        raise DataError(f"{Path(path).name} is no pandera schema: {why_not(error)}", fix=_FIX, path=path) from error


_FIX: Final = "write it with pandera: schema.to_yaml(path)"


def _violations(cases: Any, schema: Any, frame: pd.DataFrame, key: Sequence[str]) -> Iterator[dict[str, Any]]:
    for columns, check, group in _groups(cases):
        rows = _rows(group, frame)
        shown = rows[: settings.CHECK_ROWS]
        told = [name for name in key if name in frame.columns]
        yield {
            "columns": columns or _named_by(check, group),
            "check": check[:_CHECK],
            **_made_of(schema, columns, group),
            "value": _text(group["failure_case"].iloc[0]),
            "count": len(rows),
            "rows": shown,
            "key": told,
            "keys": cells.of_pandas(frame.iloc[shown][told], None) if told and shown else [],
        }


def _groups(cases: Any) -> Iterator[tuple[list[str], str, Any]]:
    """The failures of each check, with its columns: those that are to be unique together are one check."""
    import pandas as pd

    together = cases["check"] == _TOGETHER
    if together.any():
        yield cases.loc[together, "column"].astype(str).unique().tolist(), _TOGETHER, cases[together]
    for (column, check), group in cases[~together].groupby(["column", "check"], dropna=False, sort=False):
        yield [] if pd.isna(column) else [str(column)], str(check), group


def _rows(group: Any, frame: pd.DataFrame) -> list[int]:
    """The numbers of the rows in which a check fails; none where it fails as a whole, or rows have labels of their own."""
    import pandas as pd

    if not isinstance(frame.index, pd.RangeIndex):
        return []
    return sorted({int(label) for label in group["index"].dropna()})


def _named_by(check: str, group: Any) -> list[str]:
    """The column that is named not as the place of a failure, but as what failed: it is not there, or not to be."""
    return [str(name)[:_CHECK] for name in group["failure_case"]] if check.startswith("column_in_") else []


def _made_of(schema: Any, columns: Sequence[str], group: Any) -> dict[str, Any]:
    import pandas as pd

    number = group["check_number"].iloc[0]
    owner = schema.columns.get(columns[0]) if len(columns) == 1 else None
    if owner is None or pd.isna(number) or int(number) >= len(owner.checks):
        return {}
    check = owner.checks[int(number)]
    return {"name": check.name, "statistics": {name: _plain(value) for name, value in (check.statistics or {}).items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (bool, int, float, str, type(None))) else str(value)


def _text(value: Any) -> str:
    text = cells.whole_text(value)
    return "" if text is None else text[:_VALUE]
