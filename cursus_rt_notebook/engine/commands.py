"""How a command is said, and that one caller waits for it at a time."""

from __future__ import annotations

import threading

from cursus_rt_notebook.engine.events import Event, Go, Halt, Skip
from cursus_rt_notebook.errors import CommandRefused, SessionBusy


def event_of(command: str, step: str | None) -> Event:
    """The event that a command's word means.

    Raises:
        CommandRefused: there is no such command.
    """
    match command:
        case "step" | "continue" | "run_to" | "rerun":
            return Go(command, step if command in {"run_to", "rerun"} else None)
        case "skip" if step:
            return Skip(step)
        case "stop" | "interrupt":
            return Halt(final=command == "stop")
        case _:
            fix = "write step, continue, run_to STEP, rerun [STEP], skip [STEP] or stop"
            raise CommandRefused(f"no command {command!r}", fix=fix)


class OnlyOne:
    """Lets one caller wait; a second is told so instead of meeting a broken generator."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise SessionBusy("the session is waited for already", fix="use that call's pause, or session.post(...)")

    def __exit__(self, *_: object) -> None:
        self._lock.release()
