"""The one line that says how far a run is, while a cell or a terminal waits."""

from __future__ import annotations

from cursus_rt_notebook.engine.state import RunState, StepStatus
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, logs, status
from cursus_rt_notebook.render.states import STATES

_NAME = 30


def progress_text(state: RunState, columns: int = 100) -> str:
    """`▶ train 4.2 of ~7 s · 0.9 GB · [120] train-auc 0.75 | 6 of 10`, in at most so many columns."""
    done, _ = status.progress(state)
    end = f" | {done}"
    room = max(columns - chars.width(end), 10)
    running = [state.steps[name] for name in state.having(StepStatus.RUNNING)]
    if not running:
        return chars.cut(status.pill(state)[1], room) + end
    first, others = running[0], running[1:]
    line = f"{STATES['running'].char} {_short(first.name)} {status.running(first)}"
    line += "".join(f" · {_short(s.name)} {status.running(s)}" for s in others)
    # The log's last line takes what room is left; with steps side by side nobody knows whose it would be.
    if not others and first.last_line.strip():
        line += f" · {_last_line(first.last_line)}"
    return chars.cut(line, room) + end


def _short(name: str) -> str:
    return chars.cut(chars.one_line(name[:200]), _NAME)


def _last_line(line: str) -> str:
    return chars.one_line(Redactor().text(logs.plain(logs.tail(line[-2_000:], 1)))[:400]).strip()
