"""A fault run: brokers, workers under somebody who starts them again, and a table of what came of it.

`DRIPLINE_TEST_FAULTS=whole` (as `make test-faults` sets it) takes the long runs; else the same faults are
shorter. `DRIPLINE_TEST_FAULTS_TABLE` names a file to which each run adds a line.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from streams.embedded import EmbeddedKafka
from streams.generate import GenerateSettings
from tests.kafka.live import PARTITIONS, Live, Topics, Worker, generated, size, whole

__all__ = ["Rig", "claim_lines", "ready", "rig", "size", "whole"]

SESSION_SECONDS = 6
"""The session timeout of the workers of `Live`."""

KeyedRecord = tuple[bytes | None, bytes | None]


def claim_lines(lines: int, seed: int) -> list[KeyedRecord]:
    """Generated claim lines as records."""
    return generated(GenerateSettings(members=max(lines // 15, 20), seed=seed, other_share=0.5, lines=lines))


class Rig:
    """Brokers and workers of one run.

    Attributes:
        broker: the cluster.
        live: its topics and workers.
        exits: exit codes other than 0 of workers that were started again.
        keep_up: start workers again that end by themselves.
    """

    def __init__(self, broker: EmbeddedKafka, live: Live, seed: int) -> None:
        self.broker = broker
        self.live = live
        self.exits: list[int] = []
        self.keep_up = True
        self._seed = seed
        self._calm = time.monotonic()

    async def supervise(self) -> None:
        """Start workers again that ended by themselves, as a cluster does."""
        while True:
            for worker in self.live.workers:
                code = None if worker.process is None else worker.process.poll()
                if self.keep_up and code not in (None, 0):
                    self.exits.append(code)
                    worker.start()
            await asyncio.sleep(0.2)

    def calm(self) -> None:
        """The fault is over: from here on seconds to recover are counted."""
        self._calm = time.monotonic()

    async def check(self, name: str, seconds: float = 120) -> Topics:
        """The common invariant; a line of the table."""
        topics = await self.live.check(seconds)
        took = time.monotonic() - self._calm
        assert topics.edits
        table = os.environ.get("DRIPLINE_TEST_FAULTS_TABLE")
        if table:
            edits, verdicts = len(topics.edits), len(topics.verdicts)
            cells = [name, self._seed, len(topics.lines), edits, verdicts, topics.repeats(), f"{took:.0f}"]
            line = f"| {' | '.join(map(str, [*cells, self.exits or '-']))} |\n"
            await asyncio.to_thread(_add, Path(table), line)
        return topics

    async def stop_all(self) -> None:
        """Stop all workers in order; each ends with 0."""
        self.keep_up = False
        for worker in self.live.workers:
            if worker.process is not None and worker.process.poll() is None:
                assert await asyncio.to_thread(worker.stop) == 0, worker.log.read_text()[-2000:]


def _add(file: Path, line: str) -> None:
    with file.open("a") as table:
        table.write(line)


@asynccontextmanager
async def rig(
    folder: Path, seed: int, *, nodes: int = 1, replication: int = 1, partitions: int = PARTITIONS
) -> AsyncIterator[Rig]:
    """Brokers, topics and a supervisor; everything ends behind it."""
    with EmbeddedKafka(folder / "kafka", nodes=nodes) as broker:
        live = Live(broker.bootstrap_servers, folder, "faults")
        await live.make_topics(replication, partitions)
        made = Rig(broker, live, seed)
        supervisor = asyncio.create_task(made.supervise())
        try:
            yield made
        finally:
            supervisor.cancel()
            with suppress(asyncio.CancelledError):
                await supervisor
            live.close()


async def ready(*workers: Worker) -> None:
    """Wait until these workers are."""
    await asyncio.gather(*(asyncio.to_thread(worker.wait_ready, 60) for worker in workers))
