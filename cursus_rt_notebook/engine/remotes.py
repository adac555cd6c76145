"""Data at addresses, as a run needs it: each brought here once a session, into the workspace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cursus_rt_notebook.errors import InputMissing, RemoteUnavailable
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import FromAddress, Step
from cursus_rt_notebook.settings import WAIT_SLICE
from cursus_rt_notebook.workspace import remote
from cursus_rt_notebook.workspace.remote import Listener

_Made = TypeVar("_Made")


@dataclass
class Remotes:
    """What lies at addresses, for one session; `workspace` is its folder."""

    workspace: Path
    _brought: set[tuple[str, int | None]] = field(default_factory=set[tuple[str, int | None]])

    def bring(self, address: str, sample: int | None, listener: Listener, *, anew: bool = False) -> Path:
        """Where the data lies, a file or a folder, once it is here.

        It is asked for changes once a session, and then if it is wanted `anew`.

        Raises:
            RemoteUnavailable: it cannot be brought; `missing` where nothing is there.
            StepInterrupted: the listener ended it.
        """
        folder = remote.kept_folder(self.workspace, address, sample)
        if anew or (address, sample) not in self._brought:
            patiently(lambda: remote.fetch(address, folder, sample=sample, listener=listener), listener)
            self._brought.add((address, sample))
        place = self.there(address, sample)
        if place is None:
            raise RemoteUnavailable(f"what was fetched from {address} is gone", fix="run the step again")
        return place

    def there(self, address: str, sample: int | None) -> Path | None:
        """Where it lies, if it is here; nobody is asked."""
        return place_of(self.workspace, address, sample)

    def said(self, address: str, sample: int | None) -> str:
        """What is to be said of data that is here: that it is a part of what there is."""
        return remote.said(remote.kept_folder(self.workspace, address, sample))


def patiently(make: Callable[[], _Made], listener: Listener) -> _Made:
    """What `make` makes, in a thread of its own that is left alone when the listener ends it: it may wait for ever.

    Raises:
        BaseException: whatever `make` raised.
        StepInterrupted: the listener ended it.
    """
    future: Future[_Made] = Future()

    def carry_out() -> None:
        try:
            future.set_result(make())
        except BaseException as error:  # noqa: BLE001  it belongs to whoever waits
            future.set_exception(error)

    threading.Thread(target=carry_out, name="cursus-fetch", daemon=True).start()
    while True:
        try:
            return future.result(WAIT_SLICE)
        except TimeoutError:
            if future.done():
                return future.result()
            listener.check()


def place_of(workspace: Path, address: str, sample: int | None) -> Path | None:
    """Where data from an address lies in a workspace, if it does: a file, or a folder."""
    place = remote.brought(remote.kept_folder(workspace, address, sample))
    return place if place is not None and place.exists() else None


def bring_inputs(step: Step, remotes: Remotes, listener: Listener, *, anew: bool) -> Iterator[Finding]:
    """Bring what a step reads from addresses; what is to be said of it.

    Raises:
        InputMissing: it cannot be brought; an optional input of which nothing is there is left out.
        StepInterrupted: the listener ended it.
    """
    for port, source in step.inputs.items():
        if not isinstance(source, FromAddress):
            continue
        try:
            remotes.bring(source.address, source.sample, listener, anew=anew)
        except RemoteUnavailable as error:
            if error.missing and source.optional:
                continue
            message = f"input {port!r} of {step.name}: {error.message}"
            raise InputMissing(message, fix=error.fix, step=step.name, ports=(port,), title="not fetched") from error
        if said := remotes.said(source.address, source.sample):
            yield Finding("info", f"input {port!r}: {said}", "see sample:", step=step.name, port=port)


def listener_of(report: Callable[[str], None], killed: Callable[[], bool]) -> Listener:
    """A listener that reports each thing once: many small pieces come in the same number of megabytes."""
    last = [""]

    def tell(words: str) -> None:
        if words != last[0]:
            last[0] = words
            report(words)

    return Listener(tell, killed)
