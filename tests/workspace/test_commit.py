"""Commit: an output is kept whole, or it is not there."""

from __future__ import annotations

import errno
import os
import resource
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cursus_rt_notebook.errors import WorkspaceError
from cursus_rt_notebook.workspace.store import Workspace
from tests.workspace.conftest import Find, Keep, commit, in_child

CALLS = ("open", "write", "mkdir", "rename", "replace", "unlink", "rmdir", "fsync", "chmod", "link", "close", "scandir")


def exit_before(number: int) -> None:
    """End this process without a word before its `number`-th call to the filesystem from here on."""
    calls = [0]
    for name in CALLS:
        real = getattr(os, name)

        def counted(*args: Any, real: Any = real, **kwargs: Any) -> Any:
            calls[0] += 1
            if calls[0] == number:
                os._exit(7)
            return real(*args, **kwargs)

        setattr(os, name, counted)


def test_S1_commit_is_all_or_nothing(tmp_path: Path, keep: Keep, find: Find, base_key: Callable[[str], str]) -> None:
    """Ended before any one of its filesystem calls, a commit leaves nothing or all; the next session goes on."""
    seen = set[str]()
    for number in range(1, 1_000):
        folder = tmp_path / str(number)

        def body(folder: Path = folder, number: int = number) -> None:
            workspace = Workspace.open(folder)
            staging = workspace.stage("train", "run-1", 1)
            for name in ("a.csv", "b.csv"):
                (staging.outputs("out") / name).write_bytes(name.encode() * 100)
            (tmp_path / "input").write_bytes(b"1")
            staging.view("in", tmp_path / "input", copy=False)
            exit_before(number)
            commit(workspace, staging, base_key=base_key("train"))

        ended = in_child(body)
        workspace = Workspace.open(folder)
        found = find(workspace, "train")
        seen.add("whole" if found else "absent")
        assert not any((folder / "staging").iterdir()), "what the dead process staged is swept away"
        assert workspace.take_notices() == [], "a crash is no damage"
        if found:
            for name in ("a.csv", "b.csv"):
                assert (workspace.artifact_dir(found, "out") / name).read_bytes() == name.encode() * 100
        again = keep(workspace, "train", {"a.csv": b"a.csv" * 100, "b.csv": b"b.csv" * 100})
        assert found is None or again.key == found.key
        workspace.close()
        if ended == 0:
            break
        assert ended == 7
    assert seen == {"absent", "whole"}
    assert number > 20, "every call was tried"


