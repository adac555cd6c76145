"""Expressions of a block in terms of its module: the block's own names are replaced by what they hold."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any, cast

from cursus_rt_notebook.pipeline.scripts.block.module import Module, folded
from cursus_rt_notebook.pipeline.scripts.block.state import LARGEST, Entry, Keyed, State, small

_MOST = 64  # turns of a loop or entries of a comprehension that are followed one by one
_ALL = ("os.environ", "environ")
ARGUMENTS = "job_args"


class _NotKnown(Exception):
    """A name of the block holds something that is not known."""


def inline(node: ast.expr, module: Module, state: State) -> ast.expr | None:
    """The same expression without the block's own names; None where one of them is not known."""
    own: set[str] = set()
    speaks = False
    for size, each in enumerate(ast.walk(node)):
        if size > LARGEST:
            return None
        if isinstance(each, ast.Name):
            speaks |= each.id in state.names
            if isinstance(each.ctx, ast.Store):
                own.add(each.id)
        elif isinstance(each, ast.arg):
            own.add(each.arg)
    if _parses(node, module):
        return ast.Name(ARGUMENTS, ast.Load())
    if not speaks:
        return node
    try:
        return small(_put_in(node, module, state, own))
    except _NotKnown:
        return None


def _put_in(node: Any, module: Module, state: State, own: set[str]) -> Any:
    """A node with what the names in it hold; the node itself where nothing differs: no tree is ever changed."""
    match node:
        case ast.Name(id=name) if name in state.names and name not in own:
            held = state.names[name]
            if not isinstance(held, ast.expr):
                raise _NotKnown
            return held
        case ast.Subscript(value=ast.Name(id=name), slice=key) if isinstance(state.names.get(name), Keyed):
            return _entry_of(cast("Keyed", state.names[name]), _put_in(key, module, state, own), module)
        case _:
            pass
    changed: dict[str, Any] = {}
    for field, held in ast.iter_fields(node):
        if isinstance(held, ast.AST):
            new = _put_in(held, module, state, own)
        elif isinstance(held, list):
            new = [_put_in(each, module, state, own) if isinstance(each, ast.AST) else each for each in held]
            new = held if all(map(operator.is_, new, held)) else new
        else:
            continue
        if new is not held:
            changed[field] = new
    return type(node)(**{**dict(ast.iter_fields(node)), **changed}) if changed else node


def _entry_of(held: Keyed, key: ast.expr, module: Module) -> ast.expr:
    name = folded(key, module)
    entry = held.entries.get(name) if isinstance(name, str) else None
    if entry is None or entry.value is None or entry.when is not None:
        raise _NotKnown
    return entry.value


def held_by(node: ast.expr, module: Module, state: State) -> ast.expr | Keyed | None:
    """What an expression gives: a mapping where it is one."""
    match node:
        case ast.Dict():
            return _of_literal(node, module, state)
        case ast.Name(id=name) if name in state.names:
            return state.names[name]
        case ast.Name(id=name) if isinstance(module.constants.get(name), ast.Dict):
            return held_by(module.constants[name], module, State())
        case ast.DictComp():
            return _of_comprehension(node, module, state)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            both = [held_by(side, module, state) for side in (left, right)]
            return _together(both) if any(isinstance(each, Keyed) for each in both) else None
        case ast.Call(func=ast.Name(id="dict"), args=args, keywords=keywords):
            parts = [held_by(each, module, state) for each in args]
            parts += [_of_keyword(each, module, state) for each in keywords]
            return _together(parts)
        case ast.Call(func=ast.Attribute(value=owner, attr="copy"), args=[]):
            held = held_by(owner, module, state)
            return held.copy() if isinstance(held, Keyed) else inline(node, module, state)
        case ast.Attribute() if ast.unparse(node) in _ALL:
            return Keyed(prefixes=frozenset({""}))
        case _:
            return inline(node, module, state)


