"""Nothing of a step reaches the kernel or another step, nor the kernel's own into a step."""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from cursus_rt_notebook.worker import interpreters
from tests.snapshot import snapshot
from tests.worker.conftest import Steps

if TYPE_CHECKING:
    import pytest


def test_L1_a_nasty_script_changes_nothing_in_the_kernel(steps: Steps):
    """It runs twice; the kernel's snapshot is the same before and after."""
    assert steps.run_text("return 1").ended == "succeeded"
    before, threads = snapshot(), threading.active_count()
    for _ in range(2):
        outcome = steps.run("nasty.py")
        assert outcome.ended == "succeeded", outcome.error
    assert snapshot() == before
    assert threading.active_count() == threads


def test_L1_a_step_after_a_nasty_one_finds_a_clean_process(steps: Steps):
    """Nothing of it is left in the zygote either."""
    path = steps.write(
        "scripts/look.py",
        "import os, sys, logging, warnings, decimal, builtins\n"
        "def main(input_paths, output_paths, environ_vars, job_args):\n"
        "    umask = os.umask(0)\n"
        "    os.umask(umask)\n"
        "    print(sorted(os.environ.items()), os.getcwd(), sys.path, umask, sys.getrecursionlimit())\n"
        "    print(logging.root.level, warnings.filters, decimal.getcontext().prec)\n",
    )
    steps.run(path)
    before = steps.log
    steps.run("nasty.py")
    steps.run(path)
    assert steps.log == before


def test_L2_each_step_sees_its_own_modules(steps: Steps):
    """Two steps with different `utils.py`, in different folders, one after the other in one zygote."""
    main = "import utils\ndef main(input_paths, output_paths, environ_vars, job_args):\n    return utils.NAME\n"
    for name in ("one", "two", "one"):
        steps.write(f"{name}/utils.py", f"NAME = {name!r}\n")
        assert steps.run(steps.write(f"{name}/script.py", main)).result == repr(name)


def test_L3_logging_set_up_in_a_step_stays_there(steps: Steps):
    """The kernel's logging works after a step that reset and disabled its own."""
    steps.run_text("import logging\nlogging.basicConfig(force=True, level=50)\nlogging.disable(50)")
    assert logging.root.manager.disable == 0
    outcome = steps.run_text("import logging\nlogging.getLogger().warning('heard')")
    assert outcome.ended == "succeeded"
    assert "heard" in steps.log


def test_L5_a_step_sees_declared_variables_only(steps: Steps, monkeypatch: pytest.MonkeyPatch):
    """The stated base, what the step declares, and the default for secure installs; also in C's own view."""
    monkeypatch.setenv("NOTEBOOK_ONLY", "1")
    monkeypatch.setenv("MPLBACKEND", "module://notebook")
    monkeypatch.setenv("PYTHONPATH", "/notebook")
    outcome = steps.run_text(
        "import os, json\nprint(json.dumps(dict(os.environ)))\nos.system('env')", environ_vars={"A": "b"}
    )
    assert outcome.ended == "succeeded"
    first, *printed = steps.log.splitlines()
    seen = json.loads(first)
    base = {"PATH", "HOME", "LANG", "TMPDIR"}
    assert {k for k in seen if k not in base and not k.startswith(("LC_", "LD_"))} == {"A", "USE_SECURE_PYPI"}
    assert seen["USE_SECURE_PYPI"] == "false"
    assert {line.partition("=")[0] for line in printed} - {"PWD", "OLDPWD", "SHLVL", "_"} == set(seen)


def test_L5_declared_variables_are_there_when_the_script_is_imported(steps: Steps):
    """Scripts read their settings at import, too."""
    text = "import os\nLABEL = os.environ['LABEL']\ndef main(input_paths, output_paths, environ_vars, job_args):\n    return LABEL"
    assert steps.run_text(text, environ_vars={"LABEL": "arr_delay"}).result == "'arr_delay'"


def test_L6_pip_is_skipped_and_noted(steps: Steps):
    """Through subprocess, a shell or os.system, when imported: success for the script, nothing installed."""
    before = interpreters.fingerprint(interpreters.find(None))
    outcome = steps.run("installs.py")
    assert outcome.ended == "succeeded", outcome.error
    assert outcome.skipped_pip == ("lightgbm<4", "pandas==1.5", "boto3")
    assert "shell went on" in steps.log
    assert "other commands run" in steps.log
    assert "TOKEN" not in steps.log
    assert interpreters.fingerprint(interpreters.find(None)) == before


def test_two_steps_cannot_see_each_other(steps: Steps):
    """Environment, folder, path, random numbers, logging: each begins anew."""
    text = (
        "import os, sys, logging, random\n"
        "seen = (os.environ.get('X'), os.path.basename(os.getcwd()), '/x' in sys.path, bool(logging.root.handlers))\n"
        "os.environ['X'] = '1'; os.chdir('/'); sys.path.append('/x'); logging.basicConfig()\n"
        "return seen"
    )
    for _ in range(2):
        assert steps.run_text(text).result == "(None, 'cwd', False, False)"


def test_no_descriptor_of_the_kernel_reaches_a_step(steps: Steps, tmp_path: Path):
    """A step has its streams, its report pipe, and what it opens; nothing inheritable of the kernel's."""
    with (tmp_path / "kernels").open("w") as file:
        os.set_inheritable(file.fileno(), True)  # noqa: FBT003 - its only spelling
        outcome = steps.run_text(
            "import os\nfds = {int(n): os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') "
            "if os.path.lexists(f'/proc/self/fd/{n}')}\nprint(fds)\nreturn len(fds)"
        )
    assert outcome.result == "4", steps.log
    assert "kernels" not in steps.log
