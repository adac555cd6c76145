"""The command line: `python -m cursus_rt_notebook run PIPELINE [--break STEP] [--workspace DIR]`, and `init FOLDER`.

Exit status: 0 the run finished, 1 it failed or could not start, 2 wrong usage, 3 it paused and there is no terminal.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cursus_rt_notebook.errors import CursusError
from cursus_rt_notebook.pipeline.project import PROJECT_OPTIONS, project_of
from cursus_rt_notebook.settings import EFFECTS, ON_ERROR, WORKSPACE_DIR

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.session import InteractiveExecutionResult

FINISHED, FAILED, PAUSED = 0, 1, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = _parser().parse_args(argv)
    return _init(options) if options.command == "init" else _run(options)


def _init(options: argparse.Namespace) -> int:
    from cursus_rt_notebook.pipeline.drafting.init import init

    try:
        print(init(options.folder, options.output))
    except CursusError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    return FINISHED


def _run(options: argparse.Namespace) -> int:
    from cursus_rt_notebook.engine.execute import execute_pipeline_with_breakpoints, shutdown

    try:
        session = execute_pipeline_with_breakpoints(
            options.pipeline,
            options.breakpoints or None,
            options.workspace,
            effects=options.effects,
            on_error=options.on_error,
            **project_of(options),
        )
        return _drive(session)
    except CursusError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("interrupted; finished steps are kept", file=sys.stderr)
        return FAILED
    finally:
        shutdown()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cursus_rt_notebook", description="Step through a pipeline of scripts.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    init = commands.add_parser("init", help="draft a pipeline from a folder of scripts")
    init.add_argument("folder", metavar="FOLDER", help="where the scripts are")
    init.add_argument("--output", metavar="FILE", help="the YAML file to write (FOLDER/pipeline.yaml)")
    run = commands.add_parser("run", help="run a pipeline, pausing at breakpoints")
    run.add_argument("pipeline", metavar="PIPELINE", help="a pipeline's YAML file, or a Cursus .dag.json")
    run.add_argument(
        "--break",
        dest="breakpoints",
        action="append",
        default=[],
        metavar="STEP",
        help='where to pause: "STEP", "STEP:before" or "STEP: CONDITION"; may be given several times',
    )
    run.add_argument("--workspace", default=WORKSPACE_DIR, metavar="DIR", help="where everything is kept (%(default)s)")
    run.add_argument("--effects", choices=EFFECTS, help="what becomes of connections, processes and writes outside")
    run.add_argument("--on-error", choices=ON_ERROR, help="whether steps that need nothing of a failed one still run")
    for name, words in PROJECT_OPTIONS.items():
        run.add_argument(name, **words)
    return parser


def _drive(session: InteractiveExecutionResult) -> int:
    for pause in session:
        print(pause)
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            return FAILED if pause.error is not None else PAUSED
        from cursus_rt_notebook.notebook.prompt import prompt

        prompt(session, pause)
    print(session)
    return FINISHED if session.status == "finished" else FAILED


if __name__ == "__main__":
    sys.exit(main())
