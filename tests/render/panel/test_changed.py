"""What a step changed: which input a table resembles, and how its rows and columns differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cursus_rt_notebook.data.summary import Column
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.render.panel.changed import Known, _tables, alike, column_rows, resembled, row_change
from tests.render import flights


def table(port: str, names: str, rows: int = 10, channel: str | None = None, **columns: Column) -> Known:
    plain = tuple(Column(name, "int", 0.0) for name in names.split())
    return Known(port, channel, None, rows, (*plain, *columns.values()))


def test_a_table_is_compared_with_the_input_it_resembles_most():
    """By the share of column names that both have, whatever their order and size."""
    out = table("out", "a b c d")
    near, far = table("near", "d c b x"), table("far", "a y z w", rows=1_000)
    assert alike(out, near) > alike(out, far)
    assert resembled(out, [far, near]) == near


def test_of_equals_the_one_of_the_same_channel_is_meant():
    """`train` comes from `train`."""
    out = table("out", "a b", channel="val")
    train, val = table("data", "a b", rows=99, channel="train"), table("data", "a b", channel="val")
    assert resembled(out, [train, val]) == val


def test_a_table_that_shares_little_resembles_nothing():
    """Metrics are no changed form of the flights."""
    assert resembled(table("metrics", "auc loss a"), [table("flights", "a b c d e f g h")]) is None
    assert resembled(table("empty", ""), [table("other", "")]) is None


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (336_776, 202_123, "336,776 → 202,123 (134,653 fewer, -40.0%)"),
        (10, 30, "10 → 30 (20 more, 3.0 times as many)"),
        (100, 110, "100 → 110 (10 more, +10.0%)"),
        (10, 10, "10 → 10 (as many)"),
        (0, 5, "0 → 5 (5 more)"),
        (None, 5, "? → 5"),
    ],
)
def test_a_change_of_rows_is_told_in_words(before, after, told):
    """Both numbers, the difference, and its share where there is one."""
    assert row_change(before, after) == told


def test_columns_are_added_removed_of_another_type_or_missing_more():
    """Each column has one thing that happened to it; what was added comes first, what stayed last."""
    before = Known(
        "in",
        None,
        None,
        1,
        (Column("gone", "int", 0), Column("t", "int", 0), Column("m", "float", 0.1), Column("same", "text", 0)),
    )
    after = Known(
        "out",
        None,
        None,
        1,
        (Column("same", "text", 0.0004), Column("m", "float", 0.3), Column("t", "text", 0), Column("new", "bool", 0.5)),
    )
    rows = [(row["name"], row["what"]) for row in column_rows(before, after)]
    assert rows == [("new", "added"), ("t", "type"), ("m", "missing"), ("gone", "removed"), ("same", "same")]
    moved = next(row for row in column_rows(before, after) if row["name"] == "m")
    assert (moved["missing_before"], moved["missing_after"]) == ("10.0%", "30.0%")


def test_names_are_looked_up_whatever_they_are():
    """A column named like a method, or without a name, is a column."""
    rows = column_rows(
        table("in", "__proto__ constructor"),
        Known("out", None, None, 1, (Column("__proto__", "int", 0), Column(" ", "int", 0))),
    )
    assert {row["name"]: row["what"] for row in rows} == {"__proto__": "same", "constructor": "removed", '" "': "added"}


def test_tables_come_in_the_order_of_the_pipeline():
    """A cached step knows its ports by name; the reader knows them as they were written down."""
    state = flights.paused()
    step = state.steps["preprocess"]
    shuffled = replace(
        state, steps={**state.steps, "preprocess": replace(step, tables=step.tables[::-1], artifact=None)}
    )
    view = StepView("preprocess", shuffled, flights.pipeline(), None)
    view.outputs = dict.fromkeys(view.step.outputs)
    assert [(table.port, table.channel) for table in _tables(view)] == [
        ("processed_data", "train"),
        ("processed_data", "val"),
        ("processed_data", "test"),
        ("calibration", None),
        ("rejects", "cancelled"),
    ]
