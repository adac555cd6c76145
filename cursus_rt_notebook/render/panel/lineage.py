"""The data of a run as a graph: files and ports as boxes between the steps that wrote and read them.

What is there and how it stands, in words; `lineage_view` draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.files import list_files
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.remotes import place_of
from cursus_rt_notebook.engine.state import SETTLED, StepState, StepStatus, Table
from cursus_rt_notebook.pipeline.addresses import is_address
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, FromStep, Given, Output, Pipeline, Step
from cursus_rt_notebook.render import flow, words
from cursus_rt_notebook.render.chars import one_line

CHANNELS_SHOWN = 4


@dataclass(frozen=True)
class Box:
    """A step, a port that it writes, or a file that it reads. Ids are the boxes' own: no two are the same."""

    id: str
    kind: str  # step, port or file
    step: str
    port: str = ""
    path: Path | None = None
    address: str = ""
    sample: int | None = None
    lines: int = 0  # beside its name: a line for each channel that it promises


@dataclass(frozen=True)
class Fact:
    """One line under a box's name: in whole, and shorter where that does not fit; whether it is out of the usual."""

    told: tuple[str, ...]
    unusual: bool = False


def boxes(
    pipeline: Pipeline, opened: Mapping[str, Iterable[str]]
) -> tuple[tuple[Box, ...], tuple[tuple[str, str], ...]]:
    """Every box, each after what it is made of, and the arrows between them by id.

    Args:
        opened: The other files that each step opened beside its script.
    """
    found: dict[str, Box] = {}
    arrows: dict[tuple[str, str], None] = {}
    for name in pipeline.order:
        step = pipeline.steps[name]
        own = Box(f"step {name}", "step", name)
        for file in (*_files_read(step), *(_file(name, Path(path)) for path in opened.get(name, ()))):
            found.setdefault(file.id, file)
            arrows[file.id, own.id] = None
        arrows |= {(f"port {s.step}/{s.port}", own.id): None for s in step.inputs.values() if isinstance(s, FromStep)}
        found[own.id] = own
        for port, output in step.outputs.items():
            box = Box(f"port {name}/{port}", "port", name, port, lines=_lines(output))
            found[box.id] = box
            arrows[own.id, box.id] = None
    return tuple(found.values()), tuple(arrows)


def opened_files(view: StepView) -> tuple[str, ...]:
    """The files beside its script that a step opened when it made the outputs that it has now."""
    step = view.state
    if step.artifact is None or step.key is None:
        return ()
    records = view.workspace.journal.artifacts(step.key)
    return next((tuple(sorted(record.opened)) for record in records if record.key == step.artifact), ())


def port_look(step: StepState, port: str) -> str:
    """How data stands: as its step does where it is there, else `waiting`, or `skipped` if it will not come."""
    if port in step.outputs and step.status in SETTLED | {StepStatus.STALE}:
        return step.status.value
    gone = step.blocked or step.status in {StepStatus.SKIPPED, StepStatus.FAILED}
    return "skipped" if gone else "waiting"


def port_facts(view: StepView, port: str) -> tuple[Fact, ...]:
    """What is in a port: a line, or one for each channel."""
    step, output = view.state, view.step.outputs[port]
    tables = [t for t in step.tables if t.port == port]
    if step.status not in SETTLED:
        return _by_channel(output, {}, _missing(step, port))
    if output.channels:
        held = {c: Fact((_named(c, _files(part.path)),)) for c, part in _channels(view, port)}
        return _by_channel(output, held | {t.channel: _fact(t) for t in tables}, "empty")
    if len(tables) == 1 and tables[0].channel is None:
        return (_fact(tables[0]),)
    if tables:
        rows = sum(t.rows or 0 for t in tables)
        return (Fact((f"{words.plural(len(tables), 'table')} · {words.plural(rows, 'row')}",)),)
    return (Fact((_files(view.outputs[port].path) if port in view.outputs else "empty",)),)


