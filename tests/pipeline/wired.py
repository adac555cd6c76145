"""A pipeline like those that Cursus makes: edges say which steps feed which, and the rule which ports."""

from __future__ import annotations

from pathlib import Path

from cursus_rt_notebook.pipeline.bindings import Binding
from cursus_rt_notebook.pipeline.cursus.matching import Offered, Wanted, match
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import Pipeline

DATA, MODEL = "processing_output", "model_artifacts"
EDGES = (("extract", "clean"), ("clean", "train"), ("clean", "score"), ("train", "score"))
WANTED = {
    "extract": (Wanted("raw", DATA),),
    "clean": (
        Wanted("flights", DATA, compatible_sources=("Extract",)),
        Wanted("spare_rows", DATA, required=False, compatible_sources=("Extract",)),
    ),
    "train": (
        Wanted("input_path", "training_data", compatible_sources=("Clean",)),
        Wanted("hyperparameters", "hyperparameters", required=False, compatible_sources=("Settings",)),
    ),
    "score": (
        Wanted("model_input", MODEL, compatible_sources=("Train",)),
        Wanted("flights", DATA, compatible_sources=("Clean",)),
        Wanted("old_scores", DATA, required=False, compatible_sources=("Score",)),
    ),
}
OFFERED = {
    "extract": (Offered("extract", "Extract", "flights", DATA), Offered("extract", "Extract", "metadata", DATA)),
    "clean": (Offered("clean", "Clean", "cleaned", DATA, ("input_path", "flights")),),
    "train": (
        Offered("train", "Train_training", "model", MODEL, ("model_input",)),
        Offered("train", "Train_training", "report", DATA),
    ),
    "score": (Offered("score", "Score", "scores", DATA),),
}
_SCRIPT = """\
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    for place in output_paths.values():
        Path(place, "rows.csv").write_text("flight,delay\\n1,5\\n2,7\\n")
"""


def bound(**by_hand: Offered | None) -> tuple[Binding, ...]:
    """What the rule binds; `by_hand` are ports of `score`."""
    return tuple(
        binding
        for step, wanted in WANTED.items()
        for binding in match(
            step,
            wanted,
            [output for tail, head in EDGES if head == step for output in OFFERED[tail]],
            by_hand if step == "score" else None,
        )
    )


def wired(folder: Path, **by_hand: Offered | None) -> Pipeline:
    """The pipeline, its scripts written into `folder`; the first step's input is open."""
    bindings = bound(**by_hand)
    for step in WANTED:
        (folder / f"{step}.py").write_text(_SCRIPT)
    steps = {
        step: {
            "script": f"{step}.py",
            "inputs": {b.port: _input(b) for b in bindings if b.step == step and (b.chosen or b.required)},
            "outputs": [output.port for output in OFFERED[step]],
        }
        for step in WANTED
    }
    document = {"name": "wired", "source_dir": str(folder), "steps": steps}
    return load_pipeline(document).altered(bindings=bindings)


def _input(binding: Binding) -> dict[str, object]:
    if binding.chosen is None:
        return {"open": True}
    return {"step": binding.chosen.step, "port": binding.chosen.port}
