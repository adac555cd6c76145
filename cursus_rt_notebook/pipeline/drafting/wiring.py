"""Which output may feed which input of a draft: the one output of the same name, where there is but one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter

from cursus_rt_notebook.pipeline.drafting.scripts import DraftStep, Taken


@dataclass(frozen=True)
class Guess:
    """What feeds an input: the step, or "" where none could be told; `among` are the steps that might."""

    step: str = ""
    among: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """The steps in their order, and for each step what feeds its inputs."""

    steps: tuple[DraftStep, ...]
    fed: Mapping[str, Mapping[str, Guess]]


def wired(steps: Sequence[DraftStep]) -> Draft:
    """The steps so that each comes after what feeds it; an input that would close a circle stays open."""
    makers: dict[str, list[str]] = {}
    for step in steps:
        for port in step.outputs:
            makers.setdefault(port, []).append(step.name)
    needs: dict[str, set[str]] = {step.name: set() for step in steps}
    fed: dict[str, dict[str, Guess]] = {step.name: {} for step in steps}
    for step in steps:
        for port in step.inputs:
            among = tuple(name for name in makers.get(port, ()) if name != step.name)
            sure = len(among) == 1 and not _reaches(needs, among[0], step.name)
            fed[step.name][port] = Guess(among[0] if sure else "", among)
            if sure:
                needs[step.name].add(among[0])
    order = _ordered(needs)
    by_name = {step.name: step for step in steps}
    return Draft(tuple(_with_channels(by_name[name], steps, fed) for name in order), fed)


def _reaches(needs: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """Whether `start` needs `goal`, directly or not."""
    todo, seen = [start], set[str]()
    while todo:
        name = todo.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            todo += needs[name]
    return False


def _ordered(needs: Mapping[str, set[str]]) -> list[str]:
    """Each after what it needs; ties as they came."""
    place = {name: i for i, name in enumerate(needs)}
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    found: list[str] = []
    ready = list(sorter.get_ready())
    while ready:
        ready.sort(key=place.__getitem__)
        found.append(ready.pop(0))
        sorter.done(found[-1])
        ready += sorter.get_ready()
    return found


def _with_channels(step: DraftStep, steps: Sequence[DraftStep], fed: Mapping[str, Mapping[str, Guess]]) -> DraftStep:
    """The step, whose outputs have the subfolders that their readers read."""
    outputs: dict[str, Taken] = {}
    for port, taken in step.outputs.items():
        readers = [
            other.inputs[port] for other in steps if port in fed[other.name] and fed[other.name][port].step == step.name
        ]
        all_in_folders = bool(readers) and all(reader.channels for reader in readers)
        channels = dict.fromkeys(name for reader in readers for name in reader.channels) if all_in_folders else {}
        outputs[port] = replace(taken, channels=tuple(channels))
    return replace(step, outputs=outputs)
