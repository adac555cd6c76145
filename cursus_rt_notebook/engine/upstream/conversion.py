"""A text where a number was wanted: which text, in which column, and where above it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cursus_rt_notebook.engine.plan import StepInput
from cursus_rt_notebook.engine.upstream.above import Above, Written
from cursus_rt_notebook.engine.upstream.texts import Hit, is_dictionary, look_at
from cursus_rt_notebook.suffixes import separator_of

_SHOWN = 3


def where_from(text: str, inputs: Mapping[str, StepInput], above: Above) -> str:
    """Where a text is in what a step reads, and the first place above that has it; empty where it is not found."""
    places = [(given, hit) for given in inputs.values() for hit in above.files.with_text(given.path, text)]
    strange = {hit.under for given, hit in places if hit.under and _is_strange(given.path, hit)}
    columns = strange or {hit.under for _, hit in places if hit.under}
    found = [(written, hit) for written, hit in _above(text, above) if not columns or hit.under in {*columns, ""}]
    if not found and not places:
        return ""
    parts = [f"{text!r} is in {_named(columns)} of what it reads"] if columns else []
    if found:
        first, hit = found[0]
        whose = "it is in" if not first.step else "the first place above that has it is"
        parts.append(f"{whose} {first.shown} ({hit.shown})")
        later = dict.fromkeys(written.shown for written, _ in found if written.shown != first.shown)
        if later:
            parts.append(f"from there it is in {', '.join(list(later)[:_SHOWN])}")
    return f"{'; '.join(parts)}." if parts else ""


def of_key(key: str, above: Above) -> str:
    """The first dictionary above that has a key whose value is found wrong, and where it went from there."""
    found = [(written, hit) for written, hit in _above(key, above) if is_dictionary(hit.file)]
    if not found:
        return ""
    first = found[0][0]
    files = dict.fromkeys(hit.file for written, hit in found if written.shown == first.shown)
    later = dict.fromkeys(written.shown for written, _ in found if written.shown != first.shown)
    on = f"; from there it is in {', '.join(list(later)[:_SHOWN])}" if later else ""
    return f"The first dictionary above with the key {key!r} is {first.shown} ({', '.join(list(files)[:_SHOWN])}){on}: see what it holds under it."


def of_columns(columns: Sequence[str], inputs: Mapping[str, StepInput], above: Above) -> str:
    """Where the texts in these columns came from; where a column has nothing but texts, that it has."""
    parts: list[str] = []
    for column in columns[:_SHOWN]:
        for given in inputs.values():
            for file in (file for file in above.files.tables(given.path) if above.files.has_name(file, column)):
                cells = look_at(file, "", column)
                if cells.text and cells.mostly_numbers:
                    return where_from(cells.text, inputs, above)
                if cells.text:
                    parts.append(f"Column {column!r} holds texts, such as {cells.text!r}, in {file.name}.")
                break
    return " ".join([*dict.fromkeys(parts), "Encode them, or leave them out of the features."]) if parts else ""


def _above(text: str, above: Above) -> Iterator[tuple[Written, Hit]]:
    seen: set[Path] = set()
    for written in above.written():
        if written.path not in seen:
            seen.add(written.path)
            yield from ((written, hit) for hit in above.files.with_text(written.path, text))


def _is_strange(root: Path, hit: Hit) -> bool:
    """Whether the column has numbers otherwise."""
    return separator_of(hit.file) is not None and look_at(root, hit.file, hit.under).mostly_numbers


def _named(columns: set[str]) -> str:
    shown = ", ".join(map(repr, sorted(columns)[:_SHOWN]))
    return f"column{'s' if len(columns) > 1 else ''} {shown}"
