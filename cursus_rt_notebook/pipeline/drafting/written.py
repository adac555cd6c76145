"""A draft as the text of a YAML file, with comments that say what was guessed, and what to fill in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cursus_rt_notebook.pipeline.drafting.scripts import DraftStep, Folder, Taken
from cursus_rt_notebook.pipeline.drafting.wiring import Draft, Guess
from cursus_rt_notebook.pipeline.yaml_text import KeyPath, yaml_text

_COMMENT = 160
_LISTED = 6


def draft_text(name: str, source_dir: str, base_dir: Path, draft: Draft, folder: Folder) -> str:
    """The text of the file.

    Args:
        name: The pipeline's name.
        source_dir: The scripts' folder as the file names it.
        base_dir: The file's own folder.
        draft: The steps and what feeds them.
        folder: What else was found.
    """
    comments: dict[KeyPath, str] = {}
    steps = {step.name: _step(step, draft.fed[step.name], base_dir, comments) for step in draft.steps}
    shown = {path: _line(comment) for path, comment in comments.items() if comment}
    return "".join(_head(draft, folder)) + yaml_text({"name": name, "source_dir": source_dir, "steps": steps}, shown)


def _head(draft: Draft, folder: Folder) -> Iterator[str]:
    guessed = sum(bool(guess.step) for fed in draft.fed.values() for guess in fed.values())
    yield "# A draft, made from what the scripts' text tells; nothing was run.\n"
    yield f"# {guessed} inputs are guessed: the output of the same name feeds them. Look for: guessed, fill in, or.\n"
    for path, why in list(folder.unread.items())[:_LISTED]:
        yield f"# {_line(f'{path} is left out: it cannot be read ({why})')}\n"
    if len(folder.unread) > _LISTED:
        yield f"# and {len(folder.unread) - _LISTED} more files that cannot be read\n"


def _step(step: DraftStep, fed: Mapping[str, Guess], base_dir: Path, comments: dict[KeyPath, str]) -> dict[str, Any]:
    path: KeyPath = ("steps", step.name)
    written: dict[str, Any] = {"script": step.script}
    comments[*path, "script"] = _about(step, fed)
    if step.entry == "script":
        written["entry"] = "script"
        comments[*path, "entry"] = f"it has no main that could be called; its __main__ block is in line {step.line}"
    inputs: dict[str, Any] = {}
    for port, taken in step.inputs.items():
        if taken.demanded or fed[port].step:
            inputs[port] = _input(port, taken, fed[port], base_dir)
            comments[*path, "inputs", port] = _why(port, taken, fed[port])
    outputs = {port: {"channels": list(one.channels)} if one.channels else {} for port, one in step.outputs.items()}
    env = {name: one.value for name, one in step.env.items() if one.demanded or one.value is not None}
    comments |= {
        (*path, "env", name): f"fill in: {step.script}, {step.env[name].where}" for name, v in env.items() if v is None
    }
    args = {name: one for name, one in step.args.items() if one.demanded or one.value is not None or one.choices}
    comments |= {(*path, "args", name): _argument(step, one) for name, one in args.items()}
    more = {
        "inputs": inputs,
        "outputs": outputs if any(outputs.values()) else list(outputs),
        "env": env,
        "args": {name: _value(one) for name, one in args.items()},
        "container": {kind: dict(found) for kind, found in step.places.items() if found},
    }
    return written | {key: value for key, value in more.items() if value}


def _about(step: DraftStep, fed: Mapping[str, Guess]) -> str:
    """What the script takes beside what is written: if it is given, or in a way that its text does not tell."""
    left = [port for port, one in step.inputs.items() if not one.demanded and not fed[port].step]
    asked = [name for name, one in step.env.items() if not one.demanded and one.value is None]
    told = [
        f"also takes input {', '.join(left[:_LISTED])}, if given" if left else "",
        f"also asks for {', '.join(asked[:_LISTED])}" if asked else "",
        f"may take more {' and '.join(sorted(step.unsure))} than its text tells" if step.unsure else "",
    ]
    if step.entry == "script" and not step.inputs and not step.outputs:
        told.append("its ports are not to be seen: fill in inputs, outputs and container")
    return "; ".join(filter(None, told))


def _input(port: str, taken: Taken, guess: Guess, base_dir: Path) -> Any:
    if not guess.step:
        return {"open": True}
    text = f"{guess.step}.{port}"
    if taken.demanded and text.count(".") == 1 and not (base_dir / text).exists():
        return text
    return {"step": guess.step, "port": port} | ({} if taken.demanded else {"optional": True})


def _why(port: str, taken: Taken, guess: Guess) -> str:
    if guess.step:
        return "guessed"
    might = " or ".join(f"{name}.{port}" for name in guess.among[:_LISTED])
    return f"{might}? or a path; {taken.where}" if might else f"fill in: a path, or step.port; {taken.where}"


def _value(one: Taken) -> Any:
    return one.choices[0] if one.value is None and one.choices else one.value


def _argument(step: DraftStep, one: Taken) -> str:
    if one.choices:
        return f"one of {', '.join(map(str, one.choices[:_LISTED]))}"
    # Beside a number, a comment would say nothing that the number does not.
    return f"fill in: {step.script}, {one.where}" if one.value is None else ""


def _line(text: str) -> str:
    """A comment stays one line, whatever names are in it."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain if len(plain) <= _COMMENT else f"{plain[:_COMMENT]}..."
