"""The environment of a step: a stated base and what it declares, nothing of the notebook's."""

from __future__ import annotations

import os
from collections.abc import Mapping

from cursus_rt_notebook.pipeline.environment import BASE, BASE_PREFIXES, DEFAULTS

# Read by libraries, the C library or the interpreter when they start: setting them after a preload changes nothing.
_AT_IMPORT = (
    *("OMP_", "OPENBLAS_", "MKL_", "POLARS_", "ARROW_", "MPL", "CUDA_", "PYTHON", "LD_"),
    *("KMP_", "GOTO_", "BLIS_", "VECLIB_", "NUMEXPR_", "NUMBA_", "RAYON_", "TF_", "TORCH_", "LANG", "LC_", "HOME"),
)


def base_environment() -> dict[str, str]:
    """What every step has of the kernel's environment."""
    return {k: v for k, v in os.environ.items() if k in BASE or k.startswith(BASE_PREFIXES)}


def step_environment(declared: Mapping[str, str]) -> dict[str, str]:
    """All that a step sees."""
    return {**base_environment(), **DEFAULTS, **declared}


def zygote_environment(declared: Mapping[str, str]) -> dict[str, str]:
    """What a zygote must be started with so that a step with these variables may be forked from it."""
    return {**base_environment(), **{k: v for k, v in declared.items() if k.startswith(_AT_IMPORT)}}
