"""A script's `main` beside its `__main__` block, and the block beside the interface: what production would do."""

from __future__ import annotations

import textwrap

import pytest

from cursus_rt_notebook.pipeline.load import load_pipeline

ALWAYS = """
    import argparse, os, sys
    IN = {"DATA": "/opt/ml/processing/input/data", "EXTRA": "/opt/ml/processing/input/extra"}
"""
PORTS = {
    "inputs": {"data": "/opt/ml/processing/input/data", "extra": "/opt/ml/processing/input/extra"},
    "outputs": {"out": "/opt/ml/processing/output"},
}


@pytest.fixture
def findings(tmp_path):
    """The findings of one step: a main with this body, and a block that makes the four and calls it."""
    signed = "input_paths, output_paths, environ_vars, job_args"

    def look(main, block, *, signature=signed, container=PORTS, infos=False, **keys):
        body = textwrap.indent(textwrap.dedent(main).strip() or "pass", "    ")
        started = textwrap.indent(textwrap.dedent(block).strip(), "    ")
        text = f'{textwrap.dedent(ALWAYS)}\ndef main({signature}):\n{body}\n\nif __name__ == "__main__":\n{started}\n'
        (tmp_path / "step.py").write_text(text)
        (tmp_path / "data").mkdir(exist_ok=True)
        step = {"script": "step.py", "inputs": {"data": {"path": "data"}}, "outputs": ["out"], "container": container}
        document = {"name": "p", "source_dir": str(tmp_path), "steps": {"step": {**step, **keys}}}
        document["steps"]["step"]["inputs"] = {
            port: {**source, "path": str(tmp_path / source["path"])}
            for port, source in document["steps"]["step"]["inputs"].items()
        }
        return [f for f in load_pipeline(document).preflight() if f.severity != "info" or infos]

    return look


TAKES_BOTH = 'input_paths["data"], output_paths["out"], input_paths["extra"]'
PASSES_BOTH = """
    input_paths = {"data": IN["DATA"], "extra": IN["EXTRA"]}
    main(input_paths, {"out": "/opt/ml/processing/output"}, {}, None)
"""


@pytest.mark.parametrize(
    ("given", "severity", "said"),
    [
        ('"extra": IN["EXTRA"]', "info", "its __main__ block always passes it (line"),
        ("", "error", "its __main__ block never passes it"),
        ('**({"extra": "/x"} if len(sys.argv) > 9 else {})', "error", ""),
    ],
)
def test_an_optional_input_that_main_demands(findings, given, severity, said):
    """Declared, and nothing feeds it: it is not called undeclared, and whether the block always gives it is told."""
    block = f'main({{"data": IN["DATA"], {given}}}, {{"out": "/opt/ml/processing/output"}}, {{}}, None)'
    first = next(f for f in findings(TAKES_BOTH, block, infos=True) if f.port == "extra")
    assert (first.severity, first.line) == (severity, 6)
    assert "'extra'" in first.message
    assert "optional and nothing feeds" in first.message
    assert said in first.message


def test_an_optional_input_that_is_fed_and_that_main_demands(findings):
    """The interface calls it optional, and main fails without it; the block always passes it, so it is a word only."""
    fed = {"data": {"path": "data"}, "extra": {"path": "data", "optional": True}}
    (finding,) = findings(TAKES_BOTH, PASSES_BOTH, infos=True, inputs=fed)
    assert finding.severity == "info"
    assert (
        "'extra' is optional, and the script fails without it; its __main__ block always passes it" in finding.message
    )
    block = PASSES_BOTH.replace(', "extra": IN["EXTRA"]', "")
    assert {f.severity for f in findings(TAKES_BOTH, block, inputs=fed) if f.port == "extra"} == {"warning"}


