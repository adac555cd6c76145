"""The magics in a real IPython shell, as typed."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from cursus_rt_notebook.notebook import magics
from cursus_rt_notebook.notebook.line import quoted, words
from tests.conftest import wait_until

WAITS = """
    import time
    with open(Path(__file__).with_name("ran.txt"), "a") as file:
        file.write("x")
    deadline = time.monotonic() + 60
    while Path(__file__).with_name("hold").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    write("out", "train/t.csv", "step\\nslow\\n")
"""


@pytest.fixture
def shell(project, tmp_path, monkeypatch):
    """A shell in the project's folder, with our extension; `small.yaml` there is a chain of three steps."""
    monkeypatch.chdir(project.path)
    write(project, "small.yaml", project.chain("one", "two", "three"))
    config = Config()
    config.HistoryManager.enabled = False
    made = InteractiveShell.instance(config=config, ipython_dir=str(tmp_path / "ipython"))
    assert made.run_line_magic("load_ext", "cursus_rt_notebook") is None
    yield made
    made.run_line_magic("unload_ext", "cursus_rt_notebook")
    InteractiveShell.clear_instance()
    sys.modules["__main__"].__dict__.pop("get_ipython", None)


@pytest.fixture
def kernel(monkeypatch):
    """As in a kernel: what a cell displays is kept, and nothing waits."""
    shown = []
    monkeypatch.setattr(magics, "in_kernel", lambda: True)
    monkeypatch.setattr(magics, "display", shown.append)
    monkeypatch.setattr(magics, "show_with_graph", shown.append)
    return shown


def write(project, name, pipeline):
    path = project.path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(pipeline))
    return path


def slow(project):
    """A pipeline whose first step lasts until the file `hold` is gone."""
    project.script("slow", WAITS)
    project.script("after", 'write("out", "t.csv", "a\\n1\\n")')
    (project.path / "hold").touch()
    steps = {"slow": {"outputs": ["out"]}, "after": {"inputs": {"data": "slow.out"}, "outputs": ["out"]}}
    write(project, "slow.yaml", project.pipeline(steps))


def ran(project):
    """How often the slow step ran."""
    path = project.path / "ran.txt"
    return len(path.read_text()) if path.exists() else 0


def cell(shell, code, capsys):
    """What a cell printed; it must succeed."""
    result = shell.run_cell(code)
    out = capsys.readouterr()
    assert result.success, out.out + out.err
    return out.out


def fault(shell, code, capsys):
    """What a failing cell says."""
    result = shell.run_cell(code)
    assert not result.success
    out = capsys.readouterr()
    return out.out + out.err


def test_a_run_is_stepped_through(shell, capsys):
    """Run, step and continue each show where the session stands; the variable is `session`."""
    assert "Paused after one" in cell(shell, "%cursus_run small.yaml --break one", capsys)
    assert shell.user_ns["session"].pause.step == "one"
    assert "Paused after two" in cell(shell, "%cursus_step", capsys)
    assert "Finished" in cell(shell, "%cursus_continue", capsys)


def test_a_command_after_the_end_shows_the_end(shell, capsys):
    """A quick run has ended before the next cell, a slow one ends while it waits: both cells read the same."""
    cell(shell, "%cursus_run small.yaml", capsys)
    assert "Finished" in cell(shell, "%cursus_continue", capsys)
    assert "Finished" in cell(shell, "%cursus_step", capsys)


def test_a_failing_step_is_a_pause_and_no_exception(shell, project, capsys):
    """Continuing unchanged ends the run as failed, and says so; after that a command is refused."""
    project.script("two", "raise KeyError('dep_delay')")
    assert "dep_delay" in cell(shell, "%cursus_run small.yaml", capsys)
    assert "Failed" in cell(shell, "%cursus_continue", capsys)
    told = fault(shell, "%cursus_continue", capsys)
    assert "%cursus_continue: CommandRefused: the run is failed" in told
    assert "Traceback" not in told
    assert "magics.py" not in told


def test_a_mended_step_runs_again(shell, project, capsys):
    """Continue at a failure runs the step anew once its script changed."""
    good = (project.path / "two.py").read_text()
    project.script("two", "raise KeyError('dep_delay')")
    cell(shell, "%cursus_run small.yaml", capsys)
    (project.path / "two.py").write_text(good)
    assert "Finished" in cell(shell, "%cursus_continue", capsys)


