"""Data at `s3://` addresses, at a server of our own on this machine."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from cursus_rt_notebook.errors import RemoteUnavailable, StepInterrupted
from cursus_rt_notebook.workspace import remote

SECRET = "a-secret-that-nobody-may-see"


def put(s3: Any, key: str, text: str) -> None:
    s3.put_object(Bucket="flights", Key=key, Body=text.encode())


def files(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_prefix_is_brought_with_its_folders(s3, tmp_path):
    """All below it and nothing beside it; nothing of ours lies among it."""
    put(s3, "jan/raw/a.csv", "a\n1\n")
    put(s3, "jan/raw/deep/b.csv", "b\n2\n")
    put(s3, "january/raw/c.csv", "c\n3\n")
    for address in ("s3://flights/jan", "s3://flights/jan/"):
        folder = remote.fetch(address, tmp_path / "kept")
        assert files(folder) == {"raw/a.csv": "a\n1\n", "raw/deep/b.csv": "b\n2\n"}


def test_a_bucket_and_one_object_are_addresses_too(s3, tmp_path):
    """Of one object, a folder with that file."""
    put(s3, "jan/raw/a.csv", "a\n1\n")
    assert files(remote.fetch("s3://flights", tmp_path / "all")) == {"jan/raw/a.csv": "a\n1\n"}
    assert files(remote.fetch("s3://flights/jan/raw/a.csv", tmp_path / "one")) == {"a.csv": "a\n1\n"}


def test_each_object_is_brought_once(s3, tmp_path, brought):
    """Then only what has another ETag, or was taken away here; what is gone there goes here."""
    put(s3, "jan/a.csv", "a\n1\n")
    put(s3, "jan/b.csv", "b\n2\n")
    kept = tmp_path / "kept"
    remote.fetch("s3://flights/jan", kept)
    assert brought == ["flights/jan/a.csv", "flights/jan/b.csv"]
    remote.fetch("s3://flights/jan", kept)
    assert len(brought) == 2
    put(s3, "jan/a.csv", "a\n9\n")  # as long as before
    s3.delete_object(Bucket="flights", Key="jan/b.csv")
    remote.fetch("s3://flights/jan", kept)
    assert brought[2:] == ["flights/jan/a.csv"]
    assert files(kept) == {"a.csv": "a\n9\n"}
    (kept / "a.csv").unlink()
    assert files(remote.fetch("s3://flights/jan", kept)) == {"a.csv": "a\n9\n"}


def test_marks_of_folders_are_no_files(s3, tmp_path):
    """Consoles put an empty object, whose name ends with a slash, for each folder that they make."""
    for key in ("jan/", "jan/raw/"):
        put(s3, key, "")
    put(s3, "jan/raw/a.csv", "a\n1\n")
    assert files(remote.fetch("s3://flights/jan", tmp_path / "kept")) == {"raw/a.csv": "a\n1\n"}


@pytest.mark.parametrize("address", ["s3://no-such-bucket/x", "s3://flights/none", "s3://flights"])
def test_where_nothing_is(s3, tmp_path, address):
    """Said with the address."""
    with pytest.raises(RemoteUnavailable, match="there is nothing at s3://") as raised:
        remote.fetch(address, tmp_path / "kept")
    assert address in raised.value.message
    assert "bucket" in raised.value.fix


@pytest.mark.parametrize(
    "address",
    [
        "gs://b/x",
        "https://example.org/x",
        "file:///etc",
        "simplecache::s3://b/x",
        "s3://b/x::file:///etc",
        "s3://",
        "S3://b",
    ],
)
def test_only_s3_is_an_address(tmp_path, address):
    """Nothing else is asked, and no chain of file systems is built."""
    with pytest.raises(RemoteUnavailable, match="is no s3:// address") as raised:
        remote.fetch(address, tmp_path / "kept")
    assert "s3://BUCKET/PREFIX" in raised.value.fix
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("key", ["jan/../../out.csv", "jan/a/../../../out.csv"])
def test_a_name_that_leads_out_is_refused(s3, tmp_path, key):
    """Nothing is written outside the folder."""
    put(s3, key, "out")
    with pytest.raises(RemoteUnavailable, match="leads out of its folder"):
        remote.fetch("s3://flights/jan", tmp_path / "deep" / "kept")
    assert not list(tmp_path.rglob("out.csv"))


def test_a_file_cannot_be_a_folder_too(s3, tmp_path):
    """An address may hold both; a disk does not."""
    put(s3, "jan/a", "a")
    put(s3, "jan/a/b", "b")
    with pytest.raises(RemoteUnavailable, match="an object and a folder of the same name"):
        remote.fetch("s3://flights/jan", tmp_path / "kept")


def test_no_credentials_are_said_and_none_is_shown(s3, tmp_path, monkeypatch):
    """With what to look at."""
    put(s3, "jan/a.csv", "a\n1\n")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(RemoteUnavailable, match="may not be read with these credentials") as raised:
        remote.fetch("s3://flights/jan", tmp_path / "kept")
    assert "aws sts get-caller-identity" in raised.value.fix


def test_a_refusal_is_said(s3, tmp_path, monkeypatch):
    """Without the credentials that were refused."""
    import s3fs

    def denied(self: Any, *arguments: Any, **options: Any) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(s3fs.S3FileSystem, "find", denied)
    with pytest.raises(RemoteUnavailable, match="s3://flights/jan may not be read") as raised:
        remote.fetch("s3://flights/jan", tmp_path / "kept")
    assert SECRET not in str(raised.value)


def test_an_object_that_changes_while_it_is_read(s3, tmp_path, monkeypatch):
    """It is not taken for either; the next time brings it."""
    import s3fs

    put(s3, "jan/a.csv", "a\n1\n")
    get = s3fs.S3FileSystem.get_file

    def changed(self: Any, key: str, target: str, **options: Any) -> None:
        get(self, key, target, **options)
        put(s3, "jan/a.csv", "a\n2\n")

    with monkeypatch.context() as patch:
        patch.setattr(s3fs.S3FileSystem, "get_file", changed)
        with pytest.raises(RemoteUnavailable, match=r"flights/jan/a\.csv changed while it was read"):
            remote.fetch("s3://flights/jan", tmp_path / "kept")
    assert files(tmp_path / "kept") == {}
    assert files(remote.fetch("s3://flights/jan", tmp_path / "kept")) == {"a.csv": "a\n2\n"}


def test_nobody_answers(s3, tmp_path, monkeypatch):
    """A server that is not there is an error of ours, soon."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(RemoteUnavailable, match="cannot be read") as raised:
        remote.fetch("s3://flights/jan", tmp_path / "kept")
    assert "connection" in raised.value.fix


