"""What a script does with its contract, told from its text."""

from __future__ import annotations

import ast
import gc
import textwrap

import pytest

from cursus_rt_notebook.pipeline.script_use import script_use

HEAD = "def main(input_paths, output_paths, environ_vars, job_args):\n"


@pytest.fixture
def use(tmp_path):
    """Read a main with this body, after these lines of the file."""

    def read(body, before="", head=HEAD, **options):
        text = textwrap.dedent(before) + head + textwrap.indent(textwrap.dedent(body).strip() or "pass", "    ")
        path = tmp_path / "script.py"
        path.write_text(text)
        return script_use(path, **options)

    return read


def _ports(uses):
    """Each name, with `!` where it is surely demanded, and `?` where it is not demanded at all."""
    return {name + ("!" if u.surely else "" if u.demanded else "?") for name, u in uses.items()}


@pytest.mark.parametrize(
    ("body", "ports"),
    [
        ('input_paths["a"]', {"a!"}),
        ('input_paths.get("a")', {"a?"}),
        ('input_paths.get("a", "b")', {"a?"}),
        ('"a" in input_paths', {"a?"}),
        ('input_paths.pop("a")', {"a!"}),
        ('input_paths.__getitem__("a")', {"a!"}),
        ('paths = input_paths\npaths["a"]', {"a!"}),
        ('get = input_paths.get\nget("a")', {"a?"}),
        ('paths = dict(input_paths)\npaths["a"]', {"a!"}),
        ('a, b = input_paths["a"], input_paths["b"]', {"a!", "b!"}),
        ('x = {"y": input_paths["a"]}', {"a!"}),
        ("f\"{input_paths['a']}/x\"", {"a!"}),
        ('[input_paths[p] for p in ("a", "b")]', {"a!", "b!"}),
        ('for p in ("a", "b"):\n    input_paths[p]', {"a!", "b!"}),
        ('for p, q in {"a": 1, "b": 2}.items():\n    input_paths[p]', {"a!", "b!"}),
        ('def read(port):\n    return input_paths[port]\nread("a")', {"a!"}),
        ('read = lambda port: input_paths[port]\nread("a")', {"a!"}),
        ('with open(input_paths["a"]) as file:\n    input_paths["b"]', {"a!", "b!"}),
        ('del input_paths["a"]', {"a!"}),
        ('input_paths["a"] = "x"\ninput_paths["a"]', set()),
        ('name = "a" if job_args.x else "b"\ninput_paths[name]', {"a?", "b?"}),
        ('input_paths = {"a": 1}\ninput_paths["a"]', set()),
        ('match input_paths["a"]:\n    case "x":\n        input_paths["b"]', {"a!", "b"}),
    ],
)
def test_ways_to_take_a_port(use, body, ports):
    """By key, by get, by a test, through names, loops, functions and texts."""
    found = use(body)
    assert _ports(found.inputs) == ports
    assert "inputs" not in found.dynamic


@pytest.mark.parametrize(
    ("body", "ports"),
    [
        ('if "a" in input_paths:\n    input_paths["a"]', {"a?"}),
        ('if "a" not in input_paths:\n    return\ninput_paths["a"]', {"a?"}),
        ('if "a" not in input_paths:\n    raise ValueError\ninput_paths["a"]', {"a!"}),
        ('if not input_paths.get("a"):\n    raise ValueError', {"a!"}),
        ('x = input_paths.get("a")\nif x is None:\n    raise ValueError', {"a!"}),
        ('x = input_paths.get("a")\nif x is None:\n    return\nopen(x)', {"a?"}),
        ('x = input_paths.get("a")\nopen(x)', {"a!"}),
        ('x = input_paths.get("a")\nif x:\n    open(x)', {"a?"}),
        ('x = input_paths.get("a") or "b"\nopen(x)', {"a?"}),
        ('x = input_paths["a"] if "a" in input_paths else None', {"a?"}),
        ('"a" in input_paths and input_paths["a"]', {"a?"}),
        ('"a" not in input_paths or input_paths["a"]', {"a?"}),
        ('assert "a" in input_paths', {"a!"}),
        ('try:\n    input_paths["a"]\nexcept KeyError:\n    pass', {"a?"}),
        ('try:\n    input_paths["a"]\nexcept Exception as e:\n    print(e)\n    raise', {"a!"}),
        ('try:\n    input_paths["a"]\nexcept OSError:\n    pass', {"a"}),
        ('with suppress(KeyError):\n    input_paths["a"]', {"a?"}),
        ('if job_args.x:\n    input_paths["a"]', {"a"}),
        ('if job_args.x:\n    return\ninput_paths["a"]', {"a"}),
        ('for x in job_args.x:\n    input_paths["a"]', {"a"}),
        ('while job_args.x:\n    input_paths["a"]', {"a"}),
        ('for x in (1, 2):\n    if job_args.x:\n        continue\n    input_paths["a"]\ninput_paths["b"]', {"a", "b!"}),
        ('if job_args.x:\n    sys.exit(0)\ninput_paths["a"]', {"a"}),
        ('if job_args.x:\n    sys.exit(1)\ninput_paths["a"]', {"a!"}),
        ('[p for p in ("a", "b") if p not in input_paths]', {"a?", "b?"}),
    ],
)
def test_what_is_demanded(use, body, ports):
    """A use fails without its port unless it was asked for first, or the failure is caught; surely, if always reached."""
    found = use(body, before="import sys\nfrom contextlib import suppress\n")
    assert _ports(found.inputs) == ports