def test_an_optional_input_that_is_passed_only_for_other_jobs(findings):
    """Where the block passes it for other arguments than the step's, main is taken to do without it."""
    main = """
        input_paths["data"], output_paths["out"]
        if job_args.job_type != "training":
            input_paths["extra"]
    """
    block = """
        parser = argparse.ArgumentParser()
        parser.add_argument("--job_type", choices=["training", "testing"])
        args = parser.parse_args()
        input_paths = {"data": IN["DATA"]}
        if args.job_type != "training":
            input_paths["extra"] = IN["EXTRA"]
        main(input_paths, {"out": "/opt/ml/processing/output"}, {}, args)
    """
    assert findings(main, block, args={"job_type": "training"}) == []
    (finding,) = findings(main, block, args={"job_type": "testing"})
    assert (finding.severity, finding.port) == ("warning", "extra")
    assert "passes it" in finding.message


def test_an_output_that_the_interface_calls_otherwise(findings):
    """Main demands a port under a name of its own, at the very path of a declared one: the block shows which."""
    block = 'main({"data": IN["DATA"]}, {"output_dir": "/opt/ml/processing/output"}, {}, None)'
    (finding,) = findings('input_paths["data"], output_paths["output_dir"]', block)
    assert (finding.severity, finding.port) == ("error", "output_dir")
    assert finding.message == "the script writes to output 'output_dir', which the pipeline does not declare"
    assert "the interface has 'out'" in finding.fix
    assert findings('input_paths["data"], output_paths["output_dir"]', block, entry="script") == []


def test_a_block_that_passes_other_names_than_main_takes(findings):
    """It goes well where main is called, and fails in production: a warning for the one, an error for the other."""
    block = 'main({"processed": IN["DATA"]}, {"out": "/opt/ml/processing/output"}, {}, None)'
    main = 'input_paths["data"], output_paths["out"]'
    (called,) = findings(main, block)
    (started,) = findings(main, block, entry="script")
    assert (called.severity, started.severity) == ("warning", "error")
    assert called.message.endswith("the __main__ block never passes: it goes well here, and production fails")
    assert started.message.endswith("the __main__ block never passes: the step fails")
    assert "it passes 'processed', which main never reads" in started.fix


def test_a_second_name_in_reserve_is_no_finding(findings):
    """`paths.get("a", paths.get("b"))` asks for b only to stand in."""
    main = 'input_paths.get("data", input_paths.get("data_dir")), output_paths["out"]'
    assert findings(main, PASSES_BOTH.replace(', "extra": IN["EXTRA"]', "")) == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"job_type": "calibration", "size": 3}, "does not take --job_type 'calibration'"),
        ({"job_type": "training", "size": "many"}, "does not take --size 'many'"),
        ({"size": 3}, "asks for --job_type, which the step does not give"),
        ({"job_type": "training", "other": 1}, "does not know the argument other"),
    ],
)
def test_arguments_that_the_parser_refuses(findings, args, message):
    """What argparse would end with exit status 2: an error where the block runs, a warning where main is called."""
    block = """
        parser = argparse.ArgumentParser()
        parser.add_argument("--job_type", required=True, choices=["training", "testing"])
        parser.add_argument("--size", type=int, default=1)
        main({"data": IN["DATA"]}, {"out": "/opt/ml/processing/output"}, {}, parser.parse_args())
    """
    main = 'input_paths["data"], output_paths["out"], job_args.size'
    (started,) = findings(main, block, entry="script", args=args)
    assert (started.severity, started.message) == (
        "error",
        f"the __main__ block's parser {message}: the step ends with exit status 2",
    )
    (called,) = findings(main, block, args=args)
    assert (called.severity, called.message.rpartition(": ")[2]) == ("warning", "production ends with exit status 2")
    good = {"job_type": "testing", "size": "4"}
    assert findings(main, block, args=good) == findings(main, block, args=good, entry="script") == []


def test_variables_that_the_block_does_not_pass_on(findings):
    """Main gets them where it is called, and never in production; nothing is said of a value that is the default."""
    main = 'input_paths["data"], output_paths["out"], environ_vars.get("SIZE", "0"), environ_vars.get("KEY_A")'
    block = """
        env = {k: v for k, v in os.environ.items() if k.startswith("KEY_")}
        main({"data": IN["DATA"]}, {"out": "/opt/ml/processing/output"}, env, None)
    """
    (finding,) = findings(main, block, env={"SIZE": "5", "KEY_A": "1"})
    assert "main reads the variable SIZE, which the __main__ block does not pass on" in finding.message
    assert findings(main, block, env={"SIZE": "0"}) == []


