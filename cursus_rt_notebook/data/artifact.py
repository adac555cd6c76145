"""An artifact: what a step wrote to one output port, or what was given to it; a folder or file, read as DataFrames."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from cursus_rt_notebook import settings
from cursus_rt_notebook.data import load
from cursus_rt_notebook.data.files import FileInfo, list_files, subfolders, walk
from cursus_rt_notebook.data.query import ColumnProfile, SortOrder, TablePage, Window
from cursus_rt_notebook.data.reader import Reader, get_reader
from cursus_rt_notebook.data.select import select
from cursus_rt_notebook.data.summary import TableSummary
from cursus_rt_notebook.data.tables import TableFiles, find_table, several_tables, table_files
from cursus_rt_notebook.display import Shown
from cursus_rt_notebook.errors import DataError, NameRefused, Unreadable
from cursus_rt_notebook.names import folder_name, subscript

if TYPE_CHECKING:
    import pandas as pd


_OF_PORTS = re.compile(r'\.(inputs|outputs)\["(?:[^"\\]|\\.)*"\]$')


class Artifact(Shown):
    """The data at a port. `artifact["train"]` is one of its channels, `artifact["part-0.csv"]` one of its files.

    Only `.df` and `.batches` load data into the kernel; all else is asked of the reader, a process of its own. A port
    that holds one channel only is read as that channel. What counts as one table in a folder: see `data.tables`.

    Args:
        path: The folder or file.
        step: The step that wrote it; None for the user's own data.
        port: The port's name.
        channel: The channel's name, if this is one.
        channels: The channels the port was to have, in their order.
        expression: Python that gives this artifact, for display.
        reader: Who looks at the data; the kernel's one reader if None.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        step: str | None = None,
        port: str = "",
        channel: str | None = None,
        channels: Sequence[str] = (),
        expression: str = "artifact",
        reader: Reader | None = None,
    ) -> None:
        self.path = Path(path)
        self.step = step
        self.port = port
        self.channel = channel
        self.expression = expression
        self._declared = tuple(channels)
        self._reader = reader

    @property
    def name(self) -> str:
        """The port, with the channel after it: `processed_data/train`."""
        return "/".join(filter(None, (self.port, self.channel))) or self.path.name

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that are there: subfolders with files, the declared ones first and in their order."""
        return tuple(self._channel_folders())

    @property
    def files(self) -> list[FileInfo]:
        """Every file, with its kind and size."""
        return list(list_files(self.path))

    @property
    def table_path(self) -> Path:
        """The file or folder that holds the one table.

        Raises:
            DataError: there are several channels or tables; names them.
            Unreadable: there is no table.
        """
        return Path(self._table().path)

    @property
    def df(self) -> pd.DataFrame:
        """The whole table as pandas reads it, new each time.

        Raises:
            TooLarge: it would not fit into the memory that is free.
            DataError: there are several channels or tables; names them.
            Unreadable: there is no table, or it cannot be read.
        """
        return load.load(self._table(), self._asked)

    @property
    def batches(self) -> Iterator[pd.DataFrame]:
        """The whole table in pieces, for one that is too large for `.df`."""
        return load.batches(self._table())

    def head(self, n: int = settings.PREVIEW_ROWS) -> pd.DataFrame:
        """The first `n` rows, with the types they have in `.df`."""
        return self._asked.head(self._table().path, n).to_pandas()

    @property
    def schema(self) -> dict[str, str]:
        """Each column's type in one word: int, float, text, bool, date, datetime, ..."""
        return self._asked.schema(self._table().path)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns.

        Raises:
            DataError: there is no one table to count.
        """
        table = self._table()
        size = self._asked.size(table.path)
        if size is None:
            limit = settings.READER_UNPACKED >> 20
            raise Unreadable(
                f"{self.name} holds more than {limit:,} MB unpacked, which is not counted", path=table.path
            )
        return size

    def summary(self, rows: int = settings.PREVIEW_ROWS, start: int = 0) -> TableSummary | None:
        """The table at a glance: size, types, what is missing, some rows as text. None where there is no table."""
        try:
            table = self._table()
        except Unreadable as error:
            if getattr(error, "no_table", False):
                return None
            raise
        return self._asked.summary(table.path, rows, start)

    def page(self, **window: Unpack[Window]) -> TablePage:
        """A window of the table as text, in any order and under any condition; see `Reader.page`."""
        return self._asked.page(self._table().path, **window)

    def cell(self, position: int, column: str) -> str | None:
        """One cell as text, whole, by its row's number in the table."""
        return self._asked.cell(self._table().path, position, column)

    def profile(self, columns: Sequence[str] | None = None) -> tuple[ColumnProfile, ...]:
        """How the values of these columns are distributed, over all rows; of the first ones if none are named."""
        wanted = tuple(self.schema)[: settings.PREVIEW_COLUMNS] if columns is None else columns
        return self._asked.profile(self._table().path, wanted)

    def query(self, where: str | None = None, *, sort: SortOrder = (), limit: int | None = None) -> pd.DataFrame:
        """The rows that match a condition, typed as in `.df`, with their numbers in the table as index.

        Args:
            where: A condition in SQL: `dep_delay > 60 AND carrier = 'UA'`; an odd name stands in double quotes.
            sort: The columns to sort by: `"carrier"`, `"-dep_delay"` for descending, or several. Missing values are last.
            limit: How many rows at most.

        Raises:
            QueryInvalid: the condition or the order cannot be followed.
            TooLarge: the rows would not fit into the memory that is free.
        """
        return select(self._table(), self._asked, where, sort, limit)

    def __getitem__(self, name: str) -> Artifact:
        expression = _deeper(self.expression, name)
        folder = self._channel_folders().get(name)
        if folder is not None:
            return self._part(folder, expression, channel=name)
        if self.path.is_dir() and name in set(walk(self.path)):
            return self._part(self.path / name, expression, channel=self.channel)
        if name in self._declared:
            raise KeyError(f"{self.name} has no channel {name!r}: it was declared, but nothing was written there")
        raise KeyError(f"{self.name} has no channel or file {name!r}; it has {', '.join(self) or 'nothing'}")

    def __iter__(self) -> Iterator[str]:
        """The names that `artifact[name]` takes: its channels, else its files."""
        return iter(self.channels or tuple(file.path for file in self.files))

    def __len__(self) -> int:
        return len(tuple(iter(self)))

    def __bool__(self) -> bool:
        return True  # an empty one is still an artifact

    def __contains__(self, name: object) -> bool:
        return name in self._channel_folders() or name in {file.path for file in self.files}

    @property
    def _asked(self) -> Reader:
        return self._reader or get_reader()

    def _part(self, path: Path, expression: str, channel: str | None) -> Artifact:
        return Artifact(
            path, step=self.step, port=self.port, channel=channel, expression=expression, reader=self._reader
        )

    def _channel_folders(self) -> dict[str, Path]:
        present = {
            name: self.path / name for name in subfolders(self.path) if any(True for _ in walk(self.path / name))
        }
        found: dict[str, Path] = {}
        for name in self._declared:
            # A folder made by us has a safe name, one made by a script the channel's own.
            folder = present.pop(name, None) or present.pop(_safe(name), None)
            if folder is not None:
                found[name] = folder
        return {**found, **present}

    def _table(self) -> TableFiles:
        """The one table that is meant by the artifact as a whole."""
        if not self.path.is_dir():
            return find_table(self.path)
        own = table_files(self.path)
        channels = [name for name, folder in self._channel_folders().items() if _has_table(folder)]
        if not channels:
            return find_table(self.path)
        if own:
            raise several_tables(self.path, (*(file.name for file in own), *channels))
        if len(channels) > 1:
            raise _several_channels(self, channels)
        return self[channels[0]]._table()  # noqa: SLF001  # one of us


def _has_table(folder: Path) -> bool:
    return bool(table_files(folder)) or any(_has_table(folder / name) for name in subfolders(folder))


def _several_channels(artifact: Artifact, names: Sequence[str]) -> DataError:
    return DataError(
        f"{artifact.name} has several channels: {', '.join(names)}",
        fix=f"say which one: {_deeper(artifact.expression, names[0])}",
        path=str(artifact.path),
        channels=tuple(names),
    )


def _safe(name: str) -> str:
    try:
        return folder_name(name)
    except NameRefused:
        return name


def _deeper(expression: str, name: str) -> str:
    """`pause["data"]` and `train` make `pause["data/train"]`, as the user would write it."""
    # `pause.inputs` is a mapping of ports: it knows nothing of what is in them.
    if expression.endswith('"]') and not _OF_PORTS.search(expression):
        return f"{expression[:-2]}/{subscript(name)[2:]}"
    return f"{expression}{subscript(name)}"
