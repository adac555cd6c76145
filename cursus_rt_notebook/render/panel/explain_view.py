"""Why a step ran or did not, as plain data for the front end: its key, ingredient by ingredient."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from cursus_rt_notebook.engine.explain import Explanation
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.redact import MASK, is_secret_name
from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.panel.parts import Sentence, redactor_of, say, strong
from cursus_rt_notebook.render.panel.source_view import diff_pairs
from cursus_rt_notebook.workspace.keys import Change

Json = dict[str, Any]

_ROWS = 200
_VALUE = 80
_NAME = 160
_DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{28,116}\b")
_SECTIONS: Final = {
    "source": "Script and the modules it imports",
    "stub": "What stands in for it, by content",
    "inputs": "Inputs, by content",
    "env": "Environment",
    "args": "Arguments",
    "packages": "Packages",
    "python": "Interpreter",
    "contract": "Contract",
}


def explain_view(explanation: Explanation, step: Step) -> Json:
    """The sentence, the ingredients with those that changed first, and the changed lines of sources."""
    mask = redactor_of(step)
    changes = {(change.section, change.name): change for change in explanation.changes}
    sections = [_section(section, explanation.made_of.get(section, {}), changes) for section in _SECTIONS]
    return {
        "summary": _sentence(explanation, mask.text(explanation.summary)),
        "sections": [section for section in sections if section["rows"]],
        "diffs": [{"file": file, "lines": diff_pairs(_body(text), mask)} for file, text in explanation.diffs.items()],
    }


def _sentence(explanation: Explanation, summary: str) -> Sentence:
    verb, found, why = chars.cut_long(summary, 600).partition(": ")
    against = f" Compared with {explanation.compared_with}." if explanation.compared_with else ""
    lead = verb[:1].upper() + verb[1:]
    return say(strong(lead), f": {why}.", against) if found else say(strong(f"{lead}."), against)


def _section(section: str, made_of: Mapping[str, str], changes: Mapping[tuple[str, str], Change]) -> Json:
    gone = [name for part, name in changes if part == section and name not in made_of]
    rows = [_row(section, name, made_of.get(name), changes.get((section, name))) for name in (*made_of, *gone)]
    rows.sort(key=lambda row: not row["changed"])
    more = len(rows) - _ROWS
    return {
        "title": _SECTIONS[section],
        "rows": rows[:_ROWS],
        "changed": sum(row["changed"] for row in rows),
        "more": f"and {words.number(more)} more" if more > 0 else "",
    }


def _row(section: str, name: str, value: str | None, change: Change | None) -> Json:
    secret = section in {"env", "args"} and is_secret_name(name)
    return {
        "name": chars.cut_middle(name, _NAME),
        "value": MASK if secret and value else _short(value),
        "changed": change is not None,
        "before": "" if change is None else MASK if secret and change.before else _short(change.before),
    }


def _short(value: str | None) -> str:
    """A value as it stands in the key; of a digest its beginning tells as much as the whole."""
    if value is None:
        return "not there"
    return chars.cut_long(_DIGEST.sub(r"\1", value), _VALUE)


def _body(diff: str) -> list[str]:
    """A unified diff without the two lines that name its files."""
    lines = diff.splitlines()
    return lines[2:] if lines[:1] and lines[0].startswith("---") else lines
