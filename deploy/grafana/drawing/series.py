"""Lines and stacked areas over time, with their legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, MultipleLocator, NullFormatter

from deploy.grafana.ask import View
from deploy.grafana.drawing.canvas import FAINT, Box, Line, Mark, color_of, lines_of
from deploy.grafana.drawing.times import time_axis
from deploy.grafana.panels import Json
from deploy.grafana.values import written

_LEFT: Final = 0.72
_ROW: Final = 0.165
_BELOW: Final = 0.28
_DECADES: Final = 50
"""From this ratio of an axis on, its marks are powers of ten alone."""


def draw_series(box: Box, panel: Json, view: View, marks: Sequence[Mark]) -> None:
    """Draw a panel of the kind `timeseries`."""
    lines = [line for line in lines_of(panel, view) if line.found.points]
    lines = [line for line in lines if any(math.isfinite(value) for _, value in line.found.points)]
    if not lines:
        box.nothing()
        return
    defaults = panel["fieldConfig"]["defaults"]
    beside = panel["options"]["legend"]["placement"] == "right"
    unit = defaults["unit"]
    if beside:
        right = 0.4 * box.width
        axes = box.body(_LEFT, right, _BELOW)
        _legend_beside(box, lines, unit, right)
    else:
        axes = box.body(_LEFT, 0.15, _BELOW + _legend_below(box, lines, unit))
    custom = defaults["custom"]
    if custom["stacking"]["mode"] == "normal":
        highest = _stack(axes, lines, view)
    else:
        highest = _plot(axes, lines, view, custom["fillOpacity"] / 100)
    _scale(axes, panel, highest)
    _judge(axes, panel)
    time_axis(axes, view, marks, axes.get_position().width * box.figure.get_size_inches()[0])


def _times(view: View) -> list[float]:
    count = int((view.end - view.start) / view.step + 1e-6)
    return [view.start + number * view.step for number in range(count + 1)]


def _on_grid(line: Line, view: View, missing: float) -> list[float]:
    """A series' values at all times of the view."""
    found = {round((at - view.start) / view.step): value for at, value in line.found.points}
    values = [found.get(number, missing) for number in range(len(_times(view)))]
    return [missing if math.isnan(value) or math.isinf(value) else value for value in values]


def _plot(axes: Axes, lines: Sequence[Line], view: View, opacity: float) -> float:
    """Draw lines; their greatest value."""
    times = _times(view)
    for line in lines:
        values = _on_grid(line, view, math.nan)
        axes.plot(times, values, color=line.color, linewidth=1.5, solid_joinstyle="round")
        alone = [
            number
            for number, value in enumerate(values)
            if not math.isnan(value)
            and all(math.isnan(values[near]) for near in (number - 1, number + 1) if 0 <= near < len(values))
        ]
        axes.plot([times[n] for n in alone], [values[n] for n in alone], ".", color=line.color, markersize=4)
        if len(lines) == 1:
            axes.fill_between(times, values, color=line.color, alpha=opacity)
    return max(_ends(line)[1] for line in lines)


def _stack(axes: Axes, lines: Sequence[Line], view: View) -> float:
    """Draw areas on each other; the greatest sum."""
    values = [_on_grid(line, view, 0.0) for line in lines]
    axes.stackplot(_times(view), values, colors=[line.color for line in lines], alpha=0.75, linewidth=0)
    return max(map(sum, zip(*values, strict=True)))


def _scale(axes: Axes, panel: Json, highest: float) -> None:
    """The axis of values: its limits and its marks.

    Args:
        axes: what is drawn on.
        panel: its settings.
        highest: the greatest value.
    """
    defaults = panel["fieldConfig"]["defaults"]
    unit = defaults["unit"]
    low, high = axes.get_ylim()
    if "scaleDistribution" in defaults["custom"]:
        axes.set_yscale("log")
        low, high = axes.get_ylim()
        axes.set_ylim(low / 1.5, high * 1.5)
        subs = (1.0,) if high / low > _DECADES else (1.0, 2.0, 5.0)
        axes.yaxis.set_major_locator(LogLocator(subs=subs, numticks=8))
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        if "min" in defaults:
            low, high = 0.0, defaults.get("max", highest or 1.0) * 1.05
            axes.set_ylim(low, high)
        axes.yaxis.set_major_locator(_bytes_apart(high) if unit == "bytes" else MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: written(value, unit)))


