"""One output of a step, laid where it is kept: a file copied, a table written, a function called, data fetched."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.data.files import list_files
from cursus_rt_notebook.data.frames import write_table
from cursus_rt_notebook.data.kinds import TABLE_KINDS
from cursus_rt_notebook.data.synthetic.outputs import readers_of
from cursus_rt_notebook.data.synthetic.script import reading_of
from cursus_rt_notebook.engine.remotes import patiently
from cursus_rt_notebook.errors import CursusError, StepInterrupted, StubFailed
from cursus_rt_notebook.pipeline.addresses import is_address
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Given, Step
from cursus_rt_notebook.pipeline.standin import is_table
from cursus_rt_notebook.workspace.archives import unpack_archive
from cursus_rt_notebook.workspace.remote import Listener
from cursus_rt_notebook.workspace.sharing import copy_file
from cursus_rt_notebook.workspace.store import Staging
from cursus_rt_notebook.workspace.walk import list_folder

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.stand_ins import StandIns


@dataclass(frozen=True)
class Laying:
    """One output of one step, on its way."""

    of: StandIns
    step: Step
    name: str
    staging: Staging
    listener: Listener
    anew: bool = field(kw_only=True)

    def lay(self, data: Any) -> list[Finding]:
        """Lay it out of what was given; what is to be said of it.

        Raises:
            CursusError: it is not given, not there, or the function that makes it raised.
        """
        port, _, channel = self.name.partition("/")
        folder = self.staging.outputs(port) / channel
        if not is_table(data) and callable(data):
            data = self._called(data)
        if is_table(data):
            target = folder / self._file_name(port, channel)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_table(data, target)
            self.of.learn(self.step, self.name, folder)
            return []
        given = as_given(data)
        if given is None:
            what = "is not given yet" if data is None else f"cannot be made of a {type(data).__name__}"
            raise failed(self.step, self.name, what, "give it: pipeline.with_stubs, or session.replace")
        return self._place(given, folder, port)

    def _place(self, given: Given, folder: Path, port: str) -> list[Finding]:
        path, said = self._brought(given)
        if path is None:
            message = f"output {self.name!r} is empty: there is nothing at {given.place}"
            return [Finding("warning", message, "", step=self.step.name, port=port)]
        # What production hands on as an archive is kept as the files in it, as that of a step that runs here.
        if path.is_file() and (given.unpack or path.name == self.step.outputs[port].packed):
            _unpack(path, folder)
        else:
            _copy(path, folder, _in_container(self.step, port) or path.name)
        return [Finding("info", f"output {self.name!r}: {said}", "see sample:", self.step.name, port)] if said else []

    def _brought(self, given: Given) -> tuple[Path | None, str]:
        """Where the data lies on this machine, and what is to be said of it; None where nothing is, and nothing must be."""
        if not is_address(given.place):
            path = Path(given.place)
            if path.exists():
                return path, ""
            if given.optional:
                return None, ""
            raise failed(self.step, self.name, f"there is nothing at {path}", "put it there, or give another place")
        try:
            path = self.of.remotes.bring(given.place, given.sample, self.listener, anew=self.anew)
        except CursusError as error:
            if given.optional and getattr(error, "missing", False):
                return None, ""
            raise
        return path, self.of.remotes.said(given.place, given.sample)

    def _called(self, make: Callable[[], Any]) -> Any:
        """What a function of the user's makes."""
        try:
            return patiently(make, self.listener)
        except StepInterrupted:
            raise
        except BaseException as error:  # whatever it is, it is the step's failure
            name, kind = getattr(make, "__name__", type(make).__name__), type(error).__name__
            message = f"{name}(), which makes output {self.name!r} of {self.step.name}, raised {kind}"
            text = f": {error}" if str(error) else ""
            fix = f"mend it, and session.rerun({self.step.name!r})"
            raise StubFailed(message + text, fix=fix, step=self.step.name, title=kind) from error

    def _file_name(self, port: str, channel: str) -> str:
        """What a table's file is called: as the step's own was, as the steps look for that read it, else `data.csv`."""
        own = _in_container(self.step, port)
        if own:
            return own
        former = self.of.samples(self.step).get(port)
        files = list_files(former[1] / channel) if former and (former[1] / channel).is_dir() else []
        for file in files:
            if file.kind in TABLE_KINDS:
                return file.path
        for consumer, into, _ in readers_of(self.step, port, self.of.pipeline):
            channels = (channel,) if channel else ()
            for target in reading_of(consumer, into, channels).tables:
                path = PurePosixPath(target.path)
                if path.name:
                    return str(path.relative_to(channel)) if channel and path.parts[0] == channel else path.name
        return f"{channel or 'data'}.csv"


def _in_container(step: Step, port: str) -> str:
    """The name of the one file that an output is in its container; "" for a folder."""
    place = PurePosixPath(step.container.outputs.get(port, "")) if step.container else PurePosixPath()
    return place.name if place.suffix else ""


def as_given(data: Any) -> Given | None:
    """A path or an address, with what is said of it; None for what is made first."""
    if isinstance(data, Given):
        return data
    return Given(place=data) if isinstance(data, (str, Path)) else None


def failed(step: Step, name: str, what: str, fix: str) -> StubFailed:
    """The error for an output that cannot be had."""
    return StubFailed(f"output {name!r} of {step.name}: {what}", fix=fix, step=step.name, title="no data")


def _copy(source: Path, folder: Path, name: str) -> None:
    """Copy a file into a folder, or what a folder holds; the user's own files are never linked, nor changed."""
    folder.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        _one(os.path.realpath(source), folder / name)
        return
    listing = list_folder(source, follow=True)
    for below in listing.folders:
        (folder / below).mkdir(parents=True, exist_ok=True)
    for file in listing.files:
        _one(os.path.realpath(source / file), folder / file)


def _one(source: str, target: Path) -> None:
    with suppress(FileNotFoundError):  # a channel given by itself lies over that of the whole
        target.unlink()
    copy_file(source, os.fspath(target))


def _unpack(archive: Path, folder: Path) -> None:
    if folder.is_dir():
        folder.rmdir()
    unpack_archive(archive, folder)
