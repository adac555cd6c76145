"""What `main` is given where the script's `__main__` block shows how: variables, arguments, further parameters."""

from __future__ import annotations

import pytest

from tests.worker.conftest import Steps

HEAD = """\
import logging
import os

logger = logging.getLogger(__name__)
DEFAULT_DIR = "/opt/ml/work"


def is_true(text):
    return text.lower() == "true"


"""


def _main(parameters: str, body: str) -> str:
    return f"{HEAD}def main({parameters}):\n    {body}\n"


FOUR = "input_paths, output_paths, environ_vars, job_args"


def test_variables_are_converted_as_the_block_does(steps: Steps):
    """`"false"` is false to a main that expects a bool; os.environ keeps the text; what only the block gives is there."""
    outcome = steps.run_text(
        _main(FOUR, "return environ_vars, os.environ['USE_MODEL']"),
        environ_vars={"USE_MODEL": "false", "COUNT": "7", "NAME": "x"},
        conversions={
            "USE_MODEL": 'os.environ.get("USE_MODEL", "true").lower() == "true"',
            "COUNT": 'int(os.environ["COUNT"])',
            "DEBUG": 'is_true(os.environ.get("DEBUG", "True"))',
            "WORK": "DEFAULT_DIR",
            "OTHER": 'os.environ["OTHER"]',
            "KIND": "job_args.kind.upper()",
        },
        conditions={"OTHER": '"OTHER" in os.environ', "KIND": "job_args.kind == 'a'"},
        job_args={"kind": "a"},
        moves=(("/opt/ml", "/here"),),
    )
    assert outcome.result == (
        "({'USE_MODEL': False, 'COUNT': 7, 'NAME': 'x', 'DEBUG': True, 'WORK': '/here/work', 'KIND': 'A'}, 'false')"
    )


def test_a_conversion_that_raises_leaves_the_text_and_is_told(steps: Steps):
    """The step goes on; the outcome and the log say what became of it."""
    outcome = steps.run_text(
        _main(FOUR, "return environ_vars"),
        environ_vars={"COUNT": "many"},
        conversions={"COUNT": 'int(os.environ["COUNT"])'},
    )
    assert outcome.result == "{'COUNT': 'many'}"
    (warning,) = outcome.warnings
    assert warning.startswith("variable COUNT is not what the __main__ block makes of it: int(os.environ[")
    assert "ValueError" in warning
    assert warning in steps.log


def test_arguments_have_the_blocks_types_and_defaults(steps: Steps):
    """As argparse makes them of the words of a command line: what is not given has its default, also None."""
    outcome = steps.run_text(
        _main(FOUR, "return vars(job_args)"),
        job_args={"batch-size": "32", "year": 2013, "fast": True, "kinds": ["a"]},
        arguments={
            "batch_size": {"type": "int"},
            "year": {"type": "str"},
            "fast": {"type": "is_true"},
            "kinds": {"type": "str"},
            "rate": {"type": "float", "default": "0.5"},
            "mode": {"default": "None"},
            "needed": {"type": "str"},
        },
    )
    assert outcome.result == (
        "{'batch_size': 32, 'year': '2013', 'fast': True, 'kinds': ['a'], 'rate': 0.5, 'mode': None}"
    )


def test_further_parameters_are_those_of_the_block(steps: Steps):
    """Also where they have a default; one that the block does not show keeps it."""
    outcome = steps.run_text(
        _main(f"{FOUR}, logger, strict=False, tries=3", "logger('heard'); return strict, tries"),
        extra={"logger": "print", "strict": "is_true('true')", "unknown": "1"},
    )
    assert outcome.result == "(True, 3)"
    assert "heard" in steps.log


def test_a_logger_is_there_in_any_case(steps: Steps):
    """Where the block's own cannot be had, one stands in for it, for None as well; one with another default keeps that."""
    extra = {"logger": "not_there.info"}
    own = steps.run_text(_main(f"{FOUR}, logger=None", "logger('heard')"), extra={"logger": "logger.info"})
    assert own.ended == "succeeded", own.error
    assert "INFO:script:heard" in steps.log
    outcome = steps.run_text(_main(f"{FOUR}, logger", "logger('heard'); logger.info('too')"), extra=extra)
    assert outcome.ended == "succeeded", outcome.error
    assert "heard" in steps.log
    assert "NameError" in outcome.warnings[0]
    unasked = steps.run_text(_main(f"{FOUR}, logger=None", "logger('unasked'); logger.info('unasked')"))
    assert unasked.ended == "succeeded", unasked.error
    assert "unasked" in steps.log
    assert steps.run_text(_main(f"{FOUR}, logger='own'", "return logger")).result == "'own'"


@pytest.mark.parametrize(
    ("parameters", "unknown"),
    [(f"{FOUR}, threshold, mode", "threshold, mode"), (f"{FOUR}, *, mode", "mode"), ("a, b, c, d, e", "a, b, c, d, e")],
)
def test_a_parameter_that_nothing_is_known_for_is_named(steps: Steps, parameters: str, unknown: str):
    """The script is not called."""
    outcome = steps.run_text(_main(parameters, "print('called')"), extra={"other": "1"})
    assert outcome.ended == "not_started"
    assert outcome.error is not None
    assert outcome.error["type"] == "WrongSignature"
    assert str(outcome.error["message"]).endswith(f"; nothing says what to give for {unknown}")
    assert "called" not in steps.log.splitlines()
