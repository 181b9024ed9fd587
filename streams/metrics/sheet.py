"""The values behind the declarations, in a registry of their own.

Whoever counts does so once a step, not once a record; a histogram takes many values at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, product

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.registry import Collector

from streams.metrics.declared import METRICS, PREFIX, Metric

Labels = tuple[str, ...]


class BatchHistogram(Collector):
    """A histogram that takes many values at once; prometheus_client's own locks twice for each.

    Args:
        metric: its declaration.
    """

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def observe(self, labels: Labels, values: Iterable[float]) -> None:
        """Take values in."""
        counts = self._counts.get(labels)
        if counts is None:
            counts = self._counts[labels] = [0] * (len(self._metric.buckets) + 1)
            self._sums[labels] = 0.0
        bounds, total = self._metric.buckets, 0.0
        for value in values:
            counts[bisect_left(bounds, value)] += 1
            total += value
        self._sums[labels] += total

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """As Prometheus reads it: running sums of the buckets."""
        metric = self._metric
        family = HistogramMetricFamily(
            metric.full_name, metric.meaning, labels=[label.name for label in metric.labels]
        )
        bounds = [*map(str, metric.buckets), "+Inf"]
        for labels, counts in list(self._counts.items()):
            running = zip(bounds, accumulate(tuple(counts)), strict=True)
            family.add_metric(labels, list(running), self._sums.get(labels, 0.0))
        yield family


class Sheet:
    """All values. What has labels that are known beforehand begins at 0.

    Args:
        metrics: the declarations.

    Attributes:
        registry: what `/metrics` shows.
    """

    def __init__(self, metrics: Iterable[Metric] = METRICS) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._counters: dict[Metric, Counter] = {}
        self._gauges: dict[Metric, Gauge] = {}
        self._histograms: dict[Metric, BatchHistogram] = {}
        self._counting: dict[tuple[Metric, Labels], Counter] = {}
        for metric in metrics:
            self._declare(metric)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def count(self, metric: Metric, amount: float = 1, *labels: str) -> None:
        """Add to a counter."""
        key = metric, labels
        counting = self._counting.get(key)
        if counting is None:
            counter = self._counters[metric]
            counting = self._counting[key] = counter.labels(*labels) if labels else counter
        counting.inc(amount)

    def show(self, metric: Metric, value: float, *labels: str) -> None:
        """Set a gauge."""
        gauge = self._gauges[metric]
        (gauge.labels(*labels) if labels else gauge).set(value)

    def ask(self, metric: Metric, value: Callable[[], float]) -> None:
        """Ask for a gauge's value whenever somebody looks at it, from the thread that serves."""
        self._gauges[metric].set_function(value)

    def drop(self, metric: Metric, *labels: str) -> None:
        """Show a gauge no more."""
        self._gauges[metric].remove(*labels)

    def observe(self, metric: Metric, values: Iterable[float], *labels: str) -> None:
        """Take values into a histogram."""
        self._histograms[metric].observe(labels, values)

    def _declare(self, metric: Metric) -> None:
        names = [label.name for label in metric.labels]
        if metric.kind == "counter":
            name = metric.name.removesuffix("_total")
            self._counters[metric] = Counter(
                name, metric.meaning, names, namespace=PREFIX, registry=self.registry
            )
        elif metric.kind == "gauge":
            self._gauges[metric] = Gauge(
                metric.name, metric.meaning, names, namespace=PREFIX, registry=self.registry
            )
        else:
            self._histograms[metric] = BatchHistogram(metric)
            self.registry.register(self._histograms[metric])
        for labels in _known(metric):
            if metric.kind == "counter":
                self.count(metric, 0, *labels)
            elif metric.kind == "histogram":
                self.observe(metric, (), *labels)


def _known(metric: Metric) -> Iterator[Labels]:
    """All combinations of labels, where each is known beforehand."""
    values: list[tuple[str, ...]] = []
    for label in metric.labels:
        if label.values is None:
            return
        values.append(label.values)
    yield from product(*values)
