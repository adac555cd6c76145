"""The panel: a session as a debugger's window in the notebook. It posts commands and shows events, and owns no state."""

from __future__ import annotations

import json
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import CursusError
from cursus_rt_notebook.notebook import assets, controls, inspector, show
from cursus_rt_notebook.notebook.twin import Twin
from cursus_rt_notebook.render import show as render
from cursus_rt_notebook.render.panel import view

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.session import InteractiveExecutionResult
    from cursus_rt_notebook.engine.state import RunState

_panels: weakref.WeakKeyDictionary[InteractiveExecutionResult, Panel] = weakref.WeakKeyDictionary()


def open_panel(session: InteractiveExecutionResult) -> Panel:
    """The session's panel; shown in several places it is one and the same."""
    panel = _panels.get(session)
    if panel is None:
        panel = _panels[session] = Panel(session)
    return panel


def prepare(session: InteractiveExecutionResult) -> None:
    """Do beforehand what takes long of a panel: graphviz places the boxes, and each is drawn."""
    view.graph_view(session.state, session.pipeline)


class Panel(anywidget.AnyWidget):
    """A session's window: the graph, the toolbar, every table. Made by `session.panel()`."""

    _esm = assets.module()
    _css = assets.styles()
    # What the first paint needs, so that it waits for no answer.
    first = traitlets.Dict().tag(sync=True)

    def __init__(self, session: InteractiveExecutionResult) -> None:
        self._session = session
        self._news = threading.Event()
        self._telling = threading.Lock()
        self._told = 0.0
        state, pipeline = session.state, session.pipeline
        self._graph = self._first = view.graph_view(state, pipeline)
        super().__init__(first=_packed({"run": view.run_view(state, pipeline), "graph": self._first}))
        self.on_msg(self._hear)
        session.listen(self._changed)
        self._twin = Twin(session)

    def __repr__(self) -> str:
        return render.as_text(self._session)

    def _ipython_display_(self) -> None:
        """The panel, and beside it what a reader without a kernel sees."""
        if not show.in_kernel():
            print(repr(self))  # noqa: T201  what a terminal shows is the purpose
            return
        from IPython.display import publish_display_data

        data, metadata = self._repr_mimebundle_() or ({}, {})
        publish_display_data(data | {"text/plain": "The panel of this run. How it stood, without a kernel:"}, metadata)
        self._twin.publish()

    def send(self, content: dict[str, Any], buffers: Any = None) -> None:
        """Send a message to every view."""
        super().send(_packed(content), buffers)

    def _hear(self, _: Any, message: dict[str, Any], __: Any) -> None:
        # Said before anything is done: this may be a kernel's main thread, and a press is answered at once.
        self.send({"heard": message.get("id")})
        threading.Thread(target=self._answer, args=(message,), name="cursus-panel-answer", daemon=True).start()

    def _answer(self, message: dict[str, Any]) -> None:
        number, what, told = message.get("id"), str(message.get("ask")), message.get("with") or {}
        try:
            answer = self._tell_again() if what == "news" else _carry_out(self._session, what, told)
        except CursusError as error:
            self.send({"id": number, "error": {"message": error.message, "fix": error.fix or ""}})
        # A fault of ours must not look as if nothing was asked.
        except Exception as error:  # noqa: BLE001
            self.send({"id": number, "error": {"message": f"{type(error).__name__}: {error}", "fix": ""}})
        else:
            self.send({"id": number, "answer": answer})

    def _changed(self, state: RunState) -> None:
        """Called by the driver with every new state: tell the views soon, from another thread."""
        del state
        if not self._news.is_set():
            self._news.set()
            threading.Thread(target=self._tell, name="cursus-panel", daemon=True).start()

    def _tell(self) -> None:
        """Send what changed since the last time: at once after a silence, else what comes together is told together."""
        time.sleep(max(0.0, self._told + settings.PANEL_INTERVAL - time.monotonic()))
        with self._telling:
            self._news.clear()
            self._told = time.monotonic()
            self._tell_since(self._graph)

    def _tell_again(self) -> None:
        """Send what changed since the first paint: there is a new view."""
        with self._telling:
            self._tell_since(self._first, self._graph)

    def _tell_since(self, *known: dict[str, Any]) -> None:
        """Send what is other than in any of these graphs, which views may be showing."""
        state, pipeline = self._session.state, self._session.pipeline
        graph = self._graph = view.graph_view(state, pipeline)
        nodes = {
            name: node for name, node in graph["nodes"].items() if any(node != one["nodes"][name] for one in known)
        }
        arrows = {
            what: graph[what] if any(graph[what] != one[what] for one in known) else None for what in ("edges", "marks")
        }
        self.send({"run": view.run_view(state, pipeline), "label": graph["label"], "nodes": nodes, **arrows})


def _packed(content: dict[str, Any]) -> dict[str, Any]:
    """What can be sent: the same, or the text of its JSON where that would not arrive as it is.

    Jupyter sends UTF-8, which has no half of a surrogate pair, as names of files and errors may hold; and its front
    ends lose a key that is called as what every object of JavaScript has.
    """
    text = json.dumps(content)
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return {"json": text}
    return {"json": text} if '"__proto__":' in text else content


def _carry_out(session: InteractiveExecutionResult, what: str, told: dict[str, Any]) -> Any:
    if what in controls.COMMANDS:
        return controls.COMMANDS[what](session, **told)
    return inspector.answer(session, what, told)
