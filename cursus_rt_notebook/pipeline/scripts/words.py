"""The words in a function's text, and in the functions and classes of the file that it may call: a quick first look."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass
class Words:
    """The text of a file by lines, and what it defines at its outermost level."""

    lines: list[str]
    defined: dict[str, ast.AST]
    _own: dict[ast.AST, frozenset[str]] = field(default_factory=dict[ast.AST, frozenset[str]])
    _all: dict[ast.AST, frozenset[str]] = field(default_factory=dict[ast.AST, frozenset[str]])

    def speak_of(self, node: ast.AST, words: frozenset[str]) -> bool:
        """Whether a function, or one that it may call, holds one of these words."""
        return not words.isdisjoint(self._reached(node))

    def _reached(self, node: ast.AST) -> frozenset[str]:
        found = self._all.get(node)
        if found is None:
            seen: dict[ast.AST, frozenset[str]] = {}
            todo = [node]
            while todo:
                each = todo.pop()
                if each not in seen:
                    seen[each] = self.of(each)
                    todo += [self.defined[word] for word in seen[each] & self.defined.keys()]
            found = self._all[node] = frozenset[str]().union(*seen.values())
        return found

    def of(self, node: ast.AST) -> frozenset[str]:
        """The words on the lines of a statement, function or class."""
        found = self._own.get(node)
        if found is None:
            first, last = int(getattr(node, "lineno", 1)), int(getattr(node, "end_lineno", None) or len(self.lines))
            found = self._own[node] = frozenset(_WORD.findall("\n".join(self.lines[first - 1 : last])))
        return found


def words_of(text: str, tree: ast.Module) -> Words:
    """The words of a file."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return Words(text.splitlines(), {node.name: node for node in tree.body if isinstance(node, kinds)})
