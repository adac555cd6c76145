"""What a step's `main` is given beside the seed's four, as the script's `__main__` block shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.scripts.main_block import ArgUse, MainBlock, main_block


def as_the_block_does(step: Step, environ: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a step's order that make its `main` be called as its own block calls it; none without a block.

    Args:
        environ: The variables that the step declares, with their values.
    """
    block = main_block(step.script)
    if block is None or not block.calls_main:
        return {}
    return {
        "conversions": dict(_conversions(block, environ)),
        "conditions": {name: given.when for name, given in block.env.items() if given.when},
        "arguments": {name: dict(_argument(use)) for name, use in block.args.items()},
        "extra": {name: expression for name, expression in block.extra.items() if expression},
    }


def always_given(step: Step) -> frozenset[str]:
    """The inputs that the script's block passes to `main` on every way, be there anything or not."""
    block = main_block(step.script) if step.container is not None else None
    return frozenset(port for port, given in block.inputs.items() if given.always) if block else frozenset()


def _conversions(block: MainBlock, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, given in block.env.items():
        # One that the block makes up stands in for what the step does not say.
        if given.expression and (given.always or given.when) and (given.reads or name not in environ):
            yield name, given.expression


def _argument(use: ArgUse) -> Iterator[tuple[str, str]]:
    makes = use.type not in {"str", "bool"}
    if use.type != "bool":  # a switch has no value on a command line
        yield "type", use.type
    if not use.required:
        yield (
            "default",
            f"({use.type})({use.default!r})" if makes and isinstance(use.default, str) else repr(use.default),
        )
