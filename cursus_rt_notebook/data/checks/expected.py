"""What a table should hold, and who says so: a pandera schema, a recorded good run, or the script that reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import DataError

Source = Literal["schema", "baseline", "script"]


@dataclass(frozen=True)
class ExpectedColumn:
    """A column that should be there.

    `type` is a word of `data.checks.lattice`, None for any; `nullable` whether cells may be missing, None if nobody says;
    `place` is where that stands, if it is another place than the table's own: `train.py, line 12`.
    """

    name: str
    type: str | None = None
    nullable: bool | None = None
    required: bool = True
    place: str = ""


@dataclass(frozen=True)
class ExpectedTable:
    """The columns that a table should have, and who says so where."""

    columns: tuple[ExpectedColumn, ...]
    source: Source
    place: str

    @property
    def whole(self) -> bool:
        """Whether these are all its columns: a script reads some, and says nothing of others."""
        return self.source != "script"


def from_script(columns: Iterable[tuple[str, int]], script: str | Path) -> ExpectedTable:
    """What a script reads literally, as pairs of column and line; each column counts once, where it is first read."""
    name = Path(script).name
    lines: dict[str, int] = {}
    for column, line in columns:
        lines[column] = min(line, lines.get(column, line))
    found = tuple(ExpectedColumn(column, place=f"{name}, line {line}") for column, line in lines.items())
    return ExpectedTable(found, "script", name)


def from_schema(path: str | Path) -> ExpectedTable:
    """What a pandera schema in a YAML file says. Columns given by a pattern are left to pandera.

    Raises:
        DataError: the file holds no schema.
    """
    path = Path(path)
    document = _read(path)
    columns = document.get("columns")
    if not isinstance(columns, (dict, list)):
        raise DataError(f"{path.name} is no pandera schema: it has no columns", fix=_FIX, path=str(path))
    pairs: Iterable[tuple[Any, Any]] = (
        cast("dict[Any, Any]", columns).items()
        if isinstance(columns, dict)
        else ((one.get("name"), one) for one in cast("list[Any]", columns) if isinstance(one, dict))
    )
    found = (_column(str(name), facts if isinstance(facts, dict) else {}) for name, facts in pairs)
    return ExpectedTable(tuple(column for column in found if column is not None), "schema", path.name)


_FIX: Final = "write it with pandera: schema.to_yaml(path)"


def _read(path: Path) -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    try:
        with path.open("rb") as file:
            document = YAML(typ="safe", pure=True).load(file.read(settings.PIPELINE_BYTES))
    except Exception as error:  # ruamel raises many kinds for what is no YAML
        raise DataError(f"{path.name} is no pandera schema: {why_not(error)}", fix=_FIX, path=str(path)) from error
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def why_not(error: BaseException) -> str:
    """Why a schema could not be read: the place, where the error is one of YAML."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if problem and mark:
        return f"line {mark.line + 1}: {problem}"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _column(name: str, facts: Mapping[str, Any]) -> ExpectedColumn | None:
    if facts.get("regex"):
        return None
    nullable, required = bool(facts.get("nullable", False)), bool(facts.get("required", True))
    return ExpectedColumn(name, type_of_pandas(facts.get("dtype")), nullable, required)


def type_of_pandas(dtype: object) -> str | None:
    """The type that pandas, and pandera with it, calls `dtype`; None for one that may be anything."""
    if not isinstance(dtype, str):
        return None
    word = re.sub(r"\[(pyarrow|python|pyarrow_numpy)\]$", "", dtype.strip().lower())
    if re.fullmatch(r"u?int(8|16|32|64)?|float(16|32|64)?", word):
        return word
    return next((kind for pattern, kind in _PANDAS if re.match(pattern, word)), None)


_PANDAS: Final = (
    (r"bool", "bool"), (r"(large_)?str", "text"), (r"category", "category"), (r"datetime|timestamp", "datetime"),
    (r"timedelta|duration", "duration"), (r"date", "date"), (r"time", "time"), (r"decimal", "decimal"),
    (r"integer", "int"), (r"double", "float64"), (r"bytes|binary", "bytes"), (r"list", "list"), (r"struct", "record"),
)  # fmt: skip
