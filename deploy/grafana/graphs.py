"""Panels of numbers, lines, bars and bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from deploy.grafana.panels import BLUE, PLAIN, Ask, Json, Steps, colored, fields, panel

UNKNOWN: Final = "unknown"
_NOT_KNOWN: Final[Json] = {
    "type": "special",
    "options": {"match": "null+nan", "result": {"text": UNKNOWN, "color": "text", "index": 0}},
}
"""No value has no judgement: without this it would have the colour of the lowest values."""


def stat(
    title: str, about: str, expr: str, unit: str, steps: Steps, *, decimals: int = 0, spark: bool = True
) -> Json:
    """One number with a judgement by its colour.

    Args:
        title: short.
        about: what it shows.
        expr: its query.
        unit: Grafana's.
        steps: the judgement.
        decimals: digits behind the point.
        spark: draw how it went behind it; else ask for now alone, and say so where nothing is known of now.
    """
    made = panel("stat", title, about, [Ask(expr, title)], instant=not spark)
    unknown: Json = {} if spark else {"noValue": UNKNOWN, "mappings": [_NOT_KNOWN]}
    made["fieldConfig"] = fields(unit, steps, decimals=decimals, **unknown)
    made["options"] = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value" if steps is PLAIN else "background",
        "graphMode": "area" if spark else "none",
        "textMode": "value",
        "justifyMode": "center",
    }
    return made


def series(  # noqa: PLR0913 - one argument a property of Grafana's
    title: str,
    about: str,
    asks: Sequence[Ask],
    unit: str,
    steps: Steps = PLAIN,
    *,
    stacked: bool = False,
    log: bool = False,
    colors: Mapping[str, str] | None = None,
    highest: float | None = None,
    signed: bool = False,
) -> Json:
    """Lines over time, stacked areas where they add up; a judgement is a line across."""
    made = panel("timeseries", title, about, asks)
    custom: Json = {
        "drawStyle": "line",
        "lineWidth": 1 if stacked else 2,
        "fillOpacity": 60 if stacked else 8,
        "showPoints": "auto",
        "spanNulls": False,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "off" if steps is PLAIN else "line"},
    }
    if log:
        custom["scaleDistribution"] = {"type": "log", "log": 10}
    made["fieldConfig"] = fields(unit, steps, color="palette-classic", custom=custom)
    if not log and not signed:
        made["fieldConfig"]["defaults"]["min"] = 0
    if highest is not None:
        made["fieldConfig"]["defaults"]["max"] = highest
    made["fieldConfig"]["overrides"] = colored(colors or {})
    made["options"] = {
        "legend": {
            "showLegend": True,
            "displayMode": "table",
            "placement": "right",
            "calcs": ["lastNotNull", "max"],
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return made


def bars(title: str, about: str, ask: Ask, unit: str, color: str = BLUE, decimals: int = 0) -> Json:
    """One bar a series, by what it is now; the query puts them in order."""
    made = panel("bargauge", title, about, [ask], instant=True)
    made["fieldConfig"] = fields(unit, ((None, color),), decimals=decimals, min=0)
    made["options"] = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "orientation": "horizontal",
        "displayMode": "basic",
        "valueMode": "color",
        "showUnfilled": False,
    }
    return made


def states(title: str, about: str, ask: Ask, known: Mapping[int, tuple[str, str]]) -> Json:
    """A band a series: which state it was in when.

    Args:
        title: short.
        about: what it shows.
        ask: its query.
        known: by value, a state's name and colour.
    """
    made = panel("state-timeline", title, about, [ask])
    options = {
        str(value): {"text": text, "color": color, "index": index}
        for index, (value, (text, color)) in enumerate(known.items())
    }
    steps = sorted((value, color) for value, (_, color) in known.items())
    made["fieldConfig"] = fields(
        "none",
        [(None, steps[0][1]), *steps[1:]],
        mappings=[{"type": "value", "options": options}],
        custom={"lineWidth": 0, "fillOpacity": 80},
    )
    made["options"] = {
        "mergeValues": True,
        "showValue": "auto",
        "alignValue": "left",
        "rowHeight": 0.8,
        "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom"},
        "tooltip": {"mode": "single", "sort": "none"},
    }
    return made
