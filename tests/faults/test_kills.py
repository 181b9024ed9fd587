"""Workers killed again and again: the common invariant holds, and nothing is decided otherwise."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from streams.embedded import EmbeddedKafka
from streams.generate import GenerateSettings
from tests.kafka.live import Live, generated

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("DRIPLINE_TEST_KILLS", "4"))
LINES = KILLS * 4_000


async def test_killed_workers_lose_nothing(tmp_path: Path) -> None:
    """Two workers, one of them killed every few seconds and started again under load."""
    rng = random.Random(KILLS)
    with EmbeddedKafka(tmp_path / "kafka") as broker:
        live = Live(broker.bootstrap_servers, tmp_path, "kills")
        await live.make_topics()
        settings = GenerateSettings(members=LINES // 15, seed=7, other_share=0.5, lines=LINES)
        events = generated(settings)
        await live.feed(events[: LINES // 2])
        try:
            for _ in range(2):
                live.add_worker()
            for kill in range(KILLS):
                share = LINES // 2 // KILLS
                start = LINES // 2 + kill * share
                await live.feed(events[start : start + share])
                await asyncio.sleep(rng.uniform(3, 7))
                victim = rng.choice(live.workers)
                victim.kill()
                victim.start()
            topics = await live.check(120)
            assert topics.edits
            assert [worker.stop() for worker in live.workers] == [0, 0]
        finally:
            live.close()