def file_name(box: Box) -> str:
    """What a file is called."""
    return box.path.name if box.path else box.address.rstrip("/").rpartition("/")[2]


def file_fact(box: Box, view: StepView) -> tuple[str, Fact]:
    """How a file of the user's stands, and how large it is: `waiting` if it is not there, or not fetched yet."""
    path = box.path or place_of(view.workspace.path, box.address, box.sample)
    if path is None:
        return "waiting", Fact(("not fetched yet",))
    try:
        size = path.stat().st_size
    except OSError:
        return "waiting", Fact(("not there",))
    return "done", Fact(("folder" if path.is_dir() else words.size(size),))


def port_title(view: StepView, port: str) -> str:
    """All that is known of a port, for a tooltip."""
    tables = [flow.sentence(t) for t in view.state.tables if t.port == port and view.status in SETTLED]
    return "\n".join([f"{one_line(port[:200])}, written by {one_line(view.name[:200])}", *tables])


def _files_read(step: Step) -> Iterator[Box]:
    """What a step reads beside the ports of others, and what stands in for it."""
    for source in step.inputs.values():
        if isinstance(source, FromPath):
            yield _file(step.name, source.path)
        elif isinstance(source, FromAddress):
            yield _file(step.name, source.address, source.sample)
    for data in step.stub.outputs.values() if step.stub else ():
        place, sample = (data.place, data.sample) if isinstance(data, Given) else (data, None)
        if isinstance(place, (str, Path)):
            yield _file(step.name, place, sample)


def _file(step: str, place: Path | str, sample: int | None = None) -> Box:
    if is_address(place):
        return Box(f"file {place} {sample or ''}", "file", step, address=place, sample=sample, lines=1)
    return Box(f"file {place}", "file", step, path=Path(place), lines=1)


def _lines(output: Output) -> int:
    return max(1, min(len(output.channels), CHANNELS_SHOWN))


def _missing(step: StepState, port: str) -> str:
    match step.status:
        case StepStatus.STALE if port in step.outputs:
            return step.reason or "may be different now"
        case StepStatus.RUNNING:
            return "being written"
        case StepStatus.FAILED:
            return "not written"
        case StepStatus.WAITING if not step.blocked:
            return "not there yet"
        case _:
            return step.reason or "not written"


def _by_channel(output: Output, known: Mapping[Any, Fact], otherwise: str) -> tuple[Fact, ...]:
    if not output.channels:
        return (Fact((otherwise,)),)
    shown = output.channels[:CHANNELS_SHOWN]
    facts = [known.get(channel, Fact((_named(channel, otherwise if known else ""),))) for channel in shown]
    more = len(output.channels) - len(shown)
    return (*facts[:-1], Fact((f"+ {words.plural(more + 1, 'channel')}",))) if more else tuple(facts)


def _channels(view: StepView, port: str) -> Iterator[tuple[str, Artifact]]:
    if port in view.outputs:
        artifact = view.outputs[port]
        yield from ((channel, artifact[channel]) for channel in artifact.channels)


def _fact(table: Table) -> Fact:
    changed = words.change(table.rows, table.former)
    whole = _named(table.channel, words.shape(table.rows, table.columns))
    short = _named(table.channel, words.rough(table.rows) if table.rows is not None else "?")
    if not changed:
        return Fact((whole, short))
    return Fact((f"{whole} {changed}", f"{short} {changed}", short), flow.is_unusual(table))


def _named(channel: str | None, told: str) -> str:
    return " ".join(filter(None, (channel, told)))


@lru_cache(maxsize=1024)
def _files(folder: Path) -> str:
    # What an artifact holds never changes: looked at once.
    files = list_files(folder)
    if not files:
        return "empty"
    size = words.size(sum(file.size for file in files))
    name = one_line(Path(files[0].path).name[:40]) if len(files) == 1 else words.plural(len(files), "file")
    return f"{name} · {size}"