def test_inspect_gives_the_step_or_its_data(shell, capsys):
    """Its value is the result of the line, shown or assigned, with the Python that gives the same."""
    cell(shell, "%cursus_run small.yaml --name night --break two", capsys)
    shown = cell(shell, "%cursus_inspect two --name night", capsys)
    assert 'night["two"]["out"]' in shown
    assert cell(shell, "table = %cursus_inspect two.out --name night", capsys) == ""
    assert list(shell.user_ns["table"].df["step"]) == ["one", "two"]
    assert "no step 'tow'; the steps are one, two, three" in fault(shell, "%cursus_inspect tow --name night", capsys)
    assert "its ports are out, data" in fault(shell, "%cursus_inspect two.nope --name night", capsys)


def test_a_step_whose_name_holds_a_dot(shell, project, capsys):
    """The longest step that fits is meant; a channel comes after a slash."""
    project.script("slow", WAITS)
    steps = {"a": {"script": "one.py", "outputs": ["out"]}, "a.b c": {"script": "slow.py", "outputs": ["out"]}}
    shell.user_ns["odd"] = project.pipeline(steps)
    cell(shell, "%cursus_run odd", capsys)
    assert cell(shell, "train = %cursus_inspect 'a.b c.out/train'", capsys) == ""
    assert shell.user_ns["train"].channel == "train"
    assert shell.run_line_magic("cursus_inspect", "a.out").step == "a"


def test_breakpoints_are_set_listed_and_removed(shell, capsys):
    """In the grammar of the call; what is unknown is refused, and a condition without quotes is recognised."""
    cell(shell, "%cursus_run small.yaml --break one 'three:before' --break \"two: rows < 1000\"", capsys)
    assert cell(shell, "%cursus_break", capsys) == "one\nthree:before\ntwo: rows < 1000\n"
    assert cell(shell, "%cursus_break --remove 'two: rows < 1000' one", capsys) == "three:before\n"
    assert cell(shell, "%cursus_break two:before --list", capsys) == "three:before\ntwo:before\n"
    told = fault(shell, "%cursus_break two:after tow", capsys)
    assert "BreakpointInvalid" in told
    assert "did you mean 'two'" in told
    assert 'in quotes: "two: rows < 5"' in fault(shell, "%cursus_break two: rows < 5", capsys)
    assert cell(shell, "%cursus_break", capsys) == "three:before\ntwo:before\n"
    assert "no breakpoint 'one'" in fault(shell, "%cursus_break one --remove", capsys)
    assert "--remove takes" in fault(shell, "%cursus_break --remove", capsys)
    cell(shell, "session.enable_breakpoint('two:before', False)", capsys)
    assert "two:before  (off)" in cell(shell, "%cursus_break", capsys)


def test_options_reach_the_run(shell, project, capsys):
    """Workspace, environment, workers and a path with a space."""
    project.script("one", 'write("out", "t.csv", "a\\n" + environ_vars["COLOUR"] + "\\n")')
    steps = {"one": {"outputs": ["out"], "env": {"COLOUR": None}}}
    write(project, "my folder/a pipeline.yaml", project.pipeline(steps))
    line = "'my folder/a pipeline.yaml' --env COLOUR=red OTHER=x=y --workspace \"the runs\" --workers 1 --name a --wait"
    cell(shell, f"%cursus_run {line}", capsys)
    session = shell.user_ns["a"]
    assert list(session["one"]["out"].df["a"]) == ["red"]
    assert session.workspace_dir == project.path / "the runs"
    assert session.state.max_workers == 1


def test_a_file_comes_before_a_variable(shell, project, capsys):
    """PIPELINE is an existing file, else a variable; where there is neither, both are named."""
    shell.user_ns["chosen"] = str(project.path / "small.yaml")
    cell(shell, "%cursus_run chosen --break one", capsys)
    assert shell.user_ns["session"].pipeline.origin.endswith("small.yaml")
    shutil.copy("small.yaml", "chosen")
    shell.user_ns["chosen"] = 3
    cell(shell, "%cursus_run chosen --break one", capsys)
    told = fault(shell, "%cursus_run missing.yaml", capsys)
    assert "no file 'missing.yaml'" in told
    assert "no variable of that name" in told