def test_a_variable_that_only_the_block_needs(findings):
    """A block that fails without it is told of where main is called."""
    block = """
        if not os.environ.get("LABEL"):
            raise RuntimeError("LABEL must be set")
        main({"data": IN["DATA"]}, {"out": "/opt/ml/processing/output"}, {"LABEL": os.environ["LABEL"]}, None)
    """
    (finding,) = findings('input_paths["data"], output_paths["out"]', block)
    assert (finding.severity, "needs the variable LABEL" in finding.message) == ("warning", True)


@pytest.mark.parametrize(
    ("conversion", "found"),
    [
        ('os.environ.get("FAST", "false").lower() == "true"', 0),
        ('os.environ.get("FAST", "false")', 1),
        ("switches()", 1),
    ],
)
def test_text_where_main_wants_true_or_false(findings, conversion, found):
    """`"false"` is true to it: told where nothing converts it, as far as the block can be read."""
    main = 'input_paths["data"], output_paths["out"]\nif environ_vars.get("FAST", False):\n    pass'
    block = f'main({{"data": IN["DATA"]}}, {{"out": "/opt/ml/processing/output"}}, {{"FAST": {conversion}}}, None)'
    told = [f for f in findings(main, block, env={"FAST": "false"}) if "wants true or false" in f.message]
    assert len(told) == found
    converts = main.replace('environ_vars.get("FAST", False)', 'str(environ_vars.get("FAST", False)) == "true"')
    assert findings(converts, block, env={"FAST": "false"}) == []


def test_arguments_that_the_block_does_not_hand_on(findings):
    """Main reads an argument, and its block passes None."""
    main = 'input_paths["data"], output_paths["out"], job_args.size'
    (finding,) = findings(main, PASSES_BOTH.replace(', "extra": IN["EXTRA"]', ""), args={"size": 1})
    assert "main reads the argument size, and the __main__ block passes None" in finding.message


@pytest.mark.parametrize(("value", "fits"), [("0.5", True), ("threshold()", False)])
def test_a_fifth_parameter(findings, value, fits):
    """One that the block shows how to give is no wrong signature."""
    signature = "input_paths, output_paths, environ_vars, job_args, limit"
    block = f'main({{"data": IN["DATA"]}}, {{"out": "/opt/ml/processing/output"}}, {{}}, None, limit={value})'
    found = findings('input_paths["data"], output_paths["out"]', block, signature=signature)
    assert any("main cannot be called" in f.message for f in found) is not fits
    other = findings('input_paths["data"], output_paths["nothing"]', block, signature=signature)
    assert any(f.port == "nothing" for f in other)  # what it does is read all the same


def test_paths_that_the_interface_does_not_have(findings):
    """Another path than the interface's, and a port that it does not know; a file in a port's folder is neither."""
    block = """
        main(
            {"data": "/opt/ml/input/data", "more": "/opt/ml/processing/input/more", "params": "/opt/ml/code/params"},
            {"out": os.path.join("/opt/ml/processing/output", "report.json")}, {}, None,
        )
    """
    main = 'input_paths["data"], input_paths.get("more"), output_paths["out"]'
    data, more = findings(main, block, entry="script")
    assert (data.severity, data.port) == ("warning", "data")
    assert "at /opt/ml/input/data, and its interface at /opt/ml/processing/input/data" in data.message
    assert (more.port, "its interface has no such input" in more.message) == ("more", True)


def test_the_interface_of_another_copy_of_the_script(findings):
    """No name in common: one finding says that the interface may be the wrong one."""
    block = 'main({"x": "/opt/ml/a", "y": "/opt/ml/b"}, {"out": "/opt/ml/processing/output"}, {}, None)'
    (finding,) = findings('input_paths["x"], input_paths["y"], output_paths["out"]', block, entry="script")
    assert "passes the inputs 'x', 'y'; its interface has 'data', 'extra'" in finding.message
    assert "another copy of the script" in finding.fix


