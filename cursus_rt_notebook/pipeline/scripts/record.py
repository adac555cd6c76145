"""What was seen of a script's contract while it was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cursus_rt_notebook.pipeline.scripts.use import ColumnUse, FileUse, NameUse, PortUse
from cursus_rt_notebook.pipeline.scripts.values import Table, Taken
from cursus_rt_notebook.suffixes import TABLES

_KINDS = {suffix: "csv" if kind == "tsv" else kind for suffix, kind in TABLES.items()}  # one call reads both
_TEXTS = {".txt", ".md", ".log", ".yaml", ".yml"}
_PACKED = (".gz", ".zip", ".bz2", ".xz", ".zst")
_VAGUE = {"other", "text"}


@dataclass
class _Seen:
    lines: set[int] = field(default_factory=set[int])
    demanded: bool = False
    surely: bool = False


@dataclass
class Record:
    """Uses of names, files and columns, as they are met; a name that the script sets itself is no use of its contract."""

    seen: dict[tuple[str, str], _Seen] = field(default_factory=dict[tuple[str, str], _Seen])
    own: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    dynamic: set[str] = field(default_factory=set[str])
    changed: set[str] = field(default_factory=set[str])
    files: dict[str, dict[str, FileUse]] = field(default_factory=dict[str, dict[str, FileUse]])
    columns: dict[str, dict[str, ColumnUse]] = field(default_factory=dict[str, dict[str, ColumnUse]])
    made: dict[tuple[int, int], set[str]] = field(default_factory=dict[tuple[int, int], set[str]])
    tainted: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    instead: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    defaults: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def use(self, kind: str, key: str, line: int, *, demanded: bool, surely: bool) -> None:
        """Note that the script takes `key`; an empty text names no port."""
        if (kind, key) in self.own or not key:
            return
        seen = self.seen.setdefault((kind, key), _Seen())
        seen.lines.add(line)
        certain = demanded and kind not in self.changed
        seen.demanded |= certain
        seen.surely |= certain and surely

    def set_by_script(self, kind: str, key: str) -> None:
        """Note that from here on a name is the script's own."""
        self.own.add((kind, key))

    def lose(self, kind: str, *, changed: bool) -> None:
        """Note that not every use of a mapping can be known, or even that others may change it."""
        self.dynamic.add(kind)
        if changed:
            self.changed.add(kind)

    def file(self, path: Taken, kind: str | None, line: int) -> None:
        """Note that a file below an input port is read; of several ways to read it, the one that says most counts."""
        if path.kind != "inputs":
            return
        pattern = "/".join(path.parts)
        known = self.files.setdefault(path.key, {})
        promised = kind_of(pattern)  # a script that looks at a name's ending reads each kind in its own way
        kind = promised if kind is None or promised not in _VAGUE else kind
        if pattern not in known or (known[pattern].kind in _VAGUE and kind not in _VAGUE):
            known[pattern] = FileUse(pattern, kind, line)

    def column(self, table: Table, name: str, line: int, *, surely: bool) -> None:
        """Note that a column is read, unless the script made it, or may have."""
        if table.made_at in self.tainted or name in self.made.get(table.made_at, ()):
            return
        known = self.columns.setdefault(table.port, {})
        if name not in known or (surely and not known[name].surely):
            known[name] = ColumnUse(name, known[name].line if name in known else line, surely)

    def make(self, table: Table, names: Iterable[str]) -> None:
        """Note that the script gives a table these columns."""
        self.made.setdefault(table.made_at, set()).update(names)

    def ports(self, kind: str) -> dict[str, PortUse]:
        """The uses of a kind of port."""
        return {
            key: PortUse(
                lines=tuple(sorted(seen.lines)),
                demanded=seen.demanded,
                surely=seen.surely,
                instead_of=self.instead.get((of, key), ""),
                columns=tuple(self.columns.get(key, {}).values()) if kind == "inputs" else (),
                files=tuple(self.files.get(key, {}).values()) if kind == "inputs" else (),
            )
            for (of, key), seen in self.seen.items()
            if of == kind
        }

    def names(self, *kinds: str) -> dict[str, NameUse]:
        """The uses of variables or arguments, of several mappings together."""
        found: dict[str, NameUse] = {}
        for (of, key), seen in self.seen.items():
            if of in kinds:
                more = found.get(key, NameUse(()))
                lines = tuple(sorted({*more.lines, *seen.lines}))
                demanded, surely = more.demanded or seen.demanded, more.surely or seen.surely
                found[key] = NameUse(lines, demanded, surely, default=self.defaults.get((of, key), more.default))
        return found


def kind_of(pattern: str) -> str:
    """The kind of file that a name promises."""
    name = pattern.lower().rpartition("/")[2]
    for packed in _PACKED:
        name = name.removesuffix(packed)
    dot = name.rfind(".")
    suffix = name[dot:] if dot >= 0 else ""
    return _KINDS.get(suffix, "text" if suffix in _TEXTS else "other")
