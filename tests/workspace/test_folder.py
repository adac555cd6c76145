"""The workspace's folder: what may become one, what is refused, and that refusing touches nothing."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cursus_rt_notebook.errors import WorkspaceError, WorkspaceForeign, WorkspaceNewer
from cursus_rt_notebook.workspace import folder as layout
from cursus_rt_notebook.workspace import mounts, staging
from cursus_rt_notebook.workspace.flock import lock_now
from cursus_rt_notebook.workspace.store import Workspace
from tests.workspace.conftest import commit, in_child


def snapshot(root: Path) -> dict[str, tuple[int, bytes]]:
    """Modes and contents of everything below a folder."""
    return {
        str(path.relative_to(root)): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in root.rglob("*")
    }


def as_nobody(body: Callable[[], None]) -> int:
    """Run `body` as a user whom permissions stop, and return how that ended."""

    def humbled() -> None:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        body()

    return in_child(humbled)


def test_a_new_workspace_is_private_and_kept_out_of_git(tmp_path: Path) -> None:
    """Only its owner may enter, git ignores what is in it, and it can be opened again."""
    Workspace.open(tmp_path / "deep" / "ws").close()
    path = tmp_path / "deep" / "ws"
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert "*" in (path / ".gitignore").read_text().splitlines()
    before = (path / layout.MARKER).read_bytes()
    Workspace.open(path, create=False).close()
    assert (path / layout.MARKER).read_bytes() == before


def test_a_relative_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later chdir of the notebook moves nothing."""
    monkeypatch.chdir(tmp_path)
    workspace = Workspace.open("./pipeline_testing")
    assert workspace.path == tmp_path / "pipeline_testing"
    workspace.close()


@pytest.mark.parametrize("version", [2, 999])
def test_S16_a_newer_workspace_is_refused_untouched(tmp_path: Path, version: int) -> None:
    """One made by a newer version is refused by name, and not a byte of it changes."""
    Workspace.open(tmp_path / "ws").close()
    (tmp_path / "ws" / layout.MARKER).write_text(json.dumps({"format": version, "unheard": "of"}))
    before = snapshot(tmp_path / "ws")
    with pytest.raises(WorkspaceNewer, match="made by a newer version"):
        Workspace.open(tmp_path / "ws")
    assert snapshot(tmp_path / "ws") == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "x"}', "{}", '{"format": null}'])
def test_S16_an_unreadable_marker_is_refused_untouched(tmp_path: Path, text: str) -> None:
    """A marker that says no version is no marker of ours."""
    Workspace.open(tmp_path / "ws").close()
    (tmp_path / "ws" / layout.MARKER).write_text(text)
    before = snapshot(tmp_path / "ws")
    with pytest.raises(WorkspaceForeign, match="cannot be read"):
        Workspace.open(tmp_path / "ws")
    assert snapshot(tmp_path / "ws") == before


def test_a_folder_of_other_things_is_refused_untouched(tmp_path: Path) -> None:
    """A mistyped workspace_dir does not turn somebody's project into a workspace."""
    (tmp_path / "model.pkl").write_text("x")
    before = snapshot(tmp_path)
    with pytest.raises(WorkspaceForeign, match=r"holds other things: model\.pkl"):
        Workspace.open(tmp_path)
    assert snapshot(tmp_path) == before


def test_a_folder_with_only_what_users_put_there_becomes_one(tmp_path: Path) -> None:
    """The user's own `local/` inputs and .gitignore are welcome and left as they are."""
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "a.csv").write_text("1")
    (tmp_path / ".gitignore").write_text("mine")
    Workspace.open(tmp_path).close()
    assert (tmp_path / "local" / "a.csv").read_text() == "1"
    assert (tmp_path / ".gitignore").read_text() == "mine"


def test_without_create_nothing_is_made(tmp_path: Path) -> None:
    """Listing the runs of a workspace that is not there makes none."""
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(WorkspaceError, match="there is no workspace"):
            Workspace.open(path, create=False)
    assert list(tmp_path.iterdir()) == []


def test_N4_a_linked_workspace_is_refused(tmp_path: Path) -> None:
    """A link can be turned to another folder at any time; the folder itself is asked for."""
    Workspace.open(tmp_path / "ws").close()
    (tmp_path / "link").symlink_to(tmp_path / "ws")
    with pytest.raises(WorkspaceForeign, match="is a link") as caught:
        Workspace.open(tmp_path / "link")
    assert str(tmp_path / "ws") in caught.value.fix


