"""How a step imports: its own files compiled from their text every time, libraries as ever.

A stale .pyc with the size and time of the source would win over it, and writing one would change the user's folders.
"""

from __future__ import annotations

import importlib.util
import os
import site
import sys
import sysconfig
import types
from importlib import machinery
from typing import Any

from . import facts
from .moving import Moves, compile_moved


def library_folders() -> tuple[str, ...]:
    """Where the interpreter's own library and its installed packages lie."""
    paths = sysconfig.get_paths()
    folders = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    # A virtual environment's interpreter has the standard library of another folder.
    folders.add(os.path.dirname(os.__file__))
    folders.update(facts.site_folders())
    if hasattr(site, "getsitepackages"):  # also where nothing is installed yet
        folders.update(site.getsitepackages())
        folders.add(site.getusersitepackages())
    return tuple(sorted(os.path.realpath(f) + os.sep for f in folders) + sorted(f + os.sep for f in folders))


LIBRARIES = library_folders()
_COMPILED = (".pyx", ".pxi", ".pxd")


def is_library(path: str) -> bool:
    """Whether a file or folder belongs to the interpreter or to an installed package."""
    if path.endswith(_COMPILED) and not os.path.isabs(
        path
    ):  # as Cython names the sources of what pandas and others ship
        return True
    return (path + os.sep).startswith(LIBRARIES) or path.startswith("<")


class SourceLoader(machinery.SourceFileLoader):
    """Compiles a file from its text, and remembers the text: a failure shows the lines that ran.

    Paths of the container that the user's files speak of are compiled as `moves` says.
    """

    texts: dict[str, bytes] = {}  # noqa: RUF012 - one for all loaders
    moves: Moves = ()
    left_out: dict[str, str] = {}  # noqa: RUF012 - packages whose `__init__` could not be imported, and why
    top = ""  # the package above all others, of a script that imports relatively

    def get_code(self, fullname: str) -> types.CodeType:
        """The module's code, from its source and nothing else."""
        path = self.get_filename(fullname)
        data = self.get_data(path)
        self.texts[path] = data
        moved = compile_moved(data, path, self.moves) if self.moves else None
        return moved or self.source_to_code(data, path)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module; a package of the user's whose `__init__` imports what is not there is one without it.

        That is for what lies beside a script that imports relatively: such an `__init__` imports half of a project, and
        is no part of what the script is deployed with.
        """
        name = module.__name__
        if not self.top or not name.startswith(self.top + ".") or not self.is_package(name):
            super().exec_module(module)
            return
        try:
            super().exec_module(module)
        except ImportError as error:
            self.left_out[name] = f"{type(error).__name__}: {error}"
            kept = error.with_traceback(None)
            module.__getattr__ = lambda attribute: _not_in_it(name, attribute, kept)  # type: ignore[method-assign]


_DETAILS: list[tuple[Any, list[str]]] = [
    (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
    (SourceLoader, machinery.SOURCE_SUFFIXES),
    (machinery.SourcelessFileLoader, machinery.BYTECODE_SUFFIXES),
]
_from_folder = machinery.FileFinder.path_hook(*_DETAILS)


def install() -> None:
    """Compile every module that is no library's from its text; which folders these are is for `sys.path` to say."""
    sys.path_hooks.insert(0, _hook)
    for path in list(sys.path_importer_cache):
        if not is_library(path):
            del sys.path_importer_cache[path]


def _hook(path: str) -> Any:
    if is_library(path):
        raise ImportError
    return _from_folder(path)


def load_script(path: str, name: str, package: str) -> tuple[types.ModuleType, types.CodeType]:
    """A new module for a script, and its code, compiled from its text; registers the module under `name`."""
    loader = SourceLoader(name, path)
    code = loader.get_code(name)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__package__ = package
    sys.modules[name] = module
    return module, code


def script_name(path: str, source_dir: str, levels: int) -> tuple[str, str]:
    """The name and the package of a script that imports relatively, up to `levels` folders above its own.

    The folders above become packages with a path, whose `__init__` runs only when something of it is asked for:
    importing it for real would often import half of the user's project.
    """
    stem = os.path.splitext(os.path.basename(path))[0].replace(".", "_")
    if not levels:
        return stem, ""
    folder = os.path.dirname(path)
    chain = _packages(folder, source_dir, levels)
    for i in range(len(chain)):
        _stub(".".join(os.path.basename(f) for f in chain[: i + 1]), chain[i])
    package = ".".join(os.path.basename(f) for f in chain)
    SourceLoader.top = os.path.basename(chain[0])
    return package + "." + stem, package


def _packages(folder: str, source_dir: str, levels: int) -> list[str]:
    chain = [folder]
    while True:
        parent = os.path.dirname(chain[0])
        if parent == chain[0]:
            return chain
        marked = os.path.exists(os.path.join(parent, "__init__.py")) and parent != source_dir
        if len(chain) >= levels and not marked:
            return chain
        chain.insert(0, parent)


def _stub(name: str, folder: str) -> None:
    if name in sys.modules:
        return
    stub = types.ModuleType(name)
    stub.__path__ = [folder]
    stub.__package__ = name
    stub.__spec__ = machinery.ModuleSpec(name, None, is_package=True)
    stub.__spec__.submodule_search_locations = [folder]
    stub.__getattr__ = lambda attribute: _from_init(stub, folder, attribute)  # type: ignore[method-assign]
    sys.modules[name] = stub
    parent, _, own = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], own, stub)


def _from_init(stub: types.ModuleType, folder: str, attribute: str) -> Any:
    """Run the package's `__init__` for something that is no submodule of it."""
    missing = AttributeError(f"module {stub.__name__!r} has no attribute {attribute!r}")
    init = os.path.join(folder, "__init__.py")
    if attribute.startswith("__") or not os.path.exists(init) or _is_submodule(stub.__name__, attribute):
        raise missing
    del stub.__getattr__
    stub.__file__ = init
    exec(SourceLoader(stub.__name__, init).get_code(stub.__name__), stub.__dict__)  # noqa: S102 - it is an import
    if attribute not in stub.__dict__:
        raise missing
    return stub.__dict__[attribute]


def _not_in_it(package: str, attribute: str, error: ImportError) -> Any:
    if attribute.startswith("__") or _is_submodule(package, attribute):
        raise AttributeError(f"module {package!r} has no attribute {attribute!r}")
    raise error


def _is_submodule(package: str, name: str) -> bool:
    spec: machinery.ModuleSpec | None = importlib.util.find_spec(f"{package}.{name}")
    return spec is not None
