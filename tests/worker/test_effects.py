"""What a step does beyond its own folders: recorded, refused or left alone."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.worker.launch import Effect, Outcome
from tests.worker.conftest import Steps
from tests.worker.test_interpreters import other


@pytest.fixture
def server() -> Iterator[int]:
    """A server on this machine that closes whatever connects; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_answer, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _answer(listening: socket.socket) -> None:
    while True:
        try:
            listening.accept()[0].close()
        except OSError:
            return


@pytest.fixture(params=["3.8", "own"])
def either(request: pytest.FixtureRequest, steps: Steps) -> Steps:
    """Steps under the oldest Python, and under the kernel's."""
    if request.param == "3.8":
        steps.python = other("3.8")
    return steps


def run(steps: Steps, text: str, **options: Any) -> Outcome:
    """Run a script whose temporary folder is not where the test's own files lie."""
    temporary = steps.folder / "tmp"
    temporary.mkdir(exist_ok=True)
    options.setdefault("environ_vars", {"TMPDIR": str(temporary)})
    return steps.run_text(text, **options)


def seen(outcome: Outcome) -> list[tuple[str, str, int]]:
    """Kind, target and line of each effect."""
    return [(effect.kind, effect.target, effect.line) for effect in outcome.effects]


def test_connections_are_recorded_with_the_line_that_made_them(either: Steps, server: int):
    """By the name that was asked for, from the user's own line, however deep in a library; once, with a count."""
    outcome = run(
        either,
        "import socket, urllib.request, urllib.error\n"
        "for _ in range(5):\n"
        f"    socket.create_connection(('127.0.0.1', {server})).close()\n"
        f"sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"sender.sendto(b'x', ('127.0.0.1', {server}))\n"
        "try:\n"
        f"    urllib.request.urlopen('http://localhost:{server}/')\n"
        "except OSError:\n"
        "    pass",
    )
    assert outcome.ended == "succeeded", outcome.error
    address = f"127.0.0.1:{server}"
    assert seen(outcome) == [("network", address, 4), ("network", address, 6), ("network", f"localhost:{server}", 8)]
    first = outcome.effects[0]
    assert (first.count, first.file, first.refused) == (5, str(either.folder / "scripts" / "script.py"), False)


def test_a_name_that_is_looked_up_is_one_connection(steps: Steps):
    """Who asks for a name reaches out, whether or not it is found."""
    outcome = run(
        steps,
        "import socket\n"
        "for host in ('nowhere.invalid', '127.0.0.1', None):\n"
        "    try:\n"
        "        socket.getaddrinfo(host, 'https')\n"
        "    except OSError:\n"
        "        pass",
    )
    assert seen(outcome) == [("network", "nowhere.invalid:443", 5)], outcome.error


def test_processes_are_recorded(either: Steps):
    """Every way of starting one; pip, which is not run, is told as that alone."""
    outcome = run(
        either,
        "import os, subprocess, sys\n"
        "subprocess.run(['/bin/echo', 'a b'], check=True)\n"
        "subprocess.run('echo hello > /dev/null', shell=True, check=True)\n"
        "os.system('echo hello')\n"
        "os.spawnv(os.P_WAIT, '/bin/echo', ['echo', 'spawned'])\n"
        "os.waitpid(os.posix_spawn('/bin/echo', ['echo', 'posix'], {}), 0)\n"
        "subprocess.run(['/bin/echo', 'quickly'], close_fds=False)\n"
        "subprocess.run([sys.executable, '-m', 'pip', 'install', 'nothing'], check=True)\n"
        "os.system('pip install nothing')",
    )
    assert outcome.ended == "succeeded", outcome.error
    assert Counter(seen(outcome)) == Counter(
        [
            ("process", "/bin/echo 'a b'", 3),
            ("process", "echo hello > /dev/null", 4),
            ("process", "echo hello", 5),
            ("process", "/bin/echo spawned", 6),
            ("process", "/bin/echo posix", 7),
            ("process", "/bin/echo quickly", 8),
        ]
    )
    assert outcome.skipped_pip == ("nothing", "nothing")


