"""A small project in Cursus's layout: files are written, and what is loaded from them is looked at."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.cursus.load import load_cursus

MAIN = "def main(input_paths, output_paths, environ_vars, job_args):\n    pass\n"


def interface(step_type: str, **more: Any) -> dict[str, Any]:
    """The interface of a processing step that reads DATA and writes `out`; `more` is laid over its contract."""
    return {
        "step_type": step_type,
        "node_type": "internal",
        "registry": {"sagemaker_step_type": "Processing"},
        "contract": {
            "entry_point": f"{step_type.lower()}.py",
            "inputs": {"DATA": {"path": "/opt/ml/processing/input/data", "required": True}},
            "outputs": {"out": {"path": "/opt/ml/processing/output"}},
            "job_arguments": [{"flag": "--job_type", "source": "job_type"}],
            "env_vars": {"required": [], "optional": {}},
            "framework_requirements": {"pandas": ">=1.3.0"},
            **more,
        },
        "spec": {
            "dependencies": {"DATA": {"type": "processing_output", "required": True, "semantic_keywords": ["data"]}},
            "outputs": {"out": {"type": "processing_output", "aliases": ["DATA"]}},
        },
    }


def config(shared: dict[str, Any] | None = None, **specific: Any) -> dict[str, Any]:
    """A merged configuration."""
    return {"configuration": {"shared": shared or {}, "specific": specific}, "metadata": {"config_types": {}}}


@dataclass
class CursusProject:
    """A project on disk: two steps, `Clean_training` before `Fit`, unless told otherwise."""

    path: Path
    dag: Any = field(
        default_factory=lambda: {"dag": {"nodes": ["Clean_training", "Fit"], "edges": [["Clean_training", "Fit"]]}}
    )
    config: Any = None
    interfaces: dict[str, Any] = field(default_factory=lambda: {"clean": interface("Clean"), "fit": interface("Fit")})

    def write(self) -> None:
        """Write what there is."""
        (self.path / "steps").mkdir(exist_ok=True)
        if isinstance(self.dag, bytes):
            (self.path / "p.dag.json").write_bytes(self.dag)
        else:
            self.text("p.dag.json", self.dag if isinstance(self.dag, str) else json.dumps(self.dag, indent=1))
        if self.config is not None:
            self.text("config.json", self.config if isinstance(self.config, str) else json.dumps(self.config, indent=1))
        for name, said in self.interfaces.items():
            path = self.path / "steps" / f"{name}.step.yaml"
            if isinstance(said, str):
                path.write_text(said)
            else:
                YAML(typ="safe").dump(said, path)

    def text(self, name: str, content: str = MAIN) -> Path:
        """Write a file."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    def load(self, **keywords: Any) -> Any:
        """Write everything and load the pipeline."""
        self.write()
        if self.config is not None:
            keywords.setdefault("config", self.path / "config.json")
        keywords.setdefault("interfaces", self.path / "steps")
        return load_cursus(self.path / "p.dag.json", **keywords)

    def faults(self, **keywords: Any) -> tuple[Any, ...]:
        """What is said of a project that cannot be loaded."""
        with pytest.raises(PipelineError) as caught:
            self.load(**keywords)
        assert caught.value.faults
        return caught.value.faults


@pytest.fixture
def cursus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CursusProject:
    """The project, in the working directory."""
    monkeypatch.chdir(tmp_path)
    return CursusProject(tmp_path)


def notes(pipeline: Any, step: str | None = None) -> list[str]:
    """What the source noticed, of one step if one is named."""
    return [f"{n.severity}: {n.message}" for n in pipeline.notes if step is None or n.step == step]
