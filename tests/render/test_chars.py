"""Characters that command a screen are shown instead."""

from __future__ import annotations

from cursus_rt_notebook.render import chars


def test_V7_control_and_bidi_characters_are_shown_as_escapes():
    """V7: what a terminal or browser would obey reads as its escape; lines and tabs stay."""
    assert (
        chars.visible("a\u202eb\x1b]8;;\x00\r\u200b\U000e0041\n\t")
        == "a\\u202eb\\x1b]8;;\\x00\\x0d\\u200b\\U000e0041\n\t"
    )


def test_ordinary_text_in_any_script_stays():
    """Letters, marks and emoji are nobody's command."""
    assert chars.visible("naïve Ünïcode 漢字 Ελληνικά 🙂") == "naïve Ünïcode 漢字 Ελληνικά 🙂"


def test_one_line_is_one_line():
    """Line ends become escapes."""
    assert chars.one_line("a\nb\tc\u2028d") == "a\\nb\\tc\\u2028d"


def test_wide_characters_take_two_columns_and_marks_none():
    """The width of a text is what a terminal gives it."""
    assert chars.width("漢字") == 4
    assert chars.width("e\u0301") == 1


def test_cut_text_fits_its_columns():
    """A text is never wider than asked, also when its characters are wide."""
    for columns in range(1, 12):
        assert chars.width(chars.cut("漢字 and more 漢字", columns)) <= columns
        assert chars.width(chars.pad("漢字 and more 漢字", columns)) == columns


def test_a_name_cut_in_the_middle_keeps_its_end():
    """Names that begin alike are told apart by their ends."""
    assert chars.cut_middle("TabularPreprocessing_training", 18) == "TabularPrepr…ining"
    assert len(chars.cut_middle("x" * 10_000, 18)) == 18


def test_long_text_says_how_long_it_is():
    """What is cut tells its length."""
    assert chars.cut_long("x" * 1_500, 3) == "xxx… (1,500 characters)"
