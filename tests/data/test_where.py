"""A condition is SQL over the table's own columns and nothing else; a wrong one says what is wrong and ends nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.errors import DataError, QueryInvalid

Write = Callable[[str, str | bytes], Path]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four rows of every type."""
    path = tmp_path_factory.mktemp("where") / "t.parquet"
    frame = pd.DataFrame(
        {
            "n": [1, 2, 3, 4],
            "x": [0.5, None, 2.5, -1.0],
            "s": ["UA", "AA", None, "it's"],
            "b": [True, False, True, False],
            "t": pd.to_datetime(["2013-01-01 00:00", "2013-02-01 00:00", "2013-03-01 06:00", None]),
            "odd name": [1, 2, 3, 4],
            "dep.delay": [1, 2, 3, 4],
            'q"q': [1, 2, 3, 4],
            "": [1, 2, 3, 4],
            "select": [1, 2, 3, 4],
            "row": [1, 2, 3, 4],
            "0": [4, 3, 2, 1],
            "naïve": [1, 2, 3, 4],
        }
    )
    frame.to_parquet(path)
    return path


@pytest.mark.parametrize(
    ("where", "positions"),
    [
        ("n > 2 and b", (2,)),
        ("n > 3 or s = 'UA'", (0, 3)),
        ("not b", (1, 3)),
        ("x is null", (1,)),
        ("s is not null", (0, 1, 3)),
        ("s <> 'UA'", (1, 3)),
        ("s like '%A'", (0, 1)),
        ("s ilike 'u_'", (0,)),
        ("s = 'it''s'", (3,)),
        ("n between 2 and 3", (1, 2)),
        ("s in ('UA', 'AA')", (0, 1)),
        ("n not in (1, 2)", (2, 3)),
        ("abs(x) >= 1", (2, 3)),
        ("lower(s) = 'ua'", (0,)),
        ("coalesce(x, 0) = 0", (1,)),
        ("n > avg(n)", (2, 3)),
        ("case when n = 1 then true else n = 4 end", (0, 3)),
        ("cast(n as text) = '2'", (1,)),
        ("t >= timestamp '2013-02-01 00:00:00'", (1, 2)),
        ("t < date('2013-02-01')", (0,)),
        ("extract(month from t) = 3", (2,)),
        ('"odd name" = 1', (0,)),
        ('"dep.delay" = 2', (1,)),
        ('"q""q" = 3', (2,)),
        ('"" = 4', (3,)),
        ('"select" = 1', (0,)),
        ("row = 2", (1,)),
        ('"0" = 4', (0,)),
        ("naïve = 4", (3,)),
        ("1 = 1", (0, 1, 2, 3)),
        ("1 = 2", ()),
        ("n = 1 -- the first", (0,)),
        ("s = 'SubPlan' or n = 1", (0,)),
        ("  ", (0, 1, 2, 3)),
    ],
)
def test_a_condition_chooses_rows(reader: Reader, table: Path, where: str, positions: tuple[int, ...]) -> None:
    """As SQL says."""
    page = reader.page(table, where=where)
    assert (page.positions, page.matched) == (positions, len(positions))


