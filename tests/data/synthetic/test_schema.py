"""Tables out of pandera schemas: pandera accepts what is made, also after a journey through a file."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
import pytest

from cursus_rt_notebook.data.synthetic.schema import recipe_from_schema
from cursus_rt_notebook.data.synthetic.synthesize import synthesize
from cursus_rt_notebook.errors import DataError

Check = pa.Check

COLUMNS = {
    "order_id": pa.Column(int, unique=True),
    "code": pa.Column(str, Check.str_matches(r"^[A-Z]{3}-\d{2,4}$"), unique=True),
    "kind": pa.Column("category", Check.isin(["new", "old"])),
    "always": pa.Column(str, Check.eq("k")),
    "small": pa.Column(int, [Check.ge(1), Check.lt(10), Check.ne(3), Check.notin([7])]),
    "share": pa.Column(float, Check.in_range(0, 1, include_min=False, include_max=False), nullable=True),
    "negative": pa.Column(float, Check.le(-5)),
    "byte": pa.Column("uint8", Check.gt(250)),
    "signed": pa.Column("int8", Check.ge(100)),
    "maybe": pa.Column("boolean", nullable=True),
    "count": pa.Column("Int64", nullable=True),
    "text": pa.Column(str, [Check.str_startswith("x"), Check.str_endswith("z"), Check.str_length(3, 9)]),
    "inside": pa.Column(str, Check.str_contains("needle")),
    "exact": pa.Column(str, Check.str_length(exact_value=4)),
    "when": pa.Column("datetime64[ns]", [Check.gt("2021-01-01"), Check.le("2021-02-01")]),
    "zoned": pa.Column("datetime64[us, Europe/Berlin]", Check.ge("2020-01-01")),
    "took": pa.Column("timedelta64[ns]"),
    "email": pa.Column(str),
    "anything": pa.Column(None),
    r"feature_\d+": pa.Column(float, regex=True),
}


def kept(schema: pa.DataFrameSchema, folder) -> str:
    """The schema's file."""
    path = folder / "schema.yaml"
    path.write_text(schema.to_yaml())
    return path


def test_pandera_accepts_what_is_made(tmp_path):
    """Every check that has a name, in all column types."""
    path = kept(pa.DataFrameSchema(COLUMNS, coerce=True), tmp_path)
    frame = synthesize(recipe_from_schema(path).table, 500, seed=2).to_pandas()
    pa.DataFrameSchema.from_yaml(path).validate(frame, lazy=True)
    assert set(frame["small"]) <= {4, 5, 6, 8, 9, 1, 2}
    assert 0 < frame["share"].isna().mean() < 0.1
    assert frame["email"].str.contains("@").all()


@pytest.mark.parametrize("name", list(COLUMNS))
def test_pandera_accepts_each_column_alone_and_after_a_csv(name, tmp_path):
    """Read again, with the types that the schema coerces to."""
    path = kept(pa.DataFrameSchema({name: COLUMNS[name]}, coerce=True), tmp_path)
    table = synthesize(recipe_from_schema(path).table, 200, seed=5)
    table.to_pandas().to_csv(tmp_path / "t.csv", index=False)
    pa.DataFrameSchema.from_yaml(path).validate(pd.read_csv(tmp_path / "t.csv"), lazy=True)


def test_columns_that_are_unique_together(tmp_path):
    """No pair is there twice."""
    columns = {"a": pa.Column(str, Check.isin(["p", "q"])), "b": pa.Column(int)}
    path = kept(pa.DataFrameSchema(columns, unique=["a", "b"]), tmp_path)
    frame = synthesize(recipe_from_schema(path).table, 300).to_pandas()
    assert not frame.duplicated(["a", "b"]).any()


def test_checks_as_pandera_wrote_them_once(tmp_path):
    """Under `checks`, by name, also with options."""
    path = tmp_path / "old.yaml"
    path.write_text(
        "schema_type: dataframe\ncolumns:\n  a:\n    dtype: int64\n    nullable: false\n    checks:\n"
        "      greater_than_or_equal_to: 5\n      less_than_or_equal_to: {value: 7, options: {raise_warning: false}}\n"
        "  b:\n    dtype: object\n    checks: {isin: [x, y]}\n"
    )
    frame = synthesize(recipe_from_schema(path).table, 50).to_pandas()
    assert set(frame["a"]) == {5, 6, 7}
    assert set(frame["b"]) == {"x", "y"}


@pytest.mark.parametrize(
    ("column", "rows", "said"),
    [
        (pa.Column(int, [Check.ge(5), Check.lt(5)]), 1, "column 'c'"),
        (pa.Column(int, [Check.ge(5), Check.le(6), Check.notin([5, 6])]), 1, "excluded"),
        (pa.Column(str, [Check.isin(["a"]), Check.ne("a")]), 1, "column 'c'"),
        (pa.Column(str, Check.isin(["a", "b"]), unique=True), 3, "only 2 different"),
        (pa.Column(str, Check.str_matches("^[ab]$"), unique=True), 3, "only 2 different"),
        (pa.Column(int, Check.in_range(1, 9), unique=True), 10, "only 9 different"),
    ],
)
def test_what_nothing_can_satisfy_is_an_error(column, rows, said, tmp_path):
    """It says which column, and why."""
    path = kept(pa.DataFrameSchema({"c": column}), tmp_path)
    with pytest.raises(DataError, match=said):
        synthesize(recipe_from_schema(path).table, rows)


@pytest.mark.parametrize("text", ["just text", "a: [1, 2", "columns: 7"])
def test_what_is_no_schema_is_an_error(text, tmp_path):
    """It says how to write one."""
    path = tmp_path / "schema.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match="to_yaml"):
        recipe_from_schema(path)
