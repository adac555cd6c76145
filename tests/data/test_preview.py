"""Files that are no tables, shown where they can be."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from cursus_rt_notebook.data.preview import preview_file

Write = Callable[[str, str | bytes], Path]


@pytest.mark.parametrize(
    ("name", "media"), [("a.txt", "text/plain"), ("a.md", "text/markdown"), ("a.json", "application/json")]
)
def test_text_is_shown_as_it_is(write: Write, name: str, media: str) -> None:
    """Text comes back whole, markup and all."""
    shown = preview_file(write(name, "<b>é</b>\n"))
    assert (shown.text, shown.media, shown.truncated, shown.image) == ("<b>é</b>\n", media, False, None)


def test_long_text_is_cut(write: Write) -> None:
    """No more than the limit is read, and that it goes on is said."""
    shown = preview_file(write("a.log", "x" * 1_000_000))
    assert shown.text == "x" * 65_536
    assert (shown.truncated, shown.size) == (True, 1_000_000)


def test_other_encodings_are_text_too(write: Write) -> None:
    """UTF-16 is read as such, a byte order mark is dropped, and what is no text is replaced."""
    assert preview_file(write("a.txt", "é".encode("utf-16"))).text == "é"
    assert preview_file(write("b.txt", b"\xef\xbb\xbfx")).text == "x"
    assert preview_file(write("c.txt", b"caf\xe9 au lait")).text == "caf\ufffd au lait"


def test_packed_text_is_shown(write: Write) -> None:
    """Of a compressed file, no more is unpacked than is shown."""
    shown = preview_file(write("t.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 10_000_000)))
    assert shown.truncated
    assert shown.text is not None
    assert shown.text.startswith("a,b\n1,2\n")
    assert len(shown.text) == 65_536


def test_pictures_are_their_own_bytes(write: Write) -> None:
    """A picture is handed on as it is, with its media type; one too large is listed."""
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
    assert (preview_file(write("a.csv", png)).image, preview_file(write("a.png", png)).media) == (png, "image/png")
    svg = preview_file(write("a.svg", "<svg onload='alert(1)'/>"))
    assert (svg.media, svg.text) == ("image/svg+xml", None)
    large = preview_file(write("b.png", png + b"\0" * 6_000_000))
    assert (large.image, large.note) == (None, "too large to show")


def test_the_rest_is_listed(write: Write, tmp_path: Path) -> None:
    """A model, an archive or a missing file is named with kind and size, and nothing of it is shown."""
    model = preview_file(write("m.pkl", pickle.dumps(1)))
    assert (model.kind, model.note, model.text, model.image) == ("model", "pickle", None, None)
    assert preview_file(tmp_path / "gone.txt").note != ""
