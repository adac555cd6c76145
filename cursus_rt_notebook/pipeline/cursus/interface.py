"""What a step's interface says: its ports, variables, arguments and versions, and how production runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cursus_rt_notebook.pipeline.cursus.view import Origins, View, merged
from cursus_rt_notebook.pipeline.document import Document, KeyPath

MERGED = ("spec", "contract", "patterns")  # the sections over which a variant is laid
RUN_HERE = ("Processing", "Training", "Tuning")


@dataclass(frozen=True)
class InputPort:
    """An input port. `path` is where it lies in the container; `taken` says that the wiring rule needs it fed.

    `required` also where only the contract says so: then the script needs it, whoever gives it.
    """

    path: str | None = None
    required: bool = True
    taken: bool = True
    channels: tuple[str, ...] = ()
    type: str = ""
    compatible_sources: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    data_type: str = "S3Uri"


@dataclass(frozen=True)
class OutputPort:
    """An output port; `path` is where it lies in the container."""

    path: str | None = None
    channels: tuple[str, ...] = ()
    type: str = ""
    aliases: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    data_type: str = "S3Uri"


@dataclass(frozen=True)
class Interface:
    """The interface of one step, with the variant of its job type laid over it.

    `has_variant` is None where the interface has no variants at all. `job_arguments` are flags, each with the
    configuration's field that its value comes from. `sources` are ports that are taken from what the configuration names,
    not from an edge; `skipped` those that the script finds in its own folder. `needs` are packages of a private kind.
    `written` is the whole as it was written, unknown keys too.
    """

    step_type: str
    job_type: str | None = None
    has_variant: bool | None = None
    variants: tuple[str, ...] = ()
    sagemaker_type: str = "Processing"
    config_class: str = ""
    needs: tuple[str, ...] = ()
    entry_point: str | None = None
    inputs: Mapping[str, InputPort] = field(default_factory=dict[str, InputPort])
    outputs: Mapping[str, OutputPort] = field(default_factory=dict[str, OutputPort])
    required_env: tuple[str, ...] = ()
    optional_env: Mapping[str, str] = field(default_factory=dict[str, str])
    computed_env: tuple[str, ...] = ()
    job_arguments: tuple[tuple[str, str], ...] = ()
    requirements: Mapping[str, str] = field(default_factory=dict[str, str])
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    skipped: tuple[str, ...] = ()
    origin: str = ""
    written: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that it declares, the required ones first."""
        return tuple(dict.fromkeys((*self.required_env, *self.optional_env)))


def read_interface(document: Document, job_type: str | None) -> Interface:
    """The interface in a document, for one job type; what is wrong is noted in the document."""
    whole = View.of(document, document.value)
    variants = whole.inside("variants")
    origins: dict[KeyPath, KeyPath] = {}
    has_variant = (job_type in variants.value) if job_type and variants.value else None
    if job_type and has_variant:
        whole = _with_variant(whole, variants.inside(job_type), origins)
    contract, spec, registry = whole.inside("contract"), whole.inside("spec"), whole.inside("registry")
    if "contract" not in whole.value:
        whole.fault(None, "has no contract", "is this a step's interface? Its keys are step_type, contract and spec")
    env = contract.inside("env_vars")
    optional = env.inside("optional")
    return Interface(
        step_type=whole.text("step_type", "TabularPreprocessing") or "",
        job_type=job_type,
        has_variant=has_variant,
        variants=tuple(variants.value),
        sagemaker_type=registry.text("sagemaker_step_type", "Processing") or "Processing",
        config_class=registry.text("config_class") or "",
        needs=tuple(dict.fromkeys((*_private(registry), *contract.texts("runtime_requires")))),
        entry_point=contract.text("entry_point", "script.py"),
        inputs=_inputs(contract.inside("inputs"), spec.inside("dependencies")),
        outputs=_outputs(contract.inside("outputs"), spec.inside("outputs")),
        required_env=env.texts("required"),
        optional_env={name: optional.text(name) or "" for name in optional.value},
        computed_env=tuple(contract.inside("computed_env_paths").value),
        job_arguments=_job_arguments(contract),
        requirements=_texts_of(contract.inside("framework_requirements")),
        sources=_texts_of(contract.inside("input_source_overrides")),
        skipped=contract.texts("skip_inputs"),
        origin=document.origin,
        written=whole.value,
    )


def _with_variant(whole: View, variant: View, origins: dict[KeyPath, KeyPath]) -> View:
    over = {key: value for key, value in variant.value.items() if key in MERGED and value is not None}
    value = merged(whole.value, over, (), variant.path, origins)
    known: Origins = origins
    return View.of(whole.document, value, (), known)


def _private(registry: View) -> tuple[str, ...]:
    """The package that production needs to make the step, unless it says that it needs none."""
    package = registry.text("requires")
    return () if package in {None, "", "none"} else (str(package),)


def _inputs(contract: View, spec: View) -> dict[str, InputPort]:
    """The ports of both sections, in the order of the contract; of the wiring the specification has the say."""
    ports: dict[str, InputPort] = {}
    for name in dict.fromkeys((*contract.value, *spec.value)):
        place, rule = contract.inside(name), spec.inside(name)
        needed = place.flag("required", default=True) if name in contract.value else False
        taken = rule.flag("required", default=True) if name in spec.value else needed
        ports[name] = InputPort(
            path=place.text("path", "/opt/ml/processing/input/data"),
            required=needed or taken,
            taken=taken,
            channels=place.texts("channels"),
            type=rule.text("type", "processing_output") or "",
            compatible_sources=rule.texts("compatible_sources"),
            keywords=rule.texts("semantic_keywords"),
            data_type=rule.text("data_type") or "S3Uri",
        )
    return ports


def _outputs(contract: View, spec: View) -> dict[str, OutputPort]:
    ports: dict[str, OutputPort] = {}
    for name in dict.fromkeys((*contract.value, *spec.value)):
        place, rule = contract.inside(name), spec.inside(name)
        ports[name] = OutputPort(
            path=place.text("path", "/opt/ml/processing/output"),
            channels=place.texts("channels"),
            type=rule.text("type", "processing_output") or "",
            aliases=rule.texts("aliases"),
            keywords=rule.texts("semantic_keywords"),
            data_type=rule.text("data_type") or "S3Uri",
        )
    return ports


def _job_arguments(contract: View) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for entry in contract.items("job_arguments"):
        flag, source = entry.text("flag", "--job_type"), entry.text("source", "job_type")
        if flag and flag.strip("-"):
            found.append((flag, source or ""))
        else:
            entry.fault(None, "names no flag", "write {flag: --job_type, source: job_type}")
    return tuple(found)


def _texts_of(view: View) -> dict[str, str]:
    return {name: view.text(name) or "" for name in view.value}
