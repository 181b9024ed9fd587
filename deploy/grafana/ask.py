"""A dashboard's queries put to a Prometheus as Grafana does it: variables filled in, over some time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import urlopen

from deploy.grafana.panels import Json

SCRAPE: Final = 5.0
"""Seconds between two scrapes, as the provisioned data source says."""
_POINTS: Final = 400
"""Points that a panel has at most."""
_VARIABLE: Final = re.compile(r"\$\{?(\w+)\}?")
_LABEL_VALUES: Final = re.compile(r"label_values\((?P<series>.+), (?P<label>\w+)\)")


class QueryError(Exception):
    """Prometheus refuses a query; the message is its own."""


@dataclass(frozen=True)
class Found:
    """A series of an answer: its labels, and its points as times and values."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


class Prometheus:
    """The HTTP interface of a Prometheus.

    Args:
        url: its address, without a path.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def get(self, path: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON of any shape
        """The data of an answer of the API.

        Raises:
            QueryError: it is refused.
        """
        try:
            url = f"{self.url}/api/v1/{path}?{urlencode(parameters)}"
            with urlopen(url, timeout=30) as answer:  # noqa: S310 - whoever runs this gives the address
                return json.load(answer)["data"]
        except HTTPError as error:
            with error:
                told = json.load(error)
            raise QueryError(f"{told['errorType']}: {told['error']}") from None

    def instant(self, query: str, at: float) -> list[Found]:
        """What a query says of one time."""
        result = self.get("query", query=query, time=at)["result"]
        return [Found(each["metric"], (_point(each["value"]),)) for each in result]

    def over(self, query: str, start: float, end: float, step: float) -> list[Found]:
        """What a query says of a stretch of time."""
        result = self.get("query_range", query=query, start=start, end=end, step=step)["result"]
        return [Found(each["metric"], tuple(map(_point, each["values"]))) for each in result]

    def label_values(self, series: str, label: str, start: float, end: float) -> list[str]:
        """The values of a label among some series."""
        wanted = {"match[]": series, "start": start, "end": end}
        return list(self.get(f"label/{quote(label)}/values", **wanted))


def _point(pair: tuple[float, str]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


@dataclass(frozen=True)
class View:
    """A dashboard as somebody looks at it.

    Attributes:
        board: the dashboard.
        prometheus: its data source.
        start: of the time shown, seconds since 1970.
        end: of it.
        variables: what is chosen, as it is put into queries.
    """

    board: Json
    prometheus: Prometheus
    start: float
    end: float
    variables: Mapping[str, str]

    @classmethod
    def of(cls, board: Json, prometheus: Prometheus, start: float, end: float) -> View:
        """A dashboard as it opens: the first value of each variable, all where several may be chosen."""
        chosen: dict[str, str] = {}
        for variable in board["templating"]["list"]:
            name = variable["name"]
            if variable["type"] == "query":
                there = _LABEL_VALUES.fullmatch(_filled(variable["query"]["query"], chosen))
                assert there is not None, variable["query"]  # noqa: S101 - the dashboards are ours
                values = prometheus.label_values(there["series"], there["label"], start, end)
                chosen[name] = variable.get("allValue") or next(iter(values), "")
        return cls(board, prometheus, start, end, chosen)

    @property
    def step(self) -> float:
        """Seconds between two points."""
        return max(SCRAPE, (self.end - self.start) / _POINTS)

    def filled(self, expr: str) -> str:
        """A query with all variables filled in."""
        built_in = {
            "__rate_interval": f"{max(4 * SCRAPE, self.step + SCRAPE):.0f}s",
            "__range": f"{self.end - self.start:.0f}s",
        }
        return _filled(expr, {**self.variables, **built_in})

    def asked(self, panel: Json) -> Iterator[tuple[Json, list[Found]]]:
        """Each query of a panel with what comes of it."""
        for target in panel.get("targets", ()):
            query = self.filled(target["expr"])
            if target["instant"]:
                yield target, self.prometheus.instant(query, self.end)
            else:
                yield target, self.prometheus.over(query, self.start, self.end, self.step)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values[found[1]], text)
