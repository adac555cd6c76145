"""What a Cursus interface, or an object of the package, declares of a script, as a contract of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cursus_rt_notebook.pipeline.contract import PortContract, ScriptContract
from cursus_rt_notebook.pipeline.cursus.interface import Interface, read_interface
from cursus_rt_notebook.pipeline.cursus.interfaces import KIND, Interfaces, read_interfaces
from cursus_rt_notebook.pipeline.cursus.nodes import splits
from cursus_rt_notebook.pipeline.cursus.objects import is_interface, written_interface
from cursus_rt_notebook.pipeline.cursus.package import installed_interfaces
from cursus_rt_notebook.pipeline.document import Document
from cursus_rt_notebook.pipeline.faults import described, pipeline_error
from cursus_rt_notebook.pipeline.files import working_directory
from cursus_rt_notebook.pipeline.sources.mapping import plain_values


def known_contract(name: str, interfaces: Any) -> ScriptContract | None:
    """The contract of a step type, with or without job type, or of its script; None if nobody knows one.

    Args:
        name: `TabularPreprocessing`, `TabularPreprocessing_training`, `tabular_preprocessing.py`.
        interfaces: As of `load_cursus`; None asks the installed package.

    Raises:
        PipelineError: its interface is wrong; lists every fault.
    """
    source = installed_interfaces() if interfaces is None else interfaces
    if source is None:
        return None
    known = read_interfaces(source)
    for step_type, job_type in splits(name.removesuffix(".py")):
        if found := known.find(step_type):
            return _contract(_read(known, found, job_type))
    return None


def contract_of(found: Any) -> ScriptContract:
    """The contract that an object of the package declares: a StepInterface or a ScriptContract.

    Raises:
        PipelineError: it declares nothing that can be read; lists every fault.
    """
    document = Document("the contract", "contract", working_directory(), kind=KIND)
    if not is_interface(found):
        fix = "give what get_script_contract returns, or a contract of the cursus package"
        document.fault((), f"is {described(found)}, not a contract", fix)
        raise document.error()
    document = replace(document, value=plain_values(written_interface(found), document))
    interface = read_interface(document, None)
    document.raise_faults()
    return _contract(interface)


def _read(known: Interfaces, step_type: str, job_type: str | None) -> Interface:
    interface = known.get(step_type, job_type)
    if interface is None or known.faults:
        raise pipeline_error(known.places, known.faults)
    return interface


def _contract(interface: Interface) -> ScriptContract:
    return ScriptContract(
        entry_point=interface.entry_point or "",
        inputs={
            port: PortContract(required=said.required, channels=said.channels)
            for port, said in interface.inputs.items()
        },
        outputs={port: PortContract(channels=said.channels) for port, said in interface.outputs.items()},
        required_env=interface.required_env,
        optional_env=dict(interface.optional_env),
        arguments={} if interface.job_type is None else {"job_type": interface.job_type},
    )
