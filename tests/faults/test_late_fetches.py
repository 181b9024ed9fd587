"""Where a partition ends: behind the marks of transactions, and not before a fetch that is on its way."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from aiokafka import AIOKafkaProducer

from streams.topics import LINES
from tests.faults.late_worker import LATE
from tests.faults.rig import ready
from tests.kafka.live import Live, member_key
from tests.support import claim_line

pytestmark = pytest.mark.slow

SETTLE_SECONDS = 3


async def test_no_time_passes_while_a_fetch_is_on_its_way(live: Live) -> None:
    """The line that completes a claim is fetched in time and taken late: the claim is complete, not quiet."""
    assert 2 * SETTLE_SECONDS + 2 < LATE  # by then time would have run on for the settle window
    worker = live.add_worker(
        module="tests.faults.late_worker", TEST_LATE="delivery", SETTLE_AFTER=f"{SETTLE_SECONDS}s"
    )
    await ready(worker)
    lines = [claim_line("C1", number, "99213", "2024-03-01", line_count=2) for number in (1, 2)]
    end = time.monotonic() + 60
    await live.feed([(member_key(lines[0]), json.dumps(lines[0]).encode())])
    while worker.samples()["dripline_events_total", ("outcome", "accepted")] < 1:
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    await live.feed([(member_key(lines[1]), json.dumps(lines[1]).encode())])
    topics = await live.check()
    verdicts = [json.loads(record.value) for record in topics.verdicts]
    assert [(each["settled"], each["lines_seen"]) for each in verdicts] == [("complete", 2)]
    assert worker.stop() == 0


async def test_marks_of_transactions_are_no_records(live: Live) -> None:
    """Behind a committed and an aborted transaction is the end as well: a claim falls quiet there.

    What is committed lies behind them too: a partition at rest has no lag.
    """
    worker = live.add_worker()
    await ready(worker)
    line = claim_line("C1", 1, "99213", "2024-03-01", line_count=2)
    async with AIOKafkaProducer(bootstrap_servers=live.servers, transactional_id=live.app_id) as producer:
        for committed in (True, False):
            await producer.begin_transaction()
            await producer.send_and_wait(LINES, json.dumps(line).encode(), member_key(line))
            await (producer.commit_transaction() if committed else producer.abort_transaction())
    end = time.monotonic() + 60
    while not (verdicts := (await live.read()).verdicts):
        assert time.monotonic() < end
    assert [json.loads(each.value)["settled"] for each in verdicts] == ["quiet"]
    while await live.lag():
        assert time.monotonic() < end
        await asyncio.sleep(0.1)
    assert worker.stop() == 0


async def test_what_is_fetched_while_positions_are_set_is_taken(live: Live) -> None:
    """After a rebalance a fetch may be here before the word that it begins where it should."""
    worker = live.add_worker(static=False, module="tests.faults.late_worker", TEST_LATE="seek")
    await ready(worker)
    lines = [
        claim_line(f"C{number}", 1, "99213", "2024-03-01", line_count=1, member_id=f"M-{number % 40}")
        for number in range(800)
    ]
    other = live.add_worker(static=False)
    await live.feed([(member_key(line), json.dumps(line).encode()) for line in lines])
    await ready(other)
    await live.check()
    assert worker.stop() == 0
    assert other.stop() == 0
