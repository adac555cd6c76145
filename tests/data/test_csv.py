"""CSV: the reader, which is fast, and pandas, which is what the user has, see the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.data.scan import csv_text
from cursus_rt_notebook.errors import Unreadable
from tests.data.agreement import agrees_or_refuses, check_agrees

Write = Callable[[str, str | bytes], Path]

AWKWARD = {
    "quoted empty": 'a,b\n"",x\n"NA","y"\n1,"null"\n',
    "blank lines": "a,b\n1,2\n\n3,4\n\n",
    "blank lines in one column": "a\n1\n\n3\n",
    "white lines": "a,b\n1,2\n  \n3,4\n \t ",
    "white line first": "  \na,b\n1,2\n",
    "blank line first": "\na,b\n1,2\n",
    "short rows": "a,b,c\n1,2\n3,4,5\n",
    "long rows": "a,b\n1,2\n3,4,5\n",
    "row labels": "a,b\nx,1,2\ny,3,4\n",
    "trailing commas": "a,b\n1,2,\n3,4,\n",
    "twin names": "a,a,,a.1,a,\n1,2,3,4,5,6\n",
    "carriage returns": "a,b\r\n1,2\r\n3,x\r\n",
    "only carriage returns": "a,b\r1,2\r3,x\r",
    "byte order mark": b"\xef\xbb\xbfa,b\n1,2\n",
    "byte order mark and quotes": b'\xef\xbb\xbf"a",b\n1,2\n',
    "signs and spaces": "a,b,c\n+1, 2,3 \n 3,4 ,-0\n",
    "leading zeros": "a\n007\n08\n",
    "cells of lines": 'a,b\n"x\n\ny",1\n"q""r",2\n',
    "stray quotes": 'a,b\nx"y,1\nz"w,2\n',
    "quotes with spaces": 'a,b\n "x",1\n"y" ,2\n',
    "open quote": 'a,b\n"x,1\ny,2\n',
    "large integers": "a,b\n9223372036854775808,1\n1,99999999999999999999999\n",
    "large integers and missing": "a,b\n,1\n9223372036854775808,1\n",
    "larger integers and missing": "a,b\n,1\n99999999999999999999999,1\n",
    "large integers, then floats": "a,b\n0,1\n18446744073709551616,1\n1.5,2\n",
    "empty last field": "1\n1,",
    "large negatives": "a\n-9223372036854775809\n1\n",
    "truths": "a,b,c\nTrue,true,TRUE\nFalse,,x\n",
    "truths and numbers": "a,b\nTrue,1\n1,False\n",
    "infinities": "a,b,c\ninf,NAN,1\n-Infinity,1,nan\n",
    "odd numbers": "a,b,c\n1e5,1.,1e\n2,.5,2\n",
    "no numbers": "a,b,c\n1_000,0x10,1 2\n2,3,4\n",
    "integers, then floats": "a\n" + "1\n" * 150 + "2.5\n",
    "integers, then text": "a\n" + "1\n" * 150 + "x\n",
    "integers, then a truth": "a\n" + "1\n" * 150 + "True\n",
    "truths, then text": "a\n" + "True\n" * 150 + "maybe\n",
    "missing, then integers": "a,b\n" + ",1\n" * 150 + "5,1\n",
    "missing, then text": "a,b\n" + "NA,1\n" * 150 + "five,1\n",
    "missing, then truths": "a,b\n" + ",1\n" * 150 + "True,1\n",
    "all missing": "a,b\n,1\nNA,2\n",
    "no line end": "a,b\n1,2\n3,4",
    "header only": "a,b\n",
    "header without end": "a,b",
    "hash": "a,b\n#x,1\n2,3\n",
    "one wide": ",".join(f"c{i}" for i in range(150)) + "\n" + ",".join(map(str, range(150))) + "\n",
}


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_csvs_read_as_pandas_reads_them(reader: Reader, write: Write, name: str) -> None:
    """Rows, names, types and missing cells are pandas', whatever the quoting, or both refuse."""
    agrees_or_refuses(reader, write(f"{name}.csv", AWKWARD[name]))


