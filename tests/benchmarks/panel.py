"""What the panel lets its user wait for, in a real JupyterLab and Chromium: `python -m tests.benchmarks.panel [SHARE]`.

Prints a table; no figure is judged here. Everything is timed by the page's own clocks, from the press of a key or a
button to the screen (`clocks.js`), while nothing else runs, and again while two steps of another session keep every core
busy. SHARE below 1 takes fewer rounds and a smaller table.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import wait_until
from tests.notebook.conftest import NAMES
from tests.notebook.lab import QUIET, Lab, Sheet

PAINTS, PRESSES, JUMPS = 5, 20, 10
ROWS = 10_000_000
STEPS = 300
WHERE = "delay > 60"
LOADS = ("quiet", "busy cores")
WRONG = '[data-mime-type$="jupyter.error"], [data-mime-type$="jupyter.stderr"]'
PATIENCE = 40_000  # milliseconds, with whatever else the machine does

FIRST_PAINT, SHOWN, TAKEN, CHANGE, PAGE = 300, 100, 100, 100, 100  # milliseconds: the targets
SHORT = """
import time
from pathlib import Path

def main(input_paths, output_paths, environ_vars, job_args):
    time.sleep(0.15)
    Path(output_paths["out"], "t.csv").write_text("n\\n1\\n")
"""
SPIN = """
def main(input_paths, output_paths, environ_vars, job_args):
    while True:
        pass
"""
TABLE = """
from pathlib import Path
import numpy as np
import polars as pl

def main(input_paths, output_paths, environ_vars, job_args):
    rng, rows = np.random.default_rng(1), {rows}
    delay = pl.Series(rng.integers(-60, 600, rows)).set(pl.Series(rng.random(rows) < 0.03), None)
    carrier = pl.Series(["UA", "AA", "DL", "WN"]).gather(rng.integers(0, 4, rows))
    frame = pl.DataFrame({{"id": np.arange(rows), "delay": delay, "carrier": carrier}})
    frame.write_parquet(Path(output_paths["table"], "table.parquet"))
"""
# What every notebook begins with: `load` is a session whose steps keep all cores busy.
BEGIN = """
import itertools, json, os, time
import cursus_rt_notebook as crt
from cursus_rt_notebook.render import status

def session(name, steps):
    pipeline = {{"name": name, "source_dir": {source!r}, "steps": steps}}
    return crt.execute_pipeline_with_breakpoints(pipeline, (), {workspace!r})

def short(name, needs=None):
    return {{"script": "short.py", "inputs": {{"data": f"{{needs}}.out"}} if needs else {{}}, "outputs": ["out"]}}

# Two alike would be one: the second waits for what the first makes.
load = session("load", {{f"spin{{i}}": {{"script": "spin.py", "args": {{"n": i}}}} for i in range(os.cpu_count())}})
"""
CHANGES = """
told = open({told!r}, "w", buffering=1)

def note(state):
    print(json.dumps([status.pill(state)[1], time.time() * 1000]), file=told)

numbers = itertools.count()

def made(name, steps):
    one = session(f"{{name}}{{next(numbers)}}", steps)
    one.listen(note)
    return one

def three():
    return made("three", {{"one": short("one"), "two": short("two", "one"), "three": short("three", "two")}})

def many():
    return made("many", {{f"s{{n}}": short(f"s{{n}}", f"s{{n - 10}}" if n >= 10 else None) for n in range({steps})}})
"""
PAGES = """
tables = session("tables", {
    "make": {"script": "table.py", "outputs": ["table"]},
    "work": {"script": "spin.py", "inputs": {"data": "make.table"}},
})
tables.step()
tables.panel()
"""
START = """
load.post("continue")
while len(load.state.running) < os.cpu_count():
    time.sleep(0.01)
"""
END = """
load.post("interrupt")
load.wait()
"""


def main(share: float = 1) -> None:
    """Print every figure, from a browser and a JupyterLab of its own."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder, Lab(Path(folder, "lab")) as lab:
        browser = driver.chromium.launch(executable_path=found, args=QUIET)
        run(browser, lab, share)
        browser.close()


