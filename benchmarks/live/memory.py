"""How much memory a worker takes for each claim line it keeps, in memory and on disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks.live.contenders import WORKER, figures_of
from benchmarks.live.kafka import Broker
from benchmarks.live.lines import new_members

TOPIC = "memory-lines"
AT_ONCE = 20_000
"""Lines of members who are at work at a time: of twice as many as stay decoded."""


def measure(broker: Broker, folder: Path, records: int, store: str) -> float:
    """Bytes by which a worker grows with each line of the second half of a topic."""
    app_id = f"memory-{store.partition(':')[0]}"
    asyncio.run(broker.make_topics(app_id))
    job = broker.job(folder, app_id, TOPIC, records, store=store, warm=records // 2)
    return figures_of(WORKER, job).grown / (records - records // 2)


async def fill(broker: Broker, records: int) -> None:
    """Fill the topic with lines of members who are not seen again once some thousand others came."""
    await broker.make_topics("memory", TOPIC)
    await broker.fill(TOPIC, new_members(records, 10, AT_ONCE, seed=3))
