"""A step's ports as plain data for the front end: their channels and tables as chips, and where inputs come from.

The chips say what is known without reading: sizes that were counted when the step ended, else bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.files import FileInfo, walk
from cursus_rt_notebook.data.kinds import TABLE_KINDS
from cursus_rt_notebook.data.tables import find_table
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import Table
from cursus_rt_notebook.errors import CursusError, DataError
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, FromStep, Input, Open
from cursus_rt_notebook.redact import Redactor, is_secret_name, mask_mapping
from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.panel.parts import Sentence, say, to_step
from cursus_rt_notebook.render.panel.step_view import nothing_yet

Json = dict[str, Any]

_CHIPS = 24  # tables of one folder; more are found in the list of its files
_NAME = 80
_VALUE = 300


def ports_view(view: StepView, side: str) -> Json:
    """The ports of one side, `outputs` or `inputs`, each with its chips."""
    if side == "inputs":
        ports = [_input(port, source, view) for port, source in view.step.inputs.items()]
        nothing = None if ports else say("It reads no data.")
        return {"ports": ports, "nothing": nothing, "settings": _settings(view)}
    ports = [_output(port, view) for port in view.step.outputs] if view.outputs else []
    return {"ports": ports, "nothing": None if ports else nothing_yet(view, "outputs"), "settings": None}


def tables_of(view: StepView, side: str, port: str) -> dict[str | None, Table]:
    """The tables at a port that were counted when their step ended, by channel."""
    if side == "outputs":
        return {table.channel: table for table in view.state.tables if table.port == port}
    source = view.step.inputs[port]
    if not isinstance(source, FromStep):
        return {}
    return {table.channel: table for table in view.run.steps[source.step].tables if table.port == source.port}


def parts_of(artifact: Artifact) -> Iterator[tuple[str | None, Artifact]]:
    """The channels of an artifact by name, or itself where it has none."""
    for channel in artifact.channels or (None,):
        yield channel, artifact if channel is None else artifact[channel]


def what_is_wrong(error: Exception) -> str:
    """Why something cannot be looked at, and what to do."""
    if isinstance(error, CursusError):
        return f"{error.message}: {error.fix}" if error.fix else error.message
    return str(error) or type(error).__name__


def _output(port: str, view: StepView) -> Json:
    artifact = view.outputs.get(port)
    if artifact is None:
        return _told(port, trouble="nothing was written here")
    holds = view.state.outputs.get(port, "")
    return _told(port) | {"holds": holds} | _chips(artifact, tables_of(view, "outputs", port))


def _input(port: str, source: Input, view: StepView) -> Json:
    artifact = view.inputs.get(port)
    if artifact is None:
        return _told(port, source, _absent(view, source))
    return (
        _told(port, source) | {"holds": _given(port, source, view)} | _chips(artifact, tables_of(view, "inputs", port))
    )


def _given(port: str, source: Input, view: StepView) -> str:
    """The content of an input, by its digest."""
    if isinstance(source, FromStep):
        return view.run.steps[source.step].outputs.get(source.port, "")
    return view.state.inputs.get(port, "")


def _told(port: str, source: Input | None = None, trouble: str = "") -> Json:
    return {"port": port, "holds": "", "from": _origin(source) if source else [], "chips": [], "trouble": trouble}


def _origin(source: Input) -> Sentence:
    if isinstance(source, FromStep):
        return say(
            "from ",
            to_step(source.step, "outputs") | {"port": source.port},
            f" · {chars.cut_middle(source.port, _NAME)}",
        )
    if isinstance(source, Open):
        return say("open: nothing feeds it yet")
    if isinstance(source, FromAddress):
        sample = f", the first {source.sample:,} rows of large tables" if source.sample else ""
        return say(
            "from ", {"text": chars.cut_middle(source.address, _NAME), "as": "code", "title": source.address}, sample
        )
    package = f", which came with {source.package}" if source.package else ""
    name = {"text": chars.cut_middle(source.path.name, _NAME), "as": "code", "title": str(source.path)}
    return say("from ", name, package)


def _absent(view: StepView, source: Input) -> str:
    optional = " It is optional." if source.optional else ""
    if isinstance(source, FromPath):
        return f"There is no {source.path}.{optional}"
    if isinstance(source, FromAddress):
        return f"Not fetched yet from {source.address}.{optional}"
    if isinstance(source, Open):
        return "Nothing feeds it: give it with pipeline.with_inputs."
    producer = view.run.steps[source.step]
    return f"Not there: {chars.cut_middle(source.step, _NAME)} is {producer.status}.{optional}"


def _chips(artifact: Artifact, tables: dict[str | None, Table]) -> Json:
    try:
        chips = [
            {"channel": channel, "file": None, "former": "", "rows": None, "columns": None} | chip
            for channel, part in parts_of(artifact)
            for chip in _of_part(part, channel, tables.get(channel))
        ]
    except (CursusError, OSError) as error:
        return {"trouble": what_is_wrong(error)}
    return {"chips": chips}


def _of_part(part: Artifact, channel: str | None, table: Table | None) -> Iterator[Json]:
    """The chips of one folder or file: its tables, and its other files."""
    label = channel or ""
    if table is not None:
        yield _counted(label, part, table)
        papers = _not_tables(part.files) if _holds_more(part) or table.rows == 1 else []
        yield from _papers(label, part, papers, alone=False)
        return
    files = part.files
    names = _uncounted(part)[:_CHIPS]
    yield from (_table(name, label, part, files) for name in names)
    papers = _not_tables(files) if names == [""] else [file for file in files if file.path not in names]
    yield from _papers(label, part, papers, alone=len(papers) == len(files))


def _not_tables(files: list[FileInfo]) -> list[FileInfo]:
    """The files that are no table, or that one reads as text as well."""
    return [file for file in files if file.kind not in TABLE_KINDS or file.kind == "json"]


def _holds_more(part: Artifact) -> bool:
    return part.path.is_dir() and len(list(islice(walk(part.path), 2))) > 1


def _uncounted(part: Artifact) -> list[str]:
    """The tables of a folder that were not counted: "" for the folder as one, else the names of its table files."""
    try:
        found = find_table(part.path)
    except DataError as error:
        return [name for name in getattr(error, "tables", ()) if not name.endswith(".json")]
    return [] if found.kind == "json" else [""]


def _counted(label: str, part: Artifact, table: Table) -> Json:
    former = table.former if table.former != table.rows else None
    return {
        "kind": "table",
        "label": label,
        "size": words.shape(table.rows, table.columns),
        "rows": table.rows,
        "columns": table.columns,
        "expression": part.expression,
        "former": "" if former is None else f"was {words.number(former)}",
    }


def _table(name: str, label: str, part: Artifact, files: list[FileInfo]) -> Json:
    mine = [file for file in files if file.path == name] if name else [f for f in files if f not in _not_tables(files)]
    size = sum(file.size for file in mine)
    if not name:
        return {"kind": "table", "label": label, "size": words.size(size), "expression": part.expression}
    return {"kind": "table", "label": name, "size": words.size(size), "file": name, "expression": part[name].expression}


def _papers(label: str, part: Artifact, files: list[FileInfo], *, alone: bool) -> Iterator[Json]:
    if not files and not alone:
        return
    size = f"{words.plural(len(files), 'file')}, {words.size(sum(f.size for f in files))}" if files else "empty"
    name = label if alone else f"{label}: other files" if label else "other files"
    yield {"kind": "files", "label": name, "size": size, "expression": part.expression}


def _settings(view: StepView) -> Json:
    """Environment and arguments as the step is configured, secrets masked."""
    env = [
        [name, "given from outside" if value is None else _short(value)]
        for name, value in mask_mapping(view.step.env).items()
    ]
    return {"env": env, "args": [[name, _short(_masked(name, value))] for name, value in view.step.args.items()]}


def _masked(name: str, value: Any) -> Any:
    """The value of an argument without the secrets in it, however deep."""
    if is_secret_name(name):
        return mask_mapping({name: value})[name]
    if isinstance(value, dict):
        return {key: _masked(str(key), one) for key, one in value.items()}
    return [_masked(name, one) for one in value] if isinstance(value, list) else value


def _short(value: Any) -> str:
    return chars.cut_long(Redactor().text(value if isinstance(value, str) else repr(value)), _VALUE)