VALUES = st.one_of(
    st.integers(-(10**25), 10**25).map(str),
    st.integers(2**63 - 2, 2**64 + 2).map(str),
    st.floats(allow_nan=True).map(repr),
    st.sampled_from(
        [*csv_text.MISSING, *csv_text.TRUE, *csv_text.FALSE, " 1", "2 ", "1e5", "-", "+", ".", "e5", "INF", "1."]
    ),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=8),
    st.text(' \t",\n\r;|x1', max_size=6),
)
COLUMNS = st.one_of(
    st.just(VALUES),
    st.just(st.integers(-5, 5).map(str) | st.sampled_from(["", "NA"])),
    st.just(st.floats(allow_nan=False).map(repr) | st.integers(-5, 5).map(str)),
    st.just(st.sampled_from(["True", "False"])),
    st.just(st.text("ab", max_size=2)),
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A header and rows of columns that are mostly of one kind."""
    columns = draw(st.lists(COLUMNS, min_size=1, max_size=5))
    header = [draw(st.sampled_from(["a", "b", "", "a.1", "x y"]) | VALUES) for _ in columns]
    return [header, *draw(st.lists(st.tuples(*columns).map(list), max_size=8))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables(), st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_any_written_csv_reads_as_pandas_reads_it(
    reader: Reader, tmp_path: Path, table: list[list[str]], end: str, quoting: int
) -> None:
    """Whatever Python's csv module writes is shown as pandas reads it."""
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    path = tmp_path / "any.csv"
    path.write_bytes(text.getvalue().encode())
    agrees_or_refuses(reader, path)


# No return without a line feed: on ",\r\r\t1" pandas 2.2 never ends and takes all memory there is.
TEXT = st.lists(st.sampled_from([*'a1,"\n\t .-+eENTrue', "\r\n"]), min_size=1, max_size=40).map("".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT)
def test_any_text_reads_as_pandas_reads_it(reader: Reader, tmp_path: Path, text: str) -> None:
    """Text that no writer would write is shown as pandas reads it, or refused as pandas refuses it."""
    path = tmp_path / "any.csv"
    path.write_bytes(text.encode())
    agrees_or_refuses(reader, path)


@given(st.lists(st.sampled_from(["", "a", "b", "a.1", "a.2", "Unnamed: 0", "Unnamed: 1"]), min_size=1, max_size=7))
def test_names_are_made_as_pandas_makes_them(header: list[str]) -> None:
    """Empty and repeated names become what pandas calls them."""
    line = ",".join(header) if any(header) else '""' + "," * (len(header) - 1)
    expected = pd.read_csv(io.StringIO(f"{line}\n{','.join('1' * len(header))}\n"))
    assert csv_text.column_names(header) == tuple(expected.columns)


@given(VALUES)
def test_a_value_is_judged_as_pandas_judges_it(text: str) -> None:
    """A value alone in its column has the kind that pandas gives the column, unless it is called odd or large."""
    if text in csv_text.MISSING or not text.strip():
        return
    quoted = '"' + text.replace('"', '""') + '"'
    column = pd.read_csv(io.StringIO(f"a,b\n{quoted},1\n"))["a"]
    kind = csv_text.kind_of_value(text)
    expected = {"i": "int", "f": "float", "b": "bool"}.get(column.dtype.kind, "text")
    assert kind in {expected, "odd", "large"}


def test_flights_agree_with_pandas(reader: Reader, flights: Path) -> None:
    """The real thing: 336,776 rows whose missing cells say NA."""
    check_agrees(reader, flights, pd.read_csv(flights), rows=200)


def test_quoted_lines_across_blocks_agree_with_pandas(reader: Reader, write: Write) -> None:
    """A file read by several threads, whose cells hold line ends and quotes at any place, counts right."""
    rows = "".join(f'{i},"x{chr(10) * (i % 4)},{i}""",{i / 7}\n' for i in range(150_000))
    path = write("quoted.csv", "a,b,c\n" + rows)
    check_agrees(reader, path, pd.read_csv(path))


def test_any_rows_can_be_asked_for(reader: Reader, flights: Path) -> None:
    """A page from the middle of a table holds the rows from there."""
    page = reader.summary(flights, rows=3, start=200_000)
    expected = pd.read_csv(flights, usecols=["flight"]).iloc[200_000:200_003, 0]
    assert page.index_start == 200_000
    at = [column.name for column in page.columns].index("flight")
    assert [row[at] for row in page.cells] == [str(value) for value in expected]
    assert reader.summary(flights, rows=5, start=336_775).cells != ()
    assert reader.summary(flights, rows=5, start=400_000).cells == ()


def test_the_flights_are_summarised_whole(reader: Reader, flights: Path) -> None:
    """336,776 rows are counted, typed and shown; what that takes is printed by the benchmarks."""
    summary = reader.summary(flights)
    assert summary.rows == 336_776
    assert [column.name for column in summary.columns][:3] == ["year", "month", "day"]
    assert {column.name: column.type for column in summary.columns}["carrier"] == "text"
    assert summary.cells[0][:3] == ("2013", "1", "1")


def test_a_table_without_a_header_says_so(reader: Reader, write: Write) -> None:
    """Where the first line reads like data, a note says so; what is shown is still what pandas gives."""
    path = write("raw.csv", "0.5,1\n1.5,2\n")
    assert "no header?" in reader.summary(path).note
    check_agrees(reader, path, pd.read_csv(path))
    assert reader.summary(write("good.csv", "a,1\n1,2\n")).note == ""


def test_rows_with_labels_say_so(reader: Reader, write: Write) -> None:
    """Where pandas takes the first column for labels, a note says so."""
    assert "row labels" in reader.summary(write("labels.csv", "a,b\nx,1,2\ny,3,4\n")).note


def test_a_ragged_file_is_refused_with_pandas_own_reason(reader: Reader, write: Write) -> None:
    """A row with too many fields is named by its line."""
    with pytest.raises(Unreadable, match=r"ragged\.csv cannot be read as csv: .*Expected 2 fields in line 3, saw 3"):
        reader.summary(write("ragged.csv", "a,b\n1,2\n1,2,3\n"))


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_is_refused_with_the_way_to_read_it(reader: Reader, write: Write, encoding: str) -> None:
    """A file that is not UTF-8 is refused as pandas refuses it, and the remedy reads it."""
    path = write("other.csv", "name,n\né,1\nü,2\n".encode(encoding))
    with pytest.raises(Unreadable, match="not UTF-8") as caught:
        reader.summary(path)
    assert caught.value.fix == f'pd.read_csv(path, encoding="{encoding}") may read it'
    assert pd.read_csv(path, encoding=encoding)["name"].tolist() == ["é", "ü"]


def test_tab_separated_files_are_read_as_such(reader: Reader, write: Write) -> None:
    """A .tsv is split at tabs."""
    path = write("t.tsv", "a\tb\n1\tx,y\n")
    assert reader.summary(path).cells == (("1", "x,y"),)
