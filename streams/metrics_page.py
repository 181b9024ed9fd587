"""The page of the metrics: name, kind, unit, labels and meaning of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from streams.metrics.declared import METRICS, Label, Metric
from streams.metrics.replay import REPLAY_METRICS

_INTRO: Final = """# Metrics

A worker serves these at `/metrics` on `DRIPLINE_HTTP_HOST` and `DRIPLINE_HTTP_PORT`, also while it recovers.
Counters count since the process started, and what has labels that are known beforehand begins at 0. Series of
a partition are gone once the partition is another worker's. No label and no value tells of a member, a claim
or a provider. Gauges are looked at once a second. Beside these stand `process_*`, `python_info` and
`python_gc_*` of the Prometheus client.

`dripline replay` and `dripline backtest` show those of *Replays* while they run, with `--metrics-port`.
"""
_EVERY: Final = (*METRICS, *REPLAY_METRICS)


def metrics_page() -> str:
    """The page in Markdown."""
    parts = [_INTRO]
    for group, metrics in groupby(_EVERY, lambda metric: metric.group):
        table = _table(("Metric", "Kind", "Unit", "Labels", "Meaning"), map(_row, metrics))
        parts.append(f"## {group}\n\n{table}")
    labels = dict.fromkeys(label for metric in _EVERY for label in metric.labels)
    values = _table(("Label", "Values"), ((f"`{label.name}`", _values(label)) for label in labels))
    buckets = ((f"`{each.full_name}`", _buckets(each)) for each in _EVERY if each.buckets)
    parts.append(f"## Labels\n\n{values}")
    parts.append(f"## Buckets\n\n{_table(('Histogram', 'Upper bounds'), buckets)}")
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *rows))


def _row(metric: Metric) -> tuple[str, ...]:
    labels = ", ".join(f"`{label.name}`" for label in metric.labels) or "none"
    return f"`{metric.full_name}`", metric.kind, metric.unit, labels, metric.meaning


def _values(label: Label) -> str:
    return label.bound if label.values is None else ", ".join(f"`{value}`" for value in label.values)


def _buckets(metric: Metric) -> str:
    return ", ".join(f"{bound:g}" for bound in metric.buckets)
