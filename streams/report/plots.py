"""The plots of the page: Vega-Lite, drawn as SVG without a browser or a network.

An SVG of Vega is text in the page: it scales, prints, and names each mark for screen readers, at ten
kilobytes, where a library that draws in the browser would bring megabytes of script or need `eval`. Colours
differ in lightness as well as in hue, and no plot says what a table beside it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import vl_convert

from streams.report.numbers import Figures
from streams.report.wording import dollars, signed

VEGA_LITE: Final = "6.4"
"""The version of the grammar in which the plots are written."""

BEFORE: Final = "#8a8f98"
AFTER: Final = "#1f4e9c"
MORE: Final = "#b3541e"
LESS: Final = "#2f7d62"
INK: Final = "#1d2430"

_FONT: Final = "Helvetica, Arial, sans-serif"
_CONFIG: Final[dict[str, Any]] = {
    "font": _FONT,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelColor": INK,
        "gridColor": "#e3e6ea",
        "labelLimit": 260,
    },
    "legend": {
        "labelFontSize": 12,
        "title": None,
        "orient": "top",
        "columnPadding": 24,
        "labelColor": INK,
        "symbolType": "square",
    },
    "text": {"fontSize": 12, "color": INK},
}

_DOLLARS: Final = "$,.0f"
_BAND: Final = 26
"""Height of a step of the waterfall."""

_PLAIN: Final = {"title": None, "domain": False, "ticks": False}

Row = dict[str, str | float]
Json = dict[str, Any]


def waterfall(rules: Sequence[Figures], total: Figures, names: tuple[str, str]) -> str:
    """The way from the dollars held under the reference to those under the candidate, a step for each rule.

    Args:
        rules: by rule; those without an edit that differs, and without an effect on dollars, are no step.
        total: all edits.
        names: of the reference and of the candidate.

    Returns:
        SVG; "" where no step moves a cent.
    """
    steps = _steps(rules)
    if not steps:
        return ""
    ends: list[Row] = [
        {"step": f"under {names[0]}", "value": float(total.before), "label": dollars(total.before)},
        {"step": f"under {names[1]}", "value": float(total.after), "label": dollars(total.after)},
    ]
    order = [ends[0]["step"], *[step["step"] for step in steps], ends[1]["step"]]
    y = {"field": "step", "type": "nominal", "sort": order, "axis": _PLAIN}
    x = _axis_of(steps, ends)
    layers = [_ends(ends, x, y), _bars(steps, x, y)]
    return _svg({"layer": layers, "width": 620, "height": _BAND * len(order)})


def _bars(steps: Sequence[Row], x: Json, y: Json) -> Json:
    """The steps: a bar each, and its change as text to the right."""
    ways = {"domain": ["holds more", "holds less"], "range": [MORE, LESS]}
    bar = {
        "mark": {"type": "bar", "height": {"band": 0.62}},
        "encoding": {"color": {"field": "way", "scale": ways}, "description": {"field": "told"}},
    }
    change = {
        "mark": {"type": "text", "align": "left", "dx": 6},
        "encoding": {"x": {"field": "right", **x}, "x2": {"value": 0}, "text": {"field": "label"}},
    }
    place = {"y": y, "x": {"field": "from", **x}, "x2": {"field": "to"}}
    return {"data": {"values": steps}, "encoding": place, "layer": [bar, change]}


def _ends(ends: Sequence[Row], x: Json, y: Json) -> Json:
    """The sums before and after: points, as bars would need the whole axis, with a line through all steps."""
    line = {
        "mark": {"type": "rule", "strokeDash": [3, 3], "color": BEFORE},
        "encoding": {"y": {"value": 0}, "y2": {"value": {"expr": "height"}}},
    }
    point = {
        "mark": {"type": "point", "filled": True, "shape": "diamond", "size": 110, "color": INK, "opacity": 1}
    }
    total = {
        "mark": {"type": "text", "align": "left", "dx": 10, "fontWeight": "bold"},
        "encoding": {"text": {"field": "label"}},
    }
    place = {"y": y, "x": {"field": "value", **x}}
    return {"data": {"values": ends}, "encoding": place, "layer": [line, point, total]}


def _steps(rules: Sequence[Figures]) -> list[Row]:
    steps: list[Row] = []
    at = sum((rule.before for rule in rules), Decimal(0))
    for rule in rules:
        if not rule.delta:
            continue
        end = at + rule.delta
        label = signed(rule.delta)
        steps.append(
            {
                "step": rule.name or "",
                "from": float(at),
                "to": float(end),
                "right": float(max(at, end)),
                "way": "holds more" if rule.delta > 0 else "holds less",
                "label": label,
                "told": f"{rule.name}: {label}",
            }
        )
        at = end
    return steps


def _axis_of(steps: Sequence[Row], ends: Sequence[Row]) -> Json:
    """The axis of dollars: as much of it as the steps need, so that small ones are seen beside large sums."""
    places = [float(step[side]) for step in steps for side in ("from", "to")]
    places += [float(end["value"]) for end in ends]
    low, high = min(places), max(places)
    room = (high - low) or 1.0
    return {
        "type": "quantitative",
        "scale": {"domain": [max(low - 0.05 * room, 0.0), high + 0.22 * room], "nice": False, "zero": False},
        "axis": {"title": None, "format": _DOLLARS, "tickCount": 5},
    }


def by_month(months: Sequence[Figures], names: tuple[str, str]) -> str:
    """Dollars held by month of service under both policies. SVG; "" where there is no month."""
    rows: list[Row] = [
        {
            "month": month.name or "unknown",
            "side": name,
            "amount": float(amount),
            "told": f"{month.name}, {name}: {dollars(amount)}",
        }
        for month in months
        for name, amount in zip(names, (month.before, month.after), strict=True)
    ]
    if not rows:
        return ""
    angle = 0 if len(months) <= _FEW else -60
    dollar_axis = {"title": None, "format": _DOLLARS, "tickCount": 5}
    return _svg(
        {
            "data": {"values": rows},
            "width": {"step": 22},
            "height": 220,
            "mark": {"type": "bar"},
            "encoding": {
                "x": {"field": "month", "type": "nominal", "axis": {"title": None, "labelAngle": angle}},
                "xOffset": {"field": "side", "sort": list(names)},
                "y": {"field": "amount", "type": "quantitative", "axis": dollar_axis},
                "color": {"field": "side", "scale": {"domain": list(names), "range": [BEFORE, AFTER]}},
                "description": {"field": "told"},
            },
        }
    )


_FEW: Final = 14
"""Months whose names stand side by side."""


def _svg(spec: Json) -> str:
    return vl_convert.vegalite_to_svg(
        {"config": _CONFIG, "padding": {"left": 36, "right": 8, "top": 4, "bottom": 4}, **spec},
        vl_version=VEGA_LITE,
    )
