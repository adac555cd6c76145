"""A step's own process: from the fork to the script's last exit handler."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import signal
import socket
import sys
from typing import Any, Callable

from . import (
    audit,
    call,
    effects,
    ending,
    failure,
    forget,
    given,
    linux,
    loader,
    modules,
    opened,
    pip_calls,
    profiling,
    protocol,
    reach,
    spawned,
    values,
    world,
    writes,
)

# Kept from before the script runs: it may put anything in its place.
_getpid = os.getpid
_RELATIVE = re.compile(rb"^[ \t]*from[ \t]+(\.+)", re.MULTILINE)


def run(to_guardian: socket.socket, guardian: int, startup: set[str]) -> None:
    """Carry out the order that comes over `to_guardian`; never returns.

    Args:
        to_guardian: Where the order comes from, with the report pipe and the log pipe.
        guardian: The process whose death ends this one.
        startup: The modules that a bare interpreter has loaded, which no file of the user's can hide.
    """
    # A session of its own: a script that kills its process group kills itself only.
    os.setsid()
    if not linux.die_with_parent(signal.SIGKILL, guardian):
        os._exit(1)
    linux.prefer_for_oom()
    forget.forget_parent()
    step = _Step(startup)
    step.rehearse()
    order, fds = protocol.receive(to_guardian)
    to_guardian.close()
    if order is None or len(fds) != 2:
        os._exit(1)
    os._exit(step.run(order, *fds))


class _Step:
    def __init__(self, startup: set[str]) -> None:
        self._startup = startup
        self._pid = _getpid()
        self._last_preloaded = next(reversed(sys.modules))
        self._order: protocol.Message = {}
        self._report = -1
        self._base = 0
        self._phase = "import"
        self._effects: effects.Watch | None = None
        self._warnings: list[str] = []
        world.fresh_main()
        world.no_terminal()

    def rehearse(self) -> None:
        """Do much of what a step will need, before anybody waits for it.

        After a fork the first touch of each page costs more than what is done with it.
        """
        with open(os.devnull, "wb") as nowhere:
            self._order = {"limits": {}, "memory": 0, "step": "", "environ_vars": {}, "job_args": {}}
            self._order.update(input_paths={}, output_paths={}, conversions={}, arguments={}, extra={}, moves=[])
            os.environ.update(os.environ)
            module, code = loader.load_script(os.devnull, "_rehearsal", "")
            exec(code, module.__dict__)  # noqa: S102 - it is empty
            call.arguments_for(_rehearsed, "", given.Block(self._order, {}, print))
            self._report = nowhere.fileno()
            self._send({"ended": "rehearsed"})
        modules.hide([], self._startup)
        loader.SourceLoader.texts.clear()
        del sys.modules["_rehearsal"]
        gc.collect()

    def run(self, order: protocol.Message, report: int, log: int) -> int:
        """Run the script and all that comes after it; the exit status."""
        self._order = order
        self._report = world.move_high(report)
        self._limits = failure.Limits(**order["limits"])
        self._prepare(log)
        status = self._judge(self._script)
        return ending.wind_up(status, modules.loaded_since(self._last_preloaded))

    def _prepare(self, log: int) -> None:
        order = self._order
        modules.hide(order["local"], self._startup)
        loader.SourceLoader.moves = order["moves"] = [(place, here) for place, here in order["moves"]]
        source = _read(order["script"])
        order["argv"] = call.command_line(order["job_args"], source) if order["entry"] == "script" else []
        world.enter(order, log)
        sys.path[:0] = list(dict.fromkeys([os.path.dirname(order["script"]), order["source_dir"]]))
        self._levels = max((len(m.group(1)) for m in _RELATIVE.finditer(source)), default=0)
        pip_calls.intercept(self._skip_pip)
        self._watch()
        linux.limit_data(order["memory"])
        linux.reset_peak_memory()
        self._base = linux.status_bytes("VmRSS")

    def _watch(self) -> None:
        order = self._order
        source_dir = order["source_dir"]
        known, inputs = [*order["known_sources"], order["script"]], list(order["input_paths"].values())
        watched = [opened.handlers(source_dir, known, self._note_opened, inputs, self._note_read)]
        if order["effects"] != "allow":
            self._effects = effects.Watch(self._note_effect, refuse=order["effects"] == "refuse")
            ports = [*order["input_paths"].values(), *order["output_paths"].values()]
            own = [order["cwd"], order["scratch"], order["profile"], *ports, *order["own"]]
            watched += [reach.handlers(self._effects), writes.handlers(self._effects, own, source_dir)]
        if order["moves"]:
            stubs = (order["script"], source_dir, self._levels if order["entry"] == "main" else 0)
            watched.append(spawned.handlers(order["moves"], stubs))
        audit.install(*watched)

    def _script(self) -> Any:
        order = self._order
        path = order["script"]
        if not os.path.isfile(path):
            raise _NotStartedError("ScriptNotFound", f"the script {path} does not exist", path=path)
        if order["entry"] == "script":
            return self._run_as_main(path)
        name, package = loader.script_name(path, order["source_dir"], self._levels)
        module, code = loader.load_script(path, name, package)
        exec(code, module.__dict__)  # noqa: S102 - it is what a step is
        main = getattr(module, "main", None)
        if not callable(main):
            raise _NotStartedError("MainMissing", f"the script {path} has no function main", path=path)
        instead = call.never_runs(main)
        if instead:
            message = f"main is {instead}: calling it does nothing until somebody runs it"
            raise _NotStartedError("WrongSignature", message, path=path, expected="def main", found=instead)
        block = given.Block(order, module.__dict__, self._warn)
        try:
            arguments, keywords = call.arguments_for(main, order["step"], block)
        except call.WrongSignatureError as error:
            raise _NotStartedError(
                "WrongSignature", str(error), path=path, expected=error.expected, found=error.found
            ) from None
        self._phase = "main"
        return self._call(lambda: main(*arguments, **keywords))

    def _run_as_main(self, path: str) -> None:
        loader.script_name(path, self._order["source_dir"], 0)
        module, code = loader.load_script(path, "__main__", "")
        # As the interpreter does for `python FILE`: spawned processes find the file by its path.
        module.__spec__ = None
        module.__dict__["__package__"] = None
        self._phase = "main"
        self._call(lambda: exec(code, module.__dict__))  # noqa: S102

    def _call(self, main: Callable[[], Any]) -> Any:
        profile = self._order["profile"]
        return profiling.profiled(profile, main) if profile else main()

    def _judge(self, script: Callable[[], Any]) -> int:
        try:
            result = script()
        except SystemExit as error:
            return self._exited(error)
        except _NotStartedError as error:
            print(error, file=sys.stderr)
            self._send({"ended": "not_started", "error": {"type": error.kind, "message": str(error), **error.facts}})
            return 1
        except BaseException as error:  # noqa: BLE001 - polars' panics are BaseExceptions
            return self._raised(error)
        ended = "returned_error" if call.is_error(result) else "succeeded"
        self._send({"ended": ended, "result": values.text_of(result, self._limits.text)})
        return 0

    def _exited(self, error: SystemExit) -> int:
        code = error.code
        if code is None:
            number = 0
        elif isinstance(code, int):
            number = code & 0xFF  # what the system keeps of it
        else:
            number = 1
            print(values.guarded(lambda: str(code), "<its text could not be made>"), file=sys.stderr)
        if number == 0:
            self._send({"ended": "succeeded", "result": "sys.exit(0)"})
        else:
            self._tell("exited", error, {"exit_code": number})
        return number

    def _raised(self, error: BaseException) -> int:
        failure.strip(error)
        ended = "out_of_memory" if isinstance(error, MemoryError) and self._order["memory"] else "raised"
        self._tell(ended, error, {})
        return 1

    def _tell(self, ended: str, error: BaseException, more: dict[str, Any]) -> None:
        failure.strip(error)
        # The least first: whatever the variables' own code does next, this much is known.
        phase = {"phase": self._phase}
        self._send({"ended": ended, "error": {**failure.bare(error), **phase}, **more})
        if ended != "exited":
            _print(error)
        self._send({"ended": ended, "error": {**failure.describe(error, self._limits), **phase}, **more})

    def _send(self, report: dict[str, Any]) -> None:
        if _getpid() != self._pid:
            return  # a copy that the script made with os.fork: it is not the step
        if self._effects is not None:
            self._effects.flush()
        report["peak"] = max(0, linux.status_bytes("VmHWM") - self._base)
        report["python_version"] = ".".join(map(str, sys.version_info[:3]))
        report["threads"] = _threads_that_last()
        report["unseen"] = bool(spawned.STARTERS & set(sys.modules))
        left_out = loader.SourceLoader.left_out.items()
        report["warnings"] = self._warnings + [f"the __init__ of {name} was left out: {why}" for name, why in left_out]
        report["imported"] = sorted({name.partition(".")[0] for name in modules.loaded_since(self._last_preloaded)})
        # The script may have closed the pipe, and the kernel may be gone: then there is nobody to tell.
        with contextlib.suppress(OSError):
            protocol.write_report(self._report, report)

    def _warn(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)
        self._warnings.append(text)

    def _skip_pip(self, wanted: str) -> None:
        print(f"pip: not run, the environment is left as it is: {wanted}", file=sys.stderr, flush=True)
        self._note(protocol.PIP, wanted)

    def _note_opened(self, note: Any) -> None:
        self._note(protocol.OPENED, note)

    def _note_read(self, path: str) -> None:
        self._note(protocol.READ, path)

    def _note_effect(self, note: effects.Told) -> None:
        if not self._note(protocol.EFFECT, note):
            kind, target, file, *rest = note  # very long, of letters that take many bytes
            self._note(protocol.EFFECT, (kind, ascii(target[:100]), ascii(file[-100:]), *rest))

    def _note(self, kind: bytes, note: Any) -> bool:
        with contextlib.suppress(OSError):
            return protocol.write_note(self._report, kind, note)
        return True  # nobody is there to be told


def _rehearsed(**given: Any) -> None:
    del given


class _NotStartedError(Exception):
    """The script could not be called; its text says why, `kind` is the name of the kernel's error for it."""

    def __init__(self, kind: str, message: str, **facts: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.facts = facts


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _threads_that_last() -> list[str]:
    threading: Any = sys.modules.get("threading")
    if threading is None:
        return []
    main = threading.main_thread()
    return [t.name for t in threading.enumerate() if t is not main and not t.daemon]


def _print(error: BaseException) -> None:
    hook: Any = sys.excepthook
    values.guarded(lambda: hook(type(error), error, error.__traceback__), None)
    values.guarded(sys.stderr.flush, None)