@pytest.mark.parametrize("name", ["artifacts", "staging", "locks", "damaged"])
def test_N4_a_linked_subfolder_is_refused(tmp_path: Path, name: str) -> None:
    """Nothing is written through a link that somebody put into the workspace."""
    Workspace.open(tmp_path / "ws").close()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "ws" / name).rmdir()
    (tmp_path / "ws" / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WorkspaceForeign, match="not a folder of its own"):
        Workspace.open(tmp_path / "ws")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_N6_a_workspace_open_to_everybody_is_refused(tmp_path: Path) -> None:
    """What every user of the machine may write to is not trusted."""
    Workspace.open(tmp_path / "ws").close()
    (tmp_path / "ws").chmod(0o777)
    with pytest.raises(WorkspaceForeign, match="every user"):
        Workspace.open(tmp_path / "ws")


def test_N6_somebody_elses_workspace_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that another user made, in a shared /tmp for example, is refused."""
    Workspace.open(tmp_path / "ws").close()
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    with pytest.raises(WorkspaceForeign, match="another user"):
        Workspace.open(tmp_path / "ws")


def test_a_file_is_no_workspace(tmp_path: Path) -> None:
    """Neither is a path below a file."""
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "ws"):
        with pytest.raises(WorkspaceError):
            Workspace.open(path)


def test_S17_a_read_only_workspace_is_a_typed_error(tmp_path: Path) -> None:
    """A folder that cannot be written is told at once, before anything runs."""
    tmp_path.chmod(0o755)
    for parent in list(tmp_path.parents)[:3]:
        parent.chmod(0o755)
    (tmp_path / "ws").mkdir()
    if os.geteuid() == 0:
        os.chown(tmp_path / "ws", 65534, 65534)
    (tmp_path / "ws").chmod(0o700)

    def refuse() -> None:
        Workspace.open(tmp_path / "ws").close()
        (tmp_path / "ws").chmod(0o500)
        with pytest.raises(WorkspaceError, match="Permission denied") as caught:
            Workspace.open(tmp_path / "ws")
        assert "writable" in caught.value.fix
        with pytest.raises(WorkspaceError):
            Workspace.open(tmp_path / "ws" / "inner")

    assert as_nobody(refuse) == 0


def test_S17_a_vanished_workspace_is_a_typed_error(tmp_path: Path) -> None:
    """Deleted while a session is open: the next attempt does not begin."""
    workspace = Workspace.open(tmp_path / "ws")
    shutil.rmtree(tmp_path / "ws")
    for use in (lambda: workspace.stage("train", "run-1", 1), lambda: workspace.lookup("ab", lambda _: None)):
        with pytest.raises(WorkspaceError, match="deleted or moved"):
            use()
    assert not (tmp_path / "ws").exists()
    workspace.close()


def test_S17_a_deleted_working_directory_is_a_typed_error(tmp_path: Path) -> None:
    """A relative path has no meaning then; an absolute one still works."""
    (tmp_path / "cwd").mkdir()

    def body() -> None:
        os.chdir(tmp_path / "cwd")
        shutil.rmtree(tmp_path / "cwd")
        with pytest.raises(WorkspaceError, match="find the workspace"):
            Workspace.open("./pipeline_testing")
        Workspace.open(tmp_path / "ws").close()

    assert in_child(body) == 0


def test_what_a_dead_session_staged_is_deleted_and_a_live_ones_is_not(tmp_path: Path) -> None:
    """Opening tidies up after killed kernels, and leaves what another session is writing just now."""
    pid = os.fork()
    if pid == 0:
        try:
            (Workspace.open(tmp_path / "ws").stage("dead", "run-1", 1).outputs("out") / "a.csv").write_text("x")
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert [path.name for path in (tmp_path / "ws" / "staging").iterdir()] == ["1"]
    one = Workspace.open(tmp_path / "ws")
    live = one.stage("live", "run-1", 1)
    two = Workspace.open(tmp_path / "ws")
    assert list((tmp_path / "ws" / "staging").iterdir()) == [live.root]
    live.discard()
    live.discard()
    assert list((tmp_path / "ws" / "staging").iterdir()) == []
    one.close()
    two.close()


def test_S14_a_staging_folder_that_another_session_sweeps_away_is_not_used(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between making it and locking it, it looks like a dead session's: the next number is taken then."""
    swept: list[bool] = []

    def lock_late(fd: int) -> bool:
        if not swept:
            swept.append(True)
            monkeypatch.setattr(staging, "lock_now", lock_now)
            staging.StagingArea(workspace.path / "staging", lambda _: None).sweep()
        return lock_now(fd)

    monkeypatch.setattr(staging, "lock_now", lock_late)
    taken = workspace.stage("a", "run", 1)
    assert swept
    assert taken.outputs("out").is_dir()


