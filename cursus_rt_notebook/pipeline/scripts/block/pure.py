"""Which expressions may be evaluated alone: those that read, and change nothing.

Pure are literals, comparisons, sums and conditions of these; the names of the module; variables of the environment; the
methods of texts and mappings; a few functions of the standard library; and those helpers of the module itself that hold
nothing else: `_float_env("RATIO", 0.7)`.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from cursus_rt_notebook.pipeline.scripts.block.module import Module

_BUILTIN = frozenset(
    {
        *("abs", "all", "any", "bool", "dict", "enumerate", "float", "frozenset", "int", "isinstance", "len"),
        *("list", "max", "min", "range", "repr", "round", "set", "sorted", "str", "sum", "tuple", "type"),
        *("zip",),
    }
)
_METHODS = frozenset(
    {
        *("capitalize", "casefold", "copy", "count", "endswith", "format", "get", "index", "isdecimal", "isdigit"),
        *("isnumeric", "items", "join", "keys", "lower", "lstrip", "partition", "removeprefix", "removesuffix"),
        *("replace", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "title"),
        *("upper", "values", "zfill"),
    }
)
_FUNCTIONS = frozenset(
    {
        *("os.getenv", "getenv", "json.loads", "json.dumps", "ast.literal_eval", "literal_eval", "logging.getLogger"),
        *("os.path.join", "os.path.exists", "os.path.isdir", "os.path.isfile", "os.path.basename", "os.path.dirname"),
        *("os.cpu_count", "Path", "pathlib.Path"),
    }
)
# A method of a path that only looks.
_LOOKING = frozenset({"exists", "is_dir", "is_file"})
_SAYING = frozenset({"debug", "info", "warning", "error", "exception", "log"})
_OF_EXPRESSIONS = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.IfExp),
    *(ast.JoinedStr, ast.FormattedValue, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Starred, ast.comprehension),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.expr_context, ast.boolop, ast.unaryop, ast.cmpop),
    *(ast.Add, ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.keyword),
)
_OF_HELPERS = (
    *(
        ast.Assign,
        ast.AnnAssign,
        ast.If,
        ast.For,
        ast.Return,
        ast.Expr,
        ast.Pass,
        ast.Raise,
        ast.Try,
        ast.ExceptHandler,
    ),
    *(ast.Break, ast.Continue, ast.arguments, ast.arg, ast.AugAssign),
)
# What an expression may speak of beside the names of its module.
GIVEN = frozenset({"os", "json", "job_args", "result"})
_DEEPEST = 3


def is_pure(node: ast.expr, module: Module) -> bool:
    """Whether an expression may be evaluated alone, in the script's module."""
    bound = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - bound
    known = module.names | GIVEN
    return all(name in known or hasattr(builtins, name) for name in names) and _only_pure(ast.walk(node), module, 0)


def _only_pure(nodes: Iterable[ast.AST], module: Module, depth: int) -> bool:
    for node in nodes:
        match node:
            case ast.Call():
                if not _is_pure_call(node, module, depth):
                    return False
            case ast.BinOp(op=ast.Mult()):
                # A text times a number could fill the memory.
                if not all(isinstance(side, (ast.Constant, ast.Call, ast.Name)) for side in (node.left, node.right)):
                    return False
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Div() | ast.FloorDiv() | ast.Mod()):
                pass
            case ast.Attribute(attr=attr) if attr.startswith("__"):
                return False
            case _:
                if not isinstance(node, (*_OF_EXPRESSIONS, ast.Mult, *(_OF_HELPERS if depth else ()))):
                    return False
    return True


def _is_pure_call(node: ast.Call, module: Module, depth: int) -> bool:
    name = ast.unparse(node.func) if isinstance(node.func, (ast.Name, ast.Attribute)) else ""
    if name in _FUNCTIONS or (name in _BUILTIN and name not in module.names):
        return True
    if isinstance(node.func, ast.Attribute):
        attr = node.func.attr
        looks = attr in _LOOKING and not node.args
        says = bool(depth) and attr in _SAYING and name.partition(".")[0] in {"logger", "log", "logging"}
        return attr in _METHODS or looks or says
    if depth and (name == "print" or name.endswith(("Error", "Exception"))):
        return True
    helper = module.functions.get(name)
    return helper is not None and depth < _DEEPEST and _is_pure_helper(helper, module, depth)


def _is_pure_helper(helper: ast.FunctionDef, module: Module, depth: int) -> bool:
    inside = (each for statement in helper.body for each in ast.walk(statement))
    return not helper.decorator_list and _only_pure(inside, module, depth + 1) and _keeps_to_itself(helper)


def _keeps_to_itself(helper: ast.FunctionDef) -> bool:
    """Whether a function gives values to names only: nothing that others hold is changed."""
    nodes = (node for statement in helper.body for node in ast.walk(statement))
    return all(isinstance(getattr(node, "ctx", None), ast.Load | None) or isinstance(node, ast.Name) for node in nodes)
