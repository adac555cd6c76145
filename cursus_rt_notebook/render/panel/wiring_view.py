"""Why the inputs of a step are fed by what feeds them, as plain data for the front end."""

from __future__ import annotations

from typing import Any

from cursus_rt_notebook.pipeline.bindings import Binding
from cursus_rt_notebook.pipeline.explained import WiredInput, wired_inputs
from cursus_rt_notebook.pipeline.model import FromStep, Input, Pipeline
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.panel.parts import Sentence, redactor_of, say
from cursus_rt_notebook.render.wirings import name_of, shown, weights

Json = dict[str, Any]

_INPUTS = 100
_NAME = 160
_WHY = 600


def wiring_view(pipeline: Pipeline, step: str) -> Json:
    """Each input of a step: what feeds it, what the rule gave that, why, and what else was weighed."""
    described = pipeline.steps[step]
    mask = redactor_of(described)
    inputs = list(wired_inputs(pipeline, step))
    told = [_input(wired, described.inputs.get(wired.port), mask) for wired in inputs[:_INPUTS]]
    more = len(inputs) - len(told)
    return {"step": step, "inputs": told, "more": f"and {words.number(more)} more" if more else ""}


def _input(wired: WiredInput, source: Input | None, mask: Redactor) -> Json:
    return {
        "port": wired.port,
        "name": name_of(wired),
        "fed": _fed(wired, source, mask),
        "score": "" if wired.score is None else f"{wired.score:.2f}",
        "why": chars.cut_long(mask.text(wired.why), _WHY),
        **(_weighed(wired.binding) if wired.binding else {"weighed": [], "more": ""}),
    }


def _fed(wired: WiredInput, source: Input | None, mask: Redactor) -> Sentence:
    if isinstance(source, FromStep):
        name = chars.cut_middle(f"{source.step}.{source.port}", _NAME)
        return say({"text": name, "step": source.step, "tab": "outputs", "port": source.port})
    if wired.fed_by is None:
        return say("nothing")
    return say({"text": chars.cut_middle(mask.text(wired.fed_by), _NAME), "as": "code"})


def _weighed(binding: Binding) -> Json:
    kept, more = shown(binding)
    rows = [
        {**dict(zip(("score", "name", "outcome", "made"), weights(one, binding), strict=True)), "chosen": one is chosen}
        for chosen in (binding.chosen,)
        for one in kept
    ]
    return {"weighed": rows, "more": f"and {more}" if more and kept else more}
