"""A crash before or after each of the five steps of the chain loses nothing and decides nothing otherwise."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.faults.crashing_worker import POINTS
from tests.faults.rig import claim_lines, ready, rig, size

pytestmark = pytest.mark.slow

CRASHES = [f"{where}_{point}" for point in POINTS for where in ("before", "after")] * size(1, 3)
SHARE = size(200, 600)


async def test_a_crash_at_any_point_changes_nothing(tmp_path: Path) -> None:
    """Worker after worker crashes at the next point, under load; the last one finishes."""
    async with rig(tmp_path, seed=11) as run:
        run.keep_up = False
        events = claim_lines(SHARE * (len(CRASHES) + 1), 11)
        for number, point in enumerate(CRASHES):
            await run.live.feed(events[number * SHARE : (number + 1) * SHARE])
            crash = f"{point}:{1 if point.endswith('committed') else 2}"
            worker = run.live.add_worker(
                module="tests.faults.crashing_worker", INSTANCE_ID="w", TEST_CRASH=crash
            )
            assert worker.process is not None
            assert await asyncio.to_thread(worker.process.wait, 60) == 9, point
        await run.live.feed(events[len(CRASHES) * SHARE :])
        run.calm()
        last = run.live.add_worker(INSTANCE_ID="w")
        await ready(last)
        topics = await run.check(f"{len(CRASHES)} crashes, before and after each step")
        assert topics.repeats() > 0
        await run.stop_all()
