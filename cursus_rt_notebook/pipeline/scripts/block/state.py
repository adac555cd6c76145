"""What the names of a block hold at one place in it: expressions in terms of the module, and mappings by key."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

LARGEST = 400  # nodes; above that an expression is not followed


@dataclass(frozen=True)
class Entry:
    """One value of a mapping (None where it is not known), and the condition under which it is there (None for always)."""

    value: ast.expr | None
    line: int
    when: ast.expr | None = None


@dataclass
class Keyed:
    """A mapping: `more` is whether other keys may be in it, `prefixes` those of the variables that were copied into it."""

    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])
    more: bool = False
    prefixes: frozenset[str] = frozenset()

    def copy(self) -> Keyed:
        """Another one that holds the same."""
        return Keyed(dict(self.entries), self.more, self.prefixes)

    def take(self, other: Keyed) -> None:
        """Take the entries of another one over."""
        self.entries.update(other.entries)
        self.more |= other.more
        self.prefixes |= other.prefixes


@dataclass
class State:
    """The names at one place: each an expression, a mapping, or None for what is not known."""

    names: dict[str, ast.expr | Keyed | None] = field(default_factory=dict[str, "ast.expr | Keyed | None"])
    ended: bool = False

    def copy(self) -> State:
        """Another state like this: what happens to its mappings does not show here."""
        copies: dict[int, Keyed] = {}
        names: dict[str, ast.expr | Keyed | None] = {}
        for name, held in self.names.items():
            names[name] = copies.setdefault(id(held), held.copy()) if isinstance(held, Keyed) else held
        return State(names, self.ended)


def merged(test: ast.expr | None, yes: State, no: State) -> State:
    """Where two ways meet again: `yes` where the test held, `no` where it did not."""
    if yes.ended or no.ended:
        return no if yes.ended else yes
    names: dict[str, ast.expr | Keyed | None] = {}
    pairs: dict[tuple[int, int], Keyed] = {}
    for name in dict.fromkeys((*yes.names, *no.names)):
        a, b = yes.names.get(name), no.names.get(name)
        if isinstance(a, Keyed) and isinstance(b, Keyed):
            names[name] = pairs.setdefault((id(a), id(b)), _merged_keys(test, a, b))
        elif isinstance(a, Keyed) or isinstance(b, Keyed) or name not in yes.names or name not in no.names:
            names[name] = None
        else:
            names[name] = _either(test, a, b)
    return State(names)


def _merged_keys(test: ast.expr | None, yes: Keyed, no: Keyed) -> Keyed:
    entries: dict[str, Entry] = {}
    for key in dict.fromkeys((*yes.entries, *no.entries)):
        a, b = yes.entries.get(key), no.entries.get(key)
        if a is not None and b is not None:
            entries[key] = a if a is b else Entry(_either(test, a.value, b.value), a.line, _when_either(test, a, b))
        elif a is not None:
            entries[key] = replace(a, when=_both(test, a.when))
        elif b is not None:
            entries[key] = replace(b, when=_both(_negated(test), b.when))
    return Keyed(entries, yes.more or no.more, yes.prefixes | no.prefixes)


def _either(test: ast.expr | None, a: ast.expr | None, b: ast.expr | None) -> ast.expr | None:
    if a is b or (a is not None and b is not None and ast.dump(a) == ast.dump(b)):
        return a
    return small(ast.IfExp(test, a, b)) if test is not None and a is not None and b is not None else None


def _when_either(test: ast.expr | None, a: Entry, b: Entry) -> ast.expr | None:
    if a.when is None and b.when is None:
        return None
    always = ast.Constant(value=True)
    return _either(test, a.when or always, b.when or always) or UNTOLD


def _both(test: ast.expr | None, when: ast.expr | None) -> ast.expr:
    if test is None or when is UNTOLD:
        return UNTOLD
    return test if when is None else small(ast.BoolOp(ast.And(), [test, when])) or UNTOLD


def _negated(test: ast.expr | None) -> ast.expr | None:
    return None if test is None else ast.UnaryOp(ast.Not(), test)


# A condition of which nothing is known.
UNTOLD = ast.Constant(value=...)


def small(node: ast.expr) -> ast.expr | None:
    """An expression that is not too large to be followed."""
    return node if sum(1 for _ in ast.walk(node)) <= LARGEST else None