def _bytes_apart(high: float) -> MultipleLocator:
    """Marks at round numbers of KiB or MiB."""
    return MultipleLocator(2.0 ** math.ceil(math.log2(high / 6)))


def _judge(axes: Axes, panel: Json) -> None:
    """The lines of a judgement, as far as they are within the axis."""
    defaults = panel["fieldConfig"]["defaults"]
    if defaults["custom"]["thresholdsStyle"]["mode"] == "off":
        return
    low, high = axes.get_ylim()
    for step in defaults["thresholds"]["steps"]:
        if step["value"] is not None and low <= step["value"] <= high:
            axes.axhline(step["value"], color=color_of("red"), linewidth=1, linestyle=(0, (6, 3)))


def _ends(line: Line) -> tuple[float, float]:
    values = [value for _, value in line.found.points if math.isfinite(value)]
    return values[-1], max(values)


def _swatch(box: Box, x: float, y: float, color: str) -> None:
    width, height = box.figure.get_size_inches()
    place = ((box.left + x) / width, 1 - (box.top + y + 0.02) / height)
    box.figure.add_artist(
        Rectangle(place, 0.14 / width, 0.04 / height, color=color, transform=box.figure.transFigure, zorder=6)
    )


def _legend_beside(box: Box, lines: Sequence[Line], unit: str, right: float) -> None:
    """A table of names with their last and greatest value."""
    left, last, most = box.width - right + 0.15, box.width - 0.78, box.width - 0.13
    box.write(left + 0.2, 0.45, "Name", color=FAINT, fontsize=7.5)
    box.write(last, 0.45, "Last", color=FAINT, fontsize=7.5, ha="right")
    box.write(most, 0.45, "Max", color=FAINT, fontsize=7.5, ha="right")
    rows = int((box.height - 0.62) / _ROW)
    shown = lines if len(lines) <= rows else lines[: rows - 1]
    for number, line in enumerate(shown):
        y = 0.45 + (number + 1) * _ROW
        ends = [written(value, unit) for value in _ends(line)]
        _swatch(box, left, y, line.color)
        room = max(8, int((last - left - 0.25) / 0.061) - len(ends[0]))
        box.write(
            left + 0.2, y, line.name if len(line.name) <= room else line.name[: room - 1] + "…", fontsize=7.5
        )
        box.write(last, y, ends[0], fontsize=7.5, ha="right")
        box.write(most, y, ends[1], fontsize=7.5, ha="right")
    if len(shown) < len(lines):
        y = 0.45 + (len(shown) + 1) * _ROW
        box.write(left + 0.2, y, f"and {len(lines) - len(shown)} more", color=FAINT, fontsize=7.5)


def _legend_below(box: Box, lines: Sequence[Line], unit: str) -> float:
    """Names with their last value in rows below; the height that they take."""
    rows: list[list[tuple[str, str]]] = [[]]
    used = 0.0
    for line in lines:
        text = f"{line.name}  {written(_ends(line)[0], unit)}"
        width = 0.36 + len(text) * 0.058
        if used + width > box.width - 0.3 and rows[-1]:
            rows.append([])
            used = 0.0
        rows[-1].append((text, line.color))
        used += width
    for number, row in enumerate(rows):
        x, y = 0.18, box.height - 0.15 - (len(rows) - 1 - number) * _ROW
        for text, color in row:
            _swatch(box, x, y, color)
            box.write(x + 0.2, y, text, fontsize=7.5)
            x += 0.36 + len(text) * 0.058
    return len(rows) * _ROW
