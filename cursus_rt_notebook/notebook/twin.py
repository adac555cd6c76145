"""The static twin of a panel: what the notebook shows of it where no kernel runs, as two outputs beside the widget.

They are put into the notebook's document while a kernel runs: by their display ids, also after their cell has ended.
Where the panel is alive its style sheet hides them.
"""

from __future__ import annotations

import threading
import time
import uuid
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.engine.state import RunState, RunStatus, StepState
from cursus_rt_notebook.notebook import show
from cursus_rt_notebook.render import status
from cursus_rt_notebook.render.html import Child, tag

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.pause import Pause
    from cursus_rt_notebook.engine.session import InteractiveExecutionResult

Json = dict[str, Any]


class Twin:
    """The twin of one session's panel, wherever that is shown. Every method may be called from any thread."""

    def __init__(self, session: InteractiveExecutionResult) -> None:
        self._session = weakref.ref(session)
        self._picture, self._page = uuid.uuid4().hex, uuid.uuid4().hex
        self._shown: dict[str, Json] = {}
        self._told: tuple[int, Mapping[str, StepState]] | None = None  # the pause that the page is about
        self._due = threading.Event()
        self._writing = threading.Lock()
        self._published = False
        session.listen(self._changed)

    def publish(self) -> None:
        """Show the two outputs in the cell that runs: nearly empty, so that nothing waits; they are filled soon."""
        session = self._session()
        if session is None or not show.in_kernel():
            return
        if len(session.pipeline.steps) <= settings.PICTURE_STEPS:
            _display(self._picture, {"text/plain": ""})
        _, words = status.pill(session.state)
        line = f"{session.pipeline.name[:80]}: {words}"
        _display(self._page, {"text/html": _wrapped(line), "text/plain": line})
        self._shown, self._told, self._published = {}, None, True
        self._refresh_soon()

    def refresh(self) -> None:
        """Put the outputs as the session stands now, where that is not what they show already."""
        session = self._session()
        if session is None:
            return
        with self._writing:
            self._due.clear()
            pause = session.pause
            picture = show.picture_output(pause or session)
            if picture is not None:
                self._update(self._picture, *picture)
            if pause is None:
                self._update(self._page, show.page_output(session, _wrapped))
            elif self._told != (pause.number, pause.state.steps):
                self._tell_pause(session, pause)

    def _tell_pause(self, session: InteractiveExecutionResult, pause: Pause) -> None:
        # The pause's tables take a while to be read; where the run stands is said at once.
        if self._told is None or self._told[0] != pause.number:
            self._update(self._page, show.page_output(session, _wrapped))
        self._told = (pause.number, pause.state.steps)
        if session.state.pause is pause.state.pause:
            self._update(self._page, show.page_output(pause, _wrapped))

    def _changed(self, state: RunState) -> None:
        """Called by the driver with every new state: what moves is not worth a picture."""
        if self._published and state.status is not RunStatus.RUNNING:
            self._refresh_soon()

    def _refresh_soon(self) -> None:
        if not self._due.is_set():
            self._due.set()
            threading.Thread(target=self._settle, name="cursus-panel-twin", daemon=True).start()

    def _settle(self) -> None:
        # The sizes of a step's tables come shortly after its end.
        time.sleep(settings.TWIN_DELAY)
        self.refresh()

    def _update(self, display_id: str, data: Json, metadata: Json | None = None) -> None:
        if self._shown.get(display_id) != data:
            self._shown[display_id] = data
            _display(display_id, data, metadata, update=True)


def _wrapped(page: Child) -> str:
    return str(tag("div", page, class_="crt-twin"))


def _display(display_id: str, data: Json, metadata: Json | None = None, *, update: bool = False) -> None:
    from IPython.display import publish_display_data

    publish_display_data(data, metadata, transient={"display_id": display_id}, update=update)
