"""Where a panel is drawn: a place on the picture, colours, and how its series are called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from deploy.grafana.ask import Found, View
from deploy.grafana.panels import Json

INK, FAINT, PAPER, GRID = "#24292e", "#6b7280", "#ffffff", "#e3e5e8"
"""Colours of text, of lesser text, of a panel, and of lines in it."""
PALETTE: Final = (
    *("#7eb26d", "#eab839", "#6ed0e0", "#ef843c", "#e24d42", "#1f78c1", "#ba43a9", "#705da0"),
    *("#508642", "#cca300", "#447ebc", "#c15c17", "#890f02", "#0a437c", "#6d1f62", "#584477"),
)
"""Series without a colour of their own, in their order."""
_NAMED: Final = {
    "green": "#56a64b",
    "yellow": "#e0b400",
    "orange": "#ff780a",
    "red": "#e02f44",
    "blue": "#3274d9",
    "purple": "#a352cc",
    "text": INK,
    "light-green": "#96d98d",
    "dark-green": "#19730e",
    "light-blue": "#8ab8ff",
    "dark-blue": "#1250b0",
    "light-orange": "#ffb357",
    "dark-orange": "#e55400",
}
_PAD: Final = 0.05
_TITLE: Final = 0.30
_MEAN: Final = 0.52
"""Of the height of a letter, its usual width."""


def color_of(name: str) -> str:
    """A colour of Grafana's as matplotlib takes it."""
    return _NAMED.get(name, name)


def judged(value: float, steps: Sequence[Mapping[str, Any]]) -> str:
    """The colour of a value by thresholds."""
    passed = [step["color"] for step in steps if step["value"] is None or value >= step["value"]]
    return str(passed[-1])


@dataclass(frozen=True)
class Mark:
    """A line across all times of a picture, such as the begin of a fault."""

    at: float
    text: str


@dataclass(frozen=True)
class Box:
    """A panel's place on a picture, in inches from its upper left corner."""

    figure: Figure
    left: float
    top: float
    width: float
    height: float

    def frame(self, title: str) -> None:
        """Draw the panel itself and its title."""
        axes = self._axes(_PAD, _PAD, self.width - 2 * _PAD, self.height - 2 * _PAD)
        axes.set_axis_off()
        axes.add_patch(
            FancyBboxPatch(
                (0, 0),
                1,
                1,
                boxstyle="square,pad=0",
                facecolor=PAPER,
                edgecolor=GRID,
                transform=axes.transAxes,
            )
        )
        most = int((self.width - 0.3) / (8.5 / 72 * _MEAN) * 0.92)
        shown = title if len(title) <= most else title[: most - 1] + "…"
        self.write(0.13, _PAD + 0.16, shown, fontsize=8.5, fontweight="bold")

    def body(self, left: float = 0.1, right: float = 0.1, below: float = 0.1) -> Axes:
        """Axes below the title, with so many inches left free at the sides."""
        top = _TITLE + _PAD
        return self._axes(left, top, self.width - left - right, self.height - top - below)

    def write(self, x: float, y: float, text: str, **style: Any) -> None:  # noqa: ANN401 - whatever matplotlib takes
        """Text at a place of the panel, in inches."""
        width, height = self.figure.get_size_inches()
        style = {"color": INK, "va": "center", "ha": "left", **style}
        self.figure.text((self.left + x) / width, 1 - (self.top + y) / height, text, **style)

    def nothing(self) -> None:
        """Say that there is no data."""
        self.write(self.width / 2, self.height / 2 + 0.1, "No data", ha="center", color=FAINT, fontsize=9)

    def _axes(self, x: float, y: float, width: float, height: float) -> Axes:
        whole, tall = self.figure.get_size_inches()
        below = tall - self.top - y - height
        return self.figure.add_axes(((self.left + x) / whole, below / tall, width / whole, height / tall))


@dataclass(frozen=True)
class Line:
    """A series with its name and colour."""

    name: str
    color: str
    found: Found


def lines_of(panel: Json, view: View) -> list[Line]:
    """All series of a panel, named and coloured, in the order of the queries and of their names."""
    fixed = {
        override["matcher"]["options"]: override["properties"][0]["value"]["fixedColor"]
        for override in panel["fieldConfig"]["overrides"]
        if override["properties"][0]["id"] == "color"
    }
    named = []
    for target, found in view.asked(panel):
        names = [(_name(target["legendFormat"], each.labels), each) for each in found]
        named += sorted(names, key=lambda pair: _natural(pair[0])) if target["range"] else names
    return [
        Line(name, color_of(fixed.get(name, PALETTE[number % len(PALETTE)])), each)
        for number, (name, each) in enumerate(named)
    ]


def _name(legend: str, labels: Mapping[str, str]) -> str:
    if legend == "__auto":
        return ", ".join(labels.values())
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), legend).strip()


def _natural(name: str) -> list[tuple[int, str]]:
    """An order in which 2 comes before 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name) if part]
