"""A step's script and the helpers it imports, as plain data: coloured lines, the marked ones, what changed since it ran.

Only the files that the step's key is made of can be looked at; they are read, never imported.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import Frame
from cursus_rt_notebook.errors import CommandRefused, CursusError
from cursus_rt_notebook.pipeline.model import NO_SCRIPT
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import status, words
from cursus_rt_notebook.render.panel.highlight import highlight
from cursus_rt_notebook.render.panel.parts import Sentence, redactor_of, say, strong
from cursus_rt_notebook.worker import sources

Json = dict[str, Any]

_LINES = 5_000
_DIFF = 200
_BYTES = 4_000_000


@dataclass(frozen=True)
class _Script:
    """One file of a step: as it ran (where that was kept) and as it lies on the disk now; digests where known."""

    name: str
    path: Path
    ran: str | None
    now: str | None
    changed: bool

    @property
    def shown(self) -> str | None:
        """The text that the step ran: also the disk's, unless that means something else by now."""
        return self.ran if self.changed and self.ran is not None else self.now


def source_view(view: StepView, file: str | None = None) -> Json:
    """One file of a step: its script, or the helper named by `file`, as in `files` or by its path.

    Raises:
        CommandRefused: the step has no such file.
    """
    if view.step.script == NO_SCRIPT:
        return _no_script()
    ran, now = _digests(view)
    own = _name(view.step.script, view)
    names = [own, *sorted({*ran, *now} - {own})]
    chosen = _chosen(file, names, view) if file else own
    script = _script(chosen, view, ran, now)
    mask = redactor_of(view.step)
    shown = mask.text(script.shown or "")
    lines = shown.split("\n")
    return {
        "files": [{"name": name, "changed": _differs(name, ran, now)} for name in names],
        "file": chosen,
        "path": str(script.path),
        "home": from_home(script.path),
        "lines": highlight(shown)[:_LINES] if script.shown is not None else [],
        "cut": f"{words.number(len(lines) - _LINES)} more lines are not shown" if len(lines) > _LINES else "",
        "marks": list(_marks(view, script, lines)),
        "note": [*_stub_note(view), *_note(script)],
        "diff": diff_lines(script.ran, script.now, mask) if script.changed else [],
    }


def _no_script() -> Json:
    """The view of a step that has no script, in the shape of one that has."""
    nothing: Json = {"files": [], "file": "", "path": "", "home": "", "lines": [], "cut": "", "marks": [], "diff": []}
    return nothing | {"note": say(strong("It has no script"), ".")}


def _stub_note(view: StepView) -> Sentence:
    if not view.state.stub:
        return []
    again = " Rerun runs it here. " if view.step.stub and view.step.stub.runs_instead else " "
    return say(strong("Not run"), f": {status.stands_in(view.state)}.", again)


def from_home(path: Path) -> str:
    """A path as a server writes it that does not say where its home is; "" for one that lies elsewhere."""
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else ""


def diff_lines(before: str | None, after: str | None, mask: Redactor) -> list[list[str]]:
    """What changed between two texts, line by line: ("+" or "-" or " " or "@", text)."""
    if before is None or after is None:
        return []
    unified = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return diff_pairs(list(unified)[2:], mask)


def diff_pairs(unified: Iterable[str], mask: Redactor) -> list[list[str]]:
    """The lines of a unified diff as pairs of sign and text; of a long one the beginning."""
    pairs = [
        ["@", _hunk(line)] if line.startswith("@@") else [line[:1] or " ", mask.text(line[1:])] for line in unified
    ]
    left_out = len(pairs) - _DIFF
    return [*pairs[:_DIFF], ["@", f"and {words.plural(left_out, 'more line')}"]] if left_out > 0 else pairs


def _hunk(head: str) -> str:
    """Where a piece of a diff begins, in words: its head is `@@ -41,2 +41,2 @@`."""
    found = re.search(r"\+(\d+)", head)
    return f"from line {found[1]}" if found else ""


def _digests(view: StepView) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The step's files by name with their digests: as it ran, and as they are now."""
    step = view.step
    key = view.state.key
    ran = (view.workspace.journal.ingredients(key) or {}).get("source", {}) if key else {}
    try:
        now = sources.scan(step.script, step.source_dir, str(step.python) if step.python else None).files
    except CursusError:  # no such interpreter: the failure of the step says so
        now = {}
    return ran, now


def _differs(name: str, ran: Mapping[str, str], now: Mapping[str, str]) -> bool:
    return name in ran and ran[name] != now.get(name)


def _chosen(file: str, names: list[str], view: StepView) -> str:
    name = file if file in names else _name(Path(file), view)
    if name not in names:
        raise CommandRefused(f"{view.name} has no file {file!r}", fix=f"its files are {words.listed(names, 10)}")
    return name


def _name(path: Path, view: StepView) -> str:
    folder = view.step.source_dir
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _script(name: str, view: StepView, ran: Mapping[str, str], now: Mapping[str, str]) -> _Script:
    path = view.step.source_dir / name
    changed = _differs(name, ran, now)
    return _Script(name, path, view.workspace.kept_source(ran.get(name)), _read(path), changed)


def _read(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(_BYTES).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return None


def _note(script: _Script) -> Sentence:
    if script.now is None:
        gone = "The file is not there any more" if script.ran is not None else "The file cannot be read"
        return say(strong(gone), f": {script.path}.")
    if not script.changed:
        return []
    if script.ran is None:
        return say(strong("Changed since it ran"), ": this is the new text, which ", strong("Rerun"), " uses.")
    return say(strong("Changed since it ran"), ": below is the text that ran. ", strong("Rerun"), " uses the new one.")


def _marks(view: StepView, script: _Script, lines: list[str]) -> Iterator[Json]:
    """The lines to mark: of the error, of the calls that led there, and of findings."""
    frames = [f for f in view.frames if f.own and Path(f.file) == script.path]
    innermost = next((f for f in reversed(view.frames) if f.own), None)
    for frame in dict.fromkeys(frames):
        line = _line_of(frame, lines)
        if line is not None:
            here = frame is innermost
            text = view.error.title if view.error and here else f"called here, in {frame.function}"
            yield {"line": line, "kind": "error" if here else "call", "text": text[:200]}
    for finding in (*view.state.findings, *view.run.findings):
        if finding.file and finding.line and finding.step == view.name and Path(finding.file) == script.path:
            yield {"line": finding.line, "kind": "finding", "text": finding.message[:300]}


def _line_of(frame: Frame, lines: list[str]) -> int | None:
    """Where a frame's line stands in a text that may have moved since: the nearest line that reads the same."""
    text = dict(frame.source).get(frame.line, "").strip()
    same = [i for i, line in enumerate(lines, 1) if text and line.strip() == text]
    if not same:
        return frame.line if not text and frame.line <= len(lines) else None
    return min(same, key=lambda i: abs(i - frame.line))
