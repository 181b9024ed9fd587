"""Queries made of declared metrics, so that no dashboard can ask for one that no worker shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from streams.metrics.declared import Metric

GROUP: Final = 'namespace=~"$namespace",job="$job"'
"""Selects the groups of workers that are chosen at the top of a dashboard; all name spaces are `.*`, which is
also what has none."""
WORKERS: Final = f'{GROUP},instance=~"$instance"'
"""Selects the workers among them that are chosen."""
WORKER: Final = ("namespace", "instance")
PARTITION: Final = ("namespace", "partition")
"""The labels that tell one from all others: each name space has a worker or partition of the same name."""
EACH_WORKER: Final = "{{instance}} {{namespace}}"
EACH_PARTITION: Final = "{{partition}} {{namespace}}"
"""How they are called on a panel."""
SHORT: Final = "$__rate_interval"
"""The shortest time in which a rate is sure to see two scrapes; Grafana works it out."""


def of(metric: Metric, suffix: str = "", *, where: str = WORKERS, **labels: str) -> str:
    """The series of a metric.

    Args:
        metric: its declaration.
        suffix: of a histogram: `_bucket`, `_count` or `_sum`.
        where: selects by name space, job and instance.
        labels: what other labels must be.
    """
    wanted = "".join(f',{name}="{value}"' for name, value in labels.items())
    return f"{metric.full_name}{suffix}{{{where}{wanted}}}"


def by(labels: Sequence[str], function: str = "sum") -> str:
    """The beginning of a query that adds up over all labels but these."""
    return f"{function} by ({', '.join(labels)}) " if labels else function


def rate(metric: Metric, *labels: str, suffix: str = "", over: str = SHORT, **wanted: str) -> str:
    """How much a counter grows in a second, added up but for some labels."""
    return f"{by(labels)}(rate({of(metric, suffix, **wanted)}[{over}]))"


def increase(metric: Metric, *labels: str, over: str = "$__range", ago: str = "", **wanted: str) -> str:
    """How much a counter grew in some time, added up but for some labels."""
    offset = f" offset {ago}" if ago else ""
    return f"{by(labels)}(increase({of(metric, **wanted)}[{over}]{offset}))"


def quantile(share: float, metric: Metric, *labels: str, **wanted: str) -> str:
    """A quantile of a histogram, for each value of some labels."""
    buckets = rate(metric, "le", *labels, suffix="_bucket", **wanted)
    return f"histogram_quantile({share:g}, {buckets})"


def mean(metric: Metric, *labels: str) -> str:
    """The mean of a histogram's values."""
    return f"{rate(metric, *labels, suffix='_sum')} / {rate(metric, *labels, suffix='_count')}"


def recorded(name: str) -> str:
    """What a rule of deploy/prometheus records of the chosen groups; it knows nothing of single workers.

    Args:
        name: of the rule.
    """
    return f"{name}{{{GROUP}}}"


def up() -> str:
    """Whether Prometheus reached a worker."""
    return process("up")


def process(name: str) -> str:
    """A metric that the Prometheus client shows of its process."""
    return f"{name}{{{WORKERS}}}"
