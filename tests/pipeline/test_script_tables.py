"""The files that a script reads below its ports, and the columns it reads by name."""

from __future__ import annotations

import textwrap

import pytest

from cursus_rt_notebook.pipeline.script_use import script_use

HEAD = """\
import glob, json, os
from pathlib import Path
import pandas as pd
import polars as pl
PARTS = ("train", "val")

def main(input_paths, output_paths, environ_vars, job_args):
"""


@pytest.fixture
def port(tmp_path):
    """What a main with this body does with its input `a`."""

    def read(body):
        path = tmp_path / "script.py"
        path.write_text(HEAD + textwrap.indent(textwrap.dedent(body), "    "))
        return script_use(path).inputs["a"]

    return read


@pytest.mark.parametrize(
    ("body", "files"),
    [
        ('pd.read_csv(input_paths["a"])', {("", "csv")}),
        ('pd.read_csv(Path(input_paths["a"]) / "t.csv")', {("t.csv", "csv")}),
        ('pd.read_parquet(os.path.join(input_paths["a"], "x", "t.parquet"))', {("x/t.parquet", "parquet")}),
        ("pl.scan_csv(input_paths['a'] + '/t.csv.gz')", {("t.csv.gz", "csv")}),
        ("pd.read_json(f\"{input_paths['a']}/t.jsonl\", lines=True)", {("t.jsonl", "jsonl")}),
        ('json.load(open(os.path.join(input_paths["a"], "m.json")))', {("m.json", "json")}),
        ('json.loads((Path(input_paths["a"]) / "m").read_text())', {("m", "json")}),
        ('with open(Path(input_paths["a"]) / "n.txt") as f:\n    f.read()', {("n.txt", "text")}),
        ('open(Path(input_paths["a"]) / "n.txt", "w")', set()),
        (
            'for p in PARTS:\n    pd.read_csv(Path(input_paths["a"]) / p / f"{p}.csv")',
            {("train/train.csv", "csv"), ("val/val.csv", "csv")},
        ),
        ('for f in sorted(Path(input_paths["a"]).glob("*.csv")):\n    pd.read_csv(f)', {("*.csv", "csv")}),
        ('for f in Path(input_paths["a"]).rglob("*.parquet"):\n    pd.read_parquet(f)', {("**/*.parquet", "parquet")}),
        ('for f in glob.glob(os.path.join(input_paths["a"], "*.csv")):\n    pd.read_csv(f)', {("*.csv", "csv")}),
        ('pd.read_csv(Path(input_paths["a"]) / job_args.x / f"{job_args.y}.csv")', {("*/*.csv", "csv")}),
        ('d = input_paths["a"]\nfor f in os.listdir(d):\n    pd.read_csv(os.path.join(d, f))', {("*", "csv")}),
    ],
)
def test_files(port, body, files):
    """The pattern below the port, and the format that the reader takes it for."""
    assert {(file.pattern, file.kind) for file in port(body).files} == files


READ = 'df = pd.read_csv(Path(input_paths["a"]) / "t.csv")\n'


@pytest.mark.parametrize(
    ("body", "columns"),
    [
        ('df["x"]', {"x"}),
        ('df[["x", "y"]]', {"x", "y"}),
        ('df.loc[df["x"] > 0, "y"]', {"x", "y"}),
        ('df.groupby("x")["y"].mean()', {"x", "y"}),
        ('df.groupby(["x", "y"])', {"x", "y"}),
        ('df.dropna(subset=["x"])', {"x"}),
        ('df.sort_values("x").head()["y"]', {"x", "y"}),
        ('df.drop(columns=["x"])', {"x"}),
        ('df.drop(columns=["x"], errors="ignore")', set()),
        ('df.merge(other, on="x")["y"]', {"x"}),
        ('df["x"] = 1\ndf["x"]', set()),
        ('df["x"] = df["x"] + 1\ndf["x"]', {"x"}),
        ('df.insert(0, "x", 1)\ndf["x"]', set()),
        ('df = df.assign(x=df["y"])\ndf["x"]', {"y"}),
        ('df.loc[:, "x"] = 1\ndf["x"]', set()),
        ('df = df.rename(columns={"y": "x"})\ndf["x"]', set()),
        ('unknown(df)\ndf["x"]', set()),
        ('print(df)\nlen(df)\ndf["x"]', {"x"}),
        ('copy = df.copy()\ncopy["x"]', {"x"}),
        ('if "x" in df.columns:\n    df["x"]', set()),
        ('if "x" not in df.columns:\n    raise ValueError("x")', {"x"}),
        ('df[["x", job_args.y]]', {"x"}),
        ("df[job_args.y]", set()),
        ('df = pd.concat([df, df])\ndf["x"]', {"x"}),
        ('df[df["x"] > 0]["y"]', {"x", "y"}),
        ("df.columns = list('xy')\ndf['x']", set()),
    ],
)
def test_columns(port, body, columns):
    """Read by name from a table that surely came from the port, and not made by the script itself."""
    assert {column.name for column in port(READ + body).columns} == columns


@pytest.mark.parametrize(
    "call",
    [
        'pd.read_csv(input_paths["a"], usecols=["x", "y"])',
        'pd.read_parquet(input_paths["a"], columns=["x", "y"])',
        'pl.read_parquet(input_paths["a"], columns=["x", "y"])',
    ],
)
def test_columns_that_are_asked_of_the_file(port, call):
    """A reader fails for a column that is not there."""
    assert [column.name for column in port(call).columns] == ["x", "y"]


def test_names_given_to_a_file_without_are_not_its_own(port):
    """With `names=` the file has none."""
    assert port('df = pd.read_csv(input_paths["a"], names=["x"])\ndf["x"]').columns == ()


def test_a_column_read_under_a_condition_is_not_sure(port):
    """It may never be wanted."""
    (column,) = port(f'{READ}if job_args.x:\n    df["x"]').columns
    assert not column.surely


def test_tables_of_another_origin_have_no_columns_of_the_port(port):
    """What came from a merge, a port among several, or nowhere known."""
    body = f'{READ}both = df.merge(pd.read_csv("other.csv"), on="k")\nboth["x"]\nthird = df if job_args.x else both\nthird["y"]'
    assert [column.name for column in port(body).columns] == ["k"]
