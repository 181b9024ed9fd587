"""A crash before or after each of the five steps of the chain loses nothing and decides nothing otherwise."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from streams.embedded import EmbeddedKafka
from streams.generate import GenerateSettings
from tests.faults.crashing_worker import POINTS
from tests.kafka.live import Live, generated

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("DRIPLINE_TEST_ROUNDS", "1"))
CRASHES = [f"{where}_{point}" for point in POINTS for where in ("before", "after")] * ROUNDS
LINES = 600


async def test_a_crash_at_any_point_changes_nothing(tmp_path: Path) -> None:
    """Worker after worker crashes at the next point, under load; the last one finishes."""
    settings = GenerateSettings(members=200, seed=11, other_share=0.3, lines=LINES * (len(CRASHES) + 1))
    events = generated(settings)
    share = len(events) // (len(CRASHES) + 1)
    with EmbeddedKafka(tmp_path / "kafka") as broker:
        live = Live(broker.bootstrap_servers, tmp_path, "crashes")
        await live.make_topics()
        try:
            for number, point in enumerate(CRASHES):
                await live.feed(events[number * share : (number + 1) * share])
                crash = f"{point}:{1 if point.endswith('committed') else 2}"
                worker = live.add_worker(
                    module="tests.faults.crashing_worker", INSTANCE_ID="w", TEST_CRASH=crash
                )
                assert worker.process is not None
                assert await asyncio.to_thread(worker.process.wait, 60) == 9, point
            await live.feed(events[len(CRASHES) * share :])
            last = live.add_worker(INSTANCE_ID="w")
            await asyncio.to_thread(last.wait_ready)
            topics = await live.check(90)
            assert topics.edits
            assert topics.repeats() > 0
            assert last.stop() == 0, last.log.read_text()[-3000:]
        finally:
            live.close()
