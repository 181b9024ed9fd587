"""Tables of labels and values, with the transformations that our tables have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deploy.grafana.ask import View
from deploy.grafana.drawing.canvas import FAINT, INK, Box, Mark, color_of, judged
from deploy.grafana.panels import Json
from deploy.grafana.values import written

_ROW = 0.24
Cells = dict[str, Any]


def rows_of(panel: Json, view: View) -> list[Cells]:
    """The rows of a table by the titles of its columns: joined, sorted, named as its transformations say."""
    joined: dict[tuple[tuple[str, str], ...], Cells] = {}
    answers = list(view.asked(panel))
    for target, found in answers:
        name = f"Value #{target['refId']}" if len(answers) > 1 else "Value"
        for each in found:
            row = joined.setdefault(tuple(sorted(each.labels.items())), dict(each.labels))
            row[name] = each.points[-1][1]
    rows = list(joined.values())
    steps = {step["id"]: step["options"] for step in panel["transformations"]}
    for order in steps.get("sortBy", {}).get("sort", ()):
        rows.sort(key=lambda row: row.get(order["field"], float("-inf")), reverse=order["desc"])
    organized = steps["organize"]
    names = sorted(organized["indexByName"], key=organized["indexByName"].__getitem__)
    return [{organized["renameByName"][name]: row.get(name) for name in names} for row in rows]


def draw_table(box: Box, panel: Json, view: View, _: Sequence[Mark]) -> None:
    """Draw a panel of the kind `table`."""
    rows = rows_of(panel, view)
    if not rows:
        box.nothing()
        return
    columns = list(rows[0])
    settings = {
        override["matcher"]["options"]: {item["id"]: item["value"] for item in override["properties"]}
        for override in panel["fieldConfig"]["overrides"]
    }
    texts = [
        [_text(row[column], settings.get(column, {})) for column in columns]
        for row in rows[: int((box.height - 0.75) / _ROW)]
    ]
    need = [
        max(len(text) for text in (name, *(row[n] for row in texts))) + 2 for n, name in enumerate(columns)
    ]
    at = 0.18
    for number, (column, width) in enumerate(zip(columns, need, strict=True)):
        inches = width / sum(need) * (box.width - 0.36)
        numeric = column in settings
        x, side = (at + inches - 0.15, "right") if numeric else (at, "left")
        box.write(x, 0.5, column, color=FAINT, fontweight="bold", fontsize=8, ha=side)
        for line, row in enumerate(texts):
            color = _color(rows[line][column], settings.get(column, {}))
            box.write(x, 0.5 + (line + 1) * _ROW, row[number], fontsize=8, ha=side, color=color)
        at += inches


def _text(value: object, setting: dict[str, Any]) -> str:
    if value is None:
        return "-"
    return (
        written(value, setting["unit"], setting.get("decimals")) if isinstance(value, float) else str(value)
    )


def _color(value: object, setting: dict[str, Any]) -> str:
    if not isinstance(value, float) or "thresholds" not in setting:
        return INK
    return color_of(judged(value, setting["thresholds"]["steps"]))
