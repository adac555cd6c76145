"""Steps that cannot run on this machine, whatever one does: why, and what stands in for them."""

from __future__ import annotations

import re

from cursus_rt_notebook.pipeline.cursus.configuration import NodeConfig
from cursus_rt_notebook.pipeline.cursus.interface import RUN_HERE, Interface
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.preflight.elsewhere import CANNOT_RUN

_INSTANCES = (
    "effective_instance_type",
    "training_instance_type",
    "processing_instance_type",
    "processing_instance_type_small",
)
_GPU = re.compile(r"ml\.(p\d|g\d)")


def why_not_here(interface: Interface) -> str:
    """Why a step cannot run here; an empty text if it can."""
    if interface.sagemaker_type not in RUN_HERE:
        return f"it is a {interface.sagemaker_type} step, which only production can run"
    if interface.needs:
        return f"it needs {' and '.join(interface.needs)}, which is not public"
    if interface.entry_point is None:
        return "it has no script"
    return ""


def stub_finding(node: str, why: str, *, feeds: bool) -> Finding:
    """That a step is a stub point: open where others need its outputs, else left out."""
    if feeds:
        # What to give is said by preflight, and only as long as nothing stands in.
        return Finding("info", f"{CANNOT_RUN}{why}", step=node)
    return Finding("info", f"is left out: {why}", "nothing needs it", step=node)


def gpu_finding(config: NodeConfig) -> Finding | None:
    """That production runs a step on a machine with a GPU."""
    instance = config.text(*_INSTANCES)
    if instance is None or not _GPU.match(instance):
        return None
    message = f"production runs it on {instance}, which has a GPU"
    return Finding("info", message, "here it may be slow, or need a device setting", step=config.node)
