"""The scenarios: what each does to a table, and that every one can be written and read again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cursus_rt_notebook.data.synthetic.plan import InputPlan, Making, TablePlan, Target
from cursus_rt_notebook.data.synthetic.sample import recipe_from_sample
from cursus_rt_notebook.data.synthetic.scenarios import HOSTILE_TEXTS, SCENARIOS
from cursus_rt_notebook.data.synthetic.synthesize import batches, synthesize
from cursus_rt_notebook.data.synthetic.write import write_input
from cursus_rt_notebook.errors import DataError


@pytest.fixture(scope="module")
def recipe(tmp_path_factory, reader):
    """Orders: a key, a text, an amount, a count, a day, whether it was paid."""
    path = tmp_path_factory.mktemp("orders") / "orders.parquet"
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "order_id": range(1000, 1300),
            "customer": [f"C-{n:05}" for n in rng.integers(100_000, size=300)],
            "amount": rng.exponential(50, 300).round(2),
            "items": rng.integers(1, 9, 300),
            "day": pd.date_range("2024-01-01", periods=300, freq="D"),
            "paid": rng.random(300) < 0.7,
        }
    )
    frame.loc[::10, "amount"] = None
    frame.to_parquet(path, index=False)
    return recipe_from_sample(path, reader)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet", "json", "jsonl"])
def test_each_is_written_and_read_again(scenario, kind, recipe, tmp_path):
    """In every format, with as many rows as it should have, and the same bytes each time."""
    plan = InputPlan("sample", (TablePlan(recipe, (Target(f"t.{kind}", kind),)),))
    paths = [
        write_input(plan, tmp_path / name, "port", Making(40, 3, scenario)) / f"t.{kind}" for name in ("one", "two")
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    read = {
        "csv": pd.read_csv,
        "tsv": lambda path: pd.read_csv(path, sep="\t"),
        "parquet": pd.read_parquet,
        "json": lambda path: pd.read_json(path, dtype=False),
        "jsonl": lambda path: pd.read_json(path, lines=True, dtype=False),
    }[kind](paths[0])
    assert len(read) == {"empty": 0, "one_row": 1}.get(scenario, 40)
    if scenario != "empty" or kind in {"csv", "tsv", "parquet"}:
        assert list(read.columns) == [column.name for column in recipe.columns]


def test_nothing_but_missing_cells(recipe):
    """The columns keep their types."""
    table = synthesize(recipe, 10, scenario="all_null")
    assert table.schema.equals(recipe.schema)
    assert all(column.null_count == 10 for column in table.columns)


def test_the_outermost_values_of_each_type(recipe):
    """Infinities, the largest integers, long and empty texts, far dates; every second row stays as usual."""
    frame = synthesize(recipe, 100, scenario="extreme").to_pandas()
    assert np.isinf(frame["amount"]).any()
    assert frame["items"].max() == np.iinfo("int64").max
    assert frame["customer"].str.len().max() == 100_000
    assert (frame["customer"] == "").any()
    assert frame["customer"][1::2].str.startswith("C-").all()
    assert str(frame["day"].min()).startswith(("0001", "1678"))


def test_texts_that_few_scripts_expect(recipe):
    """Right to left, emoji, combining marks, quotes, line breaks, commas; numbers stay."""
    frame = synthesize(recipe, 100, scenario="unicode").to_pandas()
    assert set(HOSTILE_TEXTS) <= set(frame["customer"])
    assert frame["amount"].max() < 1000


def test_every_key_is_there_twice(recipe):
    """The rest of the row differs."""
    frame = synthesize(recipe, 100, scenario="duplicate_keys").to_pandas()
    assert (frame["order_id"].value_counts() == 2).all()
    assert not frame.duplicated().any()


def test_without_a_key_whole_rows_are_there_twice(write, reader):
    """As a join that went wrong leaves them."""
    path = write("few.csv", "kind,x\n" + "".join(f"{'ab'[i % 2]},{i * 0.37:.2f}\n" for i in range(200)))
    frame = synthesize(recipe_from_sample(path, reader), 50, scenario="duplicate_keys").to_pandas()
    assert len(frame) == 50
    assert len(frame.drop_duplicates()) == 25


def test_a_large_one_comes_in_pieces(recipe):
    """A million rows unless another number is given, a hundred thousand at a time, and keys that stay different."""
    seen, rows = set(), 0
    for piece in batches(recipe, 250_000, scenario="large"):
        assert piece.num_rows <= 100_000
        seen.update(piece["order_id"].to_pylist())
        rows += piece.num_rows
    assert rows == len(seen) == 250_000
    assert sum(1 for _ in zip(batches(recipe, scenario="large"), range(2), strict=False)) == 2


def test_an_unknown_scenario_is_an_error(recipe):
    """It lists those that there are."""
    with pytest.raises(DataError, match="duplicate_keys"):
        synthesize(recipe, scenario="weird")
