"""A JupyterLab of the tests' own, and a notebook in it as its user sees it: menus, cells, the panel."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import nbformat

from tests.conftest import wait_until

REPOSITORY = Path(__file__).parents[2]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = (1480, 1100), (800, 1400)


class Lab:
    """A JupyterLab whose root and whole configuration lie in one folder; nothing of the user's is read or changed."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        self.folder = folder
        self.root = folder / "root"
        self._python = python
        self.root.mkdir(parents=True)
        self._settings("notification", fetchNews="false", checkForUpdates=False)

    def __enter__(self) -> Self:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        options = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
        options += ["--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={self.root}"]
        options += ["--ServerApp.disable_check_xsrf=True"]
        log = self.folder / "lab.log"
        with log.open("wb") as file:
            # A group of its own, which no Ctrl-C reaches; the guard ends it when this process is gone, however it went.
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.notebook.guard", self._python, "-m", "jupyterlab", *options],
                env=self._environment(),
                cwd=self.root,
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        wait_until(lambda: self._server.poll() is not None or self._answers(), 90)
        assert self._server.poll() is None, log.read_text()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        try:
            self._server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait(5)

    def theme(self, *, dark: bool) -> None:
        """The theme of the pages opened from now on."""
        self._settings("themes", theme="JupyterLab Dark" if dark else "JupyterLab Light")

    def write(self, name: str, *sources: str) -> Path:
        """Write a notebook of these cells."""
        cells = [nbformat.v4.new_code_cell(textwrap.dedent(source).strip()) for source in sources]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = self.root / name
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
        return path

    def end_kernels(self) -> None:
        """End every kernel, as a user does who is done."""
        with urllib.request.urlopen(f"{self.address}/api/sessions") as response:
            sessions = json.load(response)
        for session in sessions:
            urllib.request.urlopen(
                urllib.request.Request(f"{self.address}/api/sessions/{session['id']}", method="DELETE")
            ).close()

    def _settings(self, which: str, **values: Any) -> None:
        folder = self.folder / "settings" / "@jupyterlab" / "apputils-extension"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{which}.jupyterlab-settings").write_text(json.dumps(values))

    def _environment(self) -> dict[str, str]:
        own = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "layouts",
            "IPYTHONDIR": "ipython",
        }
        path = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
        folders = {name: str(self.folder / value) for name, value in own.items()}
        return {**os.environ, **folders, "JUPYTER_PREFER_ENV_PATH": "1", "PYTHONPATH": path}

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/api", timeout=1) as response:
                return response.status == 200
        except OSError:
            return False


@dataclass
class Sheet:
    """A notebook in a browser's page. What the page's console says as an error is kept in `faults`."""

    page: Any
    lab: Lab
    name: str
    faults: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, browser: Any, lab: Lab, name: str, size: tuple[int, int] = WIDE) -> Sheet:
        """Open a notebook of the lab's root, and wait until its kernel is there."""
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.set_default_timeout(60_000)
        sheet = cls(page, lab, name)
        page.on("pageerror", lambda error: sheet.faults.append(str(error)))
        page.goto(f"{lab.address}/doc/tree/{name}")
        page.get_by_text("| Idle").wait_for()
        return sheet

    def menu(self, menu: str, entry: str) -> None:
        """Choose an entry of a menu."""
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_role("menuitem", name=entry).first.click()

    def run_all(self) -> None:
        """Run all cells."""
        self.menu("Run", "Run All Cells")

    def run_cell(self, index: int) -> None:
        """Run one cell, as by clicking into it and pressing Ctrl+Enter."""
        cell = self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def save(self) -> dict[str, Any]:
        """Save the notebook, and read what was saved."""
        path = self.lab.root / self.name
        before = path.stat().st_mtime_ns
        self.menu("File", "Save Notebook")
        # The server empties the file before it writes it.
        wait_until(lambda: path.stat().st_mtime_ns != before and path.read_bytes().rstrip().endswith(b"}"), 20)
        return json.loads(path.read_text())

    @property
    def panel(self) -> Any:
        """The panel."""
        return self.page.locator(".crt-panel").first

    def stands(self, words: str, seconds: float = 60) -> None:
        """Wait until the pill says this."""
        self.panel.locator(".crt-pill", has_text=words).wait_for(timeout=seconds * 1000)

    def press(self, action: str) -> None:
        """Click a button of the toolbar."""
        self.panel.locator(f"[data-action={action}]").click()

    def node(self, step: str) -> Any:
        """A step's box in the graph."""
        return self.panel.locator(f'.crt-node[data-step="{step}"]')

    def shot(self, folder: Path, name: str) -> None:
        """Keep a picture of the page."""
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")

    def close(self) -> None:
        """Close the page, and end its kernel."""
        self.page.close()
        self.lab.end_kernels()
