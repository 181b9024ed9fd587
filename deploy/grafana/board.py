"""A dashboard of rows of panels: where each stands, the variables at the top, the links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from deploy.grafana.panels import SOURCE, Json
from streams.metrics.declared import BUILD, Metric

COLUMNS: Final = 24
"""Width of Grafana's grid."""
RUNBOOKS: Final = "/public/runbooks"
"""Where a browser finds docs/runbooks: what `docker-compose.yml` mounts into Grafana's public folder. Whoever
keeps them elsewhere changes the variable `runbooks` of the dashboards."""


@dataclass(frozen=True)
class Row:
    """Panels side by side under a title.

    Attributes:
        title: what the row answers.
        height: of each panel, in Grafana's units of about 38 pixels.
        panels: from left to right, each with its width; they go on below when 24 are full.
    """

    title: str
    height: int
    panels: Sequence[tuple[int, Json]]


def dashboard(
    name: str, title: str, about: str, rows: Sequence[Row], *, variables: Sequence[Json], since: str = "1h"
) -> Json:
    """A dashboard as Grafana reads it.

    Args:
        name: its uid, behind `dripline-`.
        title: as it is listed.
        about: what it is for.
        rows: from top to bottom.
        variables: behind that of the data source.
        since: how much time it shows at first.
    """
    return {
        "uid": f"dripline-{name}",
        "title": f"Dripline / {title}",
        "description": about,
        "tags": ["dripline"],
        "timezone": "browser",
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "5s" if since == "15m" else "30s",
        "time": {"from": f"now-{since}", "to": "now"},
        "links": _links(),
        "annotations": {"list": []},
        "templating": {"list": [_source(), *variables, _runbooks()]},
        "panels": _placed(rows),
    }


def _placed(rows: Sequence[Row]) -> list[Json]:
    placed: list[Json] = []
    top = 0
    for row in rows:
        placed.append(
            {
                "type": "row",
                "id": len(placed) + 1,
                "title": row.title,
                "collapsed": False,
                "panels": [],
                "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1},
            }
        )
        top += 1
        left = 0
        for width, made in row.panels:
            if left + width > COLUMNS:
                left, top = 0, top + row.height
            place = {"x": left, "y": top, "w": width, "h": row.height}
            placed.append({"id": len(placed) + 1, **_fitted(made, width), "gridPos": place})
            left += width
        top += row.height
    return placed


def _fitted(made: Json, width: int) -> Json:
    """A panel that is narrow has its legend below, or it would leave no room for the lines."""
    if made["type"] != "timeseries" or width >= COLUMNS // 2:
        return made
    below = {"displayMode": "list", "placement": "bottom", "calcs": ["lastNotNull"]}
    return made | {"options": made["options"] | {"legend": made["options"]["legend"] | below}}


def _links() -> list[Json]:
    among = {"title": "Dripline", "type": "dashboards", "tags": ["dripline"], "asDropdown": False}
    runbooks = {"title": "Runbooks", "type": "link", "url": "${runbooks}/README.md", "targetBlank": True}
    kept = {"includeVars": True, "keepTime": True}
    return [
        among | kept | {"icon": "dashboard", "tooltip": "The other dashboards, for the same workers"},
        runbooks | {"icon": "doc", "tooltip": "What each alert means and what to do"},
    ]


def _source() -> Json:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}


def _runbooks() -> Json:
    return {"name": "runbooks", "label": "Runbooks", "type": "constant", "query": RUNBOOKS, "hide": 2}


def chosen(name: str, title: str, metric: Metric, *, many: bool = False) -> Json:
    """A variable whose values are those of a label of a metric, whatever else is chosen.

    It does not hang on another variable: then the queries can be checked against a Prometheus alone, by
    tools that know no Grafana.

    Args:
        name: the label's and the variable's.
        title: as the reader sees it.
        metric: whose label it is.
        many: several may be chosen, and all of them are at first.
    """
    query = f"label_values({metric.full_name}{{}}, {name})"
    made: Json = {
        "name": name,
        "label": title,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": many,
        "includeAll": many,
    }
    if many:
        made |= {"allValue": ".*", "current": {"text": ["All"], "value": ["$__all"]}}
    return made


def workers() -> list[Json]:
    """The variables that choose groups of workers, a job in some name spaces, and the workers among them."""
    return [
        chosen("namespace", "Name space", BUILD, many=True),
        chosen("job", "Job", BUILD),
        chosen("instance", "Worker", BUILD, many=True),
    ]
