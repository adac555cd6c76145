"""Completion in the magics' lines: pipelines, steps, ports, channels, sessions, options."""

from __future__ import annotations

import re
from typing import Any, Final

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from cursus_rt_notebook.notebook.line import Word, quoted, words
from cursus_rt_notebook.notebook.offers import Place

_IDENTIFIER: Final = "cursus_rt_notebook"
_FIRST = 1_000.0  # asked before jedi and the rest, which know nothing of these lines and are then left out
_MAGIC = re.compile(r"(?:^\s*%?|=\s*%)(cursus_[a-z]+)\s(.*)$", re.DOTALL)


def install(shell: Any) -> None:
    """Let a shell complete our lines."""
    remove(shell)

    def complete(context: CompletionContext) -> SimpleMatcherResult:
        found, replaced = completions(_line(context), shell)
        return {"completions": found, "matched_fragment": replaced, "suppress": True}

    matcher: Any = context_matcher(identifier=_IDENTIFIER, priority=_FIRST)(complete)
    shell.Completer.custom_matchers.append(matcher)


def remove(shell: Any) -> None:
    """Let it do so no longer."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [matcher for matcher in matchers if getattr(matcher, "matcher_identifier", "") != _IDENTIFIER]


def completions(line: str, shell: Any) -> tuple[list[SimpleCompletion], str]:
    """What may stand at the end of `line`, and the end of it that this replaces."""
    found = _MAGIC.search(line)
    magic = shell.find_line_magic(found[1]) if found else None
    if found is None or magic is None:
        return [], ""
    *before, last = _words_and_last(found[2])
    place = Place(found[1], magic.arguments, tuple(word.text for word in before), last.text, shell.user_ns)
    typed = last.text.casefold()
    offered = dict.fromkeys((text, kind) for text, kind in place.offers() if text.casefold().startswith(typed))
    return [SimpleCompletion(quoted(text), type=kind) for text, kind in offered], last.raw


def _line(context: CompletionContext) -> str:
    """The line up to the cursor, with the lines that a backslash at their end makes its beginning."""
    line = context.text_until_cursor
    for earlier in reversed(context.full_text.split("\n")[: context.cursor_line]):
        if not earlier.endswith("\\"):
            break
        line = f"{earlier[:-1]} {line}"
    return line


def _words_and_last(text: str) -> list[Word]:
    """The words of `text`; the last is the one at its end, empty where a new one would begin."""
    found = words(text)
    return found if found and found[-1].end == len(text) else [*found, Word("", len(text))]
