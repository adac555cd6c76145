"""Read mappings of a document into their models; what pydantic finds wrong becomes faults, in the format's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import ValidationError

from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import described, listed, quoted
from cursus_rt_notebook.pipeline.written import Written

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=Written)

_EXAMPLES = {
    "WrittenPipeline": "write {{steps: {{...}}}}",
    "WrittenStep": "write {{script: {shown}}}",
    "WrittenInput": "write step.port, {{step: a, port: b}} or {{path: a.csv}}",
    "WrittenGiven": "write {{path: FILE}}",
    "WrittenOutput": "write {{channels: [{shown}]}}",
    "WrittenRetry": "write {{attempts: {shown}}}",
    "WrittenChecks": "write {{rows: 0.2, on_failure: pause}}",
    "WrittenBreaker": "write {{failures: {shown}}}",
    "WrittenContainer": "write {{inputs: {{port: /opt/ml/processing/input}}}}",
}
_DEFAULTS = {
    "WrittenStep": "train.py",
    "WrittenOutput": "train, val",
    "WrittenRetry": "3",
    "WrittenBreaker": "3",
    "WrittenChecks": "0.2",
}
_SWITCHES = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
_SHOWN = 40


def read(model: type[Model], value: Any, path: KeyPath, document: Document) -> Model:
    """The mapping `value`, which stands at `path`, as `model`.

    Faults are noted, and what they concern is left out, so that the rest is still checked.
    """
    if value is not None and not isinstance(value, dict):
        document.fault(path, f"is {described(value)}, not a mapping", _example(model, value))
    given: dict[str, Any] = {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else {}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        details = error.errors(include_url=False)
    for detail in details:
        where = (*path, *detail["loc"])
        document.fault(where, *_words(model, detail, where, document))
    return _without(model, given, details, document)


def _without(model: type[Model], given: dict[str, Any], details: list[ErrorDetails], document: Document) -> Model:
    """What is right of `given`; a misspelt key counts as what it was meant to be, if that is right."""
    wrong = {str(detail["loc"][0]): detail["type"] for detail in details}
    right = {key: value for key, value in given.items() if key not in wrong}
    misspelt = (key for key, kind in wrong.items() if kind == "extra_forbidden")
    mended = {meant: given[key] for key in misspelt if (meant := document.near(key, model.keys())) not in ("", *given)}
    try:
        return model.model_validate(right | mended)
    except ValidationError:
        return model.model_validate(right)


def _words(model: type[Written], detail: ErrorDetails, where: KeyPath, document: Document) -> tuple[str, str]:
    """What is wrong, and what to write instead."""
    key, value, context = str(detail["loc"][0]), detail["input"], detail.get("ctx", {})
    number = _as_number(model, key)
    what, kind = described(value), detail["type"]
    match kind:
        case "extra_forbidden":
            return _unknown(key, model.keys(), document)
        case "string_type":
            return f"is {what}, not text", _as_text(value, document.written.get(where))
        case "bool_type":
            meant = _SWITCHES.get(value.lower(), "") if isinstance(value, str) else ""
            return f"is {what}, not true or false", f"write {meant or 'true or false'}"
        case "list_type":
            return f"is {what}, not a list", f"write [{_shown(value, 'first, second')}]"
        case "dict_type":
            return f"is {what}, not a mapping", "write {name: value}"
        case "int_type" | "int_from_float" | "float_type":
            return f"is {what}, not a {'whole ' if kind.startswith('int') and what == 'a number' else ''}number", number
        case "greater_than_equal":
            return f"is less than {context['ge']}", number
        case "literal_error":
            return _choice(value, get_args(model.model_fields[key].annotation), document)
        case "unit":
            shown = quoted(value) if isinstance(value, str) else str(value) if isinstance(value, (int, float)) else what
            return f"{shown:.90} {context['words']}", str(context["fix"])
        case _:
            return f"is {what}; {detail['msg'][:1].lower()}{detail['msg'][1:]}", number


def _unknown(key: str, keys: tuple[str, ...], document: Document) -> tuple[str, str]:
    meant = document.near(key, keys)
    return f"{quoted(key)} is not a key of the format", f"write {meant}" if meant else f"the keys are {', '.join(keys)}"


def _as_number(model: type[Written], key: str) -> str:
    if key not in model.model_fields:
        return ""
    default = model.model_fields[key].default
    return f"write a number, as {default if isinstance(default, (int, float)) else 1000}"


def _as_text(value: object, written: str | None) -> str:
    if isinstance(value, (bool, int, float)):
        return f'quote it: "{value if written is None else written}"'
    return "write one text"


def _choice(value: object, options: tuple[str, ...], document: Document) -> tuple[str, str]:
    meant = document.near(value, options) if isinstance(value, str) else ""
    shown = quoted(value) if isinstance(value, str) else described(value)
    return f"is {shown}, not one of {listed(options)}", f"write {meant or ' or '.join(options)}"


def _example(model: type[Written], value: object) -> str:
    return _EXAMPLES[model.__name__].format(shown=_shown(value, _DEFAULTS.get(model.__name__, "")))


def _shown(value: Any, default: str) -> str:
    """A short `value` as it would stand in the file, to be copied from the remedy."""
    if isinstance(value, list):
        return ", ".join(_shown(item, "...") for item in value[:4]) or default
    short = isinstance(value, (str, int, float)) and not isinstance(value, bool) and len(str(value)) <= _SHOWN
    return str(value) if short and str(value).isprintable() else default
