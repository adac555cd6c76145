"""Runs scripts as steps, and watches that nothing is left of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from cursus_rt_notebook.engine import execute
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.worker import launch
from cursus_rt_notebook.worker.launch import Order, Outcome, StepProcess
from cursus_rt_notebook.worker.logs import read_log
from tests.conftest import alive, wait_until

SCRIPTS = Path(__file__).parent / "scripts"


@dataclass
class Steps:
    """Starts and runs steps from script files, or from text, in a project folder of the test's own."""

    folder: Path
    redactor: Redactor = field(default_factory=Redactor)
    python: str | None = None
    modules: tuple[str, ...] = ()

    def write(self, name: str, text: str) -> Path:
        """A file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def start(
        self,
        script: str | Path,
        *,
        timeout: float | None = None,
        memory: int | None = None,
        ahead: int = 1,
        **order: Any,
    ) -> StepProcess:
        """Start a script: the name of a fault file, or a path."""
        path = script if isinstance(script, Path) else SCRIPTS / script
        cwd = self.folder / "cwd"
        cwd.mkdir(exist_ok=True)
        out = self.folder / "out"
        out.mkdir(exist_ok=True)
        facts: dict[str, Any] = {
            "step": path.stem,
            "script": str(path),
            "source_dir": str(path.parent),
            "cwd": str(cwd),
            "output_paths": {"out": str(out)},
            "input_paths": {},
        }
        return launch.start_step(
            Order(**(facts | order)),
            python=self.python,
            modules=self.modules,
            log_path=self.log_path,
            redactor=self.redactor,
            timeout=timeout,
            memory=memory,
            ahead=ahead,
        )

    def run(self, script: str | Path, **options: Any) -> Outcome:
        """Run a script to its end."""
        return self.start(script, **options).wait(None)

    def run_text(self, text: str, **options: Any) -> Outcome:
        """Run a script given as text; the body of `main` where it defines none."""
        if "def main" not in text and options.get("entry") != "script":
            body = "\n".join("    " + line for line in text.splitlines())
            text = f"def main(input_paths, output_paths, environ_vars, job_args):\n{body}\n"
        return self.run(self.write("scripts/script.py", text), **options)

    @property
    def log_path(self) -> Path:
        return self.folder / "log.txt"

    @property
    def log(self) -> str:
        """What was logged, without the stamps."""
        return "\n".join(line.text for line in read_log(self.log_path))

    def out(self, name: str) -> str:
        """The text of a file that the step wrote."""
        return (self.folder / "out" / name).read_text()


@pytest.fixture
def steps(tmp_path: Path) -> Steps:
    return Steps(tmp_path)


@pytest.fixture(autouse=True)
def _nothing_of_a_step_remains():
    """Fail a test after which a step's process, a descriptor or a thread is left."""
    fds = _open_fds()
    yield
    wait_until(lambda: not stepping(), 5, lambda: [(p.pid, p.cmdline()[-3:]) for p in stepping()])
    wait_until(lambda: len(_open_fds()) <= len(fds) + 2, 5)  # a zygote that the test began holds one


@pytest.fixture(scope="package", autouse=True)
def _shut_down():
    execute.shutdown()  # these tests count processes, and the tests before have left a reader and zygotes warm
    yield
    launch.shutdown()


def _open_fds() -> list[str]:
    return [path.name for path in Path("/proc/self/fd").iterdir()]


def stepping() -> list[psutil.Process]:
    """The processes of ours that a step has left: all but zygotes, their guardians, and one waiting child of each."""
    busy: list[psutil.Process] = []
    for zygote in psutil.Process().children():
        if _is_reader(zygote):
            continue
        if not _is_zygote(zygote):
            busy.append(zygote)
            continue
        for guardian in _below(zygote):
            children = _below(guardian)
            busy += [*children[1:], *(below for child in children for below in _below(child, recursive=True))]
    return _running(busy)


def _below(process: psutil.Process, *, recursive: bool = False) -> list[psutil.Process]:
    try:
        return _running(process.children(recursive=recursive))
    except psutil.NoSuchProcess:
        return []


def _running(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if alive([process.pid])]


def _is_reader(process: psutil.Process) -> bool:
    """Whether it is the data room's process, which the tests before may have left to the end of the run."""
    try:
        return "cursus_rt_notebook.data" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return True


def _is_zygote(process: psutil.Process) -> bool:
    try:
        return "zygote" in process.cmdline() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    return not alive([pid])


def wait_for_text(path: Path, condition: Callable[[str], bool] = bool) -> str:
    """Wait until a file holds what is wanted."""
    wait_until(lambda: path.exists() and condition(path.read_text()))
    return path.read_text()
