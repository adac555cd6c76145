"""Which data went from where to where, over executions of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from cursus_rt_notebook.data.results import TestedModel


class LineageEdge(BaseModel):
    """One flow of data: what wrote it, what read it, and the content's digest."""

    model_config = ConfigDict(frozen=True)

    producer: str
    producer_port: str
    consumer: str
    consumer_port: str
    digest: str = ""


class DataLineage(TestedModel):
    """Which data went from where to where. A producer that is no step is a file of the user's."""

    edges: tuple[LineageEdge, ...] = ()

    @property
    def ok(self) -> bool:
        """A lineage is neither good nor bad."""
        return True

    @property
    def headline(self) -> str:
        """How much flows, in one sentence."""
        ends = {edge.consumer for edge in self.edges} | {edge.producer for edge in self.edges}
        return f"{len(self.edges)} flows of data between {len(ends)} steps and files"

    def rows(self) -> Sequence[dict[str, Any]]:
        """A row a flow."""
        return [edge.model_dump() for edge in self.edges]

    def upstream(self, step: str) -> tuple[str, ...]:
        """All that the data of a step comes from, nearest first."""
        return _reached(step, {(edge.consumer, edge.producer) for edge in self.edges})

    def downstream(self, step: str) -> tuple[str, ...]:
        """All that the data of a step goes to, nearest first."""
        return _reached(step, {(edge.producer, edge.consumer) for edge in self.edges})


def _reached(start: str, links: set[tuple[str, str]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    front = [start]
    while front:
        front = sorted({to for near in front for at, to in links if at == near and to not in found and to != start})
        found.update(dict.fromkeys(front))
    return tuple(found)
