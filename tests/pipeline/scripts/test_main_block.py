"""A script's `__main__` block, read from its text."""

from __future__ import annotations

import ast
import textwrap

import pytest

from cursus_rt_notebook.pipeline.scripts.main_block import main_block

BEFORE = """
import argparse, json, logging, os, sys
from pathlib import Path
PATHS = {"DATA": "/opt/ml/processing/input/data", "OUT": "/opt/ml/processing/output"}
ROOT = "/opt/ml"
NAME_VAR = "NAME"
def main(input_paths, output_paths, environ_vars, job_args, logger=None):
    return {}
"""


@pytest.fixture
def block(tmp_path):
    """Read the block with this body, after these lines of the file."""

    def read(body, before=BEFORE, started='if __name__ == "__main__":\n'):
        path = tmp_path / "script.py"
        path.write_text(textwrap.dedent(before) + started + textwrap.indent(textwrap.dedent(body).strip(), "    "))
        return main_block(path)

    return read


CALL = "\nmain(input_paths, output_paths, environ_vars, args)\n"
EMPTY = "input_paths, output_paths, environ_vars, args = {}, {}, {}, None\n"


@pytest.mark.parametrize(
    ("path", "folded"),
    [
        ('"/opt/ml/a"', "/opt/ml/a"),
        ('PATHS["DATA"]', "/opt/ml/processing/input/data"),
        ('PATHS["OUT"] + "/data"', "/opt/ml/processing/output/data"),
        ('os.path.join(PATHS["OUT"], "report.json")', "/opt/ml/processing/output/report.json"),
        ('str(Path(ROOT) / "model")', "/opt/ml/model"),
        ('f"{ROOT}/model"', "/opt/ml/model"),
        ('os.environ.get("SM_MODEL_DIR", "/opt/ml/model")', "/opt/ml/model"),
        ("HERE", "/opt/ml/here"),
        ('OWN["A"]', "/a"),
        ("sys.argv[1]", None),
        ('PATHS["NONE"]', None),
    ],
)
def test_a_ports_path_is_followed_to_its_constants(block, path, folded):
    """Through names of the module and of the block, mappings, joins, sums and f-strings; else it is not known."""
    own = 'HERE = ROOT + "/here"\nOWN = {"A": "/a"}\n'
    found = block(f'{own}{EMPTY}input_paths = {{"data": {path}}}{CALL}')
    assert found.inputs["data"].path == folded
    assert found.inputs["data"].always
    assert found.dynamic == frozenset()


def test_a_port_under_a_condition_says_which(block):
    """A port that is only given sometimes holds the condition, in terms of the arguments."""
    found = block(
        EMPTY + 'parser = argparse.ArgumentParser()\nargs = parser.parse_args()\ninput_paths = {"data": "/a"}\n'
        'if args.job_type != "training":\n    input_paths["model"] = "/b"\n'
        'if os.path.exists("/c"):\n    input_paths["extra"] = "/c"\nelse:\n    input_paths["extra"] = "/opt/ml/code/c"'
        + CALL
    )
    model, extra = found.inputs["model"], found.inputs["extra"]
    assert (model.path, model.always, model.when) == ("/b", False, "job_args.job_type != 'training'")
    assert (extra.path, extra.always, extra.others) == ("/c", True, ("/opt/ml/code/c",))
    assert found.job_args == "parsed"


def test_a_branch_that_fails_is_no_way_to_main(block):
    """What only a failing branch lacks is always given, and the variable that it asks for is needed."""
    found = block(
        EMPTY + 'label = os.environ.get("LABEL")\nif not label:\n    raise ValueError("LABEL must be set")\n'
        'environ_vars["LABEL"] = label' + CALL
    )
    assert dict(found.needs) == {"LABEL": found.env["LABEL"].line - 2}
    assert found.env["LABEL"].always


