"""Lookup: what is found is whole, what is damaged is set aside and named."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cursus_rt_notebook.workspace import known, sealing, verifying, views
from cursus_rt_notebook.workspace.digest import digest_file
from cursus_rt_notebook.workspace.known import Known
from cursus_rt_notebook.workspace.store import Workspace
from tests.workspace.conftest import Find, Keep


def flip(path: Path, place: int) -> None:
    """Flip one bit of a file, and set its times back as well as that can be done."""
    info = path.stat()
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a bit flipped": lambda out: flip(out / "a.csv", 3),
    "cut at half": lambda out: [(out / "a.csv").chmod(0o644), os.truncate(out / "a.csv", 5)],
    "a file deleted": lambda out: (out / "a.csv").unlink(),
    "a file added": lambda out: (out / "b.csv").write_text("x"),
    "a file replaced by a link": lambda out: [(out / "a.csv").unlink(), (out / "a.csv").symlink_to("/etc/passwd")],
    "a folder added": lambda out: (out / "train").mkdir(),
    "a port deleted": shutil.rmtree,
    "the manifest flipped": lambda out: flip(out.parent / "manifest.json", 150),
    "the manifest cut": lambda out: [(m := out.parent / "manifest.json").chmod(0o644), os.truncate(m, 300)],
    "the manifest empty": lambda out: [(m := out.parent / "manifest.json").chmod(0o644), os.truncate(m, 0)],
    "the manifest deleted": lambda out: (out.parent / "manifest.json").unlink(),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_S5_a_damaged_output_is_not_used(workspace: Workspace, keep: Keep, find: Find, how: str) -> None:
    """Whatever was done to a kept output: it is set aside, the notice names step and file, and it is made again."""
    manifest = keep(workspace, "train", {"a.csv": b"0123456789"})
    out = workspace.artifact_dir(manifest, "out")
    DAMAGE[how](out)
    assert find(workspace, "train") is None
    (notice,) = workspace.take_notices()
    assert "train" in notice
    assert any(
        name in notice for name in ("a.csv", "b.csv", "manifest.json", "out has or lacks", "out cannot be read")
    ), notice
    assert len(list((workspace.path / "damaged").iterdir())) == 1
    assert find(workspace, "train") is None
    assert workspace.take_notices() == [], "said once"
    again = keep(workspace, "train", {"a.csv": b"0123456789"})
    assert find(workspace, "train") == again


def test_S5_every_bit_of_the_manifest_counts(workspace: Workspace, keep: Keep) -> None:
    """No flipped bit of a manifest gives another manifest."""
    manifest = keep(workspace, "train", {"a.csv": b"0123456789"})
    data = (workspace.artifact_dir(manifest, "out").parent / "manifest.json").read_bytes()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(verifying.ArtifactDamaged):
            verifying.load_manifest(bytes(changed))
    assert json.loads(data)["manifest"]["step"] == "train", "and it is JSON for everybody else"


def test_S6_a_deleted_output_is_stale(workspace: Workspace, keep: Keep, find: Find) -> None:
    """An artifact deleted behind our back is said to be gone, once, and is made again."""
    manifest = keep(workspace, "train", {"a.csv": b"1"})
    shutil.rmtree(workspace.artifact_dir(manifest, "out").parent)
    assert find(workspace, "train") is None
    assert find(workspace, "train") is None
    (notice,) = workspace.take_notices()
    assert "train" in notice
    assert "gone" in notice
    assert keep(workspace, "train", {"a.csv": b"1"})
    assert find(workspace, "train")


def test_S9_an_output_that_is_not_reusable_is_never_found(workspace: Workspace, keep: Keep, find: Find) -> None:
    """What was made of inputs that changed meanwhile is kept and can be looked at, and never taken for a result."""
    manifest = keep(workspace, "train", {"a.csv": b"1"}, reusable=False)
    assert (workspace.artifact_dir(manifest, "out") / "a.csv").exists()
    assert find(workspace, "train") is None
    good = keep(workspace, "train", {"a.csv": b"1"})
    assert find(workspace, "train") == good


def test_opened_files_decide_which_artifact_is_found(
    workspace: Workspace, keep: Keep, find: Find, tmp_path: Path
) -> None:
    """Of several artifacts with one base key, the one whose opened files are as they are now."""
    config = tmp_path / "config.json"
    made: dict[str, str] = {}
    for text in ("one", "two"):
        config.write_text(text)
        opened = {str(config): digest_file(config)}
        made[text] = keep(workspace, "train", {"a.csv": text.encode()}, opened=opened).key
    for text in ("one", "two"):
        config.write_text(text)
        found = find(workspace, "train")
        assert found
        assert found.key == made[text]
    config.write_text("three")
    assert find(workspace, "train") is None
    config.unlink()
    assert find(workspace, "train") is None


def test_R7_the_newest_is_the_last_kept_whatever_the_clock_says(
    workspace: Workspace, keep: Keep, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is that of keeping, also after the journal was lost, when only manifests tell."""
    keep(workspace, "train", {"a.csv": b"1"})
    monkeypatch.setattr("time.time", lambda: 1_000.0)
    second = keep(workspace, "train", {"a.csv": b"2"})
    assert find(workspace, "train") == second
    workspace.close()
    for file in workspace.path.glob("journal*"):
        file.unlink()
    again = Workspace.open(workspace.path)
    assert find(again, "train") == second
    assert again.take_notices() == [
        "the journal was gone: 2 kept outputs were found again, the history of runs is lost"
    ]
    again.close()


