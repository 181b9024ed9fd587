"""Workers killed again and again: the common invariant holds, and nothing is decided otherwise."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.faults.rig import claim_lines, rig, size

pytestmark = pytest.mark.slow

KILLS = size(3, 30)
LINES = size(9_000, 200_000)


async def test_killed_workers_lose_nothing(tmp_path: Path) -> None:
    """Two workers, one of them killed every few seconds and started again under load."""
    rng = random.Random(7)
    async with rig(tmp_path, seed=7) as run:
        events = claim_lines(LINES, 7)
        half = LINES // 2
        await run.live.feed(events[:half])
        for _ in range(2):
            run.live.add_worker()
        for kill in range(KILLS):
            await run.live.feed(events[half + kill * half // KILLS : half + (kill + 1) * half // KILLS])
            await asyncio.sleep(rng.uniform(3, 7))
            victim = rng.choice(run.live.workers)
            victim.kill()
            victim.start()
        run.calm()
        await run.check(f"{KILLS} x kill -9 of one of 2 workers", 300)
        assert run.exits == []
        await run.stop_all()
