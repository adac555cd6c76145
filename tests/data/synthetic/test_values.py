"""How single columns come about: different where they must be, the same where tables meet, sensible by their names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from cursus_rt_notebook.data.synthetic.cells import Column
from cursus_rt_notebook.data.synthetic.guess import guess, guess_table
from cursus_rt_notebook.data.synthetic.recipe import (
    Choice,
    ColumnRecipe,
    Named,
    Pattern,
    Prose,
    Sequence,
    Shapes,
    Spread,
    TableRecipe,
)
from cursus_rt_notebook.data.synthetic.synthesize import synthesize
from cursus_rt_notebook.errors import DataError

PLATES = Shapes((("N", "digit", "digit", "upper"), ("upper", "upper"), ("é", "lower", "-")), (0.7, 0.2, 0.1))


def cells(values, kind, count=1000, **facts):
    """The cells of one column."""
    return synthesize(TableRecipe((ColumnRecipe("c", kind, values, **facts),)), count)["c"].to_pandas()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (PLATES, pa.string()),
        (Choice(("a", "b"), (1.0, 1.0)), pa.string()),
        (Choice((1, 5), (1.0, 1.0)), pa.int64()),
        (Spread((10, 20, 1000), 1), pa.int64()),
        (Spread((1_700_000_000_000_000, 1_700_000_000_000_000 + 10**15), 3_600_000_000), pa.timestamp("us")),
        (Spread((0, 10**15), 10**6, format="%Y-%m-%d %H:%M:%S"), pa.string()),
        (Spread((0.0, 1.0)), pa.float64()),
        (Sequence(7, 3), pa.int32()),
        (Prose((5, 30)), pa.string()),
        (Pattern("[a-f]{2}[0-9]{4}"), pa.string()),
        (Named("person.email"), pa.string()),
        (Named("address.country"), pa.string()),
    ],
)
def test_unique_values_are(values, kind):
    """Also where there are more rows than values to begin with, and over more than one piece."""
    made = cells(values, kind, 3000, unique=True)
    assert made.is_unique
    assert made.notna().all()


def test_a_hundred_thousand_shapes_differ_and_read_as_text():
    """No value is one that a reader of CSV takes for missing or for a number."""
    made = cells(Shapes((("upper", "upper", "digit", "digit", "digit"),), (1.0,)), pa.string(), 150_000, unique=True)
    assert made.is_unique
    assert made.head(20).str.fullmatch(r"[A-Z]{2}\d{3}").all()
    two = cells(Shapes((("upper", "upper"),), (1.0,)), pa.string(), 20_000)
    assert not {"NA", "NaN", "inf"} & set(two)


def test_shares_come_out_as_they_should_however_few_rows_there_are():
    """Of fifty rows, one in fifty is the rare one; gaps are as many as asked for."""
    made = cells(Choice(("often", "seldom"), (0.98, 0.02)), pa.string(), 50)
    assert (made == "seldom").sum() == 1
    assert cells(Spread((0.0, 1.0)), pa.float64(), 200, missing=0.25).isna().sum() == 50


def test_numbers_keep_their_steps_and_large_ones_every_digit():
    """Hundredths, hours, and integers that no float holds."""
    prices = cells(Spread((0.01, 5.0, 99.99), 0.01), pa.float64())
    assert (prices == prices.round(2)).all()
    low = 2**60 + 1
    large = cells(Spread((low, low + 7000), 7), pa.int64())
    assert ((large - low) % 7 == 0).all()
    assert large.between(low, low + 7000).all()


def test_a_shared_key_has_the_same_values_in_every_table():
    """Many of them neighbours, so that a join with a lag finds some."""
    recipe = ColumnRecipe("hour", pa.int64(), Spread((0, 8760), 1), shared=240)
    one, two = (Column(recipe, 0, name).cells(np.arange(2000)).to_pylist() for name in ("flights", "weather"))
    assert one != two
    assert set(one) == set(two)
    assert len(set(one)) == 240
    lagged = {hour + 1 for hour in one}
    assert len(lagged & set(two)) > 200
    assert max(one) - min(one) > 4000


def test_what_cannot_be_different_so_often_is_an_error():
    """It says how many there are."""
    with pytest.raises(DataError, match="only 2 different"):
        cells(Choice(("a", "b"), (1.0, 1.0), closed=True), pa.string(), 3, unique=True)


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("customer_id", lambda column: (column >= 1).all()),
        ("signupDate", lambda column: pd.to_datetime(column).dt.year.between(2020, 2024).all()),
        ("created_at", lambda column: column.dt.year.between(2020, 2024).all()),
        ("is_active", lambda column: set(column) == {0, 1}),
        ("label", lambda column: set(column) == {0, 1}),
        ("total_amount", lambda column: column.between(0, 1000).all()),
        ("default_probability", lambda column: column.between(0, 1).all()),
        ("email", lambda column: column.str.contains("@").all()),
        ("first_name", lambda column: column.str.istitle().all()),
        ("month", lambda column: column.between(1, 12).all()),
        ("review_text", lambda column: column.str.len().max() > 100),
        ("user_uuid", lambda column: column.str.fullmatch(r"[0-9a-f-]{36}").all()),
        ("x17", lambda column: column.between(0, 100).all()),
    ],
)
def test_a_name_says_what_is_in_a_column(name, check):
    """Dates in dates, amounts in amounts; numbers where it says nothing."""
    assert check(synthesize(TableRecipe((guess(name),)), 300)[name].to_pandas())


def test_the_first_key_of_a_table_is_its_own():
    """Others refer to other tables."""
    order, customer, _ = guess_table(["order_id", "customer_id", "amount"])
    assert order.unique
    assert not customer.unique
