"""`build_envs`: give each step of a pipeline an interpreter that has what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement

from cursus_rt_notebook import display
from cursus_rt_notebook.engine.environments import told
from cursus_rt_notebook.engine.environments.groups import Group, grouped
from cursus_rt_notebook.engine.environments.make import Environment, Maker, Refused
from cursus_rt_notebook.engine.environments.told import Environments
from cursus_rt_notebook.errors import EnvironmentsMissing, NameUnknown, PipelineError
from cursus_rt_notebook.pipeline.arguments import texts_of
from cursus_rt_notebook.pipeline.asked import Asked, asked_by, is_fulfilled
from cursus_rt_notebook.pipeline.faults import listed, near
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, Pipeline, Step
from cursus_rt_notebook.settings import WORKSPACE_DIR
from cursus_rt_notebook.worker import interpreters
from cursus_rt_notebook.worker.packages import all_versions
from cursus_rt_notebook.workspace.folder import absolute_folder

if TYPE_CHECKING:
    import networkx as nx

Tell = Callable[[str], None]


def build_envs(
    pipeline: str | Path | Mapping[str, Any] | nx.DiGraph[Any] | Pipeline,
    *,
    workspace_dir: str | Path = WORKSPACE_DIR,
    steps: Collection[str] | None = None,
    require: Mapping[str, str] | None = None,
    progress: Tell | bool = True,
) -> Pipeline:
    """The same pipeline, in which each step runs under an interpreter that has the packages it asks for.

    Steps share an environment where their requirements allow it; where the kernel has all that they ask for, they stay
    with it. Each environment is made once, in the workspace, of an interpreter that is on this machine, and of wheels only:
    nothing is compiled, and nothing is installed into an environment of yours. Steps with a `python:` of their own, and
    those that a stub stands in for, stay as they are. What was chosen, and why, is shown, and is in the pipeline's notes.

    Args:
        pipeline: A pipeline, or whatever one can be read from.
        workspace_dir: Where the environments are kept.
        steps: Only these; all by default.
        require: Versions to add to what these steps ask for, as pip writes them: `{"pandas": "<3"}`.
        progress: Called with a line about each thing that is done; True shows them where you are, False does not.

    Raises:
        EnvironmentsMissing: for some steps nothing on this machine fulfils what they ask for; says what was tried. The
            others have theirs: in the error's `pipeline`.
        NameUnknown: there is no such step.
        PipelineError: the pipeline is wrong as written, or `steps` or `require` is.
        WorkspaceError: the workspace cannot be used.
    """
    loaded = load_pipeline(pipeline)
    folder = absolute_folder(workspace_dir)
    wishes = _wishes(loaded, _chosen(loaded, steps), texts_of("require", require, '{"pandas": "<3"}'))
    with _telling(progress=progress) as tell:
        found = _environments(wishes, folder, tell)
    if progress is True:
        display.show(found)
    built = _with(loaded, found)
    if found.refused:
        fix = "make requirements: less narrow, install a Python that has wheels for them, or set python: of these steps to an environment of yours"
        names = tuple(name for one in found.refused for name in one.group.steps)
        raise EnvironmentsMissing(told.failed(found.refused), fix=fix, steps=names, pipeline=built)
    return built


def _chosen(pipeline: Pipeline, names: Any) -> list[Step]:
    if isinstance(names, str) or not (names is None or isinstance(names, Collection)):
        raise PipelineError(f"steps={names!r:.40} are no names of steps", fix='give steps=["STEP", ...]')
    for name in names or ():
        if name not in pipeline.steps:
            meant = near(str(name), pipeline.steps)
            fix = f"did you mean {meant}?" if meant else f"there are {listed(pipeline.steps)}"
            raise NameUnknown(f"there is no step {name!r} in {pipeline.name}", fix=fix)
    steps = (pipeline.steps[name] for name in pipeline.order if names is None or name in names)
    return [step for step in steps if step.python is None and step.stub is None and step.script != NO_SCRIPT]


def _wishes(pipeline: Pipeline, steps: list[Step], require: Mapping[str, str]) -> dict[str, Asked]:
    try:
        return {step.name: asked_by(step, require) for step in steps}
    except InvalidRequirement as error:
        fix = 'write versions as pip does: {"pandas": ">=1.5,<3"}'
        raise PipelineError(f"require={require!r} cannot be read for {pipeline.name}: {error}", fix=fix) from None


def _environments(wishes: Mapping[str, Asked], workspace_dir: Path, tell: Tell) -> Environments:
    own = interpreters.find(None)
    have = all_versions(own)
    # A step that asks for no version, and that the kernel can run, is not to get a neighbour's old packages.
    free = {n: wish for n, wish in wishes.items() if wish.is_open and is_fulfilled(wish, have, own.version)}
    made: list[Environment] = []
    refused: list[Refused] = []
    maker = Maker(workspace_dir, tell)
    todo = [*grouped({n: wish for n, wish in wishes.items() if n not in free}), *grouped(free)]
    while todo:
        group = todo.pop(0)
        if is_fulfilled(group.asked, have, own.version):
            made.append(Environment(group, None, own.version, have))
            continue
        maker.tell = _about(group, tell)
        found = maker.made(group)
        if isinstance(found, Environment):
            made.append(found)
        elif parts := group.apart():  # what they ask for does not contradict itself, but no interpreter has all of it
            todo[:0] = parts
        else:
            refused.append(found)
    return Environments(tuple(made), tuple(refused))


def _about(group: Group, tell: Tell) -> Tell:
    first, *others = group.steps
    name = f"{first} and {len(others)} more" if others else first
    return lambda text: tell(f"{name}: {text}")


def _with(pipeline: Pipeline, found: Environments) -> Pipeline:
    steps = dict(pipeline.steps)
    for one in found.made:
        if one.python is not None:
            steps.update({name: steps[name].altered(python=one.python) for name in one.group.steps})
    notes = tuple(note for one in found.made for note in told.notes(one))
    return pipeline.altered(steps=steps, notes=(*pipeline.notes, *notes))


@contextmanager
def _telling(*, progress: Tell | bool) -> Generator[Tell]:
    if callable(progress):
        yield progress
    elif not progress:
        yield lambda _: None
    else:
        with display.live_line() as line:
            yield line.say
