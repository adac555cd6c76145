"""Which steps can share an environment: those whose requirements do not contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cursus_rt_notebook.pipeline.asked import Asked


@dataclass(frozen=True)
class Group:
    """Steps that share an environment, and all that they ask for together; `each` is what they ask for by themselves."""

    steps: tuple[str, ...]
    asked: Asked
    each: Mapping[str, Asked]

    def apart(self) -> tuple[Group, ...]:
        """One group for each different wish; nothing where there is but one."""
        by_lines: dict[tuple[object, ...], list[str]] = {}
        for name, asked in self.each.items():
            by_lines.setdefault((asked.lines, asked.python), []).append(name)
        if len(by_lines) < 2:
            return ()
        return tuple(_group({name: self.each[name] for name in names}) for names in by_lines.values())


def grouped(asked: Mapping[str, Asked]) -> tuple[Group, ...]:
    """Few groups, in none of which two steps contradict each other.

    The steps that pin most come first, and another goes where it has most packages in common: what is written for the
    same time stays together, so that an open `pandas>=1.3` gets the pandas that its neighbour pins.
    """
    order = sorted(asked, key=lambda name: -asked[name].tightness)
    groups: list[dict[str, Asked]] = []
    wishes: list[Asked] = []
    for name in order:
        fitting = [(i, both) for i, wish in enumerate(wishes) if (both := wish.together(asked[name])) is not None]
        if not fitting:
            groups.append({name: asked[name]})
            wishes.append(asked[name])
            continue
        best, both = max(
            fitting, key=lambda fit: (len(wishes[fit[0]].packages.keys() & asked[name].packages.keys()), -fit[0])
        )
        groups[best][name] = asked[name]
        wishes[best] = both
    place = {name: i for i, name in enumerate(asked)}
    ordered = [{name: group[name] for name in sorted(group, key=place.__getitem__)} for group in groups]
    return tuple(map(_group, ordered))


def _group(each: Mapping[str, Asked]) -> Group:
    whole = Asked()
    for asked in each.values():
        both = whole.together(asked)
        assert both is not None, "steps of a group do not contradict each other"
        whole = both
    return Group(tuple(each), whole, each)
