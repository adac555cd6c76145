"""How a step ended: from the exit status, the report and the reason we ended it for, to an `Outcome`."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from cursus_rt_notebook import settings
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.worker.order import Effect, Ended, Outcome


def oom_kills() -> int:
    """How many processes the system has ended for want of memory since it started."""
    try:
        text = Path("/proc/vmstat").read_text("ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill ")), 0)


@dataclass
class Facts:
    """All that is known of a step's process; filled while it runs.

    `why` is the reason it was ended for, if it was: killed, timed_out, out_of_memory or lingered (its script had
    ended); `lost` says that its guardian ended without a word.
    """

    limit: int | None = None
    timeout: float | None = None
    pid: int | None = None
    guardian: int | None = None
    why: str = ""
    over: bool = False
    lost: bool = False
    status: int | None = None
    report: Mapping[str, Any] | None = None
    opened: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    read: set[str] = field(default_factory=set[str])
    skipped_pip: list[str] = field(default_factory=list[str])
    effects: dict[tuple[str, str, str, int, bool], int] = field(
        default_factory=dict[tuple[str, str, str, int, bool], int]
    )
    cpu: float = 0.0
    transferred: tuple[int, int] | None = None
    left: int = 0
    seconds: float = 0.0
    peak: int = 0
    over_limit_at: float = 0.0  # seconds after its start; 0 where it was the script that met the limit
    processes: int = 1
    log_problem: str = ""
    oom_kills: int = field(default_factory=oom_kills)

    def add_effect(self, kind: str, target: str, file: str, line: int, count: int, refused: bool) -> None:  # noqa: FBT001
        """Count what one of its processes told of; the kinds and numbers of a hostile one are bounded here."""
        key = (kind, target, file, line, refused)
        if key not in self.effects and len(self.effects) >= settings.EFFECTS_KEPT:
            key = (kind, "more", "", 0, refused)
        self.effects[key] = self.effects.get(key, 0) + count

    @property
    def never_ran(self) -> bool:
        """Whether the processes above it ended before it had its order: then, and only then, may it be tried again."""
        return self.lost and self.pid is None and self.report is None

    @property
    def signal(self) -> int | None:
        """The signal that ended it, if one did."""
        return os.WTERMSIG(self.status) if self.status is not None and os.WIFSIGNALED(self.status) else None

    @property
    def exit_code(self) -> int | None:
        """Its exit status, if it exited."""
        return os.WEXITSTATUS(self.status) if self.status is not None and os.WIFEXITED(self.status) else None


def judge(facts: Facts, log_tail: str, error_lines: tuple[str, ...], redactor: Redactor) -> Outcome:
    """Say how the step ended. Secrets in what the script told are masked."""
    report = facts.report or {}
    ended, message = _verdict(facts, report)
    error = report.get("error")
    if message and not (error and ended == report.get("ended")):
        error = {"type": _title(facts, ended), "message": message, "traceback": "", "frames": [], "cause": None}
    if ended == "out_of_memory" and error:
        when = facts.over_limit_at or facts.seconds
        error = {**error, "used": facts.peak, "limit": facts.limit, "after": when, "processes": facts.processes}
    return Outcome(
        ended=ended,
        exit_code=report.get("exit_code", facts.exit_code) if ended == "exited" else facts.exit_code,
        signal=facts.signal if ended != "succeeded" else None,
        result=redactor.text(str(report.get("result", ""))),
        error=redactor.deep(error) if error else None,
        seconds=facts.seconds,
        cpu_seconds=facts.cpu,
        peak_memory=facts.peak,
        read_bytes=facts.transferred[0] if facts.transferred else None,
        written_bytes=facts.transferred[1] if facts.transferred else None,
        effects=tuple(
            Effect(kind, redactor.text(target), file, line, count, refused)
            for (kind, target, file, line, refused), count in facts.effects.items()
        ),
        opened=facts.opened,
        read=frozenset() if report.get("unseen", True) else frozenset(facts.read),
        skipped_pip=tuple(redactor.text(p) for p in facts.skipped_pip),
        python_version=str(report.get("python_version", "")),
        warnings=tuple(map(redactor.text, _warnings(facts, report))),
        log_tail=log_tail,
        error_lines=error_lines,
    )


def _verdict(facts: Facts, report: Mapping[str, Any]) -> tuple[Ended, str]:
    told = cast("Ended | None", report.get("ended"))
    if facts.why in {"killed", "timed_out", "out_of_memory"}:
        return cast("Ended", facts.why), _why_ended(facts)
    if facts.pid is None and told is None:
        return "not_started", "its process ended before it had its order"
    if told is None:
        return _silent(facts)
    if told in {"succeeded", "returned_error"} and facts.why != "lingered" and facts.status != 0:
        return "crashed", f"main had ended well, but then the process ended with {_how(facts)}"
    return told, ""


def _why_ended(facts: Facts) -> str:
    if facts.why == "timed_out":
        return f"over its limit of {facts.timeout:g} s, ended after {facts.seconds:.1f} s"
    if facts.why == "out_of_memory":
        where = f" in {facts.processes} processes" if facts.processes > 1 else ""
        limit = _mib(facts.limit or 0)
        return f"held {_mib(facts.peak)}{where}, more than its limit of {limit}, after {facts.over_limit_at:.1f} s"
    return "stopped"


def _silent(facts: Facts) -> tuple[Ended, str]:
    if facts.signal == signal.SIGKILL and oom_kills() > facts.oom_kills:
        return "out_of_memory", f"the system ended it for want of memory; it held {_mib(facts.peak)}"
    text = f"the process ended without reporting: {_how(facts)}"
    if facts.signal == signal.SIGKILL:
        text += f"; it held {_mib(facts.peak)}: perhaps the system was out of memory"
    return "crashed", text


def _how(facts: Facts) -> str:
    if facts.lost or facts.status is None:
        return "the process above it was ended"
    return _signal_name(facts.signal) if facts.signal is not None else f"exit status {facts.exit_code}"


def _title(facts: Facts, ended: Ended) -> str:
    if ended == "crashed" and facts.signal is not None:
        return _signal_name(facts.signal)
    return ended


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _mib(size: int) -> str:
    return f"{size / settings.MIB:,.0f} MB"


def _warnings(facts: Facts, report: Mapping[str, Any]) -> tuple[str, ...]:
    found: list[str] = [str(text) for text in report.get("warnings", ())]
    if facts.why == "lingered":
        threads = ", ".join(report.get("threads", ()))
        what = f"threads still ran: {threads}" if threads else "an exit handler or a thread still ran"
        found.append(
            f"the script had ended, but its process went on for {settings.EXIT_GRACE:g} s and was ended: {what}"
        )
    if facts.left and not facts.why:
        found.append(f"{facts.left} {'process' if facts.left == 1 else 'processes'} left behind, now ended")
    if facts.log_problem:
        found.append(f"the log could not be written: {facts.log_problem}")
    return tuple(found)
