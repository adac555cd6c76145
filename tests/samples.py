"""Real files of Cursus projects to test against, where they are: they are no part of this project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_PLACES = (os.environ.get("CURSUS_SAMPLES"), Path(__file__).parents[2] / "shared" / "cursus-samples")
SAMPLES = next((Path(place) for place in _PLACES if place and Path(place).is_dir()), Path("no samples"))
DAGS = sorted((SAMPLES / "dags").glob("*.dag.json"))
INTERFACES = sorted((SAMPLES / "interfaces").glob("*.step.yaml"))

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files are not here")