@pytest.mark.parametrize(
    ("value", "expression", "kind", "default"),
    [
        ('os.environ.get("A")', 'os.environ.get("A")', "text", None),
        ('os.environ.get("A", "x")', None, "text", "x"),
        ('os.getenv("A", "x").lower() == "true"', None, "bool", "x"),
        ('os.environ.get("A", "false").lower() in ("1", "true")', None, "bool", "false"),
        ('int(os.environ.get("A", 1000))', None, "int", "1000"),
        ('float(os.environ["A"])', None, "float", None),
        ('json.loads(os.environ.get("A", "[]"))', None, "other", "[]"),
        ('os.environ.get("A", json.dumps(LIST))', None, "text", '["x"]'),
        ("str(number)", "str(int(os.environ.get('A', '1')))", "text", "1"),
        ('_number("A", 0.7)', None, "float", "0.7"),
        ('[x.strip() for x in os.environ.get("A", "").split(",")]', None, "other", ""),
        ("ROOT", None, "text", None),
    ],
)
def test_a_variable_is_an_expression_of_the_module(block, value, expression, kind, default):
    """The block's own names are put in, so that the expression can be evaluated where the module's names are."""
    before = BEFORE + (
        'LIST = ["x"]\ndef _number(name: str, default: float) -> float:\n    raw = os.environ.get(name)\n'
        "    try:\n        return float(raw)\n    except (TypeError, ValueError):\n        return default\n"
    )
    found = block(EMPTY + f"number = int(os.environ.get('A', '1'))\nenviron_vars['A'] = {value}" + CALL, before)
    use = found.env["A"]
    assert ast.dump(ast.parse(use.expression)) == ast.dump(ast.parse(expression or value))
    assert (use.kind, use.default) == (kind, default)


def test_what_the_expressions_give_is_what_the_block_would(block, tmp_path, monkeypatch):
    """Evaluated in the module, they make what the block itself passes to main."""
    monkeypatch.setenv("FLAG", "TRUE")
    monkeypatch.setenv("COUNT", "7")
    body = EMPTY + (
        'raw = os.environ.get("COUNT")\nif raw and raw.strip():\n    count = int(raw)\nelse:\n    count = None\n'
        'flag = os.environ.get("FLAG", "false").lower() == "true"\n'
        'environ_vars = {"FLAG": flag, "COUNT": count, "BOTH": f"{flag}-{count}"}'
    )
    found = block(body + CALL, BEFORE.replace("return {}", "SEEN.append(environ_vars)") + "SEEN = []\n")
    names = {"__name__": "__main__"}
    exec((tmp_path / "script.py").read_text(), names)
    assert {name: eval(use.expression, names) for name, use in found.env.items()} == names["SEEN"][0]
    assert names["SEEN"][0] == {"FLAG": True, "COUNT": 7, "BOTH": "True-7"}


@pytest.mark.parametrize(
    "value",
    [
        'fetch("A")',
        'open("/etc/hostname").read()',
        "__import__('os').getcwd()",
        "().__class__",
        '(lambda: os.environ.get("A"))()',
        'os.system("true")',
        "not_known_anywhere",
        '"x" * 10 * 10 * 10',
    ],
)
def test_an_expression_that_does_more_than_read_is_not_given(block, value):
    """A helper that does more than read the environment, a file, a process: the variable is named without expression."""
    before = BEFORE + "def fetch(name):\n    return download(name)\n"
    found = block(EMPTY + f"environ_vars['A'] = {value}" + CALL, before)
    assert found.env["A"].expression == ""


def test_loops_over_names_are_followed(block):
    """Variables that are passed where they are set, a prefix that is passed on, and a comprehension over names."""
    found = block(
        EMPTY + "environ_vars = {}\n"
        'for name in [NAME_VAR, "OTHER"]:\n    if name in os.environ:\n        environ_vars[name] = os.environ[name]\n'
        "for key, value in os.environ.items():\n"
        '    if key.startswith("FIELD_"):\n        environ_vars[key] = value\n'
        'environ_vars.update({k: os.environ.get(k, "") for k in ("X", "Y")})' + CALL
    )
    assert set(found.env) == {"NAME", "OTHER", "X", "Y"}
    assert (found.env["NAME"].when, found.env["NAME"].expression) == ("'NAME' in os.environ", "os.environ['NAME']")
    assert found.env["X"].default == ""
    assert found.prefixes == ("FIELD_",)
    assert found.dynamic == frozenset()


