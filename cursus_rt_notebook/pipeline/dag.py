"""The graph between the steps: no step waits for itself, and a graph's edges agree with the references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from cursus_rt_notebook.pipeline.document import Document, KeyPath, place
from cursus_rt_notebook.pipeline.faults import quoted

# For each step what it waits for: the other step, and the places that say so.
Waits = Mapping[str, Mapping[str, tuple[KeyPath, ...]]]


def check_cycles(waits: Waits, document: Document) -> None:
    """Note every ring of steps that wait for each other."""
    for ring in _rings({step: set(needs) for step, needs in waits.items()}):
        links = [waits[after][before][0] for before, after in pairwise(ring)]
        message = f"steps wait for each other: {' -> '.join(ring)}"
        fix = f"take away one of {', '.join(place(link) for link in links)}"
        if len(links) == 1:
            message, fix = f"step {quoted(ring[0])} waits for itself", "take it away"
        document.fault(links[0], message, fix)


def check_edges(waits: Waits, document: Document) -> dict[str, tuple[str, ...]]:
    """What a graph's edges add: an edge that no reference explains is an order without data, for the step it leads to.

    A reference without its edge is noted, unless the graph has no edges at all: then the references are all it has.
    """
    edges = dict.fromkeys(document.edges or ())
    if not edges:
        return {}
    for after, needs in waits.items():
        for before, links in needs.items():
            if (before, after) not in edges and before != after:
                message = f"uses step {quoted(before)}, but the graph has no edge from it"
                document.fault(links[0], message, f"add_edge({before!r}, {after!r}), or mend the reference")
    added: dict[str, tuple[str, ...]] = {}
    for before, after in edges:
        if before not in waits.get(after, {}):
            added[after] = (*added.get(after, ()), before)
    return added


def _rings(needs: dict[str, set[str]]) -> Iterator[list[str]]:
    """Cycles without a step in common, each from its first step (in the document's order) round to it again."""
    position = {step: at for at, step in enumerate(needs)}
    while True:
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            ring: list[str] = error.args[1][:-1]
        else:
            return
        first = ring.index(min(ring, key=position.__getitem__))
        ring = [*ring[first:], *ring[:first]]
        yield [*ring, ring[0]]
        needs = {step: before - set(ring) for step, before in needs.items() if step not in ring}