def test_files_outside_are_recorded(either: Steps):
    """Written, made, changed, moved, linked, removed: what lies beyond the step's own folders."""
    beside = either.folder / "beside"
    (beside / "tree" / "deep").mkdir(parents=True)
    for name in ("old", "moved", "changed", "tree/a", "tree/deep/b"):
        (beside / name).write_text("x")
    outcome = run(
        either,
        "import os, shutil\n"
        f"os.chdir({str(beside)!r})\n"
        "open('new', 'w').close()\n"
        "os.makedirs('folder')\n"
        "os.replace('moved', 'there')\n"
        "os.remove('old')\n"
        "os.symlink('there', 'link')\n"
        "os.chmod('changed', 0o600)\n"
        "os.truncate('changed', 0)\n"
        "shutil.rmtree('tree')\n"
        "shutil.copy('there', output_paths['out'])\n"
        "os.close(os.open('new', os.O_RDWR))",
    )
    assert outcome.ended == "succeeded", outcome.error
    assert seen(outcome) == [
        ("write", str(beside / "new"), 4),
        ("write", str(beside / "folder"), 5),
        ("write", str(beside / "there"), 6),
        ("remove", str(beside / "old"), 7),
        ("write", str(beside / "link"), 8),
        ("write", str(beside / "changed"), 9),
        ("write", str(beside / "changed"), 10),
        ("remove", str(beside / "tree"), 11),
        ("write", str(beside / "new"), 13),
    ]


def test_what_is_the_steps_own_is_no_effect(either: Steps):
    """Its folder, its inputs and outputs, temporary files, what goes nowhere, and what is only read or was there."""
    given = either.folder / "given"
    given.mkdir()
    outcome = run(
        either,
        "import os, shutil, sys, tempfile, py_compile\n"
        "from pathlib import Path\n"
        "open('scratch.txt', 'w').close()\n"
        "Path(input_paths['data'], 'left.txt').write_text('x')\n"
        "Path(output_paths['out'], 'deep').mkdir()\n"
        "Path(output_paths['out'], 'deep', 't.csv').write_text('x')\n"
        "shutil.rmtree(Path(output_paths['out'], 'deep'))\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    Path(folder, 'x').write_text('x')\n"
        "for name in (os.devnull, '/dev/stdout', '/proc/self/comm'):\n"
        "    open(name, 'w').close()\n"
        "print('said')\n"
        "os.makedirs(os.path.dirname(__file__), exist_ok=True)\n"
        "open(__file__).close()\n"
        "Path(__file__).with_name('nothing').unlink() if False else None\n"
        "try:\n"
        "    os.remove('/nowhere/nothing')\n"
        "except OSError:\n"
        "    pass\n"
        "py_compile.compile(__file__)",
        input_paths={"data": str(given)},
    )
    assert outcome.ended == "succeeded", outcome.error
    assert outcome.effects == ()


def test_a_link_in_its_own_folder_leads_outside(steps: Steps):
    """What counts is where the bytes go."""
    target = steps.folder / "users.csv"
    target.write_text("x")
    outcome = run(steps, f"import os\nos.symlink({str(target)!r}, 'mine.csv')\nopen('mine.csv', 'a').close()")
    assert seen(outcome) == [("write", str(target), 4)]


def test_the_users_project_is_not_temporary(steps: Steps):
    """Where all lies in the folder for temporary files, the scripts' own folder is still not the step's."""
    outcome = run(
        steps,
        "import os, tempfile\nopen(os.path.join(os.path.dirname(__file__), 'left.txt'), 'w').close()\n"
        f"open(os.path.join({str(steps.folder)!r}, 'elsewhere.txt'), 'w').close()",
        environ_vars={"TMPDIR": str(steps.folder.parent)},
    )
    assert seen(outcome) == [("write", str(steps.folder / "scripts" / "left.txt"), 3)]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("import socket\nsocket.create_connection(('127.0.0.1', PORT))", "network", "connecting to 127.0.0.1"),
        ("import subprocess\nsubprocess.run(['/bin/echo', 'a'])", "process", "starting the process /bin/echo a"),
        ("import os\nos.system('echo a')", "process", "starting the process echo a"),
        ("import os\nopen(os.path.dirname(__file__) + '/x', 'w')", "write", "writing to "),
        ("import os\nos.remove(os.path.dirname(__file__) + '/script.py')", "remove", "removing "),
    ],
)
def test_a_refused_effect_raises_where_it_is(either: Steps, server: int, text: str, kind: str, words: str):
    """A PermissionError with a sentence; the traceback ends at the script's line, and nothing has happened."""
    outcome = run(either, text.replace("PORT", str(server)), effects="refuse")
    assert outcome.ended == "raised"
    assert outcome.error is not None
    assert outcome.error["type"] == "EffectRefused"
    assert "PermissionError" in outcome.error["bases"]
    assert outcome.error["message"].startswith(words)
    assert outcome.error["message"].endswith(": the step runs with effects: refuse")
    assert outcome.error["effect"].startswith(f"{kind}: ")
    assert next(f["line"] for f in reversed(outcome.error["frames"]) if f["own"]) == 3
    assert "effects.py" not in either.log
    assert [(e.kind, e.line, e.refused) for e in outcome.effects] == [(kind, 3, True)]
    assert not (either.folder / "scripts" / "x").exists()
    assert (either.folder / "scripts" / "script.py").exists()


