"""The whole of it without Docker: a broker, two workers, a sender, a Prometheus that scrapes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from streams.embedded import EmbeddedKafka
from tests.deploy.sender import EXEMPTIONS, Sender
from tests.deploy.stack import RunningPrometheus, backfilled, scraping
from tests.faults.rig import Rig, ready
from tests.kafka.live import Live

WORKERS = ("worker-1", "worker-2")


@dataclass
class Plant:
    """What runs.

    Attributes:
        rig: the broker, the topics and the workers, which are started again when they end by themselves.
        sender: what comes in.
        prometheus: what is known of it.
    """

    rig: Rig
    sender: Sender
    prometheus: RunningPrometheus


@asynccontextmanager
async def plant(
    folder: Path, *, partitions: int = 8, rate: float = 100, past: str = ""
) -> AsyncIterator[Plant]:
    """A plant with two workers, ready and at work; everything ends behind it.

    Args:
        folder: for all that is written.
        partitions: of the topics.
        rate: records a second.
        past: what Prometheus knows of earlier days, as OpenMetrics.
    """
    exemptions = folder / "exemptions.json"
    exemptions.write_text(json.dumps(EXEMPTIONS))
    with EmbeddedKafka(folder / "kafka") as broker:
        live = Live(broker.bootstrap_servers, folder, "plant")
        await live.make_topics(partitions=partitions)
        rig = Rig(broker, live, seed=1)
        sender = Sender(broker.bootstrap_servers, rate)
        try:
            for _ in WORKERS:
                live.add_worker(EXEMPTIONS=str(exemptions), SETTLE_AFTER="20s")
            await ready(*live.workers)
            addresses = [f"127.0.0.1:{worker.port}" for worker in live.workers]
            config = scraping(dict(zip(WORKERS, addresses, strict=True)))
            if past:
                await asyncio.to_thread(backfilled, folder / "prometheus", past)
            with RunningPrometheus(folder / "prometheus", config) as prometheus:
                tasks = [asyncio.create_task(each) for each in (sender.run(), rig.supervise())]
                yield Plant(rig, sender, prometheus)
                for task in tasks:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
        finally:
            live.close()
