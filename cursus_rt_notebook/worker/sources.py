"""What a script is made of: its own files by the digests of their syntax trees, and the packages that it imports.

Scripts are read, never imported. A file's content is always read; what it says is remembered by that content.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cursus_rt_notebook.worker import interpreters
from cursus_rt_notebook.worker.inside import imports
from cursus_rt_notebook.worker.interpreters import Interpreter, Questions
from cursus_rt_notebook.worker.packages import versions_of

_REMEMBERED = 4_096
_known: dict[tuple[str, str], Mapping[str, Any]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class SourceFault:
    """Why a source cannot be read: a syntax error, or no such file. `line` is 0 where there is none."""

    file: str
    line: int
    message: str
    text: str = ""


@dataclass(frozen=True)
class Sources:
    """A script and the local modules that it imports, directly or not.

    `files` maps each file, relative to the source directory or else absolute, to its digest; `imports` are the
    third-party top-level modules, also those imported inside functions or in a `try`; `modules` the same with the
    submodules named, as they are to be loaded ahead; `packages` the distributions' versions as the step will see them.
    """

    files: Mapping[str, str]
    imports: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict[str, str])
    python_version: str = ""
    error: SourceFault | None = None
    paths: tuple[str, ...] = ()


def scan(script: Path, source_dir: Path, python: str | None = None) -> Sources:
    """Read a script and all local modules that it imports; its faults are told in `error`, never raised.

    Raises:
        StepNotStarted: there is no such interpreter.
    """
    interpreter = interpreters.find(python)
    with ExitStack() as stack:
        walk = _Walk(interpreter, str(script), str(source_dir), _parser(interpreter, stack))
        walk.run()
    outside = sorted(walk.outside)
    tops = tuple(dict.fromkeys(name.partition(".")[0] for name in outside))
    return Sources(
        files=walk.digests,
        imports=tops,
        modules=tuple(name for name in outside if name.partition(".")[0] not in walk.editable),
        packages=versions_of(interpreter, tops),
        python_version=interpreter.version,
        error=walk.error,
        paths=tuple(sorted(walk.paths)),
    )


Parser = Callable[[bytes, str], Mapping[str, Any]]


def _parser(interpreter: Interpreter, stack: ExitStack) -> Parser:
    """Reads a source in the step's interpreter: in this process if that is ours, else in one started when needed."""
    questions: list[Questions] = []

    def elsewhere(data: bytes, path: str) -> Mapping[str, Any]:
        if not questions:
            questions.append(stack.enter_context(Questions(interpreter.path)))
        return questions[0].ask({"data": data.decode("latin-1"), "path": path})

    read = imports.read_source if interpreter.is_ours else elsewhere

    def remembered(data: bytes, path: str) -> Mapping[str, Any]:
        # Trees differ between minor versions only.
        key = (interpreter.version.rpartition(".")[0], hashlib.sha256(data).hexdigest())
        found = _known.get(key)
        if found is None:
            found = read(data, path)
            with _lock:
                if len(_known) >= _REMEMBERED:
                    _known.clear()
                _known[key] = found
        return found

    return remembered


class _Walk:
    """Follows imports from file to file, among the files that are the user's own."""

    def __init__(self, interpreter: Interpreter, script: str, source_dir: str, parse: Parser) -> None:
        self._interpreter = interpreter
        self._script = os.path.abspath(script)
        self._source_dir = os.path.abspath(source_dir)
        self._roots = tuple(dict.fromkeys((os.path.dirname(self._script), self._source_dir)))
        self._parse = parse
        self._queue = [self._script]
        self.paths: set[str] = set()
        self.digests: dict[str, str] = {}
        self.outside: set[str] = set()
        self.editable: set[str] = set()
        self.error: SourceFault | None = None

    def run(self) -> None:
        """Read everything that can be reached."""
        while self._queue:
            path = self._queue.pop()
            if path not in self.paths:
                self.paths.add(path)
                self._read(path)
        self.digests = dict(sorted(self.digests.items()))

    def _read(self, path: str) -> None:
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            self._fault(SourceFault(path, 0, error.strerror or str(error)))
            return
        told = self._parse(data, path)
        self.digests[self._shown(path)] = told["digest"]
        if told["error"]:
            self._fault(SourceFault(path, **told["error"]))
        for level, module, names in told["imports"]:
            self._follow(path, level, module, names)

    def _shown(self, path: str) -> str:
        inside = path.startswith(self._source_dir + os.sep)
        return os.path.relpath(path, self._source_dir).replace(os.sep, "/") if inside else path

    def _fault(self, fault: SourceFault) -> None:
        # The script's own comes first; of several helpers' the first met.
        if self.error is None or fault.file == self._script:
            self.error = fault

    def _follow(self, path: str, level: int, module: str, names: Iterable[str]) -> None:
        if level:
            folder = path
            for _ in range(level):
                folder = os.path.dirname(folder)
            self._add((folder,), module, names)
            return
        top = module.partition(".")[0]
        if self._add(self._roots, module, names) or top in self._interpreter.stdlib:
            return
        if self._add(self._interpreter.editable, module, names):
            self.editable.add(top)
        self.outside.add(top)
        self.outside.add(module)
        # `from sklearn import ensemble`: a submodule, or a function; whoever loads it finds out.
        self.outside.update(f"{module}.{name}" for name in names if name.islower() and name.isidentifier())

    def _add(self, roots: Iterable[str], module: str, names: Iterable[str]) -> bool:
        """Queue the files of a module found under one of the roots; whether it was."""
        parts = [part for part in module.split(".") if part]
        for root in roots:
            found, folder = _files_of(root, parts)
            if parts and not found and not self._is_namespace(folder, parts[0]):
                continue
            self._queue += found
            if folder is not None:
                for name in names:
                    self._queue += _files_of(folder, [name])[0]
            return True
        return False

    def _is_namespace(self, folder: str | None, top: str) -> bool:
        # A folder without __init__ is a package only where nothing else has its name.
        return folder is not None and top not in self._interpreter.stdlib and not versions_of(self._interpreter, [top])


def _files_of(root: str, parts: list[str]) -> tuple[list[str], str | None]:
    """The files that importing `parts` from `root` runs, and the folder in which submodules lie, if it is a package."""
    found: list[str] = []
    folder = root
    for part in parts:
        package = os.path.join(folder, part)
        init, plain = os.path.join(package, "__init__.py"), package + ".py"
        if os.path.isfile(init):
            found.append(init)
            folder = package
        elif os.path.isfile(plain):
            return [*found, plain], None
        elif os.path.isdir(package):
            folder = package
        else:
            return found, None
    return found, folder
