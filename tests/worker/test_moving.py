"""Paths of the container, moved to the step's own folders as the user's code is compiled."""

from __future__ import annotations

from typing import Any

import pytest

from cursus_rt_notebook.worker.inside.moving import moved, moved_value
from tests.worker.conftest import Steps
from tests.worker.test_interpreters import other

MAIN = "def main(input_paths, output_paths, environ_vars, job_args):\n"
MOVES = (("/opt/ml/code", "/src"), ("/opt/ml", "/root/opt/ml"), ("/tmp", "/root/tmp"))


@pytest.fixture(params=["3.8", "own"])
def either(request: pytest.FixtureRequest, steps: Steps) -> Steps:
    """Steps under the oldest Python, and under the kernel's."""
    if request.param == "3.8":
        steps.python = other("3.8")
    return steps


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/opt/ml", "/root/opt/ml"),
        ("/opt/ml/", "/root/opt/ml/"),
        ("/opt/ml/model/x.json", "/root/opt/ml/model/x.json"),
        ("/opt/ml/code", "/src"),
        ("/opt/ml/code/hyperparams/", "/src/hyperparams/"),
        ("/opt/ml/codes", "/root/opt/ml/codes"),
        ("/tmp", "/root/tmp"),
        ("/tmpx", "/tmpx"),
        ("/opt/mlx/model", "/opt/mlx/model"),
        ("/opt", "/opt"),
        ("opt/ml", "opt/ml"),
        (" /tmp", " /tmp"),
        ("s3://bucket/opt/ml", "s3://bucket/opt/ml"),
        ("", ""),
    ],
)
def test_only_whole_components_are_a_path(path: str, here: str):
    """The longest place that the path is, or lies below; `/tmpx` is not `/tmp`."""
    assert moved(path, MOVES) == here


def test_variables_and_arguments_are_moved():
    """Texts, several with colons, and lists; other values are as they were."""
    assert moved_value("/opt/ml/code:/usr/lib:/tmp/x", MOVES) == "/src:/usr/lib:/root/tmp/x"
    assert moved_value(["/tmp/a", 3, "b"], MOVES) == ["/root/tmp/a", 3, "b"]
    assert moved_value(7, MOVES) == 7
    assert moved_value("https://host/tmp", MOVES) == "https://host/tmp"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"/opt/ml/model"', "/root/opt/ml/model"),
        ('"/opt/ml" "/model"', "/root/opt/ml/model"),
        ('b"/opt/ml/model"', b"/root/opt/ml/model"),
        ('{"dir": ["/tmp/work"]}["dir"][0]', "/root/tmp/work"),
        ('BASE + "/data"', "/root/opt/ml/processing/output/data"),
        ('BASE + "/tmp"', "/root/opt/ml/processing/output/tmp"),
        ('BASE + "/tmp" + "/opt/ml"', "/root/opt/ml/processing/output/tmp/opt/ml"),
        ('BASE + f"/tmp/{1}"', "/root/opt/ml/processing/output/tmp/1"),
        ('"/tmp" + "/x"', "/root/tmp/x"),
        ('f"/opt/ml/code/hyperparams/{1}.json"', "/src/hyperparams/1.json"),
        ('f"{BASE}/tmp/{1}"', "/root/opt/ml/processing/output/tmp/1"),
        ('f"/tmp{1}"', "/tmp1"),
        ('f"/tmp"', "/root/tmp"),
        ("default()", "/root/tmp/work"),
        ('"%s/tmp" % BASE', "/root/opt/ml/processing/output/tmp"),
        ('"/tmp/{}".format(1)', "/root/tmp/1"),
        ('os.path.join(BASE, "/tmp/x")', "/root/tmp/x"),
        ('str(Path("/opt/ml") / "model")', "/root/opt/ml/model"),
        ("default.__doc__", "/tmp/work is where it works."),
        ('"see /opt/ml/model"', "see /opt/ml/model"),
        ('"/tmpx"', "/tmpx"),
        ("grown", "/root/opt/ml/processing/output/tmp/x"),
        ("helper.HERE", "/root/opt/ml/model"),
        ("inside.HERE", "/root/tmp/inside"),
    ],
)
def test_constants_of_the_users_code_are_moved(either: Steps, expression: str, value: Any):
    """In the script and in its modules, wherever a text begins a path; what follows a path is part of that path."""
    either.write("scripts/helper.py", '"""/opt/ml is theirs."""\nHERE = "/opt/ml/model"\n')
    either.write("scripts/pkg/inside.py", 'HERE = "/tmp/inside"\n')
    text = f'''
import os
from pathlib import Path
import helper
from pkg import inside
BASE = "/opt/ml/processing/output"
grown = BASE
grown += "/tmp/x"


def default(path="/tmp/work"):
    """/tmp/work is where it works."""
    return path


{MAIN}    return {expression}
'''
    outcome = either.run_text(text, moves=MOVES)
    assert outcome.ended == "succeeded", outcome.error
    assert outcome.result == repr(value)


