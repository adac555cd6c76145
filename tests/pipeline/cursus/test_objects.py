"""The cursus package's own objects, handed to us or installed: looked at by their attributes, asked by their methods."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.cursus.load import load_cursus
from cursus_rt_notebook.pipeline.model import FromStep, Open
from tests.pipeline.cursus.conftest import config, interface, notes


class Kind(Enum):
    """As the package has its types."""

    OUTPUT = "processing_output"


@dataclass
class ScriptContract:
    """A contract of the old Python style."""

    entry_point: str = "fit.py"
    expected_input_paths: dict[str, str] = field(default_factory=lambda: {"DATA": "/opt/ml/processing/input/data"})
    expected_output_paths: dict[str, str] = field(default_factory=lambda: {"out": "/opt/ml/processing/output"})
    expected_arguments: dict[str, str] = field(default_factory=dict)
    required_env_vars: list[str] = field(default_factory=lambda: ["LABEL_FIELD"])
    optional_env_vars: dict[str, str] = field(default_factory=lambda: {"RATE": "0.5"})
    framework_requirements: dict[str, str] = field(default_factory=lambda: {"pandas": ">=1.2"})


def _port(name: str, **more: Any) -> SimpleNamespace:
    return SimpleNamespace(logical_name=name, semantic_keywords=["data"], data_type="S3Uri", **more)


SPECIFICATION = SimpleNamespace(
    step_type="Fit",
    dependencies=[_port("DATA", dependency_type=Kind.OUTPUT, required=True, compatible_sources=["Clean"])],
    outputs={"out": _port("out", output_type=Kind.OUTPUT, aliases=["DATA"])},
    script_contract=ScriptContract(),
)


def test_contracts_of_the_old_style(cursus):
    """By step type. They do not say how ports are wired, so nothing is guessed."""
    cursus.write()
    clean = cursus.path / "steps" / "clean.step.yaml"
    pipeline = load_cursus("p.dag.json", interfaces={"Clean": clean, "Fit": ScriptContract()})
    fit = pipeline.steps["Fit"]
    assert (fit.script.name, fit.env, fit.requirements) == (
        "fit.py",
        {"LABEL_FIELD": None, "RATE": "0.5"},
        {"pandas": ">=1.2"},
    )
    assert fit.container.inputs == {"DATA": "/opt/ml/processing/input/data"}
    assert fit.inputs == {"DATA": Open()}
    wired = load_cursus("p.dag.json", interfaces=[clean, ScriptContract()], wiring={"Fit.DATA": "Clean_training.out"})
    assert wired.steps["Fit"].inputs == {"DATA": FromStep(step="Clean_training", port="out")}


def test_specifications_are_wired(cursus):
    """Whether they hold their ports by name or as a list."""
    cursus.write()
    pipeline = load_cursus("p.dag.json", interfaces=[cursus.path / "steps" / "clean.step.yaml", SPECIFICATION])
    assert pipeline.steps["Fit"].inputs == {"DATA": FromStep(step="Clean_training", port="out")}
    assert pipeline.bindings[1].sources == ("Clean",)


def test_interfaces_of_the_package_are_as_their_files(cursus):
    """A StepInterface has the sections of the file as attributes."""

    def attributes(value: Any) -> Any:
        return SimpleNamespace(**value) if isinstance(value, dict) else value

    said = interface("Fit")
    contract = said["contract"]
    ports = {key: {n: attributes(p) for n, p in contract[key].items()} for key in ("inputs", "outputs")}
    rules = {key: {n: attributes(p) for n, p in said["spec"][key].items()} for key in ("dependencies", "outputs")}
    made = SimpleNamespace(
        step_type="Fit",
        registry=SimpleNamespace(sagemaker_step_type="Processing", requires="none", config_class=None),
        contract=SimpleNamespace(
            entry_point="fit.py",
            required_env_vars=[],
            optional_env_vars={},
            framework_requirements=contract["framework_requirements"],
            job_arguments=[SimpleNamespace(flag="--job_type", source="job_type")],
            input_source_overrides={},
            **ports,
        ),
        spec=SimpleNamespace(**rules),
    )
    expected = cursus.load()
    clean = cursus.path / "steps" / "clean.step.yaml"
    assert load_cursus("p.dag.json", interfaces=[clean, made]) == expected


def test_a_catalog_is_asked_for_what_nobody_else_has(cursus):
    """By the name of the node, then without its end; what it cannot load, it does not have."""
    asked: list[str] = []

    class StepCatalog:
        def load_contract_class(self, name: str) -> Any:
            asked.append(name)
            if name == "Fit":
                return SPECIFICATION
            raise ImportError(name)

    cursus.write()
    pipeline = load_cursus("p.dag.json", interfaces=["steps/clean.step.yaml", StepCatalog()])
    assert pipeline.steps["Fit"].inputs == {"DATA": FromStep(step="Clean_training", port="out")}
    assert asked == ["Clean_training", "Fit"]
    with pytest.raises(PipelineError, match="'Clean_training' is no step type"):
        load_cursus("p.dag.json", interfaces=StepCatalog())


class FitConfig(BaseModel):
    """A config class that answers for itself."""

    label_name: str = "late"
    job_type: str = "training"
    processing_entry_point: str = "other.py"
    source_dir: str = "docker"

    def get_environment_variables(self, declared: list[str] | None = None) -> dict[str, str]:
        return {"LABEL_FIELD": self.label_name, "EXTRA": "1", "SEEN": ",".join(declared or ())}

    def get_job_arguments(self) -> list[str]:
        return ["--job_type", self.job_type, "--fast", "--n-jobs", "4"]


def test_config_objects_are_asked(cursus):
    """As production asks them: with what they add, and the interface's default for what they leave out."""
    cursus.interfaces["fit"] = interface("Fit", env_vars={"required": ["LABEL_FIELD"], "optional": {"RATE": "0.5"}})
    cursus.text("docker/other.py")
    cursus.write()
    pipeline = load_cursus("p.dag.json", {"Fit": FitConfig(), "Clean_training": {}}, "steps")
    fit = pipeline.steps["Fit"]
    assert fit.env == {"LABEL_FIELD": "late", "RATE": "0.5", "EXTRA": "1", "SEEN": "LABEL_FIELD,RATE"}
    assert fit.args == {"job_type": "training", "fast": True, "n_jobs": "4"}
    assert fit.script == cursus.path / "docker" / "other.py"


