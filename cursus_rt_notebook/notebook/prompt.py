"""A prompt at a pause, for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.terminal.embed import InteractiveShellEmbed

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.pause import Pause
    from cursus_rt_notebook.engine.session import InteractiveExecutionResult

_BANNER = "`pause` and `session` are here; Ctrl-D continues, session.stop() ends the run.\n"


def prompt(session: InteractiveExecutionResult, pause: Pause) -> None:
    """Let the user look and act; returns when they leave the prompt."""
    shell = InteractiveShellEmbed(banner1=_BANNER, confirm_exit=False, enable_tip=False)
    shell(local_ns={"session": session, "pause": pause}, module=None)