def test_k5_nothing_is_expanded(shell, project, capsys):
    """K5: `$NAME` and `{expression}` are literal text."""
    shell.user_ns.update(SECRET="small.yaml", called=[])
    told = fault(shell, "%cursus_run $SECRET", capsys)
    assert "no file '$SECRET'" in told
    told = fault(shell, "%cursus_run {called.append(1)} --name x", capsys)
    assert "no file '{called.append(1)}'" in told
    assert shell.user_ns["called"] == []
    for line in ("%cursus_step $SECRET", "%cursus_continue $SECRET", "%cursus_break {SECRET} --name $SECRET"):
        assert "$SECRET" in fault(shell, line, capsys)
    cell(shell, "%cursus_run small.yaml --break one", capsys)
    assert "{SECRET}" in fault(shell, "%cursus_inspect {SECRET}", capsys)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%cursus_step", "no session in the variable 'session': start one with %cursus_run PIPELINE"),
        ("%cursus_run", "the following arguments are required: PIPELINE"),
        ("%cursus_run small.yaml --nope", "unrecognized arguments: --nope"),
        ("%cursus_run small.yaml --workers 0", "1 or more"),
        ("%cursus_run small.yaml --workers two", "invalid int value"),
        ("%cursus_run small.yaml --name 3x", "'3x' cannot name a variable"),
        ("%cursus_run small.yaml --name class", "'class' cannot name a variable"),
        ("%cursus_run 'small.yaml", "a quote is not closed"),
        ("%cursus_run \u202esmall.yaml", "no file"),
    ],
)
def test_wrong_usage_is_told_in_a_line(shell, capsys, line, said):
    """A usage error fails the cell, without a traceback; what would command a terminal is shown as an escape."""
    told = fault(shell, line, capsys)
    assert told.startswith(f"UsageError: {line.split()[0]}: ")
    assert said in told
    assert "\u202e" not in told
    assert told.count("\n") == 1


def test_a_value_given_for_a_variable_is_not_repeated(shell, capsys):
    """`--env` without its sign may be a secret alone."""
    told = fault(shell, "%cursus_run small.yaml --env hunter2", capsys)
    assert "--env takes NAME=VALUE" in told
    assert "hunter2" not in told


def test_a_wrong_document_is_told_without_our_frames(shell, project, capsys):
    """All its faults, as the error lists them; the former session is left alone."""
    cell(shell, "%cursus_run small.yaml --break one", capsys)
    session = shell.user_ns["session"]
    write(project, "wrong.yaml", {"name": "x", "steps": 3})
    told = fault(shell, "%cursus_run wrong.yaml", capsys)
    assert told.startswith("%cursus_run: PipelineError: ")
    assert "magics.py" not in told
    assert shell.user_ns["session"] is session
    assert session.status == "paused"


def test_help_shows_usage_and_examples(shell, capsys):
    """`?` and `--help` show the same text, for every magic."""
    for name in magics.CursusMagics.magics["line"]:
        asked = cell(shell, f"%{name} --help", capsys)
        assert f"%{name} [--" in asked or f"%{name} " in asked
        assert "Examples:" in asked
        assert "--help" in asked
        assert asked.strip().splitlines()[-1] in cell(shell, f"%{name}?", capsys)


def test_a_kernel_shows_the_panel_and_returns(shell, project, kernel, capsys):
    """Nothing waits; the commands that follow do, so that Run All works."""
    slow(project)
    cell(shell, "%cursus_run slow.yaml --break slow", capsys)
    session = shell.user_ns["session"]
    assert session.status == "running"
    assert kernel == [session.panel()]
    threading.Timer(0.2, (project.path / "hold").unlink).start()
    cell(shell, "%cursus_step", capsys)
    assert [pause.step for pause in session.pauses] == ["slow", "after"]
    assert kernel[1].step == "after"


def test_wait_returns_at_the_pause(shell, project, kernel, capsys):
    """`--wait` waits in a kernel, too; the panel shows the pause."""
    cell(shell, "%cursus_run small.yaml --break two --wait", capsys)
    assert shell.user_ns["session"].pause.step == "two"
    assert kernel == [shell.user_ns["session"].panel()]