def test_values_of_objects_become_plain(cursus):
    """Arguments are what a document can hold."""
    declared = [{"flag": f"--{name}", "source": name} for name in "abcd"]
    cursus.interfaces["fit"] = interface("Fit", job_arguments=declared)
    cursus.write()
    made = SimpleNamespace(a=Path("x") / "y", b=(1, Kind.OUTPUT), c=Kind.OUTPUT, d={"k": {2}})
    pipeline = load_cursus("p.dag.json", {"Fit": made, "Clean_training": {}}, "steps")
    assert pipeline.steps["Fit"].args == {
        "a": "x/y",
        "b": [1, "processing_output"],
        "c": "processing_output",
        "d": {"k": [2]},
    }


def test_other_ways_to_answer(cursus):
    """A property of its own, before a method that it inherits; one that takes no names; plain attributes."""

    class BasePipelineConfig:
        def get_environment_variables(self, declared: list[str]) -> dict[str, str]:
            return dict.fromkeys(declared, "inherited")

    class Own(BasePipelineConfig):
        @property
        def environment_variables(self) -> dict[str, str]:
            return {"X": "own"}

    class Nameless:
        def get_environment_variables(self) -> dict[str, str]:
            return {"X": "nameless"}

    cursus.interfaces["fit"] = interface("Fit", env_vars={"required": ["X"], "optional": {}})
    cursus.write()
    plain = SimpleNamespace(x=3)
    for held, text in ((BasePipelineConfig(), "inherited"), (Own(), "own"), (Nameless(), "nameless"), (plain, "3")):
        pipeline = load_cursus("p.dag.json", {"Fit": held, "Clean_training": {}}, "steps")
        assert pipeline.steps["Fit"].env == {"X": text}


def test_objects_that_fail_are_said(cursus):
    """And their fields are read instead; a property that raises has no value."""

    class Failing:
        x = "field"

        @property
        def source_dir(self) -> str:
            raise RuntimeError("not here")

        def get_environment_variables(self) -> dict[str, str]:
            raise RuntimeError("no catalog")

    cursus.interfaces["fit"] = interface("Fit", env_vars={"required": ["X"], "optional": {}})
    cursus.write()
    pipeline = load_cursus("p.dag.json", {"Fit": Failing(), "Clean_training": {}}, "steps")
    assert pipeline.steps["Fit"].env == {"X": "field"}
    told = "warning: its configuration cannot be asked: get_environment_variables raised RuntimeError: no catalog"
    assert told in notes(pipeline, "Fit")


@pytest.fixture
def installed(cursus, monkeypatch):
    """A package `cursus` that has our interfaces, and makes config objects."""
    cursus.write()
    package = cursus.path / "site" / "cursus"
    (package / "steps" / "configs").mkdir(parents=True)
    for folder in (package, package / "steps", package / "steps" / "configs"):
        (folder / "__init__.py").write_text("")
    (cursus.path / "steps").rename(package / "steps" / "interfaces")
    utils = package / "steps" / "configs" / "utils.py"
    utils.write_text(
        "import json\n"
        "class FitConfig:\n    def get_environment_variables(self):\n        return {'FROM': 'the class'}\n"
        "def load_configs(path):\n    json.load(open(path))\n    return {'Fit': FitConfig()}\n"
    )
    told = cursus.path / "site" / "cursus-2.9.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: cursus\nVersion: 2.9\n")
    monkeypatch.syspath_prepend(str(cursus.path / "site"))
    yield utils
    for name in [name for name in sys.modules if name.partition(".")[0] == "cursus"]:
        del sys.modules[name]


def test_the_installed_package_is_asked(cursus, installed):
    """For interfaces, which are read as files, and for what its classes emit."""
    cursus.text("config.json", '{"configuration": {"specific": {"Fit": {}, "Clean_training": {}}}}')
    assert list(load_cursus("p.dag.json").steps) == ["Clean_training", "Fit"]
    assert "cursus" not in sys.modules
    assert load_cursus("p.dag.json", "config.json").steps["Fit"].env == {"FROM": "the class"}


def test_an_installed_package_that_fails_is_said(cursus, installed):
    """And the file is enough."""
    installed.write_text("raise ImportError('no sagemaker')\n")
    cursus.text("config.json", '{"configuration": {"specific": {"Fit": {}, "Clean_training": {}}}}')
    pipeline = load_cursus("p.dag.json", "config.json")
    assert "the installed cursus package cannot read the configuration: ImportError: no sagemaker" in notes(pipeline)[0]


def test_a_folder_called_cursus_is_no_package(cursus, monkeypatch):
    """A folder of that name on the path, the user's own copy of the sources, is never imported."""
    own = cursus.path / "site" / "cursus" / "steps" / "configs"
    own.mkdir(parents=True)
    (own / "utils.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(cursus.path / "site"))
    cursus.config = config(Fit={}, Clean_training={})
    assert not [note for note in notes(cursus.load()) if "installed" in note]
    with pytest.raises(PipelineError, match="no cursus package is installed"):
        load_cursus("p.dag.json")
