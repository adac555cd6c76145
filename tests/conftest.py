"""Fixtures for all tests: a small project on disk, and a watch that nothing leaks."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest


@pytest.fixture(autouse=True)
def _nothing_leaks():
    """Fail a test that leaves the environment or the working directory changed."""
    environ, cwd = dict(os.environ), Path.cwd()
    yield
    others = {"PYTEST_CURRENT_TEST", "_RJEM_MALLOC_CONF"}  # polars sets the second when it is first imported
    after = {k: v for k, v in os.environ.items() if k not in others}
    assert after == {k: v for k, v in environ.items() if k not in others}
    assert Path.cwd() == cwd


@pytest.fixture(scope="session", autouse=True)
def _interrupts_are_heard():
    """A shell starts what it runs in the background deaf to interrupts; some tests send themselves one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def _no_process_remains():
    """Fail the whole run if a process of ours is still there at its end."""
    yield
    if {"cursus_rt_notebook.worker.launch", "cursus_rt_notebook.data.reader"} & set(sys.modules):
        import cursus_rt_notebook

        cursus_rt_notebook.shutdown()
    wait_until(lambda: not psutil.Process().children(recursive=True), 5)


def wait_until(
    condition: Callable[[], Any], seconds: float = 10.0, told: Callable[[], Any] = lambda: "waited in vain"
) -> None:
    """Wait until `condition` holds; fail with what `told` says when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, told()
        time.sleep(0.01)


def alive(pids: Iterable[int]) -> list[int]:
    """Those of these processes that run: neither ended nor only waiting to be collected."""
    found = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
    return found


HEAD = """\
import os
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    def write(port, name, text):
        path = Path(output_paths[port]) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(port, name="t.csv"):
        return (Path(input_paths[port]) / name).read_text()

"""


@dataclass
class Project:
    """Scripts and a pipeline in a temporary folder."""

    path: Path

    def script(self, name: str, body: str, head: str = HEAD) -> Path:
        """Write `name`.py, whose main has this body and the helpers `write` and `read`."""
        path = self.path / f"{name}.py"
        path.write_text(head + textwrap.indent(textwrap.dedent(body).strip() + "\n", "    "))
        return path

    def pipeline(self, steps: dict[str, dict[str, Any]], **top: Any) -> dict[str, Any]:
        """A pipeline as a dict; a step without `script` is called as its file."""
        filled = {name: {"script": f"{name}.py", **step} for name, step in steps.items()}
        return {"name": "small", "source_dir": str(self.path), "steps": filled, **top}

    def chain(self, *names: str) -> dict[str, Any]:
        """Write a chain of steps, each of which adds its name to the table it reads."""
        steps: dict[str, dict[str, Any]] = {}
        for before, name in zip((None, *names), names, strict=False):
            text = 'read("data") + ' if before else '"step\\n" + '
            self.script(name, f'write("out", "t.csv", {text}"{name}\\n")')
            inputs = {"data": f"{before}.out"} if before else {}
            steps[name] = {"inputs": inputs, "outputs": ["out"]}
        return self.pipeline(steps)

    @property
    def workspace(self) -> Path:
        """Where its runs are kept."""
        return self.path / "workspace"

    def session(self, pipeline: Any, breakpoints: Any = None, **options: Any) -> Any:
        """A session on a pipeline of this project."""
        import cursus_rt_notebook as crt

        return crt.execute_pipeline_with_breakpoints(pipeline, breakpoints, self.workspace, **options)


@pytest.fixture
def project(tmp_path):
    """A small project on disk, whose session is closed at the end."""
    folder = tmp_path / "project"
    folder.mkdir()
    made = Project(folder)
    yield made
    from cursus_rt_notebook.engine import execute

    for (where, _), session in list(execute._sessions.items()):
        if where.startswith(str(tmp_path)):
            session.close()


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterable[str]:
    """A server that answers as S3 does, on a free port of the loopback."""
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def s3(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterable[Any]:
    """A client of that server, which has the empty bucket `flights`; the environment leads s3fs there, too."""
    import boto3

    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-that-nobody-may-see")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    client = boto3.client("s3")
    client.create_bucket(Bucket="flights")
    yield client
    for found in client.list_objects_v2(Bucket="flights").get("Contents", ()):
        client.delete_object(Bucket="flights", Key=found["Key"])
    client.delete_bucket(Bucket="flights")
    client.close()


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The objects that were brought, in their order."""
    import s3fs

    keys: list[str] = []
    get = s3fs.S3FileSystem.get_file

    def noted(self: Any, key: str, target: str, **options: Any) -> Any:
        keys.append(key)
        return get(self, key, target, **options)

    monkeypatch.setattr(s3fs.S3FileSystem, "get_file", noted)
    return keys
