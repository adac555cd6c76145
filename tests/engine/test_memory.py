"""The kernel's memory: what is looked at is not kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from cursus_rt_notebook.settings import MIB

BY_HAND = int(os.environ.get("CURSUS_RT_ROUNDS", "20")) >= 100
SIZE = (1_000 if BY_HAND else 200) * MIB
PAUSES = 100


def test_a_hundred_pauses_over_large_artifacts_cost_no_memory(tmp_path: Path):
    """Less than 50 MB are added after the first pause; 1 GB of artifacts by hand, 200 MB otherwise."""
    command = [sys.executable, "-m", "tests.engine.memory_of_pauses", str(tmp_path), str(SIZE), str(PAUSES)]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    grown = (told["last"] - told["first"]) / MIB
    print(f"{told['pauses']} pauses over {told['bytes'] / MIB:,.0f} MB: {grown:+.1f} MB in the kernel")
    assert told["bytes"] > 0.9 * SIZE
    assert told["pauses"] >= PAUSES
    assert grown < 50
