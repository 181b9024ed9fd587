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
