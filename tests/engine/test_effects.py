"""Effects in a run: as findings, in what is kept, refused, and what the pipeline and the caller say of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cursus_rt_notebook.errors import EffectRefused, PipelineError
from cursus_rt_notebook.pipeline.effects import mode_of

BESIDE = 'write("out", "t.csv", "n\\n1\\n")\n(Path(__file__).parent / "beside.txt").write_text("x")'


def statuses(session):
    return {name: str(session[name].status) for name in session.state.steps}


def effects_of(session, step):
    """Severity, place and message of what a step did beyond its folders."""
    return [(f.severity, f.line, f.message) for f in session[step].state.findings if f.fix.startswith("see effects=")]


def one(project, body, **step):
    project.script("a", body)
    return project.pipeline({"a": {"outputs": ["out"], **step}})


def line_of(project, text):
    lines = (project.path / "a.py").read_text().splitlines()
    return next(i for i, line in enumerate(lines, start=1) if text in line)


def test_effects_are_findings_on_the_step(project):
    """Recorded by default, from a cached result too."""
    pipeline = one(project, BESIDE)
    for status in ("done", "cached"):
        session = project.session(pipeline)
        session.resume()
        assert statuses(session) == {"a": status}
        line = line_of(project, "beside.txt")
        message = f"a.py:{line} wrote {project.path / 'beside.txt'}"
        assert effects_of(session, "a") == [("info", line, message)]
        session.close()


def test_a_step_that_reaches_out_for_nothing_has_no_finding(project):
    """What it needs to run at all is no effect."""
    session = project.session(project.chain("a", "b"))
    session.resume()
    assert session["a"].state.findings == session["b"].state.findings == ()


def test_refused_effects_fail_the_step_at_their_line(project):
    """With the error of that name, and what to do about it."""
    session = project.session(one(project, BESIDE), effects="refuse")
    pause = session.resume()
    assert pause.error.kind == "EffectRefused"
    assert pause.error.title == "effect refused"
    assert f"writing to {project.path / 'beside.txt'}" in pause.error.summary
    assert "effects: allow" in pause.error.advice
    assert pause.error.frames[-1].line != 0
    assert not (project.path / "beside.txt").exists()
    assert [severity for severity, _, _ in effects_of(session, "a")] == ["warning"]
    session.resume()
    with pytest.raises(EffectRefused) as raised:
        session.raise_for_status()
    assert raised.value.effect == f"write: {project.path / 'beside.txt'}"
    assert isinstance(raised.value, PermissionError)


def test_a_refusal_is_known_below_what_libraries_make_of_it(project):
    """A retry for the library's error does not try again what will be refused again."""
    body = """
        import urllib.request
        try:
            urllib.request.urlopen("http://127.0.0.1:9/")
        except OSError as error:
            raise ConnectionError("no upload") from error
    """
    retry = {"attempts": 3, "backoff": 0.01, "on": ["ConnectionError"]}
    session = project.session(one(project, body, retry=retry), effects="refuse")
    pause = session.resume()
    assert (pause.error.kind, pause.error.message) == (
        "EffectRefused",
        "connecting to 127.0.0.1:9 was refused: the step runs with effects: refuse",
    )
    assert session["a"].state.attempt == 1


def test_an_exit_after_a_refusal_is_the_refusal(project):
    """Scripts end themselves when something fails."""
    body = 'import sys\ntry:\n    os.system("upload")\nexcept OSError:\n    sys.exit("could not upload")'
    session = project.session(one(project, body), effects="refuse")
    assert session.resume().error.kind == "EffectRefused"


def test_a_failure_after_a_swallowed_refusal_says_so(project):
    """What did not happen may be why."""
    body = 'try:\n    os.system("fetch data")\nexcept OSError:\n    pass\nopen("data")'
    session = project.session(one(project, body), effects="refuse")
    error = session.resume().error
    assert (error.kind, error.title) == ("StepFailed", "FileNotFoundError")
    assert "kept from starting fetch data before" in error.recommendations[-1]


def test_a_result_with_a_swallowed_refusal_is_not_used_again(project):
    """It is not what the script makes when it is let."""
    body = 'write("out", "t.csv", "n\\n1\\n")\ntry:\n    os.system("true; upload")\nexcept OSError:\n    pass'
    pipeline = one(project, body)
    for _ in range(2):
        session = project.session(pipeline, effects="refuse")
        session.resume()
        assert statuses(session) == {"a": "done"}
        session.close()
    session = project.session(pipeline)
    session.resume()
    assert statuses(session) == {"a": "done"}


def test_where_effects_are_refused_a_kept_result_counts_only_if_it_had_none(project):
    """The key is the same; what is asked for beside it is that somebody watched, and saw nothing."""
    quiet = one(project, 'write("out", "t.csv", "n\\n1\\n")')
    expected = [("allow", "done"), ("refuse", "done"), ("refuse", "cached"), ("record", "cached"), ("allow", "cached")]
    for mode, status in expected:
        session = project.session(quiet, effects=mode)
        session.resume()
        assert (mode, statuses(session)) == (mode, {"a": status})
        session.close()
    loud = one(project, BESIDE)
    for mode, status in [("record", "done"), ("record", "cached"), ("refuse", "failed"), ("allow", "cached")]:
        session = project.session(loud, effects=mode)
        session.resume()
        assert (mode, statuses(session)) == (mode, {"a": status})
        session.close()


