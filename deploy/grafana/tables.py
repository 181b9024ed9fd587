"""Panels of rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.grafana.panels import PLAIN, Ask, Json, Steps, fields, panel


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
