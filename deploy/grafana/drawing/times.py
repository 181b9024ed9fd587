"""The axis of time, and lines across it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

from deploy.grafana.ask import View
from deploy.grafana.drawing.canvas import FAINT, GRID, Mark

_STEPS: Final = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400)
_MOST: Final = 7
"""Times that are written on an axis at most, where it is half as wide as the picture."""


_ROOM: Final = 0.2
"""Inches from an end of the axis where a time would stand out."""


def time_axis(axes: Axes, view: View, marks: Sequence[Mark], inches: float) -> None:
    """Write times along an axis and draw the marks."""
    span = view.end - view.start
    most = max(2, int(_MOST * inches / 5))
    step = next((each for each in _STEPS if span / each <= most), _STEPS[-1])
    form = "%H:%M:%S" if step % 60 else "%H:%M"
    axes.set_xlim(view.start, view.end)
    axes.xaxis.set_major_locator(MultipleLocator(step))

    def text(at: float, _: float | None) -> str:
        edge = min(at - view.start, view.end - at) / span * inches
        return f"{datetime.fromtimestamp(at, UTC):{form}}" if edge > _ROOM else ""

    axes.xaxis.set_major_formatter(FuncFormatter(text))
    axes.tick_params(axis="both", which="both", length=0, labelsize=7.5, labelcolor=FAINT)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.grid(color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for mark in marks:
        axes.axvline(mark.at, color="#7c3aed", linewidth=1, linestyle=(0, (4, 3)), zorder=5)
