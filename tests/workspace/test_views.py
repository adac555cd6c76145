"""Private views of inputs."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import WorkspaceError
from cursus_rt_notebook.workspace import sharing, views
from cursus_rt_notebook.workspace.store import Workspace
from cursus_rt_notebook.workspace.views import make_view
from tests.conftest import wait_until


def wait_for_the_clock(path: Path) -> None:
    """Wait until the filesystem's clock, which ticks every few milliseconds, is past the last change of a file."""
    probe = path.parent.parent / "clock"

    def ticked() -> bool:
        probe.write_text("x")
        return probe.stat().st_ctime_ns > path.stat().st_ctime_ns

    wait_until(ticked)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A user's folder: two files, a subfolder, an empty one."""
    folder = tmp_path / "mine"
    (folder / "train").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "a.csv").write_text("0123456789")
    (folder / "train" / "b.csv").write_text("b")
    return folder


def rewrite(path: Path) -> None:
    """Change a file in place, with the same size, and set its times back."""
    info = path.stat()
    wait_for_the_clock(path)
    with path.open("r+b") as file:
        file.write(b"X")
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))


EDITS: dict[str, Callable[[Path], object]] = {
    "append": lambda path: path.open("a").write("more"),
    "truncate": lambda path: os.truncate(path, 2),
    "same size and times": rewrite,
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("before", ["digested", "unknown"])
def test_S8_an_input_changed_in_place_is_named(
    workspace: Workspace, source: Path, tmp_path: Path, edit: str, before: str
) -> None:
    """A script that writes into a linked file is found out, also where the file's digest was not known before."""
    if before == "digested":
        workspace.digest_path(source)
    view = make_view(source, tmp_path / "view", copy=False)
    EDITS[edit](view.path / "a.csv")
    assert view.changed() == ("a.csv",)


def test_S8_what_happens_in_a_view_stays_there(source: Path, tmp_path: Path) -> None:
    """New, deleted, renamed and replaced files change the view only, and folders are real ones."""
    view = make_view(source, tmp_path / "view", copy=False)
    assert sorted(p.relative_to(view.path).as_posix() for p in view.path.rglob("*")) == [
        "a.csv",
        "empty",
        "train",
        "train/b.csv",
    ]
    assert not any(p.is_symlink() for p in view.path.rglob("*"))
    (view.path / "new.csv").write_text("x")
    (view.path / "train" / "b.csv").unlink()
    (view.path / "train").rmdir()
    (view.path / "other.csv").write_text("y")
    (view.path / "other.csv").replace(view.path / "a.csv")
    assert view.changed() == ()
    view.remove()
    assert not view.path.exists()
    assert (source / "a.csv").read_text() == "0123456789"
    assert (source / "train" / "b.csv").read_text() == "b"
    assert sorted(p.name for p in source.iterdir()) == ["a.csv", "empty", "train"]


def test_S8_a_copy_may_be_changed(source: Path, tmp_path: Path) -> None:
    """`copy: true` gives a script files of its own, writable, with the original's time of change."""
    (source / "a.csv").chmod(0o444)
    view = make_view(source, tmp_path / "view", copy=True)
    assert (view.path / "a.csv").stat().st_mtime_ns == (source / "a.csv").stat().st_mtime_ns
    assert (view.path / "a.csv").stat().st_mode & 0o200
    EDITS["append"](view.path / "a.csv")
    assert view.changed() == ()
    assert (source / "a.csv").read_text() == "0123456789"


def test_a_users_file_is_never_chmodded(source: Path, tmp_path: Path) -> None:
    """Making and removing a view leaves the modes of the user's files as they were."""
    modes = {p: p.stat().st_mode for p in source.rglob("*")}
    view = make_view(source, tmp_path / "view", copy=False)
    view.remove()
    assert {p: p.stat().st_mode for p in source.rglob("*")} == modes


def test_a_view_of_a_file_is_a_file(source: Path, tmp_path: Path) -> None:
    """One that is a path is given as what it is."""
    view = make_view(source / "a.csv", tmp_path / "deep" / "view.csv", copy=False)
    assert view.path.read_text() == "0123456789"
    rewrite(view.path)
    assert view.changed() == ("a.csv",)
    view.remove()
    assert (source / "a.csv").exists()


def test_links_in_the_source_are_seen_through(source: Path, tmp_path: Path) -> None:
    """A linked file or folder of the user's is there in the view, as a real one."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "c.csv").write_text("c")
    (source / "folder").symlink_to(tmp_path / "elsewhere")
    (source / "file.csv").symlink_to(source / "a.csv")
    view = make_view(source, tmp_path / "view", copy=False)
    assert (view.path / "folder" / "c.csv").read_text() == "c"
    assert not (view.path / "folder").is_symlink()
    assert not (view.path / "file.csv").is_symlink()


def refusing(name: str, number: int) -> Callable[..., Any]:
    """An os function that the filesystem refuses."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise OSError(number, os.strerror(number), str(args[0]))

    return refuse


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.ENOTSUP])
def test_across_filesystems_files_are_symlinked(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Where no hard link can be, a symlink is; changes through it are noticed, folders are still real."""
    monkeypatch.setattr(sharing, "clone_file", lambda *_: False)
    monkeypatch.setattr(os, "link", refusing("link", number))
    view = make_view(source, tmp_path / "view", copy=False)
    assert (view.path / "a.csv").is_symlink()
    assert not (view.path / "train").is_symlink()
    rewrite(view.path / "a.csv")
    assert view.changed() == ("a.csv",)
    view.remove()
    assert (source / "a.csv").exists()


def test_a_real_other_filesystem_is_symlinked(source: Path) -> None:
    """On tmpfs or wherever else, the same."""
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == source.stat().st_dev:
        pytest.skip("no other filesystem here")
    target = other / f"cursus-view-{os.getpid()}"
    view = make_view(source, target, copy=False)
    try:
        assert (target / "a.csv").read_text() == "0123456789"
        assert view.changed() == ()
    finally:
        view.remove()
    assert not target.exists()


def test_a_file_with_too_many_links_is_copied(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The filesystem's limit of links to one file is no error."""
    monkeypatch.setattr(sharing, "clone_file", lambda *_: False)
    monkeypatch.setattr(os, "link", refusing("link", errno.EMLINK))
    view = make_view(source, tmp_path / "view", copy=False)
    assert not (view.path / "a.csv").samefile(source / "a.csv")
    assert view.changed() == ()


def test_above_the_limit_size_and_time_decide(
    workspace: Workspace, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than VERIFY_BY_DIGEST bytes are not read: a change is told by size or time of change."""
    monkeypatch.setattr(views.settings, "VERIFY_BY_DIGEST", 0)
    monkeypatch.setattr(views, "digest_file", lambda path: pytest.fail(f"{path} was read"))
    workspace.digest_path(source)
    view = make_view(source, tmp_path / "view", copy=False)
    os.link(source / "a.csv", tmp_path / "one link more")
    assert view.changed() == (), "its status changed, its size and time of change did not"
    EDITS["append"](view.path / "a.csv")
    assert view.changed() == ("a.csv",)


def test_a_file_that_its_owner_replaced_or_deleted_is_not_the_steps_doing(source: Path, tmp_path: Path) -> None:
    """What the view cannot have done is not told as done through it."""
    view = make_view(source, tmp_path / "view", copy=False)
    (tmp_path / "new").write_text("new")
    (tmp_path / "new").replace(source / "a.csv")
    (source / "train" / "b.csv").unlink()
    assert view.changed() == ()


def test_a_view_of_what_is_not_there_is_a_typed_error(tmp_path: Path) -> None:
    """A vanished input is named."""
    with pytest.raises(WorkspaceError, match="nothing-here"):
        make_view(tmp_path / "nothing-here", tmp_path / "view", copy=False)


def test_ten_thousand_small_files_are_quick(workspace: Workspace, tmp_path: Path) -> None:
    """Making, checking and removing a view of 10,000 files takes seconds at most, and reads none of them."""
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(10_000):
        (folder / f"{n}.csv").write_bytes(b"1")
    start = time.monotonic()
    view = make_view(folder, tmp_path / "view", copy=False)
    assert view.changed() == ()
    view.remove()
    assert time.monotonic() - start < 10
    assert settings.VERIFY_BY_DIGEST > 0