def test_without_s3fs_the_extra_is_named(tmp_path, monkeypatch):
    """An address needs a package that is not installed with ours."""
    import_module("fsspec.registry")
    for scheme in ("s3", "s3a"):
        monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, scheme, raising=False)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(RemoteUnavailable, match="needs s3fs") as raised:
        remote.fetch("s3://flights/jan", tmp_path / "kept")
    assert "cursus_rt_notebook[s3]" in raised.value.fix


def test_what_was_brought_is_a_file_or_a_folder(s3, tmp_path):
    """As its address was; nothing where not all of it is here."""
    put(s3, "jan/raw/a.csv", "a\n1\n")
    assert remote.brought(tmp_path / "one") is None
    remote.fetch("s3://flights/jan/raw/a.csv", tmp_path / "one")
    assert remote.brought(tmp_path / "one") == tmp_path / "one" / "a.csv"
    remote.fetch("s3://flights/jan", tmp_path / "all")
    assert remote.brought(tmp_path / "all") == tmp_path / "all"


def test_it_says_how_far_it_is_and_can_be_stopped(s3, tmp_path, brought):
    """What has come is not lost: the next time brings the rest."""
    for name in "abc":
        put(s3, f"jan/{name}.csv", "a\n1\n")
    heard: list[str] = []
    stopping = remote.Listener(heard.append, lambda: any("2 of 3" in words for words in heard))
    with pytest.raises(StepInterrupted):
        remote.fetch("s3://flights/jan", tmp_path / "kept", listener=stopping)
    assert heard[0] == "fetching 1 of 3 files, 0 MB"
    assert remote.brought(tmp_path / "kept") is None
    before = len(brought)
    remote.fetch("s3://flights/jan", tmp_path / "kept")
    assert set(files(tmp_path / "kept")) == {"a.csv", "b.csv", "c.csv"}
    assert "flights/jan/a.csv" not in brought[before:]


def test_two_that_want_the_same_bring_it_once(s3, tmp_path, brought):
    """The second waits for the first."""
    put(s3, "jan/a.csv", "a\n1\n")
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: remote.fetch("s3://flights/jan", tmp_path / "kept"), range(2)))
    assert brought == ["flights/jan/a.csv"]
