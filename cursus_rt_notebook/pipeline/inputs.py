"""What feeds an input: an upstream port, a file or folder, data at an address, or nothing yet."""

from __future__ import annotations

from pathlib import Path

from cursus_rt_notebook.pipeline.frozen import Frozen


class FromStep(Frozen):
    """An input fed by another step's output port; `schema_file` says what the tables in it have to be."""

    step: str
    port: str
    copy_files: bool = False
    optional: bool = False
    schema_file: Path | None = None


class FromPath(Frozen):
    """An input that is a file or folder of the user's; `package` says which distribution it came with, if any."""

    path: Path
    package: str | None = None
    copy_files: bool = False
    optional: bool = False
    schema_file: Path | None = None


class FromAddress(Frozen):
    """An input that lies at an `s3://` address, and is brought here when a step first needs it.

    Of its large tables only the first `sample` rows come, if that is asked.
    """

    address: str
    sample: int | None = None
    copy_files: bool = False
    optional: bool = False
    schema_file: Path | None = None

    @property
    def name(self) -> str:
        """The last part of the address: a file's name, or a folder's."""
        return self.address.rstrip("/").rpartition("/")[2]


class Open(Frozen):
    """An input that nothing feeds yet: the step needs it, and the caller gives it (`Pipeline.with_inputs`)."""

    copy_files: bool = False
    schema_file: Path | None = None

    @property
    def optional(self) -> bool:
        """Never: what is optional and not fed is no input at all."""
        return False


Input = FromStep | FromPath | FromAddress | Open
