"""What keeps a script's `main` from being imported and called, each as the error that says so; told from its text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cursus_rt_notebook.errors import (
    DependencyMissing,
    MainMissing,
    ScriptImportError,
    ScriptNotFound,
    ScriptSyntaxError,
    WrongSignature,
)
from cursus_rt_notebook.pipeline.distributions import distribution_of
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.preflight.imports import Imports
from cursus_rt_notebook.pipeline.preflight.site_packages import modules_of
from cursus_rt_notebook.pipeline.script_use import EXPECTED, imports_of, script_use
from cursus_rt_notebook.worker import sources
from cursus_rt_notebook.worker.sources import Sources


def check_sources(found: Sources, step: str, notes: Iterable[Finding] = ()) -> None:
    """Refuse a script that is not there, or that is no Python; of a local module of its as well.

    Args:
        found: The script and its local modules.
        step: Whose they are.
        notes: What the pipeline's source noticed: that a script was not found, and what to do about it.

    Raises:
        ScriptNotFound: there is no such file.
        ScriptSyntaxError: with file and line.
    """
    error = found.error
    if error is None:
        return
    facts = {"step": step, "path": error.file}
    if Path(error.file).is_dir():
        raise ScriptNotFound(
            f"{error.file} is a folder, no script", fix="name a file in it", title="no script", **facts
        )
    if not Path(error.file).exists():
        noticed = (note.fix for note in notes if (note.step, note.file, note.severity) == (step, error.file, "error"))
        fix = next(noticed, "put it back, or mend its path")
        raise ScriptNotFound(f"the script {error.file} does not exist", fix=fix, title="no script", **facts)
    place = f"{Path(error.file).name}, line {error.line}" if error.line else Path(error.file).name
    raise ScriptSyntaxError(
        f"{place}: {error.message}" + (f"   {error.text}" if error.text else ""),
        fix="mend the line and continue" if error.line else "save it as Python, in UTF-8",
        title="SyntaxError" if error.line else "unreadable",
        line=error.line,
        text=error.text,
        **facts,
    )


def check_importable(script: Path, source_dir: Path, python: str | None) -> None:
    """Refuse a script whose `main` cannot be imported and called.

    Raises:
        ScriptNotFound, ScriptSyntaxError: as `check_sources`.
        DependencyMissing: it imports a package that its interpreter does not have.
        ScriptImportError: a relative import goes up too far.
        MainMissing: it has no function `main`.
        WrongSignature: `main` cannot be called with what a step is given.
    """
    check_sources(sources.scan(script, source_dir, python), script.stem)
    try:
        use = script_use(script)
    except SyntaxError:
        return  # which is no fault where the script's interpreter, a newer one, has just read it
    step = Step(name=script.stem, script=script, source_dir=source_dir, python=Path(python) if python else None)
    facts = {"step": step.name, "path": str(script)}
    imports = Imports(step, modules_of(step.python), same_syntax=python is None)
    lacking = next((f for f in imports.findings(use.imports, moves_path=use.moves_path) if f.severity == "error"), None)
    if lacking is not None:
        raise _missing(lacking, step)
    if use.main is None:
        raise MainMissing(f"{script.name} has no function main", fix=f"add def {EXPECTED}", **facts)
    if use.main.fits is False:
        message = f"{script.name}, line {use.main.line}: expected {EXPECTED}, found {use.main.signature}"
        fix = "let main take these four parameters; give further ones a default"
        raise WrongSignature(message, fix=fix, expected=EXPECTED, found=use.main.signature, **facts)


def _missing(finding: Finding, step: Step) -> ScriptImportError:
    file = Path(finding.file or step.script)
    here = (use.module.partition(".")[0] for use in imports_of(file) if use.line == finding.line)
    module = next((name for name in here if f"'{name}'" in finding.message), "")
    message, facts = f"{file.name}, line {finding.line}: {finding.message}", {"step": step.name, "path": str(file)}
    if not module:  # it is no package that is missing
        return ScriptImportError(message, fix=finding.fix, **facts)
    return DependencyMissing(
        message,
        fix=finding.fix,
        **facts,
        module=module,
        package=distribution_of(module),
    )