def test_what_was_seen_is_kept_with_the_result(project):
    """In the manifest: whether anybody watched, and what was seen."""
    session = project.session(one(project, BESIDE))
    session.resume()
    manifest = session._planner.workspace.lookup(session["a"].state.key, lambda _: None)
    kept = manifest.facts["effects"]
    assert kept["watched"]
    assert [(each["kind"], each["target"]) for each in kept["seen"]] == [("write", str(project.path / "beside.txt"))]


def test_each_says_for_itself(project):
    """The pipeline for its steps, a step for itself, the caller for those that say nothing or by name."""
    for name in ("a", "b", "c"):
        project.script(name, 'write("out", "t.csv", "n\\n1\\n")')
    steps = {"a": {"outputs": ["out"]}, "b": {"outputs": ["out"], "effects": "allow"}, "c": {"outputs": ["out"]}}
    written = project.pipeline(steps, effects="refuse")

    def modes(effects):
        session = project.session(written, effects=effects)
        pipeline = session._planner.pipeline
        session.close()
        return [mode_of(pipeline, name) for name in pipeline.steps]

    assert modes(None) == ["refuse", "allow", "refuse"]
    assert modes("record") == ["record", "allow", "record"]
    assert modes({"b": "record", "c": "allow"}) == ["refuse", "record", "allow"]


@pytest.mark.parametrize(
    ("effects", "words"),
    [
        ("refused", "effects is 'refused', which is no mode\n  give one of 'record', 'refuse', 'allow'"),
        ({"a": True}, "effects['a'] is True, which is no mode"),
        ({"x": "allow"}, "effects= names no step of the pipeline: 'x'\n  the steps are a"),
    ],
)
def test_what_nobody_can_mean_is_an_error(project, effects, words):
    """Before anything runs, and before a session of the same pipeline is closed for it."""
    session = project.session(project.chain("a"))
    with pytest.raises(PipelineError) as raised:
        project.session(project.chain("a"), effects=effects)
    assert words in str(raised.value)
    session.resume()
    assert statuses(session) == {"a": "done"}


@pytest.mark.parametrize(("top", "step"), [({"effects": "no"}, {}), ({}, {"effects": ["refuse"]})])
def test_a_wrong_mode_in_the_document_is_a_fault(project, top, step):
    """With its place and the modes there are."""
    project.chain("a")
    with pytest.raises(PipelineError, match=r"effects: is .*, not one of 'record', 'refuse', 'allow'"):
        project.session(project.pipeline({"a": {"outputs": ["out"], **step}}, **top))


def test_secrets_are_masked_in_findings(project):
    """And in what is kept."""
    secret = {"API_TOKEN": "hunter2hunter2"}
    body = 'os.system("true; curl -H " + environ_vars["API_TOKEN"])\nwrite("out", "t.csv", "n\\n1\\n")'
    session = project.session(one(project, body, env=secret))
    session.resume()
    assert [message for _, _, message in effects_of(session, "a")] == ["a.py:14 started true; curl -H ***"]
    manifest = session._planner.workspace.lookup(session["a"].state.key, lambda _: None)
    assert "hunter2" not in str(manifest.facts)


def test_bytes_read_and_written_are_counted_over_all_processes(project):
    """In the step's state, from a cached result too, and in the table of steps."""
    body = """
        import subprocess
        Path(output_paths["out"], "big.bin").write_bytes(bytes(3_000_000))
        subprocess.run(["cat", str(Path(output_paths["out"], "big.bin"))], stdout=subprocess.DEVNULL, check=True)
    """
    pipeline = one(project, body)
    for _ in range(2):
        session = project.session(pipeline)
        session.resume()
        state = session["a"].state
        if not Path("/proc/self/io").exists():
            assert state.read_bytes is state.written_bytes is None
            return
        assert 3_000_000 < state.read_bytes < 5_000_000
        assert 3_000_000 < state.written_bytes < 12_000_000
        row = session.steps.loc["a"]
        assert (row["read_mb"], row["written_mb"]) == (
            round(state.read_bytes / 1e6, 1),
            round(state.written_bytes / 1e6, 1),
        )
        session.close()


def test_a_memory_limit_says_what_was_used_and_when(project):
    """And by how many processes, and what the log said last."""
    body = """
        import subprocess, sys, time
        print("reading the large table")
        code = "import time; x = b'x' * (300 << 20); time.sleep(30)"
        subprocess.run([sys.executable, "-c", code])
    """
    session = project.session(one(project, body, memory="200 MB"))
    error = session.resume().error
    assert error.kind == "StepOutOfMemory"
    assert "its limit of 200 MB: it held " in error.summary
    assert " in 2 processes, " in error.summary
    assert error.summary.endswith(" s after it began.")
    assert error.advice.endswith("The last that it logged: reading the large table")
    assert 0 < error.facts["after"] <= session["a"].state.seconds
    assert error.facts["used"] > 200_000_000