def test_an_input_by_another_name_at_the_same_place(findings):
    """An older copy of a script calls the interface's port otherwise, and can do without it: the block shows it."""
    block = 'main({"old": IN["DATA"]}, {"out": "/opt/ml/processing/output"}, {}, None)'
    (finding,) = findings('input_paths.get("old"), output_paths["out"]', block)
    assert (finding.severity, finding.port) == ("warning", "data")
    assert "its __main__ block has 'old' at /opt/ml/processing/input/data" in finding.message


def test_nothing_is_said_of_a_block_that_cannot_be_read(findings):
    """Ports from a file, arguments from elsewhere, and a block without main."""
    main = 'input_paths["data"], output_paths["out"]'
    assert findings(main, "main(load(), load(), load(), load())", args={"size": 1}) == []
    assert findings(main, "print('other')", entry="script") == []


@pytest.mark.parametrize(
    ("body", "passed", "told"),
    [
        ('logger.info("x")', "", True),
        ("helper(logger)", "", True),
        ('logger.info("x")', ", logger=print", False),
        ('if logger: logger.info("x")', "", False),
        ("logger = logger or print; logger(1)", "", False),
        ("pass", "", False),
    ],
)
def test_a_logger_that_is_none_unless_it_is_given(findings, body, passed, told):
    """Called here main gets one; a block that gives none fails in production, which is told before."""
    block = f'main({{"data": IN["DATA"]}}, {{"out": "/opt/ml/processing/output"}}, {{}}, None{passed})'
    signature = "input_paths, output_paths, environ_vars, job_args, logger=None"
    for entry, severity in (("main", "warning"), ("script", "error")):
        main = f'input_paths["data"], output_paths["out"]\n{body}'
        found = [f for f in findings(main, block, signature=signature, entry=entry) if "logs through" in f.message]
        assert [(f.severity, f.line is not None) for f in found] == ([(severity, True)] if told else [])


@pytest.mark.parametrize(
    ("path", "entry", "told"),
    [
        ("/opt/ml/processing/output/rules.json", "main", True),
        ("/opt/ml/processing/output/rules.json", "script", False),
        ("/opt/ml/processing/output", "main", False),
    ],
)
def test_a_file_that_the_block_passes_where_main_is_called_with_its_folder(findings, path, entry, told):
    """A main that opens it for writing fails here, and only here: it is told how to run as production does."""
    main = 'open(output_paths["out"], "w").write(open(input_paths["data"] + "/a").read())'
    block = f'main({{"data": IN["DATA"]}}, {{"out": os.path.join("{path}")}}, {{}}, None)'
    said = [f for f in findings(main, block, entry=entry) if f.port == "out" and "rules.json" in f.message]
    assert bool(said) is told
    if said:
        assert said[0].severity == "warning"
        assert 'entry={"step": "script"}' in said[0].fix


@pytest.mark.parametrize(
    ("imported", "entry", "severity"),
    [
        ("from . import data as beside", "script", "error"),
        ("from . import data as beside", "main", "warning"),
        ("try:\n    from . import data\nexcept ImportError:\n    import json", "script", None),
    ],
)
def test_a_relative_import_of_a_file_that_is_started(tmp_path, imported, entry, severity):
    """It fails in production whatever lies there; a `main` that is called is imported, and gets it."""
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "data.py").touch()
    block = 'if __name__ == "__main__":\n    main({}, {}, {}, None)\n'
    text = f"{imported}\n\ndef main(input_paths, output_paths, environ_vars, job_args):\n    pass\n\n{block}"
    (tmp_path / "pkg" / "step.py").write_text(text)
    document = {"name": "p", "source_dir": str(tmp_path), "steps": {"step": {"script": "pkg/step.py", "entry": entry}}}
    found = [f for f in load_pipeline(document).preflight() if "relative to a package" in f.message]
    assert [(f.severity, f.line) for f in found] == ([(severity, 1)] if severity else [])