def test_u3_the_same_cell_again_runs_nothing_twice(shell, project, kernel, capsys):
    """U3: while the run moves the same session is shown; asked for otherwise, or later, it is a new one."""
    slow(project)
    line = "%cursus_run slow.yaml --break slow"
    cell(shell, line, capsys)
    session = shell.user_ns["session"]
    wait_until(lambda: ran(project) == 1)
    cell(shell, line, capsys)
    assert shell.user_ns["session"] is session
    assert kernel == [session.panel()] * 2
    cell(shell, "%reload_ext cursus_rt_notebook", capsys)
    cell(shell, line, capsys)
    assert shell.user_ns["session"] is session
    (project.path / "hold").unlink()
    session.wait()
    assert ran(project) == 1
    cell(shell, line, capsys)
    again = shell.user_ns["session"]
    assert again is not session
    assert session.status == "stopped"
    again.wait()
    assert again.state.steps["slow"].status == "cached"
    assert ran(project) == 1


@pytest.mark.parametrize("other", ["--break after", "--workers 1", "--workspace elsewhere", "--env A=1", "changed"])
def test_another_request_is_another_session(shell, project, kernel, capsys, other):
    """Breakpoints, workspace, environment, workers, or the document itself."""
    slow(project)
    cell(shell, "%cursus_run slow.yaml", capsys)
    session = shell.user_ns["session"]
    if other == "changed":
        text = (project.path / "slow.yaml").read_text()
        (project.path / "slow.yaml").write_text(text.replace('"data": ', '"table": '))
        other = ""
    cell(shell, f"%cursus_run slow.yaml {other}", capsys)
    assert shell.user_ns["session"] is not session
    (project.path / "hold").unlink()
    shell.user_ns["session"].close()
    session.close()


def test_a_second_to_wait_is_told_so(shell, project, kernel, capsys):
    """SessionBusy in words, and the first goes on waiting."""
    slow(project)
    cell(shell, "%cursus_run slow.yaml --break slow", capsys)
    session = shell.user_ns["session"]
    waiting = threading.Thread(target=session.wait)
    waiting.start()
    wait_until(session._waiting.locked)
    assert "%cursus_step: SessionBusy: " in fault(shell, "%cursus_step", capsys)
    (project.path / "hold").unlink()
    waiting.join(20)
    assert session.pause.step == "slow"


def test_loading_twice_changes_nothing_and_unloading_takes_all_away(shell, capsys):
    """One matcher, whatever happened before; afterwards no magic and no completion of ours."""
    cell(shell, "%reload_ext cursus_rt_notebook", capsys)
    magics.load_ipython_extension(shell)
    assert len(shell.Completer.custom_matchers) == 1
    cell(shell, "%unload_ext cursus_rt_notebook", capsys)
    assert shell.Completer.custom_matchers == []
    for name in magics.CursusMagics.magics["line"]:
        assert shell.find_line_magic(name) is None
    cell(shell, "%load_ext cursus_rt_notebook", capsys)


@pytest.fixture(params=[True, False], ids=["jedi", "no jedi"])
def complete(shell, request):
    """What is offered at the end of a text, and what of it that replaces; with jedi and without."""
    shell.Completer.use_jedi = request.param

    def completions(text):
        with provisionalcompleter():
            found = list(shell.Completer.completions(text, len(text)))
        return sorted(c.text for c in found)

    return completions