def test_a_refusal_that_is_wrapped_is_still_told(steps: Steps, server: int):
    """Libraries make errors of their own of it."""
    text = (
        "import urllib.request\n"
        "try:\n"
        f"    urllib.request.urlopen('http://localhost:{server}/')\n"
        "except OSError as error:\n"
        "    raise RuntimeError('could not upload') from error"
    )
    outcome = run(steps, text, effects="refuse")
    assert outcome.error is not None
    chain = [outcome.error]
    while chain[-1]["cause"]:
        chain.append(chain[-1]["cause"])
    assert [error["type"] for error in chain] == ["RuntimeError", "URLError", "EffectRefused"]


def test_a_refusal_that_is_swallowed_is_told(steps: Steps):
    """The step goes on; its outcome says that something did not happen."""
    text = "import os\ntry:\n    os.system('echo a')\nexcept OSError:\n    pass\nreturn 7"
    outcome = run(steps, text, effects="refuse")
    assert (outcome.ended, outcome.result) == ("succeeded", "7")
    assert [effect.refused for effect in outcome.effects] == [True]


def test_with_allow_nothing_is_looked_for(steps: Steps, server: int):
    """What happens, happens."""
    text = f"import os, socket\nos.system('echo a')\nsocket.create_connection(('127.0.0.1', {server})).close()"
    outcome = run(steps, text, effects="allow")
    assert (outcome.ended, outcome.effects) == ("succeeded", ())


def test_opened_files_are_told_in_every_mode(steps: Steps):
    """One hook serves both."""
    steps.write("scripts/table.json", "{}")
    text = "import os\nopen(os.path.join(os.path.dirname(__file__), 'table.json')).close()"
    for mode in ("allow", "record", "refuse"):
        assert list(run(steps, text, effects=mode).opened) == [str(steps.folder / "scripts" / "table.json")]


