"""What is checked of an output's tables: shares, ranges and keys, and how far a table may leave the recorded good run.

In the document a number is a threshold against the baseline; a mapping or list says what holds of the columns named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import described, quoted
from cursus_rt_notebook.pipeline.model import Bound, Checks, Pipeline
from cursus_rt_notebook.pipeline.reading import read
from cursus_rt_notebook.pipeline.sources.mapping import plain_values
from cursus_rt_notebook.pipeline.written import WrittenChecks


def read_checks(value: Any, path: KeyPath, document: Document, *, whole: bool = False) -> Checks:
    """The checks written at `path`; those of a `whole` pipeline name no columns. What is wrong is noted and left out."""
    if value is None:
        return Checks()
    written = read(WrittenChecks, value, path, document)
    fields: dict[str, Any] = {"rows_drift": _share(written.rows, (*path, "rows"), document, most=math.inf)}
    fields["on_failure"] = written.on_failure if "on_failure" in written.model_fields_set else None
    fields["key"] = tuple(_names(written.key, (*path, "key"), document))
    for check, named in (("missing", _missing), ("range", _ranges), ("unique", _unique)):
        given, where = getattr(written, check), (*path, check)
        if given is None:
            continue
        if isinstance(given, (dict, list)) and not whole:
            fields |= named(given, where, document)
        elif isinstance(given, (int, float)) and not isinstance(given, bool):
            fields[f"{check}_drift"] = _share(given, where, document, most=math.inf if check == "range" else 1)
        else:
            document.fault(where, f"is {described(given)}, not {_expected(check, whole=whole)}", _example(check, whole))
    return Checks(**fields)


def with_checks(pipeline: Pipeline, given: Mapping[str, Any]) -> Pipeline:
    """The pipeline with `given` over its own checks, in the words of the document: `{"rows": 0.2, "on_failure": "pause"}`.

    Raises:
        PipelineError: they are not checks of a whole pipeline; lists every fault.
    """
    document = Document(origin="checks", name=pipeline.name, base_dir=pipeline.base_dir)
    checks = read_checks(plain_values(given, document), ("checks",), document, whole=True)
    document.raise_faults()
    return pipeline.model_copy(update={"checks": checks.over(pipeline.checks)})


def _expected(check: str, *, whole: bool) -> str:
    return "a number" if whole else f"a number or a {'list' if check == 'unique' else 'mapping'}"


def _example(check: str, whole: bool) -> str:  # noqa: FBT001  as the caller has it
    if whole:
        return "write a number, as 0.1; what holds of a column stands with the output"
    column = {"missing": "{COLUMN: 0.05}", "range": "{COLUMN: [0, 100]}", "unique": "[[COLUMN, COLUMN]]"}[check]
    return f"write {column}, or a number to compare with the baseline"


def _missing(given: Any, path: KeyPath, document: Document) -> dict[str, Any]:
    if not _is(dict, given, path, document, "missing"):
        return {}
    shares = {name: _share(share, (*path, name), document) for name, share in _columns(given, path, document)}
    return {"missing": {name: share for name, share in shares.items() if share is not None}}


def _ranges(given: Any, path: KeyPath, document: Document) -> dict[str, Any]:
    if not _is(dict, given, path, document, "range"):
        return {}
    ranges = {name: _range(pair, (*path, name), document) for name, pair in _columns(given, path, document)}
    return {"ranges": {name: pair for name, pair in ranges.items() if pair is not None}}


def _unique(given: Any, path: KeyPath, document: Document) -> dict[str, Any]:
    if not _is(list, given, path, document, "unique"):
        return {}
    keys = [_names(item, (*path, i), document) for i, item in enumerate(given)]
    return {"unique": tuple(tuple(key) for key in keys if key)}


def _is(kind: type, given: Any, path: KeyPath, document: Document, check: str) -> bool:
    if isinstance(given, kind):
        return True
    document.fault(path, f"is {described(given)}, not {_expected(check, whole=False)}", _example(check, whole=False))
    return False


def _columns(given: dict[str, Any], path: KeyPath, document: Document) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in given.items() if _is_name(name, (*path, name), document))


def _names(given: Any, path: KeyPath, document: Document) -> list[str]:
    """The columns in a text, or in a list of texts."""
    if given is None:
        return []
    if not isinstance(given, list):
        return [given] if _is_name(given, path, document) else []
    items = cast("list[Any]", given)
    return [name for i, name in enumerate(items) if _is_name(name, (*path, i), document)]


def _is_name(name: Any, path: KeyPath, document: Document) -> bool:
    taken_for = document.unquoted.get(path) or ("" if isinstance(name, str) else described(name))
    if taken_for and taken_for != "a number":
        shown = name if isinstance(name, str) else document.written.get(path, name)
        document.fault(path, f"column {shown} is {taken_for} in YAML, not a name", f'quote it: "{shown}"')
        return False
    if not isinstance(name, str):
        document.fault(path, "is a number, not the name of a column", f'quote it: "{document.written.get(path, name)}"')
        return False
    return True


def _share(given: Any, path: KeyPath, document: Document, most: float = 1) -> float | None:
    if given is None:
        return None
    number = isinstance(given, (int, float)) and not isinstance(given, bool)
    if number and 0 <= given <= most:
        return float(given)
    if number and most == 1 and 1 < given <= 100:
        document.fault(path, f"is {given:g}, over 1", f"write a share: {given / 100:g} for {given:g} %")
    else:
        what = f"is {given:g}, not a share" if number else f"is {described(given)}, not a number"
        document.fault(path, what, "write a number from 0 to 1, as 0.05")
    return None


def _range(given: Any, path: KeyPath, document: Document) -> tuple[Bound, Bound] | None:
    pair = cast("list[Any]", given) if isinstance(given, list) else []
    if len(pair) != 2:
        document.fault(path, f"is {described(given)}, not the least and the most", "write [0, 100], or [0, null]")
        return None
    low, high = pair
    wrong = [end for end in pair if not _is_end(end)]
    if wrong:
        document.fault(path, f"holds {described(wrong[0])}", _ENDS)
        return None
    if (low is None and high is None) or (None not in pair and isinstance(low, str) != isinstance(high, str)):
        document.fault(path, "does not say from where to where", _ENDS)
        return None
    if None not in pair and low > high:
        shown = f"[{_shown(high)}, {_shown(low)}]"
        document.fault(path, "has its least value last", f"write {shown}")
        return None
    return low, high


def _is_end(end: Any) -> bool:
    return end is None or (isinstance(end, (int, float, str)) and not isinstance(end, bool) and end == end)  # noqa: PLR0124  NaN is not


_ENDS = 'write two numbers, as [0, 100], or two dates in quotes, as ["2013-01-01", "2013-12-31"]'


def _shown(end: Any) -> str:
    return quoted(end) if isinstance(end, str) else f"{end:g}"
