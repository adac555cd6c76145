"""A pause in a real JupyterLab, seen by a real browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import urllib.request
from pathlib import Path

import nbformat
import pytest

from tests.conftest import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

REPOSITORY = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = "<img src=x onerror=window.hostile=1>"
RUN = """
    import cursus_rt_notebook as crt

    steps = {
        "make": {"script": "make.py", "outputs": ["table"]},
        "use": {"script": "use.py", "inputs": {"table": "make.table"}, "outputs": ["copy"]},
    }
    pipeline = {"name": "small", "source_dir": ".", "steps": steps}
    session = crt.execute_pipeline_with_breakpoints(pipeline, ["make"], "workspace")
    pause = next(session)
    pause
"""
END = "session.resume()\nsession.close()\ncrt.shutdown()\nprint('run', session.status)"


@pytest.fixture(scope="module")
def browser():
    """A Chromium without a window; without one the tests skip, or fail where one is required."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = f"no Chromium on the PATH (looked for {', '.join(NAMES)}): nothing was seen in a browser"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def lab(project):
    """The address of a JupyterLab whose root is the project's folder."""
    (project.path / "settings" / "@jupyterlab" / "apputils-extension").mkdir(parents=True)
    news = project.path / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    options += ["--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={project.path}"]
    with (project.path / "lab.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=environment(project.path),
            cwd=project.path,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: server.poll() is not None or answers(address), 90)
        assert server.poll() is None, (project.path / "lab.log").read_text()
        yield address
    finally:
        end(server)


def environment(folder: Path) -> dict[str, str]:
    """A JupyterLab's own: nothing of the user's configuration, nothing left behind."""
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "layouts",
        "IPYTHONDIR": "ipython",
    }
    path = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    folders = {name: str(folder / value) for name, value in own.items()}
    return {**os.environ, **folders, "JUPYTER_PREFER_ENV_PATH": "1", "PYTHONPATH": path}


def answers(address: str) -> bool:
    """Whether the server is up."""
    try:
        with urllib.request.urlopen(f"{address}/api", timeout=1) as response:
            return response.status == 200
    except OSError:
        return False


def end(server: subprocess.Popen[bytes]) -> None:
    """End the server, which ends its kernels; then whatever of its group is left."""
    server.terminate()
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(5)


def notebook(path: Path, *sources: str) -> None:
    """Write a notebook of these cells."""
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(source).strip()) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def test_u5_a_pause_is_seen_in_jupyterlab(project, lab, browser, tmp_path):
    """U5: the graph and the first rows are visible, run and saved, and a hostile column name stays text."""
    project.script("make", f'write("table", "t.csv", "carrier,{HOSTILE}\\nUA,4711\\nDL,4712\\n")')
    project.script("use", 'write("copy", "t.csv", read("table"))')
    notebook(project.path / "pause.ipynb", RUN, END)
    page = browser.new_page(viewport={"width": 1200, "height": 1100})
    page.set_default_timeout(60_000)

    page.goto(f"{lab}/doc/tree/pause.ipynb")
    page.get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.get_by_text("run finished").wait_for()
    saw(page)
    page.screenshot(path=tmp_path / "run.png")

    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_text("Save Notebook", exact=True).click()
    saved = project.path / "pause.ipynb"
    wait_until(lambda: "image/png" in saved.read_text(), 20)
    page.close()

    # Another name has no signature: a stranger's notebook, which JupyterLab cleans before it shows it.
    notebook_text = saved.read_text()
    (project.path / "stranger.ipynb").write_text(notebook_text.replace("'run'", "'ran'"))
    page = browser.new_page(viewport={"width": 1200, "height": 1100})
    page.goto(f"{lab}/doc/tree/stranger.ipynb")
    saw(page)
    page.screenshot(path=tmp_path / "stranger.png")
    page.close()


def saw(page) -> None:
    """Assert what the reader of a pause must see."""
    picture = page.locator(".jp-OutputArea-output img").first
    picture.wait_for()
    wait_until(lambda: picture.evaluate("image => image.naturalWidth") > 0)
    box = picture.bounding_box()
    assert box["width"] > 100
    assert box["height"] > 100
    for told in ("Paused after make", "carrier", HOSTILE, "4711", 'pause["table"].df'):
        page.get_by_text(told).first.wait_for()
    assert page.evaluate("window.hostile") is None
    assert page.locator(".jp-OutputArea-output img").count() == 1
