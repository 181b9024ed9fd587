"""Bands of states over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from matplotlib.axes import Axes

from deploy.grafana.ask import Found, View
from deploy.grafana.drawing.canvas import INK, PAPER, Box, Mark, color_of, lines_of
from deploy.grafana.drawing.times import time_axis
from deploy.grafana.panels import Json

Band = tuple[float, float, str]
"""From when to when, and what it says."""

_NARROW = 0.06
"""Share of the time below which a band's text has no room."""


def draw_states(box: Box, panel: Json, view: View, marks: Sequence[Mark]) -> None:
    """Draw a panel of the kind `state-timeline`: a band a name, coloured by its state."""
    bands: dict[str, list[Found]] = {}
    for line in lines_of(panel, view):
        bands.setdefault(line.name, []).append(line.found)
    if not bands:
        box.nothing()
        return
    known = panel["fieldConfig"]["defaults"]["mappings"][0]["options"]
    rows = {
        name: [(start, end, known[f"{value:g}"]["text"]) for start, end, value in stretches(found, view.step)]
        for name, found in bands.items()
    }
    axes = draw_bands(box, view, marks, rows, {state["text"]: state["color"] for state in known.values()})
    for row, each in enumerate(rows.values()):
        for start, end, text in each:
            if end - start > _NARROW * (view.end - view.start):
                axes.text((start + end) / 2, row, text, ha="center", va="center", color=PAPER, fontsize=8)


def draw_bands(
    box: Box, view: View, marks: Sequence[Mark], rows: Mapping[str, Sequence[Band]], colors: Mapping[str, str]
) -> Axes:
    """Draw a row of bands for each name, and below what the colours mean.

    Args:
        box: where.
        view: the time.
        marks: lines across all times.
        rows: by name.
        colors: by the texts of bands.
    """
    axes = box.body(0.95, 0.2, 0.55)
    for row, bands in enumerate(rows.values()):
        for start, end, text in bands:
            color = color_of(colors[text])
            axes.barh(row, end - start, left=start, height=0.8, color=color, alpha=0.85, linewidth=0)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    time_axis(axes, view, marks, box.width)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.tick_params(axis="y", labelcolor=INK, labelsize=8)
    axes.grid(visible=False, axis="y")
    x = 0.95
    for text, name in colors.items():
        box.write(x, box.height - 0.16, "\N{BLACK SQUARE}", color=color_of(name), fontsize=9)
        box.write(x + 0.16, box.height - 0.16, text, fontsize=7.5)
        x += 0.45 + len(text) * 0.06
    return axes


def stretches(found: Sequence[Found], step: float) -> Iterator[tuple[float, float, float]]:
    """Begin, end and value of each stretch of points with one value and no hole."""
    points = sorted(point for each in found for point in each.points)
    first = None
    for (at, value), (later, after) in zip(points, [*points[1:], (float("inf"), 0.0)], strict=True):
        first = at if first is None else first
        if value != after or later - at > 1.5 * step:
            yield first, at + (step if later - at <= 1.5 * step else 0), value
            first = None