def test_arguments_are_those_of_the_parser(block):
    """Flag, type, default, choices and whether it is required; the name is the attribute's."""
    found = block(
        EMPTY + "parser = argparse.ArgumentParser()\n"
        'parser.add_argument("--job_type", type=str, required=True, choices=["training", "testing"])\n'
        'parser.add_argument("--batch-size", "-b", type=int, default=10)\n'
        'parser.add_argument("--fast", action="store_true")\n'
        "args, _ = parser.parse_known_args()" + CALL
    )
    job, size, fast = found.args["job_type"], found.args["batch_size"], found.args["fast"]
    assert (job.flag, job.type, job.choices, job.required) == ("--job_type", "str", ("training", "testing"), True)
    assert (size.flag, size.type, size.default, size.required) == ("--batch-size", "int", 10, False)
    assert (fast.type, fast.default) == ("bool", False)
    assert found.job_args == "parsed"


def test_further_parameters_and_endings(block):
    """A fifth parameter is an expression; exits say what they stand for, also for a result that says error."""
    found = block("""
        logger = logging.getLogger(__name__)
        try:
            results = main({}, {}, {}, argparse.Namespace(), logger=logger.info)
            if results["status"] == "success":
                sys.exit(0)
            else:
                sys.exit(1)
        except (ValueError, KeyError):
            sys.exit(2)
        except Exception:
            raise SystemExit(3)
    """)
    assert dict(found.extra) == {"logger": "logging.getLogger(__name__).info"}
    assert found.job_args == "empty"
    assert [(e.code, e.after, e.kinds, e.when) for e in found.exits] == [
        (0, "returned", (), "result['status'] == 'success'"),
        (1, "returned", (), "not (result['status'] == 'success')"),
        (2, "raised", ("ValueError", "KeyError"), ""),
        (3, "raised", ("Exception",), ""),
    ]


def test_a_function_that_calls_main_is_entered(block):
    """A block that only calls a function of the file shows what that passes."""
    before = BEFORE + 'def run(root):\n    main({"data": os.path.join(root, "data")}, {}, dict(os.environ), None)\n'
    found = block('sys.exit(run("/opt/ml/input"))', before)
    assert found.inputs["data"].path == "/opt/ml/input/data"
    assert found.prefixes == ("",)


@pytest.mark.parametrize(
    ("body", "dynamic"),
    [
        ("input_paths = load()", {"inputs"}),
        ("output_paths[sys.argv[1]] = '/x'", {"outputs"}),
        ("fill(environ_vars)", {"env"}),
        ("for each in load():\n    input_paths[each] = '/x'", {"inputs"}),
        ("with open('x') as f:\n    output_paths = json.load(f)", {"outputs"}),
        ("try:\n    input_paths = {'a': '/a'}\nexcept OSError:\n    input_paths = {'b': '/b'}", {"inputs"}),
    ],
)
def test_what_cannot_be_read_is_dynamic(block, body, dynamic):
    """Of these kinds, there may be other names than the text tells."""
    assert block(EMPTY + body + CALL).dynamic == dynamic


def test_no_block_no_answer(block, tmp_path):
    """A file without a block, with a syntax error, or that is not there has none."""
    assert block("pass", started="if True:\n") is None
    assert block("pass", started="def (:\n") is None
    assert main_block(tmp_path / "nowhere.py") is None
    found = block("print('a script without main')", before="")
    assert found is not None
    assert not found.calls_main
    assert found.dynamic == {"inputs", "outputs", "env", "args"}


def test_odd_code_never_raises(block):
    """Statements of every kind, deep nesting, names that hold themselves."""
    odd = """
        A = A
        x = y = input_paths = {**None}
        input_paths[1] = 2
        input_paths |= {"a": input_paths}
        del input_paths["a"], x
        match y:
            case {"k": v}: output_paths = v
        while True:
            break
        async def inner(): await main()
        lambda: main(1)
        environ_vars = {"A": {"B": environ_vars}}
        environ_vars["A"]["B"] = 1
        (args := 3)
        assert main(*[], **{})
        for i, (j, *k) in {"a": 1}: pass
        main()
    """
    deep = "x = " + "(" * 150 + "1" + ")" * 150 + "\nz = " + " + ".join(["x"] * 900)
    loop = "B = C\nC = B\nD = {'a': D}\n" + BEFORE
    assert block(odd, loop).calls_main
    assert block(EMPTY + deep + "\ninput_paths = {'p': B, 'q': D['a']}" + CALL, loop).inputs["p"].path is None
