"""Artifacts as the user meets them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psutil
import pytest

from cursus_rt_notebook.data import load
from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.errors import DataError, TooLarge, Unreadable
from cursus_rt_notebook.names import folder_name

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def artifact(write: Write, tmp_path: Path, reader: Reader) -> Artifact:
    """A port with three channels."""
    for i, channel in enumerate(("train", "val", "test")):
        write(f"{channel}/data.csv", "a,b\n" + "1,x\n" * (3 - i))
    channels = ("train", "val", "test", "calibration")
    expression = 'pause["processed_data"]'
    return Artifact(
        tmp_path, step="preprocess", port="processed_data", channels=channels, expression=expression, reader=reader
    )


def test_channels_are_artifacts(artifact: Artifact) -> None:
    """Channels come in the order they were declared in, each with its own table and expression."""
    assert artifact.channels == ("train", "val", "test")
    train = artifact["train"]
    assert (train.name, train.channel, train.step) == ("processed_data/train", "train", "preprocess")
    assert train.expression == 'pause["processed_data/train"]'
    assert train.shape == (3, 2)
    assert train.schema == {"a": "int", "b": "text"}
    assert train.channels == ()
    assert [file.path for file in artifact.files] == ["test/data.csv", "train/data.csv", "val/data.csv"]


def test_a_port_of_several_channels_is_no_table(artifact: Artifact) -> None:
    """Reading it as one is an error that names the channels."""
    for ask in (lambda: artifact.df, lambda: artifact.batches, artifact.head, artifact.summary, lambda: artifact.shape):
        with pytest.raises(DataError, match="several channels: train, val, test") as caught:
            ask()
        assert 'pause["processed_data/train"]' in caught.value.fix


def test_an_artifact_holds_its_channels_or_files(artifact: Artifact) -> None:
    """Iteration gives the names that indexing takes."""
    assert list(artifact) == ["train", "val", "test"]
    assert list(artifact["train"]) == ["data.csv"]
    assert len(artifact) == 3
    assert "val" in artifact
    assert "val/data.csv" in artifact
    assert "other" not in artifact


def test_what_is_not_there_is_said_with_what_is(artifact: Artifact) -> None:
    """An unknown channel, one that was declared but not written, and a path that leads outside are key errors."""
    with pytest.raises(KeyError, match="it has train, val, test"):
        artifact["tran"]
    with pytest.raises(KeyError, match="declared, but nothing was written"):
        artifact["calibration"]
    for name in ("..", "../x", "/etc/passwd", "train/../../x", ""):
        with pytest.raises(KeyError):
            artifact[name]


def test_a_channel_may_lie_in_a_folder_with_a_safe_name(write: Write, tmp_path: Path, reader: Reader) -> None:
    """A channel whose name is no folder's is found where we put it."""
    write(f"{folder_name('Trägheit (neu)')}/t.csv", "a\n1\n")
    artifact = Artifact(tmp_path, channels=("Trägheit (neu)",), reader=reader)
    assert artifact.channels == ("Trägheit (neu)",)
    assert artifact["Trägheit (neu)"].shape == (1, 1)


def test_the_only_channel_is_the_table(write: Write, tmp_path: Path, reader: Reader) -> None:
    """A port with one channel, or with a folder of plots beside its table, is read without ado."""
    write("cancelled/t.csv", "a\n1\n")
    assert Artifact(tmp_path, reader=reader).shape == (1, 1)
    write("plots/p.png", b"\x89PNG\r\n\x1a\n")
    assert Artifact(tmp_path, reader=reader).df["a"].tolist() == [1]


def test_several_tables_are_an_error_that_names_them(write: Write, tmp_path: Path, reader: Reader) -> None:
    """One of them is had by its file's name."""
    write("left.csv", "a\n1\n")
    write("right.csv", "b\n1\n2\n")
    artifact = Artifact(tmp_path, port="out", expression='pause["out"]', reader=reader)
    with pytest.raises(DataError, match=r"several tables: left\.csv, right\.csv"):
        artifact.df  # noqa: B018  # reading it is the test
    assert artifact["right.csv"].shape == (2, 1)
    assert artifact["right.csv"].expression == 'pause["out/right.csv"]'


