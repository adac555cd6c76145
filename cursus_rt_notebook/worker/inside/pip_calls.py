"""Calls of pip from a script: skipped, noted and answered with success.

Installing would change the user's environment, and under a running session at that. What was asked for goes to the
kernel, which compares it with what is installed.
"""

from __future__ import annotations

import importlib
import os
import re
import shlex
import sys
from typing import Any, Callable, Sequence

_CHANGING = {"install", "uninstall", "sync", "download"}
# Options whose value is the next word: it is no requirement, and may hold a password.
_WITH_VALUE = {
    *("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--trusted-host", "--prefix"),
    *("--root", "--timeout", "--retries", "--cache-dir", "--proxy", "--platform", "--log", "--python-version"),
    *("--only-binary", "--no-binary", "--src", "--cert", "--python", "-p"),
}
_FILES = {"-r", "--requirement", "-c", "--constraint", "-e", "--editable"}
_PIP = re.compile(r"(?:pip[\d.]*|uv)(?:\.exe)?$")
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?$")
_SHELL = re.compile(r"(?:ba|da|z|k)?sh$")
_SEPARATOR = re.compile(r"(\|\||&&|[;\n|&])")

Note = Callable[[str], None]


def intercept(note: Note) -> None:
    """Make every way of starting a process leave pip out; `note` hears what was asked for."""
    _wrap_popen(note)
    _wrap_system(note)


def requirements(words: Sequence[str]) -> list[str] | None:
    """What a command asks pip to change, or None if it is no such command."""
    arguments = _after_pip([os.fspath(w) if isinstance(w, os.PathLike) else w for w in words])
    if arguments is None:
        return None
    command = next((i for i, word in enumerate(arguments) if word in _CHANGING), None)
    return None if command is None else _wanted(arguments[command + 1 :])


def _after_pip(words: list[Any]) -> list[str] | None:
    texts = [w.decode("utf-8", "replace") if isinstance(w, bytes) else str(w) for w in words]
    while texts and ("=" in texts[0] or os.path.basename(texts[0]) in {"env", "sudo", "exec", "nohup"}):
        texts = texts[1:]
    if not texts:
        return None
    program = os.path.basename(texts[0])
    if _PIP.fullmatch(program):
        return texts[1:]
    if _PYTHON.fullmatch(program) or texts[0] == sys.executable:
        for i, word in enumerate(texts[1:-1], start=1):
            if word == "-m" and _PIP.fullmatch(texts[i + 1]):
                return texts[i + 2 :]
    return None


def _wanted(words: Sequence[str]) -> list[str]:
    wanted: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in _FILES:
            wanted.append(f"{word} {next(rest, '')}")
        elif word in _WITH_VALUE:
            next(rest, None)
        elif not word.startswith("-"):
            wanted.append(word)
    return wanted


def without_pip(command: str) -> tuple[str, list[str]]:
    """A shell command with `true` in place of each call of pip, and what these asked for."""
    parts = _SEPARATOR.split(command)
    asked: list[str] = []
    for i, part in enumerate(parts):
        try:
            wanted = requirements(shlex.split(part))
        except ValueError:
            continue  # a quote that spans a separator: not ours to understand
        if wanted is not None:
            asked += wanted or [part.strip()]
            parts[i] = " true "
    return "".join(parts), asked


def _wrap_popen(note: Note) -> None:
    # The one that the script will get: a module of this worker's may be another, where a local file hides names.
    popen: Any = importlib.import_module("subprocess").Popen
    original = popen.__init__

    def start(self: Any, args: Any, *rest: Any, **options: Any) -> None:
        shell = bool(options.get("shell", rest[7] if len(rest) > 7 else False))
        replaced, asked = _replace(args, shell=shell)
        for wanted in asked:
            note(wanted)
        if asked and options.get("executable"):
            options["executable"] = None
        original(self, replaced, *rest, **options)

    popen.__init__ = start


def _replace(args: Any, *, shell: bool) -> tuple[Any, list[str]]:
    if isinstance(args, (str, bytes, os.PathLike)):
        text = os.fsdecode(args)
        if not shell:
            return args, []
        replaced, asked = without_pip(text)
        return (replaced, asked) if asked else (args, [])
    words = list(args)
    wanted = requirements(words)
    if wanted is not None:
        return (_succeed(), wanted or [" ".join(map(str, words[1:]))])
    if len(words) > 2 and _SHELL.fullmatch(os.path.basename(os.fsdecode(words[0]))) and "-c" in words[1]:
        replaced, asked = without_pip(os.fsdecode(words[2]))
        return ([words[0], words[1], replaced, *words[3:]], asked) if asked else (args, [])
    return args, []


def _succeed() -> list[str]:
    return next(([p] for p in ("/bin/true", "/usr/bin/true") if os.path.exists(p)), [sys.executable, "-c", ""])


def _wrap_system(note: Note) -> None:
    original: Any = getattr(os, "system")  # noqa: B009 - not deprecated for the scripts that call it

    def system(command: Any) -> int:
        replaced, asked = without_pip(os.fsdecode(command))
        for wanted in asked:
            note(wanted)
        return original(replaced if asked else command)

    os.system = system