def test_a_staging_folder_is_used_again_only_when_it_is_empty_and_nobody_can_write_to_it(workspace: Workspace) -> None:
    """After a commit the next attempt gets the same, emptied folder, hence the same paths; after a failure a new one."""

    def attempt(*, committed: bool) -> tuple[Path, int]:
        staging = workspace.stage("train", "run-1", 1)
        assert sorted(path.name for path in staging.root.iterdir()) == [".lock", "out", "scratch", "views"]
        assert not any(any(folder.iterdir()) for folder in (staging.out, staging.scratch, staging.views))
        inode = staging.scratch.stat().st_ino
        (staging.scratch / "left").mkdir()
        (staging.scratch / "left" / "behind").write_text("x")
        out = staging.outputs("out")
        (out / "a.csv").write_text("1")
        if committed:
            commit(workspace, staging)
        staging.discard()
        return staging.root, inode

    first, second = attempt(committed=True), attempt(committed=True)
    assert first == second
    third, fourth = attempt(committed=False), attempt(committed=False)
    assert third == second, "taken again after the last commit"
    assert fourth[0] == third[0]
    one, two = (workspace.stage("train", "run-1", 1) for _ in range(2))
    assert one.root != two.root
    one.discard()
    two.discard()


def test_a_folder_that_a_script_protected_is_deleted_all_the_same(workspace: Workspace) -> None:
    """A script may leave folders without permissions; the staging folder goes anyway."""
    staging = workspace.stage("train", "run-1", 1)
    (staging.scratch / "sub").mkdir()
    (staging.scratch / "sub" / "a").write_text("x")
    (staging.scratch / "sub").chmod(0)
    staging.discard()
    assert not staging.root.exists()


def test_N1_names_never_leave_the_workspace(workspace: Workspace) -> None:
    """A hostile step, port or run name is refused or becomes a harmless folder."""
    for name in ("CON", "a" * 300, "Train", "été", "a:b", "a|b"):
        folder = workspace.attempt_dir(name, name, 1)
        assert folder.is_dir()
        assert folder.is_relative_to(workspace.path / "runs")
    for name in ("../x", "/etc", "a/b", ".", "", "~", "\0"):
        with pytest.raises(ValueError, match=r"."):
            workspace.attempt_dir("run-1", name, 1)
    for digest in ("../../etc/passwd", "", "unreadable"):
        workspace.keep_source(digest, Path("/etc/passwd"))
        assert workspace.kept_source(digest) is None


def test_sources_are_kept_by_digest(workspace: Workspace, tmp_path: Path) -> None:
    """The text of a script as it ran is there after it was edited."""
    script = tmp_path / "a.py"
    script.write_text("one")
    workspace.keep_source("ab" * 32, script)
    script.write_text("two")
    workspace.keep_source("ab" * 32, script)
    workspace.keep_source("cd" * 32, tmp_path / "missing.py")
    assert workspace.kept_source("ab" * 32) == "one"
    assert workspace.kept_source("cd" * 32) is None


@pytest.mark.parametrize(
    ("path", "network"),
    [("/", False), ("/data/x", True), ("/data2/x", False), ("/with space/x", True), ("/fuse/x", True)],
)
def test_network_filesystems_are_told_by_the_deepest_mount(
    path: str, network: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Write-ahead logging needs memory that machines do not share, so the kind of filesystem counts."""
    lines = ["22 1 8:1 / / rw - ext4 /dev/vda rw"]
    lines += ["30 22 0:40 / /data rw - nfs4 server:/x rw", "31 22 0:41 / /with\\040space rw - cifs //x rw"]
    lines += ["32 22 0:42 / /fuse rw - fuse.sshfs x rw"]
    monkeypatch.setattr(mounts, "_MOUNTS", tmp_path / "mountinfo")
    (tmp_path / "mountinfo").write_text("\n".join(lines))
    assert mounts.is_network(Path(path)) is network
