"""Whether a script's imports will succeed: its local modules, followed from file to file, and installed packages."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from cursus_rt_notebook.pipeline.distributions import distribution_of, has_other_name
from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.preflight.site_packages import Modules, is_standard, modules_of, names_in
from cursus_rt_notebook.pipeline.script_use import ImportUse, ScriptUse, module_use

BEYOND: Final = "above the top package of the source folder, where nothing can be imported"
ABSOLUTE: Final = "import it by its name below the source folder, without the dots"
_COMPILED = (".so", ".pyd", ".pyc")


@dataclass
class Imports:
    """The imports of one step's script, whose findings name no step: others may share it.

    `modules` is None where nothing is known of what its interpreter has; `same_syntax` whether that is of our version;
    `listing` tells the names in a folder; `parents` is whether a relative import also runs the `__init__` of the
    packages on its way.
    """

    step: Step
    modules: Modules | None
    same_syntax: bool
    listing: Callable[[str], frozenset[str]] = names_in
    parents: bool = True
    _told: set[str] = field(default_factory=set[str])
    _moved: bool = False

    def findings(self, imports: tuple[ImportUse, ...], *, moves_path: int) -> tuple[Finding, ...]:
        """What is wrong with what the script imports, and with what that imports in turn.

        Args:
            imports: What the script imports.
            moves_path: The first line of it that may change where modules are looked for, 0 for none.
        """
        faults: list[Finding] = []
        missing = [found for file, each in self.outside(imports, faults) for found in self._missing(file, each)]
        # Where the path is changed, modules may be found where nobody can tell.
        if self._moved or "PYTHONPATH" in self.step.env:
            return tuple(faults)
        return (*faults, *(found for found in missing if not moves_path or self._comes_before(moves_path, found)))

    def _comes_before(self, line: int, found: Finding) -> bool:
        """Whether the script surely comes to an import before it comes to a line."""
        return found.file == str(self.step.script) and found.severity == "error" and (found.line or line) < line

    def outside(self, imports: tuple[ImportUse, ...], faults: list[Finding]) -> Iterator[tuple[Path, ImportUse]]:
        """What the script and its local modules import that is not local, with the file that does."""
        # With each file the folder that its top package lies in; of what the script imports relatively it is not known.
        seen: dict[Path, Path | None] = {self.step.script: None}
        todo = [(self.step.script, each) for each in imports]
        while todo:
            file, each = todo.pop(0)
            root = seen[file]
            if root is not None and each.level > len(file.parent.relative_to(root).parts):
                faults += self._beyond(file, each)
                continue
            found = self._local(file, each)
            if found is None:
                yield file, each
            for path in found or ():
                if path not in seen:
                    seen[path] = self._root(path, root if each.level else None, each)
                    inner = self._read(path, each, faults)
                    todo += [(path, _as_sure(nested, each)) for nested in inner.imports]
                    self._moved |= inner.moves_path > 0

    def _root(self, path: Path, root: Path | None, use: ImportUse) -> Path | None:
        """The folder that the top package of a local module lies in: it stays the same where the import is relative."""
        roots = (root,) if use.level else (self.step.script.parent, self.step.source_dir)
        return next((each for each in roots if each is not None and path.is_relative_to(each)), None)

    def _read(self, path: Path, use: ImportUse, faults: list[Finding]) -> ScriptUse:
        """What a local module imports; what is wrong with it goes to `faults`."""
        try:
            return module_use(path)
        except SyntaxError as error:
            if self.same_syntax:
                severity = "error" if use.surely and not use.optional else "warning"
                message = f"syntax error in {path.name}, which the script imports: {error.msg}"
                finding = Finding(severity, message, "mend the module", file=str(path), line=error.lineno)
                faults.append(finding)
        except (OSError, ValueError, RecursionError, MemoryError):
            pass  # whether it is a module at all is not for us to judge
        return ScriptUse()

    def _local(self, file: Path, use: ImportUse) -> tuple[Path, ...] | None:
        """The local files that an import runs; None if it names nothing local."""
        parts = [part for part in use.module.split(".") if part]
        if use.level:
            folder = file.parents[min(use.level, len(file.parents)) - 1]
            found = _files_of(folder, [*parts], use.names) or ()
            passed = [folder.joinpath(*parts[:end], "__init__.py") for end in range(1, len(parts))]
            return tuple(file for file in found if self.parents or file not in passed)
        for root in dict.fromkeys((self.step.script.parent, self.step.source_dir)):
            found = _files_of(root, parts, use.names) if parts[0] in self.listing(str(root)) else None
            if found is not None and (found or self._is_namespace(parts[0])):
                return found
        return None

    def _is_namespace(self, top: str) -> bool:
        # A folder without __init__ is a package only where nothing else has its name.
        return top not in sys.stdlib_module_names and not (self.modules and self.modules.has(top))

    def _missing(self, file: Path, use: ImportUse) -> Iterator[Finding]:
        top = use.module.partition(".")[0]
        if self.modules is None or use.optional or self.modules.has(top) or top in self._told:
            return
        self._told.add(top)
        whose = "the script" if file == self.step.script else f"{file.name}, which the script imports,"
        python = self.step.python or Path(sys.executable)
        message = f"{whose} imports {quoted(top)}, which {python} does not have"
        severity = "error" if use.surely else "warning"
        yield Finding(severity, message, self._remedy(top, python), file=str(file), line=use.line)

    def _beyond(self, file: Path, use: ImportUse) -> Iterator[Finding]:
        """That a relative import goes up beyond the top package of the module that it stands in; the first of a file."""
        if use.optional or str(file) in self._told:
            return
        self._told.add(str(file))
        message = f"{file.name}, which the script imports, imports {'.' * use.level}{use.module}, which is {BEYOND}"
        yield Finding("error" if use.surely else "warning", message, ABSOLUTE, file=str(file), line=use.line)

    def _remedy(self, top: str, python: Path) -> str:
        install = f"{python} -m pip install {distribution_of(top)}"
        if has_other_name(top):
            return f"{install} (the package that brings {top})"
        local = _misspelt(top, self.listing(str(self.step.script.parent)) | self.listing(str(self.step.source_dir)))
        if local:
            return f"did you mean {quoted(local)}, which is in the source folder? Else: {install}"
        known = _misspelt(top, self.modules.known()) if self.modules else ""
        if known:
            return f"did you mean {quoted(known)}? Else: {install}"
        return f"{install}, if its package has the module's name"


def outside(step: Step) -> tuple[ImportUse, ...]:
    """What a step's script, and the local modules it imports, need of other packages: not what they can do without.

    A script that cannot be read needs nothing.
    """
    try:
        uses = module_use(step.script).imports
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    # A step's process does without an `__init__` on a relative import's way that lacks something: that of a library
    # imports half of what its authors use.
    found = Imports(step, modules_of(None), same_syntax=False, parents=False).outside(uses, [])
    return tuple(use for _, use in found if not use.optional and not is_standard(use.module.partition(".")[0]))


def _as_sure(inner: ImportUse, outer: ImportUse) -> ImportUse:
    """An import inside a module, as sure as the import that brought the module."""
    return replace(inner, optional=inner.optional or outer.optional, surely=inner.surely and outer.surely)


def _misspelt(name: str, options: Iterable[str]) -> str:
    """The module that was meant, where a slip of the hand tells them apart: many packages have similar names."""
    near = [option for option in options if abs(len(option) - len(name)) <= 1]
    return next(iter(difflib.get_close_matches(name, near, n=1, cutoff=0.8)), "")


def _files_of(root: Path, parts: list[str], names: tuple[str, ...]) -> tuple[Path, ...] | None:
    """The files that importing `parts` from a folder runs; empty for a folder of none; None if there is nothing."""
    found: list[Path] = []
    folder = str(root)
    for at, part in enumerate(parts):
        package = os.path.join(folder, part)  # noqa: PTH118 - many, and quick
        init, plain = f"{package}/__init__.py", f"{package}.py"
        if os.path.isfile(init):  # noqa: PTH113
            found.append(Path(init))
        elif os.path.isfile(plain):  # noqa: PTH113
            return (*found, Path(plain))
        elif not os.path.isdir(package):  # noqa: PTH112
            return tuple(found) if at or _is_compiled(folder, part) else None  # a part that is missing is not judged
        folder = package
    for name in names:
        found += _files_of(Path(folder), [name], ()) or ()
    return tuple(found)


def _is_compiled(folder: str, name: str) -> bool:
    try:
        return any(f.startswith(f"{name}.") and f.endswith(_COMPILED) for f in os.listdir(folder))  # noqa: PTH208
    except OSError:
        return False
