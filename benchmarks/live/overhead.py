"""What the metrics cost: the worker with them and without, in alternating pairs over the same lines.

Twice: over a topic that is full, where steps are large, and with lines that come at a steady pace, where
steps are small and counting once a step weighs most. With metrics, `/metrics` is asked for as often as the
compose file's Prometheus does.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from benchmarks.live.contenders import WORKER, Process, ready, running
from benchmarks.live.kafka import Broker
from benchmarks.live.latency import feed
from benchmarks.live.lines import Keyed, claim_lines
from benchmarks.live.meter import Figures, Job

FULL = "overhead-full"
LINES_A_MEMBER = 10
PACE = 800.0
"""Lines a second where they come steadily."""
SCRAPED_EVERY = 5.0
"""Seconds, as deploy/prometheus/prometheus.yml has it."""


class Pair(NamedTuple):
    """Processor microseconds a line."""

    with_metrics: float
    without: float

    @property
    def ratio(self) -> float:
        """What a line costs with metrics, to what it costs without."""
        return self.with_metrics / self.without


class Overhead(NamedTuple):
    """The pairs of a kind of load.

    Attributes:
        load: for the table.
        pairs: in the order of the rounds.
    """

    load: str
    pairs: Sequence[Pair]

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return statistics.median(pair.ratio for pair in self.pairs)


class Track:
    """Runs workers one after the other on a broker.

    Args:
        broker: with topics of 16 partitions.
        folder: for their logs.
    """

    def __init__(self, broker: Broker, folder: Path) -> None:
        self._broker = broker
        self._folder = folder
        self._runs = 0

    async def fill(self, lines: Sequence[Keyed]) -> None:
        """Fill the topic of the runs that catch up."""
        await self._broker.make_topics("overhead", FULL)
        await self._broker.fill(FULL, lines)

    def catching_up(self, lines: Sequence[Keyed], *, metrics: bool) -> float:
        """The cost of a line on a topic that is full."""
        with self._worker(FULL, len(lines), metrics=metrics) as (_, process):
            return _cost(process)

    def steady(self, lines: Sequence[Keyed], *, metrics: bool) -> float:
        """The cost of a line where they come at a steady pace, to a worker that waits for them."""
        topic = f"overhead-steady-{self._runs}"
        asyncio.run(self._broker.make_topics("overhead", topic))
        with self._worker(topic, len(lines), metrics=metrics) as (job, process):
            process.wait_until(lambda: ready(job.port))
            asyncio.run(feed(self._broker.servers, topic, lines, PACE))
            return _cost(process)

    @contextmanager
    def _worker(self, topic: str, records: int, *, metrics: bool) -> Iterator[tuple[Job, Process]]:
        self._runs += 1
        app_id = f"overhead-{self._runs}"
        asyncio.run(self._broker.make_topics(app_id))
        job = self._broker.job(self._folder, app_id, topic, records, metrics=metrics)
        with running(WORKER, job) as process, _scraped(job.port if metrics else None):
            yield job, process


def measure(
    broker: Broker, folder: Path, records: int, seconds: float, pairs: int, tell: Callable[[str], None]
) -> Iterator[Overhead]:
    """The overhead under both kinds of load.

    Args:
        broker: with topics of 16 partitions.
        folder: for logs.
        records: lines of a run that catches up.
        seconds: how long lines come in a steady run.
        pairs: of each kind.
        tell: takes what is being done.
    """
    track = Track(broker, folder)
    lines = list(claim_lines(records, LINES_A_MEMBER))
    asyncio.run(track.fill(lines))
    steady = list(claim_lines(int(PACE * seconds), LINES_A_MEMBER))
    yield Overhead(f"{records:,} lines at once", _pairs(track.catching_up, lines, pairs, tell))
    yield Overhead(f"{PACE:,.0f} lines/s", _pairs(track.steady, steady, pairs, tell))


def _pairs(
    run: Callable[..., float], lines: Sequence[Keyed], pairs: int, tell: Callable[[str], None]
) -> list[Pair]:
    """Each pair one with and one without; another one of them goes first each time."""
    found = []
    for number in range(pairs):
        costs = {}
        for metrics in (True, False) if number % 2 else (False, True):
            tell(f"overhead, pair {number + 1} of {pairs}, with{'' if metrics else 'out'} metrics")
            costs[metrics] = run(lines, metrics=metrics)
        found.append(Pair(costs[True], costs[False]))
    return found


def _cost(process: Process) -> float:
    return Figures(**json.loads(process.said("FIGURES"))).cost


@contextmanager
def _scraped(port: int | None) -> Iterator[None]:
    """Ask for the metrics at a port, again and again, while the block lasts."""
    over = threading.Event()

    def ask() -> None:
        while not over.wait(SCRAPED_EVERY):
            with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                answer.read()

    asking = threading.Thread(target=ask)
    if port is not None:
        asking.start()
    try:
        yield
    finally:
        over.set()
        if port is not None:
            asking.join()