def run(browser: Any, lab: Lab, share: float = 1) -> None:
    """The same with these."""
    load = os.getloadavg()[0]
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(browser, lab, Path(folder), share)
        _time_changes(bench, table)
        _time_pages(bench, table)
    print(f"The panel in JupyterLab and Chromium, {os.cpu_count()} cores, load average {load:.1f} before it began.")
    print("Milliseconds: the median and the worst.\n")
    print(table)


@dataclass
class Table:
    """Times in milliseconds, by what was timed and under which load."""

    targets: dict[str, int | None] = field(default_factory=dict)
    times: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def add(self, name: str, target: int | None, load: str, times: list[float]) -> None:
        """Put these beside what is there of the same."""
        self.targets[name] = target
        self.times.setdefault((name, load), []).extend(times)

    def __str__(self) -> str:
        width = max(map(len, self.targets))
        lines = [f"{'':{width}}  target " + "".join(f"{load:>20}" for load in LOADS)]
        for name, target in self.targets.items():
            shown = (_shown(self.times.get((name, load), [])) for load in LOADS)
            lines.append(f"{name:{width}}  {target or '':>6} " + "".join(f"{one:>20}" for one in shown))
        return "\n".join(lines)


@dataclass
class Bench:
    """Notebooks in a browser, and how much of everything is asked for."""

    browser: Any
    lab: Lab
    folder: Path
    share: float

    def rounds(self, count: int) -> int:
        """So many of `count` rounds."""
        return max(1, round(count * self.share))

    @contextlib.contextmanager
    def notebook(self, *cells: str) -> Iterator[Timed]:
        """A notebook of these cells, the first of which has run, with clocks in its page."""
        rows = max(10_000, int(ROWS * self.share))
        for name, script in {"short": SHORT, "spin": SPIN, "table": TABLE.format(rows=rows)}.items():
            (self.folder / f"{name}.py").write_text(script)
        begin = BEGIN.format(source=str(self.folder), workspace=str(self.folder / "workspace"))
        self.lab.write("times.ipynb", begin + textwrap.dedent(cells[0]), START, END, *cells[1:])
        sheet = Sheet.open(self.browser, self.lab, "times.ipynb")
        sheet.page.evaluate(Path(__file__).with_name("clocks.js").read_text())
        try:
            timed = Timed(sheet)
            timed.cell(0)
            yield timed
            assert sheet.faults == []
        finally:
            sheet.close()


@dataclass
class Timed:
    """A notebook whose page has clocks."""

    sheet: Sheet

    def ask(self, clock: str, *given: Any) -> Any:
        """What a clock tells, when it does."""
        late = f"new Promise((_, no) => setTimeout(() => no(new Error('{clock} waited in vain')), {PATIENCE}))"
        return self.sheet.page.evaluate(f"given => Promise.race([clocks.{clock}(...given), {late}])", list(given))

    def cell(self, index: int) -> None:
        """Run a cell to its end."""
        cell = self.sheet.page.locator(".jp-Notebook .jp-CodeCell").nth(index)
        prompt = cell.locator(".jp-InputPrompt").first
        before = prompt.inner_text()
        self.sheet.run_cell(index)
        wait_until(lambda: prompt.inner_text() != before and re.search(r"\d", prompt.inner_text()), 60)
        assert cell.locator(f":is({WRONG})").count() == 0, cell.inner_text()

    @contextlib.contextmanager
    def under(self, load: str) -> Iterator[None]:
        """Keep every core busy, or none."""
        if load == LOADS[0]:
            yield
            return
        self.cell(1)
        yield
        self.cell(2)

    def paint(self, index: int) -> float:
        """From Ctrl+Enter on the cell after this one, which makes a session, to its panel's graph on the screen."""
        self.cell(index)
        self.sheet.page.wait_for_timeout(500)  # sooner nobody presses again
        self.ask("awaitPanel")
        self.cell(index + 1)
        return self.ask("result")


