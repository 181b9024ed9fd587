"""How long a worker with an empty store takes until it is ready, beside Faust's own recovery."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.live.contenders import WORKER, Contender, ready, running
from benchmarks.live.kafka import Broker
from benchmarks.live.lines import Keyed, claim_lines
from benchmarks.live.screening import Engines
from models.record import Record
from models.state import PARTITION_KEY
from streams.store import stamped
from streams.topics import topics_of

APP_ID = "recovery"
TOPIC = "recovery-lines"
STOCK = Contender("Faust's own recovery", "stock_recovery")
PIECES = 5_000
"""Claim lines whose state entries come again and again."""


class Recovery(NamedTuple):
    """Seconds from the start of a process to ready, for so many entries."""

    entries: int
    bytes: int
    worker: float
    stock: float

    @property
    def ratio(self) -> float:
        """How many times the worker is faster."""
        return self.stock / self.worker


def measure(broker: Broker, folder: Path, entries: int) -> Recovery:
    """Write a changelog, and recover it twice."""
    changelog = topics_of(APP_ID).changelog.name
    asyncio.run(broker.make_topics(APP_ID, TOPIC))
    state = _State(entries, broker.partitions)
    asyncio.run(broker.fill(changelog, state.records(), at=state.partitions()))
    job = broker.job(folder, APP_ID, TOPIC)
    began = time.monotonic()
    with running(WORKER, job) as process:
        process.wait_until(lambda: ready(job.port))
        worker = time.monotonic() - began
    began = time.monotonic()
    with running(STOCK, job) as process:
        process.said("RECOVERED")
        stock = time.monotonic() - began
    return Recovery(state.count, state.bytes, worker, stock)


class _State:
    """State entries of generated members, all of them again and again under other member ids.

    The entries of a member lie in one partition.
    """

    def __init__(self, entries: int, partitions: int) -> None:
        self._most = entries
        self._number = partitions
        self._round = 0
        self.count = 0
        self.bytes = 0

    def records(self) -> Iterator[Keyed]:
        """Keys and values, as the worker writes them."""
        engine = Engines().of(0)
        engine.receive_many(
            [Record(line, offset) for offset, (_, line) in enumerate(claim_lines(PIECES, 10))]
        )
        entries = stamped(engine.take_writes(), PIECES)
        held = [(key, value) for key, value in entries.items() if value is not None and key != PARTITION_KEY]
        while self.count < self._most:
            self._round += 1
            opening = b'["%d-' % self._round
            for key, value in held[: self._most - self.count]:
                renamed = key.replace(b'["', opening, 1)
                self.count += 1
                self.bytes += len(renamed) + len(value)
                yield renamed, value

    def partitions(self) -> Iterator[int]:
        """For each record that was given last, where it lies."""
        while True:
            yield self._round % self._number