def test_S2_a_full_disk_is_a_typed_error(
    workspace: Workspace, keep: Keep, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At whichever write the disk is full: a WorkspaceError that says so, nothing kept, what was kept before whole."""
    keep(workspace, "before", {"a.csv": b"1"})
    tried = 0
    for name in ("fsync", "mkdir", "rename", "write"):
        real = getattr(os, name)

        def full(*args: Any, **kwargs: Any) -> Any:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")

        staging = workspace.stage("train", "run-1", 1)
        (staging.outputs("out") / "a.csv").write_bytes(b"1")
        monkeypatch.setattr(os, name, full)
        with pytest.raises(WorkspaceError, match=r"No space left") as caught:
            commit(workspace, staging)
        monkeypatch.setattr(os, name, real)
        staging.discard()
        tried += 1
        assert "free some space" in caught.value.fix
        assert workspace.lookup("ab", workspace.digest_opened) is None
    assert tried == 4
    assert find(workspace, "before")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_S2_a_limit_on_file_sizes_is_a_typed_error(tmp_path: Path, keep: Keep, find: Find) -> None:
    """A real refusal by the kernel, of the manifest and of the journal, is an error and leaves things as they were."""

    def body() -> None:
        workspace = Workspace.open(tmp_path / "ws")
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
        with pytest.raises(WorkspaceError):
            keep(workspace, "train", {"a.csv": b"1"}, facts={"long": "x" * 4_000})
        with pytest.raises(WorkspaceError, match="cannot use the journal"):
            workspace.journal.start_run("run-1", "flights", {"long": "x" * 500_000})

    first = Workspace.open(tmp_path / "ws")
    keep(first, "before", {"a.csv": b"1"})
    first.close()
    assert in_child(body) == 0
    again = Workspace.open(tmp_path / "ws")
    assert find(again, "before")
    assert find(again, "train") is None
    assert again.journal.runs() == []
    assert again.take_notices() == []
    again.close()


def test_S2_a_full_journal_is_a_typed_error(workspace: Workspace, keep: Keep, find: Find) -> None:
    """When the journal cannot grow, an attempt is not told as recorded, and what was recorded stays readable."""
    keep(workspace, "before", {"a.csv": b"1"})
    workspace.journal.start_run("run-1", "flights")
    workspace.journal._rows._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(WorkspaceError, match="full"):
        workspace.journal.start_run("run-2", "flights", {"long": "x" * 500_000})
    assert [run.run_id for run in workspace.journal.runs()] == ["run-1"]
    assert find(workspace, "before")


@pytest.mark.parametrize("kind", ["symlink", "dangling", "folder link", "pipe", "port is a link"])
def test_N4_links_and_special_files_are_refused(workspace: Workspace, find: Find, kind: str) -> None:
    """An output that is a link or no file is named and not kept: following it would read what is not the step's."""
    staging = workspace.stage("train", "run-1", 1)
    out = staging.outputs("out")
    (out / "sub").mkdir()
    place = out / "sub" / "evil"
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "port is a link":
        (out / "sub").rmdir()
        out.rmdir()
        out.symlink_to("/etc")
    else:
        place.symlink_to({"symlink": "/etc/passwd", "dangling": "nowhere", "folder link": "/etc"}[kind])
    with pytest.raises(WorkspaceError, match=r"output out.* is (a|a special) (symlink|file)") as caught:
        commit(workspace, staging)
    assert kind == "port is a link" or "sub/evil" in str(caught.value)
    assert workspace.lookup("ab", workspace.digest_opened) is None
    staging.discard()
    assert Path("/etc/passwd").exists()


def test_S13_staging_is_on_the_artifacts_filesystem(workspace: Workspace) -> None:
    """Outputs are staged inside the workspace, wherever the temporary folder is, so that a rename is enough."""
    staging = workspace.stage("train", "run-1", 1)
    assert staging.root.is_relative_to(workspace.path)
    assert staging.root.stat().st_dev == (workspace.path / "artifacts").stat().st_dev
    staging.discard()


def test_kept_files_are_write_protected_and_folders_can_be_deleted(workspace: Workspace, keep: Keep) -> None:
    """No script changes a kept file by accident, and `rm -r` still deletes the workspace."""
    manifest = keep(workspace, "train", {"train/a.csv": b"1"})
    folder = workspace.artifact_dir(manifest, "out")
    assert stat.S_IMODE((folder / "train" / "a.csv").stat().st_mode) == 0o444
    assert folder.stat().st_mode & stat.S_IWUSR
    assert (folder / "train").stat().st_mode & stat.S_IWUSR


def test_the_manifest_says_all_about_an_artifact(workspace: Workspace, keep: Keep, find: Find) -> None:
    """What commit returns is what lookup reads: ports, files, ingredients, facts."""
    facts = {"seconds": 1.5, "findings": [{"severity": "info"}]}
    kept = keep(workspace, "train", {"train/a.csv": b"12", "b.csv": b""}, facts=facts)
    found = find(workspace, "train")
    assert found == kept
    assert [(file.path, file.size) for file in kept.ports["out"].files] == [("b.csv", 0), ("train/a.csv", 2)]
    assert kept.ports["out"].bytes == 2
    assert kept.facts == facts


def test_the_same_output_again_is_the_same_artifact(workspace: Workspace, keep: Keep) -> None:
    """Whoever comes second with the same content gets what is there already."""
    first = keep(workspace, "train", {"a.csv": b"1"})
    assert keep(workspace, "train", {"a.csv": b"1"}) == first
    assert len(list((workspace.path / "artifacts").glob("*/*"))) == 1


def test_another_output_of_the_same_key_is_kept_beside(workspace: Workspace, keep: Keep, find: Find) -> None:
    """A rerun that wrote something else is what is used from then on; what a pause still shows is not changed."""
    first = keep(workspace, "train", {"a.csv": b"1"})
    second = keep(workspace, "train", {"a.csv": b"2"})
    assert first.key != second.key
    assert (workspace.artifact_dir(first, "out") / "a.csv").read_bytes() == b"1"
    assert (workspace.artifact_dir(second.key, "out") / "a.csv").read_bytes() == b"2"
    assert find(workspace, "train") == second
    assert keep(workspace, "train", {"a.csv": b"1"}) == first
    assert find(workspace, "train") == first, "the newest, by the order in which they were kept"


def test_a_port_may_be_a_file_or_empty(workspace: Workspace, find: Find) -> None:
    """A script may write a file where its port's folder would be, write nothing, or delete the folder."""
    staging = workspace.stage("train", "run-1", 1)
    ports = {port: staging.outputs(port) for port in ("file", "empty", "deleted")}
    ports["file"].rmdir()
    ports["file"].write_bytes(b"model")
    ports["deleted"].rmdir()
    manifest = commit(workspace, staging, ports=ports)
    assert workspace.artifact_dir(manifest, "file").read_bytes() == b"model"
    assert list(workspace.artifact_dir(manifest, "empty").iterdir()) == []
    assert workspace.artifact_dir(manifest, "deleted").is_dir()
    assert workspace.lookup("ab", workspace.digest_opened) == manifest


def test_an_input_moved_to_the_output_leaves_the_users_file_alone(workspace: Workspace, tmp_path: Path) -> None:
    """A linked file that a script moves to its output is parted from the user's own, which is never chmodded."""
    mine = tmp_path / "mine.csv"
    mine.write_bytes(b"1")
    mode = mine.stat().st_mode
    staging = workspace.stage("train", "run-1", 1)
    view = staging.view("in/mine.csv", mine, copy=False)
    view.path.rename(staging.outputs("out") / "a.csv")
    manifest = commit(workspace, staging)
    kept = workspace.artifact_dir(manifest, "out") / "a.csv"
    assert mine.stat().st_mode == mode
    assert not kept.samefile(mine)
    mine.write_bytes(b"2")
    assert kept.read_bytes() == b"1"


def test_what_was_written_beside_the_outputs_is_told(workspace: Workspace, keep: Keep) -> None:
    """A script that writes to the parent of its output folder hears that nothing is kept there."""
    staging = workspace.stage("train", "run-1", 1)
    out = staging.outputs("out")
    (out.parent / "extra.txt").write_text("x")
    (out.parent / "folder").mkdir()
    manifest = commit(workspace, staging)
    notices = workspace.take_notices()
    assert ["extra.txt" in notices[0], "folder" in notices[1]] == [True, True]
    assert sorted(p.name for p in workspace.artifact_dir(manifest, "out").parent.iterdir()) == ["manifest.json", "out"]