def test_a_line_is_completed(shell, project, complete, capsys):
    """Pipelines, options, steps, ports, channels and sessions, each where it belongs and nothing else."""
    project.script("slow", WAITS)
    write(project, "folder/x.yml", {})
    steps = {
        "my step": {"script": "one.py", "outputs": ["out"]},
        "mine": {"script": "slow.py", "inputs": {"data": "my step.out"}, "outputs": {"out": {"channels": ["test"]}}},
    }
    write(project, "odd.yaml", project.pipeline(steps))
    shell.user_ns["given"] = project.pipeline(steps)
    assert complete("%cursus_run ") == ["folder/", "given", "odd.yaml", "small.yaml"]
    assert complete("%cursus_run folder/") == ["folder/x.yml"]
    assert complete("%cursus_run sm") == ["small.yaml"]
    assert complete("%cursus_run small.yaml --w") == ["--wait", "--workers", "--workspace"]
    assert complete("%cursus_run small.yaml ")[0] == "--break"
    assert complete("%cursus_run small.yaml --break ") == ["one", "three", "two"]
    assert complete("%cursus_run small.yaml --break one t") == ["three", "two"]
    assert complete("%cursus_run given --break m") == ['"my step"', "mine"]
    assert complete('%cursus_run odd.yaml --break "my') == ['"my step"']
    assert complete("x = 1\n%cursus_run odd.yaml --name y \\\n   --break mi") == ["mine"]
    assert complete("%cursus_run small.yaml --workspace fo") == ["folder/"]
    cell(shell, "%cursus_run odd.yaml", capsys)
    assert complete("%cursus_inspect m") == ['"my step"', "mine"]
    assert complete("table = %cursus_inspect mine.") == ["mine.data", "mine.out"]
    assert complete("table = %cursus_inspect mine.out/") == ["mine.out/train"]
    assert complete('%cursus_inspect "my step.') == ['"my step.out"']
    assert complete("%cursus_break mine:") == ["mine:after", "mine:before"]
    assert complete("%cursus_step ") == ["session"]
    assert complete("cursus_step --name s") == ["session"]


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_the_older_call_completes_the_same(shell):
    """`shell.complete` too, with the end of the line that is replaced."""
    line = '%cursus_run small.yaml --break "t'
    assert shell.complete("", line, len(line)) == ('"t', ["three", "two"])


def test_present_breakpoints_are_offered_to_remove(shell, complete, capsys):
    """As they are written in the list, quoted where they must be."""
    cell(shell, '%cursus_run small.yaml --break "two: rows < 1" one', capsys)
    assert complete("%cursus_break --remove ") == ['"two: rows < 1"', "one"]


def test_declared_channels_are_offered_before_they_are_there(shell, project, complete, capsys):
    """And none of a pipeline that cannot be read."""
    steps = {
        "one": {"outputs": ["out"]},
        "two": {"inputs": {"data": "one.out"}, "outputs": {"out": {"channels": ["a"]}}},
    }
    write(project, "two.yaml", project.pipeline(steps))
    write(project, "wrong.yaml", {"steps": 3})
    cell(shell, "%cursus_run two.yaml --break one", capsys)
    assert complete("%cursus_inspect two.out/") == ["two.out/a"]
    shell.user_ns.pop("session")
    assert "one" not in complete("%cursus_inspect o")
    assert "one" not in complete("%cursus_run wrong.yaml --break o")
    assert "one" not in complete("%cursus_run missing.yaml --break o")


@pytest.mark.parametrize(
    "text", ["plain", "two words", 'a "quote"', "it's", "both ' and \"", "back\\slash", "", "$x {y}", "é ü"]
)
def test_a_quoted_text_is_one_word_again(text):
    """Whatever it holds."""
    (word,) = words(quoted(text))
    assert word.text == text
    assert not word.unfinished


def test_words_are_split_as_in_a_shell():
    """Quotes may begin inside a word; a backslash takes a space along; one open at the end is known."""
    found = words("""a  "b c"d 'e "f' g\\ h "i j""")
    assert [word.text for word in found] == ["a", "b cd", 'e "f', "g h", "i j"]
    assert [word.unfinished for word in found] == [False] * 4 + [True]
    assert [word.start for word in found] == [0, 3, 10, 17, 22]


def test_a_cursus_graph_is_run_with_its_files(shell, project, complete, capsys):
    """The options are those of the command line; completion offers what the graph has."""
    source = Path(__file__).parents[2] / "notebooks" / "delays"
    shutil.copytree(source, project.path / "delays")
    files = "delays/config/delays.dag.json --config delays/config/delays.config.json --interfaces delays/interfaces"
    out = cell(shell, f"%cursus_run {files} --source-dir delays --workspace w", capsys)
    assert "FlightLoading_training" in out
    session = shell.user_ns["session"]
    assert session.pipeline.steps["DelayTraining"].script == project.path / "delays/dockers/delay_training.py"
    assert "FlightLoading_training=skip" in complete(f"%cursus_run {files} --stub FlightLoading_tr")
    assert complete("%cursus_run x.dag.json --config delays/config/") == [
        "delays/config/delays.config.json",
        "delays/config/delays.dag.json",
    ]
    session.close()