def as_new_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Forget what this process knows of files; return the list of those that are read from now on."""
    fresh, read = Known(), []
    for module in (
        known,
        verifying,
        sealing,
        views,
        __import__("cursus_rt_notebook.workspace.sharing").workspace.sharing,
    ):
        monkeypatch.setattr(module, "KNOWN", fresh)
    monkeypatch.setattr(verifying, "digest_file", lambda path: read.append(path) or digest_file(path))
    return read


def test_an_untouched_artifact_is_not_read_again(
    workspace: Workspace, keep: Keep, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a new process the signatures of all files are enough."""
    keep(workspace, "train", {f"{n}.csv": b"1" for n in range(5)})
    read = as_new_process(monkeypatch)
    assert find(workspace, "train")
    assert read == []


def test_an_artifact_that_was_linked_into_views_is_not_read_again(
    workspace: Workspace, keep: Keep, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linking changes a file's times; what went through our hands stays known, with several readers at once too."""
    manifest = keep(workspace, "train", {f"{n}.csv": b"1" for n in range(5)})
    stagings = [workspace.stage(f"reader {n}", "run-1", 1) for n in range(3)]
    made = [s.view("in", workspace.artifact_dir(manifest, "out"), copy=False) for s in stagings]
    monkeypatch.setattr(views, "digest_file", lambda path: pytest.fail(f"{path} was read"))
    assert [view.changed() for view in made] == [(), (), ()]
    for staging in stagings:
        staging.discard()
    read = as_new_process(monkeypatch)
    assert find(workspace, "train")
    assert read == []


def test_an_artifact_whose_reader_was_killed_is_read_again(
    workspace: Workspace, keep: Keep, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Times that changed out of our sight prove nothing: the content is compared, and found whole."""
    manifest = keep(workspace, "train", {"a.csv": b"1"})
    staging = workspace.stage("reader", "run-1", 1)
    staging.view("in", workspace.artifact_dir(manifest, "out"), copy=False)
    shutil.rmtree(staging.root)
    read = as_new_process(monkeypatch)
    assert find(workspace, "train")
    assert len(read) == 1


def test_S8_an_artifact_changed_through_a_view_is_not_trusted_again(
    workspace: Workspace, keep: Keep, find: Find
) -> None:
    """A reader that wrote into a kept file, times set back, does not get it sealed when its view is removed."""
    manifest = keep(workspace, "train", {"a.csv": b"0123456789"})
    staging = workspace.stage("reader", "run-1", 1)
    view = staging.view("in", workspace.artifact_dir(manifest, "out"), copy=False)
    flip(view.path / "a.csv", 3)
    assert view.changed() == ("a.csv",)
    staging.discard()
    assert find(workspace, "train") is None
    assert "a.csv" in workspace.take_notices()[0]


def test_N2_set_aside_moves_the_artifact_of_a_port_and_no_sibling(workspace: Workspace, keep: Keep, find: Find) -> None:
    """What a step was seen changing is put away by its port's path; a folder whose name only begins alike is left."""
    manifest = keep(workspace, "train", {"a.csv": b"1"})
    root = workspace.path / "artifacts"
    evil = Path(f"{root}-evil") / manifest.key[:2] / manifest.key / "out"
    evil.mkdir(parents=True)
    workspace.set_aside(["/etc", str(evil), f"{root}/../artifacts-evil/ab", f"{root}/../../..", str(root)])
    assert evil.is_dir()
    assert find(workspace, "train")
    workspace.set_aside([str(workspace.artifact_dir(manifest, "out"))])
    assert find(workspace, "train") is None
    assert "train" in workspace.take_notices()[0]
    assert Path("/etc").is_dir()


def test_looking_at_an_artifact_in_a_file_browser_does_not_damage_it(
    workspace: Workspace, keep: Keep, find: Find
) -> None:
    """What browsers leave in a folder they show is not the step's, and no damage."""
    manifest = keep(workspace, "train", {"a.csv": b"1"})
    (workspace.artifact_dir(manifest, "out") / ".DS_Store").write_text("x")
    assert find(workspace, "train") == manifest


def test_an_artifact_is_current_while_it_and_what_its_step_opened_are_as_they_were(
    workspace: Workspace, keep: Keep, tmp_path: Path
) -> None:
    """A settled step must run again when its output is damaged, gone, or a file it opened changed."""
    config = tmp_path / "config.json"
    config.write_text("one")
    manifest = keep(workspace, "train", {"a.csv": b"1"}, opened={str(config): digest_file(config)})
    assert workspace.is_current(manifest.key)
    config.write_text("two")
    assert not workspace.is_current(manifest.key)
    config.write_text("one")
    assert workspace.is_current(manifest.key)
    (workspace.artifact_dir(manifest, "out") / "a.csv").unlink()
    assert not workspace.is_current(manifest.key)
    assert "train" in workspace.take_notices()[0]
    assert not workspace.is_current("ab" * 20)
