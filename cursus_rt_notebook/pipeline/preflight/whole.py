"""What can be known before a step runs: scripts are read as text and as syntax trees, and never run."""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.pipeline.files import exists
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, Open, Pipeline, Step
from cursus_rt_notebook.pipeline.preflight.bound import wiring_notes
from cursus_rt_notebook.pipeline.preflight.contract import Contract
from cursus_rt_notebook.pipeline.preflight.elsewhere import is_reason, stub_findings, will_be_fetched
from cursus_rt_notebook.pipeline.preflight.imports import Imports
from cursus_rt_notebook.pipeline.preflight.installed import installed_of
from cursus_rt_notebook.pipeline.preflight.places import Places
from cursus_rt_notebook.pipeline.preflight.production import Production
from cursus_rt_notebook.pipeline.preflight.site_packages import modules_of, names_in
from cursus_rt_notebook.pipeline.preflight.versions import versions
from cursus_rt_notebook.pipeline.script_use import EXPECTED, ScriptUse, script_use, without_collector


def preflight(pipeline: Pipeline, env: Container[str] = ()) -> tuple[Finding, ...]:
    """Everything that can be seen before a step runs, in the order of the steps.

    An error will surely stop its step; a warning may, or is wrong in another way; an info is worth a look. Where a
    script's text does not tell, nothing is said.

    Args:
        env: The names of the variables that the caller gives by hand.
    """
    look = _Look(pipeline, env)
    with without_collector():
        needless = (_is_told_with_step, _is_fed_since, _is_of_what_does_not_run)
        noticed = [n for n in pipeline.notes if not any(needs_none(n, pipeline) for needs_none in needless)]
        of_ports = {(note.step, note.port) for note in noticed if note.port and note.severity == "error"}
        wired = (n for n in wiring_notes(pipeline) if n.severity != "error" or (n.step, n.port) not in of_ports)
        notes = (*noticed, *wired)
        found = (finding for name in pipeline.order for finding in look.at(pipeline.steps[name]))
        return (*notes, *(finding for finding in found if not _told(finding, notes)))


def _told(finding: Finding, notes: tuple[Finding, ...]) -> bool:
    """Whether that an input is open is said already, with more about it."""
    about = (finding.step, finding.port)
    return finding.message == _open(finding.port) and any((note.step, note.port) == about for note in notes)


def _is_fed_since(note: Finding, pipeline: Pipeline) -> bool:
    """Whether a note tells what an input lacks that the caller has given meanwhile."""
    step = pipeline.steps.get(note.step or "")
    source = step.inputs.get(note.port or "") if step else None
    return source is not None and not isinstance(source, Open)


def _is_of_what_does_not_run(note: Finding, pipeline: Pipeline) -> bool:
    """Whether a note tells what a script would lack, and a stub stands in for its step."""
    step = pipeline.steps.get(note.step or "")
    stands_in = step is not None and step.stub is not None and note.port not in step.outputs
    return stands_in and note.severity != "info"


def _open(port: str | None) -> str:
    return f"input {quoted(port)} is open: nothing feeds it"


def _is_told_with_step(note: Finding, pipeline: Pipeline) -> bool:
    """Whether a note tells what is told with its step, and only while that is so."""
    step = pipeline.steps.get(note.step or "")
    return step is not None and (_of_script(note, step) or is_reason(note, step))


def _of_script(note: Finding, step: Step) -> bool:
    """Whether a note tells that the script of a step is not there."""
    return note.step == step.name and note.severity == "error" and note.file == str(step.script)


