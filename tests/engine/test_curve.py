"""A step's memory over time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cursus_rt_notebook.engine.curve import MemoryCurve
from cursus_rt_notebook.settings import CURVE_POINTS


@pytest.mark.parametrize("readings", [0, 1, CURVE_POINTS - 1, CURVE_POINTS, CURVE_POINTS + 1, 1_000, 10_007])
def test_a_curve_is_short_even_and_keeps_its_peak(readings):
    """However long a step runs: at most so many points, evenly spaced, from its beginning, with the highest reading."""
    curve = MemoryCurve()
    for second in range(readings):
        curve.add(float(second), 7 if second == readings // 3 else 1)
    seconds = [at for at, _ in curve.points]
    assert min(readings, CURVE_POINTS // 2) <= len(seconds) <= CURVE_POINTS
    assert seconds[:1] == [0.0][:readings]
    assert len({after - before for before, after in pairwise(seconds)}) <= 1
    assert max((memory for _, memory in curve.points), default=None) == (7 if readings else None)