@pytest.mark.parametrize(
    "body",
    [
        "input_paths[job_args.x]",
        "for p in input_paths:\n    print(p)",
        "for p, x in input_paths.items():\n    print(p)",
        "use(**input_paths)",
        "use(input_paths)",
        "unknown.use(input_paths)",
        "x = {**input_paths}",
        "x = [input_paths]\nuse(x)",
        "self.paths = input_paths",
        "input_paths.update(a=1)",
        "class C:\n    def __init__(self, paths): ...\nC(input_paths)",
        "global kept\nkept = input_paths",
        "x = input_paths | {}",
        "yield input_paths\nlist(input_paths)",
        'names = ["a"]\nnames.append(job_args.x)\nfor n in names:\n    input_paths[n]',
        'pool.map(lambda p: input_paths[p], ["a"])',
    ],
)
def test_what_cannot_be_known(use, body):
    """A mapping that goes where nobody can follow it is said to be one of which not all is known."""
    assert "inputs" in use(body).dynamic


@pytest.mark.parametrize(
    "body", ["print(input_paths)", "logger.info('%s', input_paths)", "len(input_paths)", "str(input_paths)"]
)
def test_looking_at_a_mapping_takes_nothing(use, body):
    """A log line that shows the paths uses none of them."""
    found = use(body)
    assert found.inputs == {}
    assert "inputs" not in found.dynamic


def test_functions_of_the_file_are_followed(use):
    """Through several levels, by position, by keyword and by default; what they return is known, too."""
    before = """\
    PORT = "a"
    def outer(paths, *, port=PORT):
        return inner(port, where=paths)
    def inner(name, where):
        return where[name]
    def same(x):
        return x
    """
    found = use('outer(input_paths)\nsame(same(output_paths))["out"]', before=before)
    assert _ports(found.inputs) == {"a!"}
    assert _ports(found.outputs) == {"out!"}
    assert found.inputs["a"].lines == (5,)


def test_a_function_that_calls_itself_ends(use):
    """Recursion is followed once."""
    found = use("again(input_paths, 3)", before='def again(p, n):\n    p["a"]\n    return again(p, n - 1)\n')
    assert _ports(found.inputs) == {"a!"}


@pytest.mark.parametrize(
    "head", ["def main(i, o, e, j):\n", "def main(i, o, e, j, logger=None):\n", "def main(logger, i, o, e, j):\n"]
)
def test_parameters_of_other_names(use, head):
    """Not the seed's names: then by their order."""
    found = use('i["a"]\no["b"]\ne["C"]\nj.d', head=head)
    assert [_ports(uses) for uses in (found.inputs, found.outputs, found.env, found.args)] == [
        {"a!"},
        {"b!"},
        {"C!"},
        {"d!"},
    ]


def test_parameters_in_another_order(use):
    """The seed's names count wherever they stand."""
    found = use('input_paths["a"]', head="def main(*, job_args, input_paths):\n")
    assert _ports(found.inputs) == {"a!"}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ('environ_vars["A"]', {"A!"}),
        ('environ_vars.get("A", "1")', {"A?"}),
        ('os.environ["A"]', {"A!"}),
        ('os.environ.get("A")', {"A?"}),
        ('os.getenv("A")', {"A?"}),
        ('getenv("A")', {"A?"}),
        ('environ["A"]', {"A!"}),
        ('os.environ["A"] = "1"\nos.environ["A"]', set()),
        ('"A" in os.environ', {"A?"}),
        ('value = os.environ.get("A")\nif value is None:\n    raise ValueError', {"A!"}),
        ("helper()", {"H!"}),
    ],
)
def test_variables(use, body, names):
    """From the mapping that main is given, and from the process."""
    before = 'import os\nfrom os import environ, getenv\ndef helper():\n    return os.environ["H"]\n'
    assert _ports(use(body, before=before).env) == names


def test_variables_read_when_the_file_is_imported(use):
    """The file's own statements run before main; its __main__ block only where the file is started."""
    before = 'import os\nA = os.environ["A"]\nif __name__ == "__main__":\n    os.environ["B"]\n'
    assert _ports(use("pass", before=before).env) == {"A!"}
    assert _ports(use("pass", before=before, entry="script").env) == {"A!", "B!"}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("job_args.a", {"a!"}),
        ('getattr(job_args, "a")', {"a!"}),
        ('getattr(job_args, "a", 1)', {"a?"}),
        ('if hasattr(job_args, "a"):\n    job_args.a', {"a?"}),
        ("if job_args and job_args.a:\n    pass", {"a!"}),
        ("job_args.a = 1\njob_args.a", set()),
        ("try:\n    job_args.a\nexcept AttributeError:\n    pass", {"a?"}),
    ],
)
def test_arguments(use, body, names):
    """Attributes of job_args."""
    assert _ports(use(body).args) == names


