"""A block followed from its first statement to its calls of `main`."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from cursus_rt_notebook.pipeline.scripts.block.failing import fails, is_exit, lacking
from cursus_rt_notebook.pipeline.scripts.block.inline import (
    ARGUMENTS,
    copied_prefixes,
    each_turn,
    held_by,
    inline,
    put,
)
from cursus_rt_notebook.pipeline.scripts.block.module import Module, folded
from cursus_rt_notebook.pipeline.scripts.block.state import Keyed, State, merged

_DEEPEST = 3
_LEAVES_ALONE = frozenset({"print", "len", "str", "dict", "list", "sorted", "repr", "isinstance", "bool", "set"})
_SAYS = frozenset({"debug", "info", "warning", "error", "exception", "log", "dumps", "items", "keys", "values", "get"})


@dataclass(frozen=True)
class Called:
    """One call of `main`: what it is given, by position and by name."""

    line: int
    positional: tuple[ast.expr | Keyed | None, ...]
    named: dict[str, ast.expr | Keyed | None]
    starred: bool


@dataclass
class Walk:
    """One way through a block: the calls of `main` that it comes to, and the variables without which it fails."""

    module: Module
    calls: list[Called] = field(default_factory=list[Called])
    needs: dict[str, int] = field(default_factory=dict[str, int])
    left: int = 5_000
    depth: int = 0

    def run(self, body: Iterable[ast.stmt], state: State) -> State:
        """Follow statements; what the names hold after them."""
        for statement in body:
            self.left -= 1
            if state.ended or self.left < 0:
                break
            state = self._one(statement, state)
        return state

    def _one(self, node: ast.stmt, state: State) -> State:
        match node:
            case ast.If():
                return self._if(node, state)
            case ast.Try() | ast.TryStar():
                return self._try(node, state)
            case ast.With() | ast.AsyncWith():
                self._look([item.context_expr for item in node.items], state)
                _forget([item.optional_vars for item in node.items if item.optional_vars], state)
                return self.run(node.body, state)
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(node, state)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                state.names[node.name] = None
            case ast.Match():
                self._any_way([case.body for case in node.cases], state)
            case ast.Import() | ast.ImportFrom():
                pass  # a module of that name is what everybody means by it
            case _:
                self._plain(node, state)
        return state

    def _plain(self, node: ast.stmt, state: State) -> None:
        """A statement that holds no others."""
        self._look([each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)], state)
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value, state)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, value, state)
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                whole = ast.BinOp(ast.Name(name, ast.Load()), op, value)
                state.names[name] = held_by(whole, self.module, state)
            case ast.Expr(value=ast.Call() as call):
                self._changed(call, state)
                state.ended = is_exit(node)
            case ast.Raise() | ast.Return():
                state.ended = True
            case ast.Delete(targets=targets):
                _delete(targets, self.module, state)
            case _:
                pass

    def _assign(self, target: ast.expr, value: ast.expr, state: State) -> None:
        match target:
            case ast.Name(id=name):
                state.names[name] = held_by(value, self.module, state)
            case ast.Subscript(value=ast.Name(id=name), slice=key):
                owner = state.names.get(name)
                if isinstance(owner, Keyed):
                    put(owner, key, value, self.module, state)
            case ast.Tuple(elts=[ast.Name(id=first), *_]) if _known_args(value):
                _forget([target], state)
                state.names[first] = ast.Name(ARGUMENTS, ast.Load())
            case ast.Tuple(elts=targets) if isinstance(value, ast.Tuple) and len(value.elts) == len(targets):
                held = [held_by(each, self.module, state) for each in value.elts]
                for each, one in zip(targets, held, strict=True):
                    if isinstance(each, ast.Name):
                        state.names[each.id] = one
            case _:
                _forget([target], state)

    def _if(self, node: ast.If, state: State) -> State:
        self._look([node.test], state)
        test = inline(node.test, self.module, state)
        if isinstance(test, ast.Constant):
            return self.run(node.body if test.value else node.orelse, state)
        yes, no = self.run(node.body, state.copy()), self.run(node.orelse, state.copy())
        if yes.ended and not no.ended and test is not None and fails(node.body):
            self.needs.update({name: node.lineno for name in lacking(test, self.module) if name not in self.needs})
        return merged(test, yes, no)

    def _try(self, node: ast.Try | ast.TryStar, state: State) -> State:
        after = self.run(node.body, state)
        after = self.run(node.orelse, after)
        for handler in node.handlers:
            way = self.run(handler.body, State(dict.fromkeys(after.names)))
            if not way.ended:
                _forget(handler.body, after)
        return self.run(node.finalbody, after)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, state: State) -> State:
        if not isinstance(node, ast.While):
            self._look([node.iter], state)
            if self._copies(node, state) or self._unrolled(node, state):
                return state
        self._any_way([node.body, node.orelse], state)
        return state

    def _unrolled(self, node: ast.For | ast.AsyncFor, state: State) -> bool:
        def once(inside: State) -> None:
            after = self.run(node.body, inside)
            inside.names, inside.ended = after.names, False

        leaves = any(isinstance(each, (ast.Break, ast.Continue)) for each in ast.walk(node))
        return not leaves and each_turn(node.target, node.iter, self.module, state, once)

    def _copies(self, node: ast.For | ast.AsyncFor, state: State) -> bool:
        """Whether a loop copies variables of the environment, as they are, into a mapping."""
        body, tests = node.body, list[ast.expr]()
        while len(body) == 1 and isinstance(body[0], ast.If) and not body[0].orelse:
            tests.append(body[0].test)
            body = body[0].body
        prefixes = copied_prefixes(node.target, node.iter, tests, self.module)
        if prefixes is None or len(body) != 1:
            return False
        match body[0]:
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=ast.Name())]):
                owner = state.names.get(name)
                if isinstance(owner, Keyed):
                    owner.prefixes |= prefixes
                return True
            case _:
                return False

    def _any_way(self, bodies: list[list[ast.stmt]], state: State) -> None:
        """Bodies of which any may run, any number of times."""
        for body in bodies:
            self.run(body, state.copy())
            _forget(body, state)

    def _look(self, nodes: Iterable[ast.expr], state: State) -> None:
        """Find the calls of `main` in expressions, and in the functions that these call."""
        for call in (each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            if name == "main":
                self.calls.append(self._called(call, state))
            elif name in self.module.functions and self.depth < _DEEPEST:
                self._enter(self.module.functions[name], call, state)

    def _called(self, call: ast.Call, state: State) -> Called:
        given = [held_by(each, self.module, state) for each in call.args]
        named = {each.arg: held_by(each.value, self.module, state) for each in call.keywords if each.arg}
        starred = any(isinstance(each, ast.Starred) for each in call.args) or any(not e.arg for e in call.keywords)
        # What the script does to a mapping later does not show in what was passed.
        return Called(call.lineno, tuple(map(_kept, given)), {n: _kept(held) for n, held in named.items()}, starred)

    def _enter(self, function: ast.FunctionDef, call: ast.Call, state: State) -> None:
        if not any(isinstance(each, ast.Name) and each.id == "main" for each in ast.walk(function)):
            return
        parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        inside = State(dict.fromkeys(parameters))
        for name, value in zip(parameters, call.args, strict=False):
            inside.names[name] = held_by(value, self.module, state)
        for keyword in call.keywords:
            if keyword.arg in parameters:
                inside.names[str(keyword.arg)] = held_by(keyword.value, self.module, state)
        self.depth += 1
        self.run(function.body, inside)
        self.depth -= 1

    def _changed(self, call: ast.Call, state: State) -> None:
        """A call as a statement may change the mappings that it is given, or that it is a method of."""
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr), args=args) if isinstance(
                owner := state.names.get(name), Keyed
            ):
                _method(owner, attr, args, call, self.module, state)
            case ast.Call(func=ast.Attribute(attr=attr)) if attr in _SAYS:
                pass
            case ast.Call(func=ast.Name(id=name)) if name in _LEAVES_ALONE or name == "main":
                pass
            case _:
                for each in (*call.args, *(keyword.value for keyword in call.keywords)):
                    held = state.names.get(each.id) if isinstance(each, ast.Name) else None
                    if isinstance(held, Keyed):
                        held.more = True


def _method(owner: Keyed, attr: str, args: list[ast.expr], call: ast.Call, module: Module, state: State) -> None:
    match attr, args:
        case "update", _:
            whole = ast.Call(ast.Name("dict", ast.Load()), args, call.keywords)
            held = held_by(whole, module, state)
            owner.take(held if isinstance(held, Keyed) else Keyed(more=True))
        case "setdefault", [key, value]:
            if folded(inline(key, module, state), module) not in owner.entries:
                put(owner, key, value, module, state)
        case "pop", [key, *_]:
            name = folded(inline(key, module, state), module)
            owner.entries.pop(name, None) if isinstance(name, str) else None
        case _:
            pass


def _kept(held: ast.expr | Keyed | None) -> ast.expr | Keyed | None:
    return held.copy() if isinstance(held, Keyed) else held


def _delete(targets: list[ast.expr], module: Module, state: State) -> None:
    for target in targets:
        match target:
            case ast.Subscript(value=ast.Name(id=name), slice=key):
                owner, gone = state.names.get(name), folded(inline(key, module, state), module)
                if isinstance(owner, Keyed) and isinstance(gone, str):
                    owner.entries.pop(gone, None)
            case _:
                _forget([target], state)


def _forget(nodes: Iterable[ast.AST], state: State) -> None:
    """What these give a value is no longer known."""
    for each in (inner for node in nodes for inner in ast.walk(node)):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store | ast.Del):
            state.names[each.id] = None
        elif isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store) and isinstance(each.value, ast.Name):
            held = state.names.get(each.value.id)
            if isinstance(held, Keyed):
                held.more = True


def _known_args(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and getattr(value.func, "attr", "") == "parse_known_args"