def test_a_file_is_an_artifact_too(flights: Path, reader: Reader) -> None:
    """What was given to a step may be one file; `.df` is what `pd.read_csv` gives, types and order and all."""
    artifact = Artifact(flights, port="raw", reader=reader)
    frame = pd.read_csv(flights)
    pd.testing.assert_frame_equal(artifact.df, frame)
    pd.testing.assert_frame_equal(artifact.head(100), frame.head(100))
    assert artifact.shape == frame.shape == (336_776, 19)
    assert artifact.schema["dep_delay"] == "float"
    assert list(artifact.schema) == list(frame.columns)
    assert sum(map(len, artifact.batches)) == 336_776
    assert [file.path for file in artifact.files] == [flights.name]


def test_each_df_is_a_new_one(write: Write, reader: Reader) -> None:
    """Changing a frame changes nothing that others see."""
    artifact = Artifact(write("t.csv", "a\n1\n"), reader=reader)
    frame = artifact.df
    frame["a"] = 9
    assert artifact.df["a"].tolist() == [1]


def test_an_artifact_without_a_table_has_files_only(write: Write, tmp_path: Path, reader: Reader) -> None:
    """A model is listed; as a table there is nothing to it."""
    write("model.joblib", b"\x80\x04.")
    artifact = Artifact(tmp_path, port="model", reader=reader)
    assert artifact.summary() is None
    assert [(file.kind, file.note) for file in artifact.files] == [("model", "joblib")]
    with pytest.raises(Unreadable, match="holds no table"):
        artifact.df  # noqa: B018  # reading it is the test
    assert artifact


def test_a_table_that_does_not_fit_is_refused_with_its_size(
    flights: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`.df` says how large it is and what to do instead, before anything is loaded."""
    monkeypatch.setattr(load, "available_memory", lambda: 50 << 20)
    artifact = Artifact(flights, reader=reader)
    with pytest.raises(TooLarge, match=r"takes about 0\.1 GB as a DataFrame") as caught:
        artifact.df  # noqa: B018  # reading it is the test
    assert ".batches" in caught.value.fix
    actual = pd.read_csv(flights).memory_usage(deep=True).sum()
    assert actual / 2 < caught.value.__dict__["size"] < actual * 3


def test_a_small_table_fits_without_asking(write: Write, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file's size settles it, the reader is not asked."""
    monkeypatch.setattr(reader, "weigh", lambda path: pytest.fail("asked"))
    assert Artifact(write("t.csv", "a\n1\n"), reader=reader).df.shape == (1, 1)


def test_only_data_asked_for_is_in_the_kernel(write: Write, reader: Reader) -> None:
    """A hundred looks at a gigabyte leave the kernel's memory as it was."""
    row = "x" * 99 + "\n"
    path = write("big.csv", "a\n" + row * 100_000)
    artifact = Artifact(path, reader=reader)
    artifact.summary()
    before = psutil.Process().memory_info().rss
    for i in range(100):
        with path.open("a") as file:
            file.write(row)
        summary = artifact.summary()
        assert summary is not None
        assert summary.rows == 100_001 + i
    assert psutil.Process().memory_info().rss - before < 5 << 20


def test_a_summary_needs_no_heavy_package(write: Write) -> None:
    """Looking imports neither pandas nor pyarrow nor polars into the kernel."""
    path = write("t.csv", "a\n1\n")
    code = f"""
import sys
from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.reader import shutdown_reader
artifact = Artifact({str(path)!r})
assert artifact.summary().rows == 1 and artifact.shape == (1, 1) and artifact.schema == {{"a": "int"}}
print(sorted({{"pandas", "pyarrow", "polars", "numpy", "pydantic"}} & set(sys.modules)))
shutdown_reader()
"""
    root = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
