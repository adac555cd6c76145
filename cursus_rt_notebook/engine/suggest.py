"""What a colleague would say of an exception: a plain sentence, what to do, and the right spelling.

Only what is known is said: the columns of the tables in the failed frames, the step's ports, variables and
arguments. Where nothing fits, nothing is said.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cursus_rt_notebook.data.files import list_files
from cursus_rt_notebook.data.kinds import mistaken
from cursus_rt_notebook.engine.plan import StepPlan
from cursus_rt_notebook.engine.state import Frame, Variable
from cursus_rt_notebook.engine.undeclared import undeclared_port
from cursus_rt_notebook.engine.upstream.texts import text_in
from cursus_rt_notebook.pipeline.distributions import distribution_of, has_other_name
from cursus_rt_notebook.pipeline.model import FromStep
from cursus_rt_notebook.pipeline.preflight.imports import ABSOLUTE, BEYOND
from cursus_rt_notebook.settings import FILES_LOOKED_INTO


@dataclass(frozen=True)
class Advice:
    """One sentence in plain words, what to do (and what else), the right spelling; each empty where nothing is known."""

    summary: str = ""
    advice: str = ""
    further: tuple[str, ...] = ()
    suggestion: str | None = None


Above = Callable[[str], str]


def advise(
    kind: str, message: str, frames: Sequence[Frame], plan: StepPlan, error: Mapping[str, Any], above: Above
) -> Advice:
    """The advice for an exception of type `kind` that a step's script raised.

    `above` tells in a sentence where, in the steps above, a column was lost; nothing where that is not known.
    """
    if kind in {"ModuleNotFoundError", "ImportError"}:
        return _failed_import(kind, message, error, plan)
    if kind in {"SyntaxError", "IndentationError", "TabError"}:
        return _syntax(message, error)
    if kind in {"FileNotFoundError", "NotADirectoryError", "IsADirectoryError"}:
        return _missing_file(message, plan)
    if _NO_FILE in message:  # raised again as something else, with the first one's words in it
        return _missing_file(message.partition(_NO_FILE)[2], plan)
    if kind in _CANNOT_READ:
        return _wrong_format(plan)
    undeclared = undeclared_port(error, message, frames, plan)
    if undeclared is not None:
        return Advice(*undeclared)
    if kind in _NAMES_SOMETHING and text_in(message) is None:
        return _missing_name(kind, message, frames, plan, above)
    return Advice()


_NO_FILE = "No such file or directory:"
_NAMES_SOMETHING = {
    "KeyError",
    "AttributeError",
    "ValueError",
    "ColumnNotFoundError",
    "UndefinedVariableError",
    "ArrowKeyError",
    "FieldNotFoundError",
}


# What libraries raise at a file that is not in the format it is read in.
_CANNOT_READ = {
    *("UnicodeDecodeError", "ParserError", "EmptyDataError", "ArrowInvalid", "ComputeError", "JSONDecodeError"),
    *("BadGzipFile", "BadZipFile", "UnidentifiedImageError"),
}


def _wrong_format(plan: StepPlan) -> Advice:
    for port, given in plan.inputs.items():
        for file in list_files(given.path)[:FILES_LOOKED_INTO]:
            path = given.path / file.path if given.path.is_dir() else given.path
            kind = mistaken(str(path))
            if kind is not None:
                summary = f"Input {port!r} of {plan.step.name} holds {file.path}, which is {kind.described}."
                source = plan.step.inputs[port]
                by = f"See where {source.step} writes it: name" if isinstance(source, FromStep) else "Name"
                return Advice(summary, f"{by} it as what it is, or write it in the format of its name.")
    return Advice()


def _missing_name(kind: str, message: str, frames: Sequence[Frame], plan: StepPlan, above: Above) -> Advice:
    for wanted in _named(kind, message):
        for variable in _tables(frames):
            near = _nearest(wanted, variable.columns)
            if wanted not in variable.columns and (near or kind in {"KeyError", "ColumnNotFoundError"}):
                return _no_column(wanted, variable, near, plan, above)
        for what, known in _declared(plan).items():
            near = _nearest(wanted, known)
            if kind == "KeyError" and near and wanted not in known:
                summary = f"{plan.step.name} has no {what} {wanted!r}. Did you mean {near!r}?"
                advice = f"Its {what}s are {', '.join(known)}: correct the script, or declare it in the pipeline."
                return Advice(summary, advice, suggestion=near)
        lost = above(wanted)
        if lost:  # no variable holds the table, but a step above had such a column
            return Advice(f"No column {wanted!r} in what {plan.step.name} reads.", lost)
    return Advice()


def _no_column(wanted: str, variable: Variable, near: str | None, plan: StepPlan, above: Above) -> Advice:
    summary = f"No column {wanted!r} in {variable.name}."
    inputs = ", ".join(f"{source.step}.{source.port}" for source in _upstream(plan))
    came = f" Its inputs come from {inputs}." if inputs else ""
    if near:
        return Advice(f"{summary} Did you mean {near!r}?", came.strip(), suggestion=near)
    lost = above(wanted)
    if lost:
        return Advice(summary, lost, further=(came.strip(),) if came else ())
    shown = ", ".join(variable.columns[:12]) + (", ..." if len(variable.columns) > 12 else "")
    return Advice(f"{summary} It has {shown}.", f"See where the column was lost.{came}")


def _upstream(plan: StepPlan) -> Iterator[FromStep]:
    return (source for source in plan.step.inputs.values() if isinstance(source, FromStep))


def _named(kind: str, message: str) -> Iterator[str]:
    """The names that an exception's message speaks of: in quotes, or all of it for a plain KeyError."""
    if message[:1] == message[-1:] == '"' and "'" in message:  # a KeyError's message in quotes of its own
        message = message[1:-1]
    quoted = re.findall(r"'([^']+)'|\"([^\"]+)\"|`([^`]+)`", message)
    names = [one or two or three for one, two, three in quoted]
    if kind == "AttributeError":
        names = names[-1:]  # "'DataFrame' object has no attribute 'x'"
    if kind == "ColumnNotFoundError" and not names:
        names = [message.split("\n", maxsplit=1)[0].strip()]
    if kind == "KeyError" and not names:
        names = [message.strip()]
    return iter(names)


