"""The checks of a step's tables as plain data for the front end: what was expected and found, and the rows that fail."""

from __future__ import annotations

from typing import Any

from cursus_rt_notebook.data.checks.quality import CheckResult
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.panel.parts import Sentence, say, strong

Json = dict[str, Any]

_MOST = 200
_NAME = 80
_TEXT = 600
_KEYS = 20
# Shape, word and colour; a check that could not be made has none of its own.
_LOOKS = {False: ("failed", "failed"), None: ("stale", "not made"), True: ("done", "passed")}
_SHARES = {"missing", "range", "unique", "rows"}
_OF = {"missing": " of the rows", "range": " of the rows", "unique": " of the rows", "rows": " more or fewer"}


def checks_view(view: StepView) -> Json:
    """The checks, those that failed first, each with the way to its rows."""
    order = {False: 0, None: 1, True: 2}
    found = sorted(view.state.checks, key=lambda check: order[check.passed])
    return {
        "told": _told(found),
        "checks": [_check(check) for check in found[:_MOST]],
        "more": f"and {words.plural(len(found) - _MOST, 'more check')}" if len(found) > _MOST else "",
    }


def badge(checks: tuple[CheckResult, ...]) -> Json:
    """What stands beside the tab's name."""
    failed = sum(check.failed for check in checks)
    if failed:
        return {"text": f"{failed:,} failed", "tone": "paused"}
    return {"text": f"{len(checks):,}", "tone": "waiting"}


def _told(checks: list[CheckResult]) -> Sentence:
    failed = sum(check.failed for check in checks)
    unmade = sum(check.passed is None for check in checks)
    passed = len(checks) - failed - unmade
    rest = [f"{passed:,} passed"] if passed else []
    rest += [f"{unmade:,} could not be made"] if unmade else []
    lead = f"{words.plural(failed, 'check')} failed" if failed else "No check failed"
    return say(strong(lead), f"; {words.listed(rest)}." if rest else ".")


def _check(check: CheckResult) -> Json:
    look, word = _LOOKS[check.passed]
    redact = Redactor().text
    return {
        "look": look,
        "word": word,
        "kind": check.kind,
        "table": chars.cut_middle(check.table, _NAME),
        "columns": chars.cut_long(", ".join(name[:_NAME] for name in check.columns), 2 * _NAME),
        "message": chars.cut_long(redact(check.message), _TEXT),
        "fix": chars.cut_long(redact(check.fix), _TEXT),
        "found": f"{_number(check, check.value)}{_OF.get(check.kind, '')}" if check.value is not None else "",
        "expected": f"at most {_number(check, check.limit)}" if check.limit is not None else "",
        "failing": words.plural(check.failing, "row") if check.failing else "",
        "pauses": check.on_failure == "pause",
        "port": check.port,
        "channel": check.channel,
        "where": check.where if check.failed else None,
        "rows": _rows(check),
    }


def _number(check: CheckResult, value: float | None) -> str:
    if value is None:
        return ""
    return words.share(value) if check.kind in _SHARES else f"{value:,.6g}"


def _rows(check: CheckResult) -> Json | None:
    """The first failing rows by their numbers and keys, where no condition gives them all."""
    if check.where is not None or not check.rows:
        return None
    keys = check.keys or tuple(() for _ in check.rows)
    shown = list(zip(check.rows, keys, strict=False))[:_KEYS]
    return {
        "names": ["row", *(name[:_NAME] for name in check.key)],
        "cells": [[words.number(row), *(cell and chars.cut_long(cell, 200) for cell in key)] for row, key in shown],
        "more": f"the first of {words.number(check.failing)}" if check.failing > len(shown) else "",
    }
