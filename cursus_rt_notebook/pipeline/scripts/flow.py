"""Where the reading of a script stands: which names are what, and what is certain at this place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cursus_rt_notebook.pipeline.scripts.record import Record
from cursus_rt_notebook.pipeline.scripts.values import (
    UNKNOWN,
    Absent,
    Class,
    Const,
    Function,
    Library,
    Method,
    Other,
    Pattern,
    Scope,
    Value,
    is_followed,
    joined,
)
from cursus_rt_notebook.pipeline.scripts.words import Words

Key = tuple[Any, str]  # of a mapping by its kind, or of a table

LOOP = 1  # the way out of the innermost loop, by break or continue
FUNCTION = 2  # the way out of the function

_TELLING = frozenset({"environ", "getenv", "exit", "_exit"})


class TooLong(Exception):
    """The script is too long to be followed to its end."""


@dataclass
class Flow:
    """One way through a function.

    `known` are the keys that were asked for and found; `certain` is whether nothing decides that this is reached, and
    `left` by which ways it may have been left already; `caught` is whether a missing key is caught; `end` is how the way
    ended: "" (it did not), "raise", "return", or "loop" (by break or continue).
    """

    scope: Scope
    known: frozenset[Key] = frozenset()
    certain: bool = True
    caught: bool = False
    left: int = 0
    end: str = ""
    returns: list[Value] = field(default_factory=list[Value])

    @property
    def surely(self) -> bool:
        """Whether every way through the function, but those that fail, comes here."""
        return self.certain and not self.left


@dataclass
class Reading:
    """What all parts of the reading share. `value` reads an expression, `run` statements."""

    record: Record
    steps_left: int
    value: Callable[[ast.expr, Flow], Value] = field(init=False)
    run: Callable[[Iterable[ast.stmt], Flow], None] = field(init=False)
    words: Words
    as_script: bool = False
    exited: bool = False  # the script may have ended well, by sys.exit(0)
    calls: dict[object, Value | None] = field(default_factory=dict[object, Value | None])
    depth: int = 0
    scanned: set[ast.AST] = field(default_factory=set[ast.AST])
    scopes: list[Scope] = field(default_factory=list[Scope])

    def scope(self, names: Mapping[str, Value], around: Scope | None = None) -> Scope:
        """A new scope."""
        made = Scope(dict(names), around)
        self.scopes.append(made)
        return made

    def forget(self) -> None:
        """Let go of the tree: functions and scopes hold each other, and nobody else collects them soon."""
        for scope in self.scopes:
            scope.names.clear()
        self.calls.clear()
        del self.value, self.run

    def may_skip(self, function: Function | Class, args: Iterable[Value]) -> bool:
        """Whether nothing that a function does with these arguments could be of interest."""
        inside = function.scope.around is not None  # it may see what the function around it was given
        return not inside and not any(map(is_followed, args)) and not self.words.speak_of(function.node, _TELLING)

    def may_pass_over(self, node: ast.stmt, flow: Flow) -> bool:
        """Whether a statement that only calls something names nothing of interest: most log lines are such."""
        words = self.words.of(node)
        if not _TELLING.isdisjoint(words):
            return False
        for word in words:
            found = flow.scope.find(word)
            if found is not None and found is not UNKNOWN and self._tells(found):
                return False
        return True

    def _tells(self, value: Value) -> bool:
        for atom in value:
            if isinstance(atom, (Function, Class)):
                if not self.may_skip(atom, ()):
                    return True
            elif not isinstance(atom, (Other, Const, Pattern, Library, Method)) or is_followed(frozenset({atom})):
                return True
        return False

    def step(self) -> None:
        """Count a statement.

        Raises:
            TooLong: that was one too many.
        """
        self.steps_left -= 1
        if self.steps_left < 0:
            raise TooLong

    def use(self, kind: str, key: str, node: ast.expr, flow: Flow, *, demanded: bool) -> None:
        """Note that `key` is taken from one of the mappings."""
        free = (kind, key) in flow.known or flow.caught
        surely = flow.surely and not self.exited
        self.record.use(kind, key, node.lineno, demanded=demanded and not free, surely=surely)

    def need(self, value: Value, node: ast.expr, flow: Flow) -> Value:
        """Note that None will not do here; the value without it."""
        for atom in value:
            if isinstance(atom, Absent) and len(value) <= 2:
                self.use(atom.kind, atom.key, node, flow, demanded=True)
        return frozenset(a for a in value if not isinstance(a, Absent)) or UNKNOWN


def fork(flow: Flow, *, known: Iterable[Key] = (), certain: bool = False, caught: bool = False) -> Flow:
    """A way that goes on from here under a condition."""
    known = flow.known.union(known) if known else flow.known
    sure = flow.certain and certain
    return Flow(flow.scope, known, sure, flow.caught or caught, flow.left, flow.end, flow.returns)


def several(flow: Flow, ways: Iterable[tuple[Flow, Callable[[Flow], None]]]) -> list[Flow]:
    """Go each of these ways from the same names, and go on from where they meet; returns how each ended."""
    before = flow.scope.names
    ended: list[tuple[Flow, dict[str, Value]]] = []
    for way, go in ways:
        flow.scope.names = dict(before)
        go(way)
        ended.append((way, flow.scope.names))
    alive = [(way, names) for way, names in ended if not way.end]
    flow.scope.names = _meet([names for _, names in alive]) if alive else before
    for way, _ in ended:
        flow.left |= way.left
    if alive:
        flow.known = frozenset.intersection(*(way.known for way, _ in alive))
    else:
        ends = {way.end for way, _ in ended}
        flow.end = next(end for end in ("loop", "return", "raise") if end in ends)
    return [way for way, _ in ended]


def _meet(branches: list[dict[str, Value]]) -> dict[str, Value]:
    if len(branches) == 1:
        return branches[0]
    met: dict[str, Value] = {}
    for name in dict.fromkeys(name for names in branches for name in names):
        values = [names[name] for names in branches if name in names]
        met[name] = values[0] if all(v is values[0] for v in values) else joined(values)
    return met


def without_absent(value: Value, flow: Flow) -> Value:
    """The value, less the None of a key that is known to be there."""
    if len(value) > 1 and any(isinstance(a, Absent) and (a.kind, a.key) in flow.known for a in value):
        return frozenset(a for a in value if not (isinstance(a, Absent) and (a.kind, a.key) in flow.known))
    return value