class _Look:
    """One look at a pipeline; each interpreter's modules are listed once."""

    def __init__(self, pipeline: Pipeline, env: Container[str]) -> None:
        self._pipeline = pipeline
        self._env = env
        self._modules = cache(modules_of)
        self._read = cache(_read)
        self._listing = cache(names_in)
        self._installed = cache(installed_of)
        self._imported: dict[tuple[Path, Path, Path | None, bool], tuple[Finding, ...]] = {}

    def at(self, step: Step) -> Iterator[Finding]:
        """All findings of one step; of one that a stub stands in for nothing about its script."""
        if step.stub is not None:
            yield from stub_findings(step, self._pipeline.notes)
            return
        use: ScriptUse | None = None
        if not exists(step.script):
            yield self._missing(step)
        else:
            use, faults = self._read(step.script, step.entry, step.python)
            yield from (replace(fault, step=step.name) for fault in faults)
        if use is not None:
            yield from self._imports(step, use)
            yield from _main(step, use)
            yield from Contract(self._pipeline, step, use).findings()
            yield from self._production(step, use)
        yield from versions(step, use, self._installed(step.python))
        yield from self._environment(step, use)
        yield from _paths(step)

    def _production(self, step: Step, use: ScriptUse) -> Iterator[Finding]:
        """What the script's `__main__` block makes of it."""
        if use.block is None:
            return
        called, _ = self._read(step.script, "main", step.python)
        yield from Production(step, called or ScriptUse(), use.block).findings()
        if step.container is not None:
            yield from Places(step, step.container, use.block).findings()

    def _missing(self, step: Step) -> Finding:
        """That a script is not there: what the source said of it, else that it has gone since."""
        notes = (note for note in self._pipeline.notes if _of_script(note, step))
        message = f"script {quoted(step.script.name)} is no longer in {quoted(step.script.parent)}"
        fix = "put it back, or load the pipeline again"
        return next(notes, Finding("error", message, fix, step=step.name, file=str(step.script)))

    def _imports(self, step: Step, use: ScriptUse) -> Iterator[Finding]:
        """Those of the script's imports: the same for all steps that share it and the interpreter."""
        key = (step.script, step.source_dir, step.python, "PYTHONPATH" in step.env)
        found = self._imported.get(key)
        if found is None:
            modules, ours = self._modules(step.python), _is_ours(step.python)
            imports = Imports(step, modules, ours, self._listing)
            found = self._imported[key] = imports.findings(use.imports, moves_path=use.moves_path)
        return (replace(finding, step=step.name) for finding in found)

    def _environment(self, step: Step, use: ScriptUse | None) -> Iterator[Finding]:
        for name, value in step.env.items():
            if value is None and name not in self._env and name not in os.environ:
                fix = f'set it before the step runs: os.environ[{name!r}] = "..."'
                message = f"the variable {name} is required and has no value"
                lines = use.env[name].lines if use and name in use.env else ()
                file = str(step.script) if lines else None
                yield Finding("error", message, fix, step=step.name, file=file, line=lines[0] if lines else None)


def _is_ours(python: Path | None) -> bool:
    """Whether a step runs under this interpreter's version: another one's syntax is not for us to judge."""
    try:
        return python is None or python.samefile(sys.executable)
    except OSError:
        return False


def _read(script: Path, entry: str, python: Path | None) -> tuple[ScriptUse | None, tuple[Finding, ...]]:
    """What the script does, or why it cannot be read."""
    file = str(script)
    try:
        return script_use(script, entry), ()
    except SyntaxError as error:
        found = Finding("error", f"syntax error: {error.msg}", "mend the script", file=file, line=error.lineno)
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        message = f"the script cannot be read: {error or type(error).__name__}"
        found = Finding("error", message, "is this a Python script, in UTF-8?", file=file)
    return None, (found,) if _is_ours(python) else ()


def _main(step: Step, use: ScriptUse) -> Iterator[Finding]:
    if step.entry != "main":
        return
    file = str(step.script)
    if use.main is None:
        fix = f"add def {EXPECTED}, or write entry: script"
        yield Finding("error", "the script has no main", fix, step=step.name, file=file, line=1)
    elif use.main.fits is False and not _given_by_block(use):
        message = f"main cannot be called: expected {EXPECTED}, found {use.main.signature}"
        fix = "give it these four parameters, by these names or in this order, or write entry: script"
        yield Finding("error", message, fix, step=step.name, file=file, line=use.main.line)


def _given_by_block(use: ScriptUse) -> bool:
    """Whether the parameters that are too many are those that the `__main__` block shows how to give."""
    extra = {name for name, expression in use.block.extra.items() if expression} if use.block else set[str]()
    return bool(use.main and extra and use.main.further and set(use.main.further) <= extra)


def _paths(step: Step) -> Iterator[Finding]:
    for port, source in step.inputs.items():
        if isinstance(source, Open):
            fix = f'give it: pipeline.with_inputs({{"{step.name}.{port}": PATH}})'
            yield Finding("error", _open(port), fix, step=step.name, port=port)
        if isinstance(source, FromAddress):
            yield from will_be_fetched(f"input {quoted(port)}", source.address, step.name, port)
        if isinstance(source, FromPath) and not source.optional and not exists(source.path):
            path = source.path
            message = f"input {quoted(port)}: {quoted(path.name)} is no longer in {quoted(path.parent)}"
            yield Finding("error", message, "put it back, or mend the path", step=step.name, port=port)
