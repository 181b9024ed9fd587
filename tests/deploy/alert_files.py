"""The rules of deploy/prometheus as data: groups, alerts, what each query names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.prometheus.__main__ import RULES
from streams.metrics.declared import METRICS, Metric

TESTS: Final = RULES.parent / "tests"
RUNBOOKS: Final = Path(__file__).parents[2] / "docs" / "runbooks"
OURS: Final = dict.fromkeys(("up", "process_start_time_seconds", "process_cpu_seconds_total"))
"""What is no declared metric: Prometheus' own, and that of the process."""
ALWAYS: Final = {"namespace", "job", "instance"}
"""Labels that the scrape adds."""
_WORDS: Final = {"and", "or", "unless", "by", "on", "group_left", "offset", "without", "ignoring", "bool"}
_SELECTED: Final = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}")
_MATCHER: Final = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')

Rule = dict[str, Any]


@lru_cache
def groups() -> list[dict[str, Any]]:
    """All groups, file by file."""
    files = sorted(RULES.glob("*.yml"))
    return [group for file in files for group in yaml.safe_load(file.read_text("utf-8"))["groups"]]


def rules() -> Iterator[Rule]:
    """All rules."""
    for group in groups():
        yield from group["rules"]


ALERTS: Final[dict[str, Rule]] = {rule["alert"]: rule for rule in rules() if "alert" in rule}
RECORDED: Final[dict[str, Rule]] = {rule["record"]: rule for rule in rules() if "record" in rule}


def shown() -> dict[str, Metric | None]:
    """The names under which there are series of metrics."""
    found: dict[str, Metric | None] = dict(OURS)
    for metric in METRICS:
        parts = ("_bucket", "_count", "_sum") if metric.kind == "histogram" else ("",)
        found |= dict.fromkeys((metric.full_name + part for part in parts), metric)
    return found


def names_in(expr: str) -> set[str]:
    """The series that a query names: all words that are no function, no keyword, no label, no text."""
    plain = re.sub(r'"[^"]*"', "", expr)
    plain = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", plain)
    plain = re.sub(r"\b(by|on|group_left|without|ignoring)\s*\([^)]*\)", " ", plain)
    plain = re.sub(r"\boffset\s+\w+", " ", plain)
    words = re.findall(r"(?<![\w:.])([a-zA-Z_:][\w:]*)(?!\s*\(|[\w:])", plain)
    return set(words) - _WORDS


def wrong_labels(expr: str) -> list[str]:
    """Labels that a query selects by and that the metric does not have, or never with that value."""
    wrong = []
    for name, matchers in _SELECTED.findall(expr):
        metric = shown().get(name)
        labels = {label.name: label.values for label in metric.labels} if metric else {}
        if metric and name.endswith("_bucket"):
            labels["le"] = (*map(str, metric.buckets), "+Inf")
        for label, operator, value in _MATCHER.findall(matchers):
            values = labels.get(label)
            known = label in labels and (values is None or operator != "=" or value in values)
            if not known and label not in ALWAYS:
                wrong.append(f'{name}{{{label}{operator}"{value}"}}')
    return wrong
