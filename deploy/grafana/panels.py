"""Panels of Grafana as plain data: what each kind needs, with the defaults of these dashboards.

Source of the names: Grafana's documentation of the dashboard JSON model and of each panel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]
Steps = Sequence[tuple[float | None, str]]
"""From which value on a panel has which colour; the first from None on."""

SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
GREEN, YELLOW, ORANGE, RED, BLUE = "green", "yellow", "orange", "red", "blue"
PLAIN: Final[Steps] = ((None, "text"),)
"""No judgement: only a number."""


@dataclass(frozen=True)
class Ask:
    """A query and how its series are called, with labels as `{{label}}`."""

    expr: str
    legend: str = ""


def panel(kind: str, title: str, about: str, asks: Sequence[Ask], *, instant: bool = False) -> Json:
    """What all panels have.

    Args:
        kind: Grafana's name of the panel.
        title: short.
        about: what it shows, and what a reader should make of it.
        asks: its queries.
        instant: ask for now alone.
    """
    targets = [
        {
            "refId": chr(ord("A") + number),
            "datasource": SOURCE,
            "expr": ask.expr,
            "legendFormat": ask.legend or "__auto",
            "instant": instant,
            "range": not instant,
            **({"format": "table"} if kind == "table" else {}),
        }
        for number, ask in enumerate(asks)
    ]
    return {"type": kind, "title": title, "description": about, "datasource": SOURCE, "targets": targets}


def fields(unit: str, steps: Steps = PLAIN, *, color: str = "thresholds", **more: object) -> Json:
    """How values are written and coloured."""
    thresholds = [{"value": value, "color": shade} for value, shade in steps]
    defaults = {
        "unit": unit,
        "color": {"mode": color},
        "thresholds": {"mode": "absolute", "steps": thresholds},
        **more,
    }
    return {"defaults": defaults, "overrides": []}


def colored(colors: Mapping[str, str]) -> list[Json]:
    """Series with colours of their own, by name."""
    return [
        {
            "matcher": {"id": "byName", "options": name},
            "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}],
        }
        for name, color in colors.items()
    ]


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
        spark: draw how it went behind it; else ask for now alone.
    """
    made = panel("stat", title, about, [Ask(expr, title)], instant=not spark)
    made["fieldConfig"] = fields(unit, steps, decimals=decimals)
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


@dataclass(frozen=True)
class Column:
    """A column of a table: a label, or the value of a query (`Value #A`, of a single query `Value`)."""

    source: str
    title: str
    unit: str = "none"
    decimals: int | None = None
    steps: Steps = PLAIN
    hidden: bool = False


def table(
    title: str, about: str, exprs: Sequence[str], columns: Sequence[Column], order: str | None = None
) -> Json:
    """Rows of labels and values as of now; the queries are joined by their labels.

    Args:
        title: short.
        about: what it shows.
        exprs: its queries.
        columns: in order; what is not named is hidden.
        order: the column that sorts the rows, the greatest first.
    """
    made = panel("table", title, about, [Ask(expr) for expr in exprs], instant=True)
    made["fieldConfig"] = fields("none")
    made["fieldConfig"]["overrides"] = [
        {
            "matcher": {"id": "byName", "options": column.title},
            "properties": [
                {"id": "unit", "value": column.unit},
                *([] if column.decimals is None else [{"id": "decimals", "value": column.decimals}]),
                *([] if column.steps is PLAIN else _judged(column.steps)),
            ],
        }
        for column in columns
        if column.unit != "none"
    ]
    shown = {column.source: column.title for column in columns if not column.hidden}
    hidden = {"Time": True} | {column.source: True for column in columns if column.hidden}
    sort = [{"field": order, "desc": True}] if order else []
    made["transformations"] = [
        {"id": "merge", "options": {}},
        *([{"id": "sortBy", "options": {"fields": {}, "sort": sort}}] if sort else []),
        {
            "id": "organize",
            "options": {
                "excludeByName": hidden,
                "indexByName": {name: number for number, name in enumerate(shown)},
                "renameByName": shown,
            },
        },
    ]
    made["options"] = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}}
    return made


def _judged(steps: Steps) -> list[Json]:
    found = [{"value": value, "color": color} for value, color in steps]
    return [
        {"id": "thresholds", "value": {"mode": "absolute", "steps": found}},
        {"id": "custom.cellOptions", "value": {"type": "color-text"}},
    ]
