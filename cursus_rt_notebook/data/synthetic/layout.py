"""The files of a sample, sorted into tables to be made anew and files that are copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from cursus_rt_notebook.data.files import is_hidden, walk
from cursus_rt_notebook.data.kinds import Kind, kind_of
from cursus_rt_notebook.data.packing import open_inside
from cursus_rt_notebook.data.reader import Reader, get_reader
from cursus_rt_notebook.data.synthetic.plan import InputPlan, TablePlan, Target
from cursus_rt_notebook.data.synthetic.sample import recipe_from_sample
from cursus_rt_notebook.data.tables import TableFile, TableFiles
from cursus_rt_notebook.errors import Unreadable


def plan_from_sample(sample: str | Path, reader: Reader | None = None) -> InputPlan:
    """What makes an input like this file or folder: same files, same formats, tables like those in them.

    What is no table is copied: models, pictures, text, and JSON documents that hold one object, such as settings.

    Raises:
        Unreadable: there is nothing.
        DataError: a table cannot be looked at.
    """
    root = Path(sample).absolute()
    if not root.exists():
        raise Unreadable(f"{root} is not there", path=str(root))
    asked = reader or get_reader()
    paths = [root.name] if not root.is_dir() else sorted(walk(root))
    base = root if root.is_dir() else root.parent
    tables: list[TablePlan] = []
    copies: list[str] = []
    for group in _groups(base, paths):
        plan = _table(base, group, asked)
        if plan is None:
            copies += [path for path, _ in group]
        else:
            tables.append(plan)
    kept = tuple((path, base / path) for path in sorted(copies))
    return InputPlan("sample" if tables else "copied", tuple(tables), kept, file=not root.is_dir())


_Group = list[tuple[str, Kind]]


def _groups(base: Path, paths: list[str]) -> Iterator[_Group]:
    """The files, those together that are parts of one table."""
    found: dict[object, _Group] = {}
    for path in paths:
        kind = kind_of(str(base / path))
        name = PurePosixPath(path)
        alike = "part-" if name.name.startswith("part-") else re.sub(r"\d+", "0", name.name)
        is_table = kind.is_table and not is_hidden(name.name)
        key = (name.parent, alike, kind.name, kind.packing) if is_table and kind.name != "json" else path
        found.setdefault(key, []).append((path, kind))
    yield from found.values()


def _table(base: Path, group: _Group, reader: Reader) -> TablePlan | None:
    """The table in a group of files; None if it holds none."""
    first, kind = group[0]
    if not kind.is_table or is_hidden(PurePosixPath(first).name):
        return None
    files = tuple(TableFile(str(base / path), kind.name, kind.packing) for path, _ in group)
    by_columns = kind.name == "json" and _begins(files[0]) == b"{"
    try:
        recipe = recipe_from_sample(TableFiles(files[0].path, kind.name, files), reader)
    except Unreadable:
        return None
    if by_columns and recipe.rows == 1:
        return None
    return TablePlan(recipe, tuple(Target(path, kind.name, kind.packing, by_columns) for path, _ in group))


def _begins(file: TableFile) -> bytes:
    """The first character of a document."""
    if file.packing is None:
        with Path(file.path).open("rb") as stream:
            start = stream.read(100)
    else:
        with open_inside(file.path, file.packing) as stream:
            start = stream.read(100)
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
