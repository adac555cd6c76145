"""What makes environments: uv where there is one, else venv and pip. Wheels only, so that no compiler ever starts.

Both follow the user's own configuration (indexes, proxies, constraints): nothing here names an address.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cursus_rt_notebook import settings
from cursus_rt_notebook.worker import process
from cursus_rt_notebook.worker.environment import base_environment
from cursus_rt_notebook.worker.process import Finished
from cursus_rt_notebook.worker.pythons import Python

OnLine = Callable[[str], None]
# What would lead a tool to the environment that the kernel runs in.
_KERNELS_OWN = {
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "UV_PYTHON",
    "__PYVENV_LAUNCHER__",
}
_UNFULFILLABLE = re.compile(
    r"No solution found|ResolutionImpossible|No matching distribution found|conflicting dependencies|requires a different Python",
)
_FRAME = " \u00d7\u2500\u2502\u251c\u256d\u2570\u25b6"  # which some versions of uv draw around their reasons
_TRY = """
import importlib, sys
for given in sys.argv[1:]:
    name = given.rstrip("?")
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if given != name and error.name == name:
            continue
        print(f"\\n@ {name}: {type(error).__name__}: {error}")
        sys.exit(1)
    except BaseException as error:
        text = " ".join(str(error).split())
        print(f"\\n@ {name}: {type(error).__name__}: {text[:600]}")
        sys.exit(1)
"""


class NotFulfilled(Exception):
    """What is asked for cannot be installed; `reason` says why, `final` whether the packages themselves are to blame."""

    def __init__(self, reason: str, *, final: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


class Installer(Protocol):
    """One way to make an environment. All raise NotFulfilled."""

    def resolve(self, python: Python, wanted: Sequence[str]) -> tuple[str, ...]:
        """The packages, each with its version, that fulfil `wanted` under this interpreter, if that can be told ahead."""
        ...

    def make(self, python: Python, folder: Path, packages: Sequence[str], on_line: OnLine) -> None:
        """Make an environment in `folder`, with these packages."""
        ...


@dataclass(frozen=True)
class Uv:
    """The program uv, at `program`."""

    program: str

    def resolve(self, python: Python, wanted: Sequence[str]) -> tuple[str, ...]:
        """Ask the index, and download nothing but metadata."""
        argv = ["pip", "compile", "--python", python.path, "--no-header", "--no-annotate", "--only-binary", ":all:"]
        text = self._with_file([*argv, "--quiet"], wanted, settings.RESOLVE_TIMEOUT, None)
        return tuple(line.strip() for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line))

    def make(self, python: Python, folder: Path, packages: Sequence[str], on_line: OnLine) -> None:
        """Make it, and link the packages from uv's cache where that is possible."""
        if not folder.is_dir():
            self._run(["venv", "--python", python.path, "--no-project", str(folder)], settings.RESOLVE_TIMEOUT, on_line)
        argv = ["pip", "install", "--python", str(python_in(folder)), "--only-binary", ":all:", "-r"]
        self._with_file(argv, packages, settings.INSTALL_TIMEOUT, on_line)

    def _with_file(self, argv: list[str], lines: Sequence[str], timeout: float, on_line: OnLine | None) -> str:
        with tempfile.TemporaryDirectory(prefix="cursus-") as folder:
            file = Path(folder, "requirements.txt")
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
            return self._run([*argv, str(file)], timeout, on_line)

    def _run(self, argv: list[str], timeout: float, on_line: OnLine | None) -> str:
        env = _environment() | {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "NO_COLOR": "1"}
        return _done(process.run_helper([self.program, *argv], env=env, timeout=timeout, on_line=on_line), timeout)


@dataclass(frozen=True)
class Pip:
    """The interpreter's own venv and pip: whether packages fit shows when they are installed."""

    def resolve(self, python: Python, wanted: Sequence[str]) -> tuple[str, ...]:
        """What is wanted, as it is: pip resolves all before it installs anything."""
        del python
        return tuple(wanted)

    def make(self, python: Python, folder: Path, packages: Sequence[str], on_line: OnLine) -> None:
        """Make it, with a pip of its own, and install."""
        if not folder.is_dir():
            self._run([python.path, "-I", "-m", "venv", str(folder)], settings.RESOLVE_TIMEOUT, on_line)
        argv = [str(python_in(folder)), "-I", "-m", "pip", "install", "--only-binary", ":all:", "--no-input", *packages]
        self._run(argv, settings.INSTALL_TIMEOUT, on_line)

    def _run(self, argv: list[str], timeout: float, on_line: OnLine) -> None:
        env = _environment() | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_PROGRESS_BAR": "off", "NO_COLOR": "1"}
        _done(process.run_helper(argv, env=env, timeout=timeout, on_line=on_line), timeout)


def available() -> tuple[Installer, ...]:
    """The installers of this machine, the quicker one first."""
    uv = find_uv()
    return (*([Uv(uv)] if uv else []), Pip())


def find_uv() -> str | None:
    """The program uv: the one beside the kernel's interpreter, else the one on the PATH."""
    return shutil.which("uv", path=os.path.dirname(sys.executable)) or shutil.which("uv")


def python_in(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / "bin" / "python"


def try_imports(python: Path, modules: Sequence[str]) -> str:
    """Import these modules there, one after the other; what went wrong with the first that fails, or an empty text.

    One with a question mark behind it may not be there.

    That versions fit by what their packages say is not enough: old wheels say nothing of a numpy that came after them.
    """
    argv = [str(python), "-I", "-c", _TRY, *modules]
    done = process.run_helper(argv, env=base_environment(), timeout=settings.TRIAL_TIMEOUT)
    if done.well:
        return ""
    if done.timed_out:
        return f"importing took longer than {settings.TRIAL_TIMEOUT:g} s"
    told = [line[2:] for line in done.output.splitlines() if line.startswith("@ ")]
    return told[-1] if told else f"importing them ended the process (status {done.status})"


def _environment() -> dict[str, str]:
    """The user's whole environment, where proxies and indexes are set, but for what belongs to the kernel's own."""
    return {name: value for name, value in os.environ.items() if name not in _KERNELS_OWN}


def _done(finished: Finished, timeout: float) -> str:
    if finished.well:
        return finished.output
    if finished.timed_out:
        raise NotFulfilled(f"it took longer than {timeout:g} s", final=False)
    raise NotFulfilled(_reason(finished.output), final=_UNFULFILLABLE.search(finished.output) is not None)


def _reason(output: str) -> str:
    """The sentences that say why, on one line."""
    lines = [line.strip(_FRAME) for line in output.splitlines()]
    words = " ".join(line for line in lines if line and not line.startswith(("hint:", "[notice]", "WARNING")))
    words = re.sub(r"^error: (No solution found when resolving dependencies:?\s*(cause:)?)?\s*", "", words)
    found = re.search(r"(ERROR: (?:No matching|Cannot install|Could not).*)", words)
    return (found.group(1) if found else words)[-1_000:].strip() or "it said nothing"
