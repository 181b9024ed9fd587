"""The whole of it without Docker: a broker, two workers, a sender, a Prometheus that scrapes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deploy.sender import EXEMPTIONS, Sender
from tests.deploy.stack import RunningPrometheus, backfilled, scraping
from tests.faults.rig import Rig, ready, rig

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
    folder: Path,
    *,
    partitions: int = 8,
    rate: float = 100,
    past: str = "",
    config: Mapping[str, Any] | None = None,
) -> AsyncIterator[Plant]:
    """A plant with two workers, ready and at work; everything ends behind it.

    Args:
        folder: for all that is written.
        partitions: of the topics.
        rate: records a second.
        past: what Prometheus knows of earlier days, as OpenMetrics.
        config: sections of Prometheus' configuration, beside what scrapes the workers or instead of it.
    """
    exemptions = folder / "exemptions.json"
    exemptions.write_text(json.dumps(EXEMPTIONS))
    async with rig(folder, seed=1, partitions=partitions) as run:
        workers = [run.live.add_worker(EXEMPTIONS=str(exemptions), SETTLE_AFTER="20s") for _ in WORKERS]
        await ready(*workers)
        addresses = [f"127.0.0.1:{worker.port}" for worker in workers]
        scraped = scraping(dict(zip(WORKERS, addresses, strict=True)), **(config or {}))
        if past:
            await asyncio.to_thread(backfilled, folder / "prometheus", past)
        with RunningPrometheus(folder / "prometheus", scraped) as prometheus:
            sender = Sender(run.broker.bootstrap_servers, rate)
            sending = asyncio.create_task(sender.run())
            try:
                yield Plant(run, sender, prometheus)
            finally:
                sending.cancel()
                with suppress(asyncio.CancelledError):
                    await sending