def test_arguments_as_a_whole(use):
    """`vars` shows them all."""
    assert "args" in use("vars(job_args)").dynamic


def test_imports(tmp_path):
    """Each with its line, and whether the script goes on without it."""
    path = tmp_path / "s.py"
    path.write_text(
        "import a.b, c\nfrom .d import e\ntry:\n    import f\nexcept ImportError:\n    f = None\n"
        "try:\n    import g\nexcept ImportError:\n    raise\nif x:\n    import h\ndef main():\n    import i\n"
        "if TYPE_CHECKING:\n    import j\n"
    )
    found = [(use.module, use.line, use.level, use.optional, use.surely) for use in script_use(path).imports]
    assert found == [
        ("a.b", 1, 0, False, True),
        ("c", 1, 0, False, True),
        ("d", 2, 1, False, True),
        ("f", 4, 0, True, False),
        ("g", 8, 0, False, True),
        ("h", 12, 0, False, False),
        ("i", 14, 0, False, False),
    ]


@pytest.mark.parametrize(
    ("text", "found", "fits"),
    [
        ("async def main(i, o, e, j): pass\n", "async main(i, o, e, j)", False),
        ("def main(i, o, e, j):\n    yield 1\n", "the generator main(i, o, e, j)", False),
        (
            "def main(i, o, e, j):\n    def inner():\n        yield 1\n    return list(inner())\n",
            "main(i, o, e, j)",
            True,
        ),
        ("import x\n@x.run\nasync def main(i, o, e, j): pass\n", "async main(i, o, e, j)", None),
    ],
)
def test_a_main_that_only_makes_something_to_run_fits_nobody(tmp_path, text, found, fits):
    """Calling a coroutine or a generator does nothing; a decorator may run it."""
    script = tmp_path / "s.py"
    script.write_text(text)
    main = script_use(script).main
    assert (main.signature, main.fits) == (found, fits)


@pytest.mark.parametrize(
    ("signature", "fits"),
    [
        ("input_paths, output_paths, environ_vars, job_args", True),
        ("a, b, c, d", True),
        ("a, b, c, d, e=1", True),
        ("a, b, c, d, logger", True),
        ("*args", True),
        ("**given", True),
        ("input_paths", True),
        ("input_paths, output_paths, environ_vars, job_args, tracker", False),
        ("a, b, c", False),
        ("a, b, c, d, e", False),
        ("", False),
        ("args", False),
    ],
)
def test_the_signature_is_judged_as_the_worker_judges_it(use, signature, fits):
    """The same answer as the code that will call it."""
    from cursus_rt_notebook.worker.inside import call, given

    assert use("pass", head=f"def main({signature}):\n").main.fits is fits
    space = {}
    exec(f"def main({signature}): ...", space)
    order = {"step": "s", "input_paths": {}, "output_paths": {}, "environ_vars": {}, "job_args": {}, "moves": ()}
    order |= {"conversions": {}, "conditions": {}, "arguments": {}, "extra": {}}
    block = given.Block(order, space, print)
    if fits:
        call.arguments_for(space["main"], "s", block)
    else:
        with pytest.raises(call.WrongSignatureError):
            call.arguments_for(space["main"], "s", block)


def test_a_script_too_long_to_follow_is_not_judged(use):
    """Nothing is claimed beyond the limit, and what was seen is demanded no more."""
    found = use('input_paths["a"]\n' + "x = 1\n" * 21_000)
    assert {"inputs", "outputs", "env", "args"} <= found.dynamic
    assert not found.inputs["a"].demanded


def test_deep_expressions_are_not_judged(use):
    """An expression too deep to follow says nothing, and breaks nothing."""
    assert "inputs" in use("x = " + "+".join(["1"] * 1_500)).dynamic


def test_a_script_is_read_once_for_its_content(use, tmp_path):
    """The same content is the same answer; another one is read anew."""
    first = use('input_paths["a"]')
    assert script_use(tmp_path / "script.py") is first
    assert set(use('input_paths["b"]').inputs) == {"b"}


def test_the_tree_is_let_go(use):
    """What was read is not kept alive by itself: hundreds of scripts may be read with no collection in between."""
    gc.collect()
    gc.disable()
    try:
        before = sum(isinstance(kept, ast.AST) for kept in gc.get_objects())
        use("def inner():\n    return input_paths\nfor x in map(lambda y: y, inner()):\n    inner()")
        assert sum(isinstance(kept, ast.AST) for kept in gc.get_objects()) <= before
    finally:
        gc.enable()
