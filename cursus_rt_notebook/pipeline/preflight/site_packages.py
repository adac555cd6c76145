"""Which modules an interpreter can import, told from its files: nothing is imported, and no interpreter started."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

# Lines of .pth files that add no modules of their own.
_HARMLESS = re.compile(r"distutils-precedence|_virtualenv|coverage|nspkg|a1_coverage|matplotlib")
_PACKAGES = re.compile(r"(?:lib|lib64)/python3\.\d+/site-packages|Lib/site-packages", re.IGNORECASE)
# Of the standard library of a Python older than the kernel's, maybe.
_ONCE_STANDARD = frozenset(
    [
        "aifc",
        "asynchat",
        "asyncore",
        "audioop",
        "binhex",
        "cgi",
        "cgitb",
        "chunk",
        "crypt",
        "distutils",
        "dummy_threading",
        "formatter",
        "imghdr",
        "imp",
        "lib2to3",
        "macpath",
        "mailcap",
        "msilib",
        "nis",
        "nntplib",
        "ossaudiodev",
        "parser",
        "pipes",
        "smtpd",
        "sndhdr",
        "spwd",
        "sunau",
        "symbol",
        "telnetlib",
        "uu",
        "xdrlib",
    ]
)


@dataclass(frozen=True)
class Modules:
    """The top-level modules that an interpreter has; `names` is None for our own, which is asked one by one."""

    names: frozenset[str] | None

    def has(self, top: str) -> bool:
        """Whether a top-level module can be imported."""
        if top in sys.stdlib_module_names:
            return True
        return _is_ours(top) if self.names is None else top in self.names or top in _ONCE_STANDARD

    def known(self) -> frozenset[str]:
        """The names to choose from where one is misspelt."""
        return self.names if self.names is not None else _in_folders(tuple(filter(os.path.isdir, sys.path)))


def _is_ours(top: str) -> bool:
    try:
        return find_spec(top) is not None
    except (ImportError, ValueError, AttributeError):
        return True  # it is loaded, and says nothing of where it came from


def is_standard(top: str) -> bool:
    """Whether a top-level module comes with Python, or came with an older one."""
    return top in sys.stdlib_module_names or top in _ONCE_STANDARD


def modules_of(python: Path | None) -> Modules | None:
    """The modules of an interpreter, the kernel's own for None; None where its folders are not laid out as known."""
    if python is None or _same(python, Path(sys.executable)):
        return Modules(None)
    folders = folders_of(python)
    return None if folders is None else Modules(_in_folders(folders))


def folders_of(python: Path) -> tuple[str, ...] | None:
    """The folders in which an interpreter finds its packages; None where they are not laid out as known."""
    if _same(python, Path(sys.executable)):
        return tuple(filter(os.path.isdir, sys.path))
    folders = _site_folders(python)
    extra = [path for folder in folders for path in _added_by(folder)]
    if not folders or None in extra:
        return None
    return (*map(str, folders), *(path for path in extra if path))


def _same(a: Path, b: Path) -> bool:
    # Not resolved: behind its link, a virtual environment's python is another.
    return os.path.abspath(a) == os.path.abspath(b)  # noqa: PTH100


def _site_folders(python: Path) -> list[Path]:
    """The site-packages of a virtual environment or an installation; none where it sees others that are not known."""
    home = python.parent.parent
    settings = home / "pyvenv.cfg"
    try:
        text = settings.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return _installed(python)
    if re.search(r"^include-system-site-packages\s*=\s*true", text, re.IGNORECASE | re.MULTILINE):
        return []
    found = [*home.glob("lib/python3.*/site-packages"), *home.glob("Lib/site-packages")]
    return found if len(found) == 1 and _PACKAGES.search(found[0].as_posix()) else []


def _installed(python: Path) -> list[Path]:
    """The site-packages beside the standard library of an interpreter of its own folder (pyenv, conda, a build), and the user's."""
    try:
        home = python.resolve(strict=True).parent.parent
    except (OSError, RuntimeError):
        return []
    found = [folder for folder in home.glob("lib/python3.*/site-packages") if (folder.parent / "os.py").is_file()]
    if len(found) != 1:
        return []
    users = Path.home() / ".local" / "lib" / found[0].parent.name / "site-packages"
    return [*found, *filter(Path.is_dir, [users])]


def _added_by(folder: Path) -> Iterator[str | None]:
    """The folders that .pth files add; None for one that runs code of which nothing is known."""
    for file in sorted(folder.glob("*.pth")):
        if _HARMLESS.search(file.name):
            continue
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            yield None
            continue
        for line in map(str.strip, lines):
            if line.startswith(("import ", "import\t")):
                yield None
            elif line and not line.startswith("#"):
                yield str(folder / line)


def _in_folders(folders: tuple[str, ...]) -> frozenset[str]:
    return frozenset[str]().union(*map(names_in, folders))


def names_in(folder: str) -> frozenset[str]:
    """The top-level modules and packages, and whatever else has a name like one, in a folder."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names only
    except OSError:
        return frozenset()
    return frozenset(top for name in names if (top := name.partition(".")[0]).isidentifier())
