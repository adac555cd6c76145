"""Tiny wheels, made in the test: what pip and uv install without any index."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class Wheels:
    """A folder of wheels that is all that pip and uv know, while the test runs."""

    def __init__(self, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        (folder / "links").mkdir()
        config = folder / "uv.toml"
        config.write_text(f'no-index = true\nfind-links = ["{folder / "links"}"]\n')
        for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
            monkeypatch.delenv(name)
        given = {
            "UV_CONFIG_FILE": config,
            "UV_CACHE_DIR": cache,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": 1,
            "PIP_FIND_LINKS": folder / "links",
            "PIP_CACHE_DIR": cache,
        }
        for name, value in given.items():
            monkeypatch.setenv(name, str(value))

    def add(
        self, name: str, version: str, text: str = "", *, tag: str = "py3", needs: Sequence[str] = (), python: str = ""
    ) -> None:
        """A wheel with the one module `name`, which knows its version."""
        module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}.dist-info"
        head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        head += [f"Requires-Dist: {need}" for need in needs] + ([f"Requires-Python: {python}"] if python else [])
        files = {
            f"{module}.py": f"__version__ = {version!r}\n{text}\n",
            f"{info}/METADATA": "\n".join(head) + "\n",
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: {tag}-none-any\n",
        }
        _write(self.folder / "links" / f"{module}-{version}-{tag}-none-any.whl", files, f"{info}/RECORD")


def _write(path: Path, files: Mapping[str, str], record: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(record, "".join(f"{name},,\n" for name in [*files, record]))