def _tables(frames: Sequence[Frame]) -> Iterator[Variable]:
    """Tables in the failed frames, the script's own and innermost first."""
    for own in (True, False):
        for frame in reversed(frames):
            if frame.own is own:
                yield from (variable for variable in frame.variables if variable.columns)


def _declared(plan: StepPlan) -> dict[str, tuple[str, ...]]:
    return {
        "input port": tuple(plan.step.inputs),
        "output port": tuple(plan.step.outputs),
        "environment variable": tuple(plan.step.env),
        "argument": tuple(plan.step.args),
    }


def _nearest(wanted: str, known: Sequence[str]) -> str | None:
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.7)
    if close:
        return close[0]
    folded = {name.casefold().strip(): name for name in known}
    return folded.get(wanted.casefold().strip())


def _failed_import(kind: str, message: str, error: Mapping[str, Any], plan: StepPlan) -> Advice:
    name = str(error.get("name") or "")
    lacking = re.match(r"cannot import name '([^']+)' from", message)
    if lacking is not None:
        return _missing_from_module(lacking[1], name, error, plan)
    if message.startswith("attempted relative import"):
        return Advice("", f"What it imports is {BEYOND}: {ABSOLUTE}.")
    # An ImportError of another kind is none of a missing package: a shared library is not found, for example.
    return _missing_module(message, name, plan) if name and kind == "ModuleNotFoundError" else Advice()


def _missing_from_module(wanted: str, module: str, error: Mapping[str, Any], plan: StepPlan) -> Advice:
    """The advice for a module that is there, without the name that is taken from it."""
    summary = f"{plan.step.name} imports {wanted!r} from {module!r}, which has no such name."
    path = str(error.get("path") or "")
    if path and any(path == file or path.endswith(f"/{file}") for file in plan.sources.files):
        advice = f"See {path}: it may be spelt otherwise there, or the two files import each other."
        return Advice(summary, advice)
    return Advice(summary, _other_version(module, plan) if path else "")


def _other_version(module: str, plan: StepPlan) -> str:
    package = distribution_of(module.partition(".")[0])
    return f"See which version of {package} is there, and which the script needs: {_python(plan)} -m pip show {package}"


def _missing_module(message: str, name: str, plan: StepPlan) -> Advice:
    top, _, below = name.partition(".")
    local = {Path(file).stem for file in plan.sources.files}
    if below:  # Python names the first part that it did not find: what is before the last dot is there
        holder = name.rpartition(".")[0]
        advice = "" if top in local else _other_version(top, plan)
        return Advice(f"{plan.step.name} imports {name!r}, but {holder!r} has no such module.", advice)
    near = _nearest(top, [n for n in local if n != top])
    if near:
        return Advice(f"{message}. Did you mean {near!r}, which is in the source folder?", suggestion=near)
    summary = f"{plan.step.name} imports {name!r}, which {_python(plan)} does not have."
    likely = "" if has_other_name(top) else ", if its package has the module's name"
    return Advice(summary, f"Install it there: {_python(plan)} -m pip install {distribution_of(top)}{likely}")


def _python(plan: StepPlan) -> Path:
    return plan.step.python or Path(sys.executable)


def _syntax(message: str, error: Mapping[str, Any]) -> Advice:
    place = f"{Path(str(error.get('filename', ''))).name}, line {error.get('lineno')}"
    line = str(error.get("text") or "").strip()
    return Advice(f"{place}: {message}" + (f"   {line}" if line else ""), "Mend the line and continue.")


def _missing_file(message: str, plan: StepPlan) -> Advice:
    match = re.search(r"'([^']+)'", message)
    if match is None:
        return Advice()
    path = Path(match.group(1))
    for port, given in plan.inputs.items():
        if path.parent.name == given.path.name or port in path.parts or _is_below(path, port, plan):
            there = sorted(p.name for p in given.path.iterdir())[:12] if given.path.is_dir() else [given.path.name]
            near = _nearest(path.name, there)
            hint = f" Did you mean {near!r}?" if near else ""
            source = plan.step.inputs.get(port)
            by = f"{source.step}.{source.port} brings" if isinstance(source, FromStep) else "There are"
            return Advice(f"Input {port!r} holds no {path.name}.{hint}", f"{by}: {', '.join(there)}.", suggestion=near)
    return Advice()


def _is_below(path: Path, port: str, plan: StepPlan) -> bool:
    """Whether a file was looked for right in the place that a container has for the port."""
    place = plan.step.container.inputs.get(port) if plan.step.container else None
    return place is not None and str(path.parent).endswith(str(place).rstrip("/"))
