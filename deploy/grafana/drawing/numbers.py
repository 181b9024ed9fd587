"""Single numbers, and bars of the present."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.patches import Rectangle

from deploy.grafana.ask import View
from deploy.grafana.drawing.canvas import INK, PAPER, Box, Mark, color_of, judged, lines_of
from deploy.grafana.panels import Json
from deploy.grafana.values import written

_ROW = 0.225


def draw_stat(box: Box, panel: Json, view: View, _: Sequence[Mark]) -> None:
    """Draw a panel of the kind `stat`: a number on the colour of its judgement."""
    points = [point for line in lines_of(panel, view)[:1] for point in line.found.points]
    points = [point for point in points if not math.isnan(point[1])]
    defaults = panel["fieldConfig"]["defaults"]
    if points:
        value = points[-1][1]
        color = color_of(judged(value, defaults["thresholds"]["steps"]))
        text = written(value, defaults["unit"], defaults.get("decimals"))
    elif "noValue" in defaults:
        (mapping,) = defaults["mappings"]
        color, text = color_of(mapping["options"]["result"]["color"]), defaults["noValue"]
    else:
        box.nothing()
        return
    filled = panel["options"]["colorMode"] == "background"
    axes = box.body(0.1, 0.1, 0.1)
    axes.set_axis_off()
    if filled:
        axes.add_patch(Rectangle((0, 0), 1, 1, color=color, transform=axes.transAxes))
    if panel["options"]["graphMode"] == "area" and len(points) > 1:
        times, values = zip(*points, strict=True)
        axes.fill_between(times, values, color=PAPER if filled else "#3274d9", alpha=0.3, linewidth=0)
        low, high = min(0.0, *values), max(values)
        axes.set_ylim(low, low + (high - low or 1.0) * 2.4)
        axes.set_xlim(view.start, view.end)
    ink = PAPER if filled else INK
    box.write(
        box.width / 2, box.height / 2 + 0.1, text, ha="center", fontsize=21, fontweight="bold", color=ink
    )


def draw_bars(box: Box, panel: Json, view: View, _: Sequence[Mark]) -> None:
    """Draw a panel of the kind `bargauge`: a bar a series, its value behind it."""
    lines = lines_of(panel, view)
    if not lines:
        box.nothing()
        return
    defaults = panel["fieldConfig"]["defaults"]
    color = color_of(defaults["thresholds"]["steps"][0]["color"])
    shown = lines[: max(1, int((box.height - 0.5) / _ROW))]
    names = max(len(line.name) for line in shown) * 0.066 + 0.3
    axes = box.body(names, 0.85, 0.12)
    axes.set_axis_off()
    values = [line.found.points[-1][1] for line in shown]
    axes.barh(range(len(shown)), values, color=color, height=0.72, alpha=0.85)
    slots = max(len(shown), 6)
    axes.set_ylim(slots - 0.5, -0.5)
    axes.set_xlim(0, max(values) or 1)
    tall = box.height - 0.35 - 0.12
    for number, (line, value) in enumerate(zip(shown, values, strict=True)):
        y = 0.35 + tall * (number + 0.5) / slots
        box.write(names - 0.1, y, line.name, ha="right", fontsize=8)
        text = written(value, defaults["unit"], defaults.get("decimals"))
        end = names + (box.width - names - 0.85) * value / (max(values) or 1)
        box.write(end + 0.06, y, text, fontsize=8, fontweight="bold")
