"""The magics: `%load_ext cursus_rt_notebook`, then `%cursus_run` and the commands of a debugger."""

from __future__ import annotations

from collections.abc import Callable
from keyword import iskeyword
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, magics_class
from IPython.core.magic_arguments import argument
from IPython.display import display

from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.session import InteractiveExecutionResult
from cursus_rt_notebook.engine.state import Breakpoint, RunStatus
from cursus_rt_notebook.names import subscript
from cursus_rt_notebook.notebook import completion
from cursus_rt_notebook.notebook.command import command
from cursus_rt_notebook.notebook.offers import SESSION_VARIABLE, sessions
from cursus_rt_notebook.notebook.show import in_kernel, show_with_graph
from cursus_rt_notebook.notebook.starting import at_it_already, request_of, started, whole_conditions
from cursus_rt_notebook.pipeline.project import PROJECT_OPTIONS
from cursus_rt_notebook.render.chars import one_line
from cursus_rt_notebook.settings import EFFECTS, ON_ERROR, WORKSPACE_DIR

Session = InteractiveExecutionResult

_BREAKPOINT = 'STEP, STEP:before, or "STEP: CONDITION" in quotes'
_HOLDER = "the variable that holds the session (session)"
_VAR = argument("variable", nargs="?", metavar="VAR", help=_HOLDER)
_NAME = argument("--name", metavar="VAR", help=_HOLDER)