def test_lines_and_source_stay_the_users(either: Steps):
    """A failure shows the line as it is written, where it is written; what `inspect` finds, too."""
    text = f'{MAIN}\n    import inspect\n    print(inspect.getsource(main))\n    return open("/opt/ml/model/no")\n'
    outcome = either.run_text(text, moves=MOVES)
    assert outcome.error is not None
    frame = outcome.error["frames"][-1]
    assert (frame["line"], frame["own"]) == (5, True)
    assert [4, '    return open("/opt/ml/model/no")'] not in frame["source"]
    assert [5, '    return open("/opt/ml/model/no")'] in frame["source"]
    assert 'open("/opt/ml/model/no")' in either.log
    assert "/root/opt/ml/model/no" in outcome.error["message"]


def test_a_syntax_error_is_told_as_ever(steps: Steps):
    """In a file that speaks of such paths."""
    outcome = steps.run_text(f'{MAIN}    x = "/tmp/x"\n    y = = 3\n', moves=MOVES)
    assert outcome.error is not None
    assert (outcome.error["type"], outcome.error["lineno"]) == ("SyntaxError", 3)


POOL = """\
import multiprocessing
import sys
from pathlib import Path

from helper import HERE

WORK = "/tmp/work"


def tell(number):
    return [WORK, HERE, __name__ in sys.modules]


def run(out):
    with multiprocessing.get_context("{method}").Pool(2) as pool:
        told = pool.map(tell, range(4))
    assert all(each == told[0] for each in told)
    Path(out, "told").write_text(repr(told[0]))


def main(input_paths, output_paths, environ_vars, job_args):
    run(output_paths["out"])


if __name__ == "__main__":
    run("/opt/ml/out")
"""


@pytest.mark.parametrize("entry", ["main", "script"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_the_workers_of_a_pool_see_the_same(either: Steps, method: str, entry: str):
    """However they are started, and however the script is entered."""
    either.write("scripts/helper.py", 'HERE = "/opt/ml/model"\n')
    moves = (("/opt/ml/out", str(either.folder / "out")), *MOVES)
    outcome = either.run_text(POOL.format(method=method), entry=entry, moves=moves)
    assert outcome.ended == "succeeded", (outcome.error, either.log)
    assert either.out("told") == "['/root/tmp/work', '/root/opt/ml/model', True]"
    assert not (either.folder / "scripts/__pycache__").exists()


def test_spawned_workers_find_a_script_that_imports_relatively(either: Steps):
    """The packages above it have a path there, too."""
    either.write("project/__init__.py", "")
    either.write("project/pkg/hyper.py", 'HERE = "/opt/ml/model"\n')
    text = POOL.format(method="spawn").replace("from helper", "from ..hyper")
    script = either.write("project/pkg/steps/script.py", text)
    outcome = either.run(script, moves=MOVES, source_dir=str(either.folder / "project"))
    assert outcome.ended == "succeeded", (outcome.error, either.log)
    assert "/root/opt/ml/model" in either.out("told")


def test_the_main_block_runs_with_its_paths_moved(either: Steps):
    """Variables and exit codes as ever."""
    text = 'import os, sys\nif __name__ == "__main__":\n    print(sys.argv[1:], "/opt/ml/model")\n    sys.exit(2)\n'
    outcome = either.run_text(text, entry="script", moves=MOVES, job_args={"dir": "/x"})
    assert (outcome.ended, outcome.exit_code) == ("exited", 2)
    assert "['--dir', '/x'] /root/opt/ml/model" in either.log
