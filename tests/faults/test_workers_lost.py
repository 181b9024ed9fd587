"""Workers frozen, replaced, restarted and joined under load: the common invariant holds each time."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path

import pytest

from tests.faults.rig import SESSION_SECONDS, Rig, claim_lines, ready, rig, size, whole
from tests.kafka.live import Worker

pytestmark = pytest.mark.slow

LINES = size(6_000, 40_000)


async def _freeze(worker: Worker, seconds: float) -> None:
    assert worker.process is not None
    worker.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    worker.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("static", [True, pytest.param(False, marks=whole)])
async def test_a_worker_frozen_beyond_its_session(tmp_path: Path, *, static: bool) -> None:
    """Another worker takes over; the one that wakes up writes nothing behind it."""
    async with rig(tmp_path, seed=21) as run:
        events = claim_lines(LINES, 21)
        frozen, other = (run.live.add_worker(static=static) for _ in range(2))
        await ready(frozen, other)
        feeding = asyncio.create_task(_trickle(run, events, size(SESSION_SECONDS * 3, 290)))
        for _ in range(size(1, 3)):
            await asyncio.sleep(1)
            await _freeze(frozen, size(SESSION_SECONDS + 4, 90))
            run.calm()
        await feeding
        kind = "static" if static else "dynamic"
        await run.check(f"frozen beyond the session timeout, {kind}")
        await run.stop_all()


async def _trickle(run: Rig, events: list[tuple[bytes | None, bytes | None]], seconds: float) -> None:
    """Feed events little by little."""
    parts = 30
    for part in range(parts):
        await run.live.feed(events[part * len(events) // parts : (part + 1) * len(events) // parts])
        await asyncio.sleep(seconds / parts)


async def test_a_rolling_restart(tmp_path: Path) -> None:
    """Static workers stopped and started one after the other: each ends with 0 within 20 s."""
    async with rig(tmp_path, seed=22) as run:
        workers = [run.live.add_worker() for _ in range(size(2, 3))]
        await ready(*workers)
        feeding = asyncio.create_task(_trickle(run, claim_lines(LINES, 22), 15))
        for _ in range(size(1, 3)):
            for worker in workers:
                assert await asyncio.to_thread(worker.stop) == 0, worker.log.read_text()[-2000:]
                worker.start()
                await ready(worker)
        run.calm()
        await feeding
        await run.check(f"rolling restart of {len(workers)}, static")
        assert run.exits == []
        await run.stop_all()


@whole
async def test_partitions_go_back_and_forth(tmp_path: Path) -> None:
    """Workers join and leave under load, A, then A and B, then B, then B and A: nothing is passed over."""
    rng = random.Random(23)
    async with rig(tmp_path, seed=23) as run:
        here, there = run.live.add_worker(static=False), None
        await ready(here)
        rounds = size(3, 10)
        feeding = asyncio.create_task(_trickle(run, claim_lines(LINES, 23), rounds * 6))
        for _ in range(rounds):
            if there is None:
                there = run.live.add_worker(static=False)
            else:
                there.start()
            await ready(there)
            await asyncio.sleep(rng.uniform(0, 2))
            assert await asyncio.to_thread(here.stop) == 0, here.log.read_text()[-2000:]
            here, there = there, here
        run.calm()
        await feeding
        await run.check("partitions back and forth, dynamic")
        await run.stop_all()


async def test_two_workers_with_one_instance_id(tmp_path: Path) -> None:
    """The first stops, and says why, or the second does; the topics are as if there had been one."""
    async with rig(tmp_path, seed=24) as run:
        run.keep_up = False
        first = run.live.add_worker(INSTANCE_ID="one")
        await ready(first)
        feeding = asyncio.create_task(_trickle(run, claim_lines(LINES, 24), 12))
        await asyncio.sleep(2)
        second = run.live.add_worker(INSTANCE_ID="one")
        run.calm()
        await feeding
        await run.check("two workers with one instance id")
        ended = [each for each in (first, second) if each.process and each.process.poll() is not None]
        assert len(ended) == 1
        assert ended[0].process is not None
        assert ended[0].process.returncode in (1, 2)
        assert "another one has its INSTANCE_ID" in ended[0].log.read_text()
        await run.stop_all()