def _time_changes(bench: Bench, table: Table) -> None:
    """First paint, clicks, and changes of status."""
    rounds, told = bench.rounds(PAINTS), bench.folder / "told"
    panels = {3: "", 5: f", {STEPS} steps"}
    begin = CHANGES.format(told=str(told), steps=STEPS)
    with bench.notebook(begin, "one = three()", "one.panel()", "one = many()", "one.panel()") as timed:
        for index, which in panels.items():
            table.add(f"first paint{which}, the first in its page", FIRST_PAINT, LOADS[0], [timed.paint(index)])
            for load in LOADS:
                with timed.under(load):
                    times = [timed.paint(index) for _ in range(rounds)]
                table.add(f"first paint{which}", FIRST_PAINT, load, times)
        for number, which in enumerate(panels.values()):
            presses = Presses(timed, number, told)
            for load in LOADS:
                with timed.under(load):
                    shown, taken, changes = presses.times(bench.rounds(PRESSES))
                table.add(f"click to the button's answer{which}", SHOWN, load, shown)
                table.add(f"click to heard by the kernel{which}", TAKEN, load, taken)
                table.add(f"status change to screen{which}", CHANGE, load, changes)


class Presses:
    """Presses of Rerun in one of a page's panels, at a pause after its first step."""

    def __init__(self, timed: Timed, number: int, told: Path) -> None:
        self._timed, self._number, self._told = timed, number, told
        self._panel = timed.sheet.page.locator(".crt-panel").nth(number)
        self._press("step")

    def times(self, rounds: int) -> tuple[list[float], list[float], list[float]]:
        """From each click to its being shown and being taken; from each change of status to the screen."""
        self._timed.ask("watchPill", self._number)
        answers = [self._press("rerun") for _ in range(rounds)]
        changes = _delays(self._changes(), self._timed.ask("pills"))
        return [one["shown"] for one in answers], [one["taken"] for one in answers], changes

    def _press(self, action: str) -> Any:
        self._timed.ask("awaitHeard", self._number, action)
        self._panel.locator(f"[data-action={action}]").click()
        answer = self._timed.ask("result")
        self._timed.ask("paused")
        self._timed.sheet.page.wait_for_timeout(200)  # as long as a hand takes
        return answer

    def _changes(self) -> list[tuple[str, float]]:
        """What the pill has to say from when on, as the driver told it."""
        told = [json.loads(line) for line in self._told.read_text().splitlines()]
        return [(text, at) for before, (text, at) in zip([[None], *told], told, strict=False) if text != before[0]]


def _delays(told: list[tuple[str, float]], seen: list[tuple[str, float]]) -> list[float]:
    """How long after it was told for the last time each text was seen."""
    return [at - max(when for text, when in told if text == said and when <= at + 1) for said, at in seen]


def _time_pages(bench: Bench, table: Table) -> None:
    """Jumps to anywhere in a large table."""
    with bench.notebook(PAGES) as timed:
        for load in LOADS:
            with timed.under(load):
                _jump(bench, timed, table, load, "")
                timed.sheet.press("continue")
                timed.sheet.stands("Running work")
                _jump(bench, timed, table, load, ", while a step runs")
                timed.sheet.press("stop")
                timed.sheet.stands("Interrupted in work")


def _jump(bench: Bench, timed: Timed, table: Table, load: str, when: str) -> None:
    timed.sheet.node("make").click()
    timed.ask("settled")
    timed.ask("plain")
    rounds = bench.rounds(JUMPS)
    for kind, search in (("", None), (", sorted", {"sort": "delay"}), (", sorted and filtered", {"where": WHERE})):
        if search:
            table.add(f"the first page{kind}{when}", None, load, [timed.ask("search", search)])
        table.add(f"any page{kind}{when}", PAGE, load, timed.ask("jumps", rounds))


def _shown(times: list[float]) -> str:
    return f"{statistics.median(times):,.0f}  {max(times):>6,.0f}" if times else ""


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1)
