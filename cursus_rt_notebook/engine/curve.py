"""The memory of a running step over time, in a bounded number of points."""

from __future__ import annotations

from cursus_rt_notebook.settings import CURVE_POINTS

Point = tuple[float, int]


class MemoryCurve:
    """Points (seconds, bytes) at even distances. When there are too many, two become one that keeps the peak."""

    def __init__(self) -> None:
        self._points: list[Point] = []
        self._each = 1  # readings that a point stands for
        self._readings = 0

    @property
    def points(self) -> tuple[Point, ...]:
        """The curve so far."""
        return tuple(self._points)

    def add(self, seconds: float, memory: int) -> None:
        """Take a reading into the curve."""
        if self._readings % self._each:
            began, peak = self._points[-1]
            self._points[-1] = (began, max(peak, memory))
        else:
            self._points.append((seconds, memory))
        self._readings += 1
        if len(self._points) == CURVE_POINTS and not self._readings % self._each:
            pairs = zip(self._points[::2], self._points[1::2], strict=True)
            self._points = [(began, max(peak, other)) for (began, peak), (_, other) in pairs]
            self._each *= 2
