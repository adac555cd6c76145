"""What the panel's buttons do: each posts one command to the session and returns at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook.errors import CommandRefused

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.session import InteractiveExecutionResult


def command(
    session: InteractiveExecutionResult, name: str, step: str | None = None, pause: int | None = None, pauses: int = 0
) -> None:
    """Post a command that was meant for the pause of this number, or (to interrupt) for the time after so many pauses.

    Raises:
        CommandRefused: it comes late, or is impossible now.
    """
    # A press that waited behind a busy cell must not end what was begun since.
    if name == "interrupt" and pauses != session.state.pauses:
        raise CommandRefused("this was meant for steps that have ended since")
    session.post(name, step, pause=pause)


def take_as_usual(session: InteractiveExecutionResult, step: str) -> None:
    """Let the rows that a step lost be right."""
    session.take_as_usual(step)


def add_breakpoint(session: InteractiveExecutionResult, text: str) -> None:
    """Add a breakpoint, written as in the call: `train:before`, `score: rows < 1000`."""
    session.add_breakpoint(text)


def remove_breakpoint(session: InteractiveExecutionResult, index: int, text: str) -> None:
    """Remove the breakpoint at this place of the list, if it is still the one that was meant."""
    session.remove_breakpoint(_meant(session, index, text))


def enable_breakpoint(session: InteractiveExecutionResult, index: int, text: str, enabled: bool) -> None:  # noqa: FBT001
    """Turn one on or off."""
    session.enable_breakpoint(_meant(session, index, text), enabled)


def edit_breakpoint(session: InteractiveExecutionResult, index: int, text: str, new: str) -> None:
    """Write one anew, in its place."""
    session.replace_breakpoint(_meant(session, index, text), new)


def _meant(session: InteractiveExecutionResult, index: int, text: str) -> Any:
    found = session.breakpoints[index] if 0 <= index < len(session.breakpoints) else None
    if found is None or found.text != text:
        raise CommandRefused("the breakpoints have changed since", fix="look again")
    return found


COMMANDS: Final[Mapping[str, Callable[..., None]]] = {
    "command": command,
    "take_as_usual": take_as_usual,
    "add_breakpoint": add_breakpoint,
    "remove_breakpoint": remove_breakpoint,
    "enable_breakpoint": enable_breakpoint,
    "edit_breakpoint": edit_breakpoint,
}