@pytest.mark.parametrize(
    ("where", "message", "fix"),
    [
        ("nn > 2", "no column 'nn'", "there are 'n', 'x'"),
        ("NAIVE = 1 or Naïve = 1", "no column 'NAIVE'", "naïve"),
        ("B", "no column 'B'", "did you mean b?"),
        ("ood_name > 1", "no column 'ood_name'", 'did you mean "odd name"?'),
        ("dep.delay > 1", "no column 'dep'", 'did you mean "dep.delay"?'),
        ('s = "UA"', "no column 'UA'", "single quotes: 'UA'"),
        ("n", "gives Int64, not true or false", "reads like"),
        ("'UA'", "not true or false", "reads like"),
        ("null", "not true or false", "reads like"),
        ("n >", "not a whole expression", "reads like"),
        ("(n > 1", "not a whole expression", "reads like"),
        ("n > 1)", "unexpected token", "reads like"),
        ("n > 1; drop table x", "unexpected token", "reads like"),
        ("s = 'UA", "Unterminated", "reads like"),
        ("odd name > 1", "unexpected token", "double quotes"),
        ("n > 1 && b", "not currently supported", "write AND"),
        ("n > 'x'", "string with numeric", "single quotes"),
        ("t > '2013-02-01'", "cannot compare", "timestamp '2013-01-31 06:00:00'"),
        ("nonsense(n) > 1", "unsupported function 'nonsense'", "reads like"),
        ("regexp_like(s, '(')", "unclosed group", ""),
        ("cast(s as int) > 1", "conversion from `str`", ""),
        ("*", "not a whole expression", ""),
        ("columns('n') > 1", "several columns", ""),
        ("rpad(s, 1000000000, 'x') = 'a'", "no RPAD", ""),
        ("unnest(s) = 'a'", "no UNNEST", ""),
        ("n in (select n from self)", "was not found", ""),
        ("exists (select 1)", "no SELECT", ""),
        ("n in (values (1))", "no SELECT", ""),
        ("n = 1" + " or n = 1" * 1_000, "over 4,000", ""),
        ("(" * 1_500 + "n", "not a whole expression", ""),
        ("not " * 900 + "b", "", ""),
        ("n = 1 or\x00", "", ""),
    ],
)
def test_a_wrong_condition_says_what_is_wrong(reader: Reader, table: Path, where: str, message: str, fix: str) -> None:
    """At once, with what was probably meant, and in the same process as before."""
    reader.page(table, where="n = 1")
    before, began = reader.pid, time.monotonic()
    with pytest.raises(QueryInvalid) as caught:
        reader.page(table, where=where)
    assert time.monotonic() - began < 2
    assert message in caught.value.message
    assert fix in caught.value.fix
    assert reader.pid == before


@pytest.mark.parametrize(
    "where",
    [
        "a in (select * from read_csv('{secret}'))",
        "a in (select * from READ_CSV('{secret}'))",
        "a in (select * from \"read_csv\"('{secret}'))",
        "a in (select * from `read_parquet`('{secret}'))",
        "a in (from read_json('{secret}'))",
        "a in (select * from read_ndjson('{secret}'))",
        "a in (select * from read_ipc('{secret}'))",
        "a in (select * from scan_csv('{secret}'))",
        "a in (select * from '{secret}')",
        'a in (select * from "{secret}")',
        "a = (select count(*) from read_csv('{secret}'))",
        "exists (with t as (select * from read_csv('{secret}')) select * from t)",
        "read_csv('{secret}')",
        "a in (select read_ipc from read_csv('{secret}'))",
    ],
)
def test_no_condition_reads_a_file(reader: Reader, write: Write, where: str) -> None:
    """Whatever it tries: it is refused, and nothing of the file is in the error."""
    secret = write("secret.csv", "password\nhunter2\n")
    path = write("t.csv", "a,read_ipc\n1,2\n")
    with pytest.raises(QueryInvalid) as caught:
        reader.page(path, where=where.format(secret=secret))
    assert "hunter2" not in str(caught.value)
    assert "password" not in str(caught.value)


def test_a_column_named_like_a_function_that_reads_files_can_be_asked_for(reader: Reader, write: Write) -> None:
    """`read_time` is a good name."""
    assert reader.page(write("t.csv", "read_time\n1\n2\n"), where="read_time > 1").positions == (1,)


def test_an_unknown_column_in_the_order_is_an_error(reader: Reader, table: Path) -> None:
    """With what was probably meant."""
    with pytest.raises(QueryInvalid, match="no column 'od name'") as caught:
        reader.page(table, sort="od name")
    assert caught.value.fix == "did you mean 'odd name'?"
    assert isinstance(caught.value, DataError)


def test_a_long_name_is_not_shown_whole(reader: Reader, write: Write) -> None:
    """In an error, that is."""
    path = write("t.csv", f"{'x' * 10_000},b\n1,2\n")
    with pytest.raises(QueryInvalid) as caught:
        reader.page(path, where=f'"{"y" * 3_000}" = 1')
    assert len(str(caught.value)) < 500
    assert reader.page(path, sort="x" * 10_000).positions == (0,)


def test_conditions_are_limited(reader: Reader, table: Path) -> None:
    """One as long as may be is followed."""
    where = "n = 1" + " or n = 1" * ((settings.WHERE_TEXT - 5) // 9)
    assert reader.page(table, where=where).positions == (0,)
