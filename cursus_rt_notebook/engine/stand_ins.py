"""What stands in for the steps of a session, by content: so it is known whether anything has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook.data.synthetic.outputs import known_of, make_outputs
from cursus_rt_notebook.engine.laying import Laying, as_given, failed
from cursus_rt_notebook.engine.remotes import Remotes
from cursus_rt_notebook.errors import CursusError, StepInterrupted, StubFailed
from cursus_rt_notebook.pipeline.addresses import is_address
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Pipeline, Step, Stub
from cursus_rt_notebook.pipeline.preflight.elsewhere import open_finding
from cursus_rt_notebook.workspace import keys
from cursus_rt_notebook.workspace.digest import digest_tree
from cursus_rt_notebook.workspace.keys import Ingredients
from cursus_rt_notebook.workspace.remote import Listener
from cursus_rt_notebook.workspace.store import Staging, Workspace

_KIND: Final = "what stands in"
_NOT_YET: Final = "not looked at yet"


@dataclass
class StandIns:
    """The stand-ins of one session: what each output was last made of, by step and output."""

    pipeline: Pipeline
    workspace: Workspace
    remotes: Remotes
    _digests: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def ingredients(self, step: Step) -> Ingredients:
        """What a step's outputs are made of by what is known without making or fetching anything.

        Raises:
            StubFailed: a file that was given is not there any more.
        """
        stub = _stub(step)
        if stub.kind == "synthetic":
            of: dict[str, str] = {
                port: keys.digest_of_value(known) for port, known in known_of(step, self.pipeline).items()
            }
            of |= {f"sample of {port}": digest for port, (digest, _) in self.samples(step).items()}
        else:
            of = {name: self._digest(step, name, data) for name, data in stub.outputs.items()}
        channels = {port: list(output.channels) for port, output in step.outputs.items()}
        return {"stub": {_KIND: stub.kind, **of}, "contract": {"outputs": keys.digest_of_value(channels)}}

    def _digest(self, step: Step, name: str, data: Any) -> str:
        given = as_given(data)
        if given is None:
            return self._digests.get((step.name, name), _NOT_YET)
        path = self.remotes.there(given.place, given.sample) if is_address(given.place) else Path(given.place)
        if path is None or not path.exists():
            if given.optional or is_address(given.place):
                return _NOT_YET
            raise failed(step, name, f"there is nothing at {path}", "put it back, or give another: pipeline.with_stubs")
        return self.workspace.digest_path(path).digest + (" unpacked" if given.unpack else "")

    def lay(self, step: Step, staging: Staging, listener: Listener, *, anew: bool) -> tuple[Finding, ...]:
        """Put what stands in for a step where its outputs go; what is to be said of it.

        Args:
            step: The step, whose stub gives its outputs or has them made up.
            staging: Where they go.
            listener: Hears how far it is, and may end it.
            anew: Ask again for what lies at addresses.

        Raises:
            StubFailed: an output is not given, not there, or the function that makes it raised.
            StepInterrupted: the listener ended it.
            DataError: nothing is known from which to make an output up.
        """
        stub = _stub(step)
        if stub.kind == "synthetic":
            samples = {port: path for port, (_, path) in self.samples(step).items()}
            made = make_outputs(step, self.pipeline, staging.out, samples)
            how = ", ".join(f"{port} from {_FROM[source]}" for port, source in made.sources.items())
            return (Finding("info", f"its outputs are made up: {how or 'nothing reads them'}", "", step=step.name),)
        found: list[Finding] = []
        for name, data in stub.outputs.items():
            laying = Laying(self, step, name, staging, listener, anew=anew)
            try:
                found += laying.lay(data)
            except (StepInterrupted, StubFailed):
                raise
            except CursusError as error:
                raise failed(step, name, error.message, error.fix) from error
        return tuple(found)

    def learn(self, step: Step, name: str, path: Path) -> None:
        """Remember the content of what was made for an output."""
        self._digests[step.name, name] = digest_tree(path).digest

    def samples(self, step: Step) -> dict[str, tuple[str, Path]]:
        """What a step itself last wrote, or was given, to each output: key and place. What is made up is to be like it."""
        journal = self.workspace.journal
        for record in journal.history(self.pipeline.name, step.name):
            stub = (journal.ingredients(record.base_key) or {}).get("stub", {})
            if record.key and stub.get(_KIND) != "synthetic":
                places = {port: self.workspace.artifact_dir(record.key, port) for port in step.outputs}
                return {port: (record.key, place) for port, place in places.items() if place.exists()}
        return {}


_FROM: Final = {"schema": "its schema", "sample": "a sample", "script": "what is read of it", "copied": "a copy"}


def _stub(step: Step) -> Stub:
    assert step.stub is not None
    return step.stub


def open_stub(step: Step) -> StubFailed:
    """The error for a step that cannot run here, and for which nothing stands in."""
    found = open_finding(step)
    port = next(iter(step.outputs), "OUTPUT")
    fix = f'{found.fix}; in this session: session.replace("{step.name}", "{port}", DATA)'
    return StubFailed(found.message, fix=fix, step=step.name, title="no data")