POOL = """
import multiprocessing, socket

def work(number):
    try:
        socket.create_connection(("127.0.0.1", PORT)).close()
    except PermissionError:
        return "refused"
    open(OUTSIDE, "a").close()
    return "done"

def main(input_paths, output_paths, environ_vars, job_args):
    with multiprocessing.get_context(job_args.method).Pool(2) as pool:
        return sorted(set(pool.map(work, range(8), 1)))
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_the_workers_of_a_pool_are_no_effect(either: Steps, method: str):
    """Neither they nor what multiprocessing starts beside them."""
    text = POOL.replace('socket.create_connection(("127.0.0.1", PORT)).close()', "pass").replace("OUTSIDE", "'x'")
    with (
        tempfile.TemporaryDirectory() as short
    ):  # the forkserver's socket lies in it, and its path must have under 108 bytes
        outcome = run(either, text, job_args={"method": method}, effects="refuse", environ_vars={"TMPDIR": short})
    assert (outcome.result, outcome.effects) == ("['done']", ()), outcome.error


def test_what_forked_workers_do_is_told(either: Steps, server: int):
    """By every process of the step, added up."""
    outside = str(either.folder / "outside.txt")
    text = POOL.replace("PORT", str(server)).replace("OUTSIDE", repr(outside))
    outcome = run(either, text, job_args={"method": "fork"})
    assert outcome.result == "['done']", outcome.error
    assert set(seen(outcome)) == {("network", f"127.0.0.1:{server}", 6), ("write", outside, 9)}
    assert all(4 <= effect.count <= 8 for effect in outcome.effects)


def test_what_forked_workers_do_is_refused(either: Steps, server: int):
    """In them too."""
    text = POOL.replace("PORT", str(server)).replace("OUTSIDE", "'x'")
    outcome = run(either, text, job_args={"method": "fork"}, effects="refuse")
    assert outcome.result == "['refused']", outcome.error
    assert {effect.refused for effect in outcome.effects} == {True}


@pytest.mark.parametrize(
    "hostile",
    [
        "import builtins\nbuiltins.open = None",
        "import os\nos.closerange(3, 400)",
        "import os, sys\nos.path.realpath = os.getcwd = os.fsdecode = sys._getframe = os.getpid = None",
        "import json, os\njson.dumps = os.write = None",
        "import socket\nsocket.inet_pton = socket.gethostname = None",
        "import sys\nsys.modules.clear()",
        "import threading, sys\nsys.setrecursionlimit(80)",
    ],
    ids=["no open", "closed descriptors", "no os", "no write", "no socket", "no modules", "little stack"],
)
@pytest.mark.parametrize("mode", ["record", "refuse"])
def test_a_hostile_script_is_watched_all_the_same(steps: Steps, hostile: str, mode: str):
    """What it puts in the place of Python's own does not blind the hook, nor end the step."""
    outside = steps.folder / "outside"
    text = (
        "import os\nfrom io import open as real\nmake = os.mkdir\n"
        f"{hostile}\n"
        f"try:\n    make({str(outside)!r})\nexcept PermissionError:\n    pass\nreturn 1"
    )
    outcome = run(steps, text, effects=mode)
    assert outcome.ended == "succeeded", outcome.error
    assert [(effect.kind, effect.target) for effect in outcome.effects] == [("write", str(outside))]
    assert outside.exists() == (mode == "record")


def test_very_many_effects_are_cut(steps: Steps):
    """A loop that reaches out a hundred thousand times costs little, and what it did is still bounded."""
    outcome = run(
        steps,
        f"import os\nfor i in range(100_000):\n    name = os.path.join({str(steps.folder)!r}, str(i % 1000))\n"
        "    try:\n        os.link('/nowhere', name)\n    except OSError:\n        pass",
    )
    assert outcome.ended == "succeeded", outcome.error
    assert len(outcome.effects) == 101
    last = outcome.effects[-1]
    assert (last.kind, last.target, last.count) == ("write", "more", 90_000)
    assert sum(effect.count for effect in outcome.effects) == 100_000


def test_long_and_strange_targets_are_told(steps: Steps):
    """In part, where they are very long; as they are, where they are only strange."""
    outcome = run(
        steps,
        "import os, subprocess\nos.system(': ' + chr(0x1F600) * 5000)\nos.system(': <b>&amp;\\n')\n"
        f"os.mkdir(os.fsencode({str(steps.folder)!r}) + b'/\\xff')",
    )
    assert outcome.ended == "succeeded", outcome.error
    assert [(e.kind, len(e.target) > 50) for e in outcome.effects][:1] == [("process", True)]
    assert outcome.effects[1].target == ": <b>&amp;\n"
    assert outcome.effects[2].kind == "write"


def test_secrets_in_targets_are_masked(steps: Steps):
    """As everywhere."""
    steps.redactor = Redactor(("hunter2",))
    outcome = run(steps, "import os\nos.system('true --password hunter2')")
    assert [effect.target for effect in outcome.effects] == ["true --password ***"]


def test_what_a_library_asks_the_machine_is_no_effect(steps: Steps):
    """Python's platform and ctypes start small programs to learn where they are; a script that does so itself is told."""
    text = (
        "import ctypes.util, os, platform, subprocess\n"
        "platform.processor(), platform.architecture(), ctypes.util.find_library('nothing')\n"
        "subprocess.run(['uname'])"
    )
    outcome = run(steps, text, effects="record")
    assert seen(outcome) == [("process", "uname", 4)], outcome.error


def test_an_effect_is_a_plain_value():
    """Two of the same are equal."""
    assert Effect("write", "/x", "a.py", 1) == Effect("write", "/x", "a.py", 1, 1, refused=False)
