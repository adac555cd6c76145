"""Which steps share an environment."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet

from cursus_rt_notebook.engine.environments.groups import grouped
from cursus_rt_notebook.pipeline.asked import Asked, Package


def asked(python: str = "", **packages: str) -> Asked:
    """A wish for these packages."""
    return Asked({name: Package(name, SpecifierSet(spec)) for name, spec in packages.items()}, SpecifierSet(python))


def names(*groups) -> list[tuple[str, ...]]:
    return [group.steps for group in groups]


def test_steps_that_agree_share_one():
    """The group asks for all that any of its steps asks for."""
    one, *others = grouped({"a": asked(pandas=">=1.3"), "b": asked(pandas="<2", numpy=""), "c": asked()})
    assert not others
    assert one.steps == ("a", "b", "c")
    assert one.asked.lines == ("numpy", "pandas<2,>=1.3")


def test_steps_that_contradict_each_other_are_kept_apart():
    """One graph may hold the same package both below and from a version on."""
    groups = grouped(
        {"prepare": asked(sklearn=">=1.0"), "train": asked(sklearn=">=0.23,<1.0"), "score": asked(sklearn="")}
    )
    assert sorted(names(*groups)) == [("prepare",), ("train", "score")]


def test_an_open_wish_goes_where_it_has_most_in_common():
    """The evaluation gets the pandas that the training pins, not the newest one that the preparation would get."""
    wishes = {
        "prepare": asked(pandas=">=1.3", sklearn=">=1.0"),
        "evaluate": asked(pandas=">=1.3", xgboost=">=1.6", matplotlib=""),
        "train": asked(pandas="<2", sklearn="<1.0", xgboost="==1.7.6", matplotlib=""),
    }
    assert sorted(names(*grouped(wishes))) == [("evaluate", "train"), ("prepare",)]


def test_versions_of_python_count_too():
    """Two steps that no one Python runs do not share."""
    assert len(grouped({"a": asked(">=3.9", tiny=""), "b": asked("<3.9", tiny="")})) == 2


def test_a_group_can_be_taken_apart_by_its_different_wishes():
    """If no interpreter has all of it, each wish is tried by itself; steps that wish the same stay together."""
    (group,) = grouped({"a": asked(x="<2"), "b": asked(x="<2"), "c": asked(y="")})
    assert names(*group.apart()) == [("a", "b"), ("c",)]
    assert group.apart()[0].apart() == ()


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (">=1.3", "<2", True),
        (">=2", "<2", False),
        (">1", "<1.0.1", True),
        ("==1.7.6", ">=1.6", True),
        ("==1.7.6", "!=1.7.6", False),
        ("~=1.4", ">=2", False),
        ("==1.*", ">=1.9", True),
        ("<1", "", True),
    ],
)
def test_whether_versions_agree(one, other, both):
    """By their ranges alone: which versions there are, only an index knows."""
    assert (Package("x", SpecifierSet(one)).with_other(Package("x", SpecifierSet(other))) is not None) is both
