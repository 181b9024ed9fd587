"""What ten times the history of each member costs: the worker over as many lines of fewer members."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable

from benchmarks.live.contenders import WORKER
from benchmarks.live.race import Course

TOPICS = {"history-10": 10, "history-100": 100}


def measure(course: Course, records: int, rounds: int, tell: Callable[[str], None]) -> tuple[float, float]:
    """Throughput and processor time for members of 100 lines, as a share of that for members of 10."""
    for topic, lines in TOPICS.items():
        asyncio.run(course.fill(topic, records, lines))
    rates, costs = [], []
    for number in range(rounds):
        tell(f"history, round {number + 1} of {rounds}")
        few, many = (course.run(WORKER, topic) for topic in TOPICS)
        rates.append(many.rate / few.rate)
        costs.append(many.cost / few.cost)
    return statistics.median(rates), statistics.median(costs)
