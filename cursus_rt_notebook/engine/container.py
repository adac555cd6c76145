"""The container that a script was written for, on this machine: a folder in which its paths have their places.

As SageMaker does it: an input that is given is there, laid over what holds it; one that is not is not. The folders of
outputs are there, and each becomes the artifact of its port when the script has ended well. `/opt/ml/code` is the step's
own source folder; whatever else lies under `/opt/ml`, and `/tmp`, begins empty.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from cursus_rt_notebook.engine.block import always_given
from cursus_rt_notebook.engine.plan import StepPlan
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.sagemaker import CODE, OWN
from cursus_rt_notebook.worker.inside.moving import moved
from cursus_rt_notebook.workspace.atomic import storing
from cursus_rt_notebook.workspace.sharing import copy_file
from cursus_rt_notebook.workspace.staging import Staging
from cursus_rt_notebook.workspace.views import View
from cursus_rt_notebook.workspace.walk import list_folder

Moves = tuple[tuple[str, str], ...]


def moves_of(plan: StepPlan, staging: Staging) -> Moves:
    """Where the places of the container lie here, longest first; none for a step that knows of no container."""
    if plan.step.container is None:
        return ()
    found = {place: str(_here(staging, place)) for place in OWN} | {CODE: str(plan.step.source_dir)}
    for place in (*_inputs(plan).values(), *_outputs(plan.step).values()):
        if moved(place, _longest_first(found)) != str(_here(staging, place)):
            found[place] = str(_here(staging, place))
    return _longest_first(found)


def _longest_first(found: Mapping[str, str]) -> Moves:
    return tuple(sorted(found.items(), key=lambda each: (-len(each[0]), each[0])))


def make_room(step: Step, staging: Staging) -> None:
    """Make the folders that a script finds in any case: of its outputs, and those of the container that begin empty."""
    for place in OWN:
        _here(staging, place).mkdir(parents=True, exist_ok=True)
    for place in _outputs(step).values():
        path = _here(staging, place)
        (path.parent if path.suffix else path).mkdir(parents=True, exist_ok=True)


def input_places(plan: StepPlan, staging: Staging) -> dict[str, tuple[Path, tuple[str, ...]]]:
    """Where each input that is given goes, outer folders first; with what of it other inputs hide.

    A file lies in its port's folder, or is what the port's path names.
    """
    places = _inputs(plan)
    found: dict[str, tuple[Path, tuple[str, ...]]] = {}
    for port, place in sorted(places.items(), key=lambda each: (len(PurePosixPath(each[1]).parts), each[1])):
        source = plan.inputs[port].path
        here = _here(staging, place)
        if source.is_file() and not here.suffix:
            here /= source.name
        inner = (other for other in places.values() if other.startswith(place + "/"))
        found[port] = (here, tuple(sorted(posixpath.relpath(other, place) for other in inner)))
    return found


def input_paths(plan: StepPlan, views: Mapping[str, View], moves: Moves) -> dict[str, str]:
    """What `main` is told of its inputs.

    Also of those that lie in its source folder, which is `/opt/ml/code`, and of those that the script's own `__main__`
    block tells it of whether or not anything is there.
    """
    places = _inputs(plan)
    told = {port: moved(places[port], moves) if port in places else str(view.path) for port, view in views.items()}
    always = always_given(plan.step)
    for port, place in _clean(plan.step.container.inputs if plan.step.container else {}).items():
        here = moved(place, moves)
        if port not in told and (port in always or (_is_below(place, CODE) and Path(here).exists())):
            told[port] = here
    return told


def output_paths(step: Step, staging: Staging) -> dict[str, str]:
    """What `main` is told of its outputs."""
    places = _outputs(step)
    return {
        port: str(_here(staging, places[port]) if port in places else staging.outputs(port)) for port in step.outputs
    }


def collect(plan: StepPlan, staging: Staging) -> tuple[str, ...]:
    """Put what a script wrote to its container's folders where each port's outputs are kept.

    A port that lies in another's folder is part of that, too, as it would be uploaded.

    Returns:
        The files, by their paths in the container, that no port hands on and that were in none of the inputs.

    Raises:
        WorkspaceError: it cannot be done.
    """
    left = dict(sorted(_outputs(plan.step).items(), key=lambda each: len(PurePosixPath(each[1]).parts)))
    with storing("keep the outputs", staging.out):
        while left:
            port, place = left.popitem()
            shared = any(_is_below(place, other) for other in left.values())
            _hand_over(_here(staging, place), staging.outputs(port), move=not shared)
        return tuple(_lost(plan, staging))


def _hand_over(path: Path, folder: Path, *, move: bool) -> None:
    """Make `folder` what lies at `path`, or, if that is a file by its name, let it hold it."""
    if not os.path.lexists(path):
        return  # the script deleted it, or never wrote the file
    target = folder / path.name if path.suffix else folder
    if target == folder:
        folder.rmdir()
    if move:
        path.rename(target)
    elif path.is_dir() and not path.is_symlink():
        _copy_folder(path, target)
    elif path.is_file() and not path.is_symlink():
        copy_file(os.fspath(path), os.fspath(target))


def _copy_folder(source: Path, target: Path) -> None:
    # What is no regular file is refused when the outer port is kept.
    listing = list_folder(source, follow=False)
    target.mkdir()
    for folder in listing.folders:
        (target / folder).mkdir(exist_ok=True)
    for name in listing.files:
        copy_file(os.fspath(source / name), os.fspath(target / name))


def _lost(plan: StepPlan, staging: Staging) -> Iterator[str]:
    root = _here(staging, OWN[0])
    if not root.is_dir():
        return
    given = _inputs(plan).values()
    for name in list_folder(root, follow=False).files:
        place = f"{OWN[0]}/{name}"
        if not any(_is_below(place, other) for other in given):
            yield place


def _here(staging: Staging, place: str) -> Path:
    return staging.container / place.lstrip("/")


def _inputs(plan: StepPlan) -> dict[str, str]:
    """The places of the inputs that are given."""
    return _places("inputs", plan.step, plan.inputs)


def _outputs(step: Step) -> dict[str, str]:
    return _places("outputs", step, step.outputs)


def _places(kind: Literal["inputs", "outputs"], step: Step, ports: Collection[str]) -> dict[str, str]:
    """The places of those of a step's `ports` that its container has."""
    places: dict[str, str] = getattr(step.container, kind) if step.container else {}
    return {port: place for port, place in _clean(places).items() if port in ports}


def _clean(places: Mapping[str, str]) -> dict[str, str]:
    return {port: posixpath.normpath(f"/{place.lstrip('/')}") for port, place in places.items()}


def _is_below(place: str, other: str) -> bool:
    return place == other or place.startswith(other + "/")