def _of_literal(node: ast.Dict, module: Module, state: State) -> Keyed:
    found = Keyed()
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            found.take(_together([held_by(value, module, state)]))
        else:
            put(found, key, value, module, state)
    return found


def put(owner: Keyed, key: ast.expr, value: ast.expr, module: Module, state: State) -> None:
    """Give a mapping one entry."""
    named = inline(key, module, state)
    name = folded(named, module)
    if isinstance(name, str):
        held = held_by(value, module, state)
        owner.entries[name] = Entry(held if isinstance(held, ast.expr) else None, value.lineno)
    else:
        owner.more = True


def _of_keyword(keyword: ast.keyword, module: Module, state: State) -> ast.expr | Keyed | None:
    held = held_by(keyword.value, module, state)
    if keyword.arg is None:
        return held
    return Keyed({keyword.arg: Entry(held if isinstance(held, ast.expr) else None, keyword.value.lineno)})


def _together(parts: list[ast.expr | Keyed | None]) -> Keyed:
    found = Keyed()
    for part in parts:
        found.take(part if isinstance(part, Keyed) else Keyed(more=True))
    return found


def _of_comprehension(node: ast.DictComp, module: Module, state: State) -> Keyed:
    generator = node.generators[0]
    if len(node.generators) > 1:
        return Keyed(more=True)
    prefixes = copied_prefixes(generator.target, generator.iter, generator.ifs, module)
    if prefixes is not None:
        return Keyed(prefixes=prefixes)
    found = Keyed()

    def once(inside: State) -> None:
        if generator.ifs:
            found.more = True
        else:
            put(found, node.key, node.value, module, inside)

    if not each_turn(generator.target, generator.iter, module, state, once):
        found.more = True
    return found


def each_turn(target: ast.expr, over: ast.expr, module: Module, state: State, once: Callable[[State], None]) -> bool:
    """Go round a loop over what the text tells, with the target's names set; whether it does tell."""
    listed = inline(over, module, state)
    items = folded(listed, module)
    if not isinstance(items, (list, dict)) or len(items) > _MOST:
        return False
    names = [each.id for each in ast.walk(target) if isinstance(each, ast.Name)]
    before = {name: state.names[name] for name in names if name in state.names}
    for item in items:
        values = [item] if isinstance(target, ast.Name) else list(item) if isinstance(item, list) else []
        plain = len(values) == len(names) and all(isinstance(value, (str, int, float)) for value in values)
        state.names |= {n: ast.Constant(value=values[i]) if plain else None for i, n in enumerate(names)}
        once(state)
    for name in names:
        state.names.pop(name, None)
    state.names |= before
    return True


def copied_prefixes(target: ast.expr, over: ast.expr, tests: list[ast.expr], module: Module) -> frozenset[str] | None:
    """The prefixes of the variables that a loop over the environment passes; None if it is another loop."""
    text = ast.unparse(over)
    if not any(name in text for name in _ALL):
        return None
    name = next((each.id for each in ast.walk(target) if isinstance(each, ast.Name)), "")
    if not tests:
        return frozenset({""})
    found: list[str] = []
    for test in tests:
        match test:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=of), attr="startswith"), args=[prefix]) if of == name:
                told = folded(prefix, module)
                found += [told] if isinstance(told, str) else told if isinstance(told, list) else []
            case _:
                return None
    return frozenset(found)


def _parses(node: ast.expr, module: Module) -> bool:
    """Whether an expression is a call that parses the command line."""
    match node:
        case ast.Call(func=ast.Attribute(attr="parse_args")):
            return True
        case ast.Subscript(value=ast.Call(func=ast.Attribute(attr="parse_known_args")), slice=ast.Constant(value=0)):
            return True
        case ast.Call(func=ast.Name(id=name), args=[]) if name in module.functions:
            return any(
                isinstance(each, ast.Attribute) and each.attr in {"parse_args", "parse_known_args"}
                for each in ast.walk(module.functions[name])
            )
        case _:
            return False
