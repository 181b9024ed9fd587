"""Brokers stopped, killed, and late under load: the common invariant holds each time."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from streams.embedded import EmbeddedKafka
from tests.faults.rig import claim_lines, ready, rig, size, whole
from tests.kafka.live import Live, Worker

pytestmark = pytest.mark.slow

LINES = size(6_000, 60_000)


@pytest.mark.parametrize("seconds", [size(5, 60), pytest.param(180, marks=whole)])
async def test_a_broker_away_for_a_while(tmp_path: Path, seconds: int) -> None:
    """Workers wait, or end and are started again; the broker is stopped in the middle of the work."""
    async with rig(tmp_path, seed=31) as run:
        events = claim_lines(LINES, 31)
        workers = [run.live.add_worker() for _ in range(2)]
        await ready(*workers)
        await run.live.feed(events[: LINES * 2 // 3])
        await asyncio.to_thread(run.broker.stop, 1)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(run.broker.start, 1)
        run.calm()
        await run.live.feed(events[LINES * 2 // 3 :])
        await run.check(f"broker stopped for {seconds} s", 180)
        await run.stop_all()


async def test_a_broker_killed(tmp_path: Path) -> None:
    """SIGKILL of the only broker, and a start at once."""
    async with rig(tmp_path, seed=32) as run:
        events = claim_lines(LINES, 32)
        workers = [run.live.add_worker() for _ in range(2)]
        await ready(*workers)
        for part in range(size(1, 3)):
            share = LINES // size(1, 3)
            await run.live.feed(events[part * share : (part + 1) * share])
            await asyncio.to_thread(run.broker.kill, 1)
            await asyncio.to_thread(run.broker.start, 1)
        run.calm()
        await run.check("only broker killed", 180)
        await run.stop_all()


@whole
async def test_one_of_three_brokers_killed(tmp_path: Path) -> None:
    """Each broker is killed once, two always live: workers go on, and nothing is lost."""
    async with rig(tmp_path, seed=33, nodes=3, replication=3) as run:
        events = claim_lines(LINES, 33)
        workers = [run.live.add_worker() for _ in range(2)]
        await ready(*workers)
        share = LINES // 3
        for node in range(1, size(2, 4)):
            await run.live.feed(events[(node - 1) * share : node * share])
            await asyncio.to_thread(run.broker.kill, node)
            await asyncio.sleep(size(5, 20))
            await asyncio.to_thread(run.broker.start, node)
        run.calm()
        await run.check("one of three brokers killed", 180)
        await run.stop_all()


async def test_a_broker_that_comes_late(tmp_path: Path) -> None:
    """A worker started before its broker answers that it waits, and goes on once the broker is there."""
    with EmbeddedKafka(tmp_path / "kafka") as broker:
        live = Live(broker.bootstrap_servers, tmp_path, "late")
        await live.make_topics()
        await live.feed(claim_lines(600, 34))
        broker.stop(1)
        worker = live.add_worker()
        try:
            async with asyncio.timeout(60):
                while "cannot connect" not in (answer := worker.get("/readyz"))[1]:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.1)
            assert answer[0] == 503
            assert worker.get("/livez") == (200, "live\n")
            assert answer[1].endswith("waiting for a broker\n")
            assert "waiting for a broker" in worker.log.read_text()
            broker.start(1)
            await ready(worker)
            await live.check()
            assert worker.stop() == 0
        finally:
            live.close()


WITHOUT_BROKERS = re.compile(
    "the brokers have not answered|.*waiting for a broker|the topics are being looked at"
)
"""How an answer begins while no broker answers."""


async def _ask(worker: Worker, answers: list[tuple[int, str]]) -> None:
    """What `/readyz` answers, again and again, each change once."""
    while True:
        answer = await asyncio.to_thread(worker.get, "/readyz")
        if answer not in answers[-1:]:
            answers.append(answer)
        await asyncio.sleep(0.05)


async def test_readiness_tells_the_truth_through_a_loss(tmp_path: Path) -> None:
    """Once not ready, a worker is so until its broker is back, and says why, in its next life as well."""
    async with rig(tmp_path, seed=35) as run:
        worker = run.live.add_worker()
        await ready(worker)
        answers: list[tuple[int, str]] = []
        asking = asyncio.create_task(_ask(worker, answers))
        await run.live.feed(claim_lines(LINES, 35))
        await asyncio.to_thread(run.broker.kill, 1)
        while "the brokers have not answered a heartbeat" not in answers[-1][1] and not run.exits:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)
        # An acknowledgement may be overdue, which ends it; where it had nothing to send, we do.
        if not run.exits:
            worker.kill()
        while "cannot connect" not in answers[-1][1]:  # noqa: ASYNC110 - asked for all the time
            await asyncio.sleep(0.1)
        lost = list(answers)
        await asyncio.to_thread(run.broker.start, 1)
        run.calm()
        await run.check("readiness through a loss", 180)
        await ready(worker)
        asking.cancel()
        assert run.exits
        first = next(number for number, (status, _) in enumerate(lost) if status != 200)
        assert [text for status, text in lost[first:] if status not in (0, 503)] == []
        assert [text for status, text in lost[first:] if status and not WITHOUT_BROKERS.match(text)] == []
        await run.stop_all()