@magics_class
class CursusMagics(Magics):
    """`%cursus_run`, `%cursus_step`, `%cursus_continue`, `%cursus_break` and `%cursus_inspect`."""

    @command(
        argument(
            "pipeline",
            metavar="PIPELINE",
            help="a YAML or .dag.json file, or a variable: a dict, a graph, a Pipeline, a path",
        ),
        argument(
            "--break",
            dest="breakpoints",
            action="extend",
            nargs="+",
            default=[],
            metavar="STEP",
            help=f"where to pause: {_BREAKPOINT}; without it, where the file says",
        ),
        argument("--workspace", default=WORKSPACE_DIR, metavar="DIR", help="where everything is kept (%(default)s)"),
        argument("--name", metavar="VAR", help="the variable that gets the session (session)"),
        argument(
            "--env",
            action="extend",
            nargs="+",
            default=[],
            metavar="NAME=VALUE",
            help="variables that the pipeline declares; a secret is better kept in os.environ than in a cell",
        ),
        argument("--workers", type=int, metavar="N", help="how many steps run side by side (one per core)"),
        argument(
            "--effects", choices=EFFECTS, help="what becomes of connections, processes and writes outside (record)"
        ),
        argument(
            "--on-error", choices=ON_ERROR, help="whether steps that need nothing of a failed one still run (pause)"
        ),
        *(argument(name, **words) for name, words in PROJECT_OPTIONS.items()),
        argument("--wait", action="store_true", help="return at the first pause, not at once"),
    )
    def cursus_run(self, options: Any) -> None:
        """Start a pipeline and show its panel; the run goes on while you do.

        Where no panel can be shown, in a terminal, it runs to its first pause and prints it.
        Run again while the same run is still moving, it only shows it; else it starts a new
        one, whose finished steps come from the cache.

        Examples:
            %cursus_run flights.pipeline.yaml --break preprocess train:before
            %cursus_run flights.pipeline.yaml --break "score: rows < 1000" --workspace ./runs
            %cursus_run "my pipeline.yaml" --name night --env TZ=UTC LABEL=arr_delay
            %cursus_run pipeline --wait
            %cursus_run flights.dag.json --config config.json --interfaces steps --source-dir dockers
        """
        name = _variable(options.name or SESSION_VARIABLE)
        request = request_of(options, self._variables)
        session: Any = self._variables.get(name)
        fresh = not at_it_already(session, request)
        if fresh:
            session = self._variables[name] = started(request)
        if in_kernel():
            display(session.panel())
        if fresh:
            session.post("continue")
        if options.wait or not in_kernel():
            session.wait()
        if not in_kernel():
            show_with_graph(session.pause or session)

    @command(_VAR, _NAME)
    def cursus_step(self, options: Any) -> None:
        """Run exactly one step, then show where the session stands.

        Waits first for a run that still moves.

        Examples:
            %cursus_step
            %cursus_step night
        """
        self._move(options.name or options.variable, Session.step)

    @command(_VAR, _NAME)
    def cursus_continue(self, options: Any) -> None:
        """Run to the next breakpoint, failure or the end, then show where the session stands.

        Waits first for a run that still moves. At a failed step it runs that step again if its
        script, data or environment changed, else it ends the run as failed.

        Examples:
            %cursus_continue
            %cursus_continue night
        """
        self._move(options.name or options.variable, Session.resume)

    @command(
        argument("breakpoints", nargs="*", metavar="STEP", help=_BREAKPOINT),
        argument("--remove", action="store_true", help="remove them"),
        argument("--list", action="store_true", help="show all, as without STEP"),
        _NAME,
    )
    def cursus_break(self, options: Any) -> None:
        """Set or remove breakpoints, also while the run moves; show all there are.

        Examples:
            %cursus_break train:before
            %cursus_break "score: rows < 1000 and nulls('delay') == 0"
            %cursus_break train:before --remove
            %cursus_break
        """
        session = self._session(options.name)
        breakpoints = whole_conditions(options.breakpoints)
        if options.remove and not breakpoints:
            raise UsageError("--remove takes the breakpoint to remove, written as it is listed")
        if options.remove:
            for text in breakpoints:
                session.remove_breakpoint(text)
        elif breakpoints:
            session.add_breakpoint(breakpoints)
        for breakpoint_ in session.breakpoints:
            print(_listed(breakpoint_))  # noqa: T201  what the user asked to see
        if not session.breakpoints:
            print("no breakpoints: it pauses at failures only")  # noqa: T201

    @command(argument("place", metavar="STEP[.PORT[/CHANNEL]]", help="what to look at"), _NAME)
    def cursus_inspect(self, options: Any) -> Any:
        """Look at a step, or at the data at one of its ports, without loading it.

        Waits first for a run that still moves. The result is the step or the artifact itself:
        of an artifact, `.df` is the whole table, `.head()`, `.shape` and `.schema` are quick.

        Examples:
            %cursus_inspect encode
            %cursus_inspect preprocess.processed_data
            table = %cursus_inspect preprocess.processed_data/train
        """
        session = self._session(options.name)
        session.wait()
        step, data = _place(options.place, session)
        try:
            view = _known_as(options.name or SESSION_VARIABLE, session[step])
            return view[data] if data else view
        except KeyError as error:
            raise UsageError(error.args[0]) from None

    def _move(self, name: str | None, go: Callable[[Session], Any]) -> None:
        session = self._session(name)
        session.wait()
        # A quick run may have ended before this cell, a slow one ends while it waits: to the reader it is the same.
        if session.status is not RunStatus.FINISHED:
            go(session)
        show_with_graph(session.pause or session)

    def _session(self, name: str | None) -> Session:
        wanted = _variable(name or SESSION_VARIABLE)
        session = self._variables.get(wanted)
        if isinstance(session, Session):
            return session
        others = ", ".join(sessions(self._variables))
        there = f"sessions here: {others}; say --name VAR" if others else "start one with %cursus_run PIPELINE"
        raise UsageError(f"no session in the variable {wanted!r}: {there}")

    @property
    def _variables(self) -> dict[str, Any]:
        shell: Any = self.shell
        return shell.user_ns


def load_ipython_extension(ipython: Any) -> None:
    """Add the magics and their completion to a shell."""
    ipython.register_magics(CursusMagics)
    completion.install(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Take them away again."""
    completion.remove(ipython)
    for name in CursusMagics.magics["line"]:
        ipython.magics_manager.magics["line"].pop(name, None)
    ipython.magics_manager.registry.pop(CursusMagics.__name__, None)


def _variable(name: str) -> str:
    if not name.isidentifier() or iskeyword(name):
        raise UsageError(f"{name!r} cannot name a variable")
    return name


def _place(text: str, session: Session) -> tuple[str, str]:
    """The step and, after a dot, the data that are meant; a name may hold a dot itself: the longest that fits."""
    fits = [step for step in session.pipeline.steps if f"{text}.".startswith(f"{step}.")]
    step = max(fits, key=len, default=text.partition(".")[0])
    return step, text[len(step) + 1 :]


def _known_as(variable: str, view: StepView) -> StepView:
    """The view, which shows how to get at its data from this variable."""
    owner = f"{variable}{subscript(view.name)}"
    return StepView(view.name, view.run, view.pipeline, view.workspace, owner)


def _listed(breakpoint_: Breakpoint) -> str:
    return one_line(breakpoint_.text) + ("" if breakpoint_.enabled else "  (off)")
