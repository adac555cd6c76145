"""All that the steps above have to do with an exception, beside what the exception itself tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from cursus_rt_notebook.engine.plan import StepPlan
from cursus_rt_notebook.engine.state import Frame
from cursus_rt_notebook.engine.suggest import Advice
from cursus_rt_notebook.engine.upstream.above import Above
from cursus_rt_notebook.engine.upstream.brought import what_it_brought
from cursus_rt_notebook.engine.upstream.conversion import of_columns, of_key, where_from
from cursus_rt_notebook.engine.upstream.first_file import of_another_kind, wrong_first_file
from cursus_rt_notebook.engine.upstream.no_rows import without_rows
from cursus_rt_notebook.engine.upstream.texts import key_in, text_columns_in, text_in
from cursus_rt_notebook.engine.upstream.versions import other_version

_QUOTED = re.compile(r"'([^'\n]{1,200})'|\"([^\"\n]{1,200})\"")
# An exception that says what is wrong with a name, a file or the code itself: no version would mend it.
_PLAIN = frozenset({"KeyError", "FileNotFoundError", "ColumnNotFoundError", "SyntaxError", "IndentationError"})
_MOST = 20


def with_upstream(
    told: Advice, kind: str, message: str, frames: Sequence[Frame], plan: StepPlan, above: Above
) -> Advice:
    """The advice for an exception, with what is known of the steps above; what was known before comes first."""
    text = text_in(message)
    if text is not None:
        return _joined(told, where_from(text, plan.inputs, above), _version(kind, message, frames, plan))
    key = key_in(message)
    if key is not None and kind != "KeyError":
        return _joined(told, of_key(key, above), _version(kind, message, frames, plan))
    columns = text_columns_in(message)
    if columns:
        return _joined(told, of_columns(columns, plan.inputs, above), _version(kind, message, frames, plan))
    names = _named(kind, message)
    more = (
        wrong_first_file(names, plan, above.files) if names else "",
        of_another_kind(message, plan, above.files),
        "" if told.advice else _lost(names, above),
        without_rows(plan, above),
        _version(kind, message, frames, plan),
        "" if told.advice else what_it_brought(kind, message, plan),
    )
    return _joined(told, *more)


def _joined(told: Advice, *more: str) -> Advice:
    known = [*filter(None, more)]
    if not known:
        return told
    # What was found in the files is surer than what the exception's words suggest.
    return replace(told, advice=known[0], further=(*known[1:], *filter(None, [told.advice]), *told.further))


def _version(kind: str, message: str, frames: Sequence[Frame], plan: StepPlan) -> str:
    return "" if kind in _PLAIN else other_version(kind, message, frames, plan.step)


def _named(kind: str, message: str) -> tuple[str, ...]:
    """The names that a message has in quotes, or all of it where it is a plain KeyError's."""
    found = [one or two for one, two in _QUOTED.findall(message)]
    if kind == "KeyError" and not found:
        found = [message.strip()]
    return tuple(dict.fromkeys(found))[:_MOST]


def _lost(names: Sequence[str], above: Above) -> str:
    """Where the columns of these names were lost; said once for all that were lost in the same place."""
    sentences: dict[str, list[str]] = {}
    for name in names:
        sentence = above(name)
        if sentence:
            sentences.setdefault(sentence.replace(repr(name), "{}"), []).append(name)
    return " ".join(sentence.replace("{}", _listed(lost)) for sentence, lost in sentences.items())


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:3]))
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
