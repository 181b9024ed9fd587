"""Laws of the live worker on a real broker."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import pytest

from streams.generate import GenerateSettings
from tests.kafka.event_sets import sets_of_one_year
from tests.kafka.live import Live, generated, keyed, size
from tests.support import claim_line

pytestmark = pytest.mark.slow

RUBBISH: list[tuple[bytes | None, bytes | None]] = [
    (b"k1", b"no json"),
    (None, b"\xff\xfe"),
    (b"k2", b"[1]"),
    (b"k3", None),
    (b"k4", b'{"member_id": "M-1"}'),
    (None, b"{" * 5000),
    (b"k5", b" " * 70_000),
]

SETS = [(seed, workers) for seed in range(1, size(1, 20) + 1) for workers in (1, 3)]


@pytest.mark.parametrize(("seed", "workers"), SETS)
async def test_the_topics_hold_what_a_plain_run_leaves(live: Live, seed: int, workers: int) -> None:
    """Shuffled, repeated, mis-keyed and rubbish records in between: the common invariant holds."""
    rng = random.Random(seed)
    records = [record for events in sets_of_one_year(rng, 6) for record in keyed(events, rng)] + RUBBISH
    rng.shuffle(records)
    half = len(records) // 2
    await live.feed(records[:half])
    for _ in range(workers):
        live.add_worker(static=False)
    await live.feed(records[half:])
    topics = await live.check()
    assert topics.edits
    assert len(topics.rejected) >= len(RUBBISH)
    assert [worker.stop() for worker in live.workers] == [0] * workers


async def test_nothing_is_published_for_open_claims(live: Live) -> None:
    """A claim of which a line is missing stays silent until it is quiet; its deadline is event time."""
    worker = live.add_worker(SETTLE_AFTER="1h")
    worker.wait_ready()
    event = claim_line("C1", 1, "S9500", "2024-03-01", line_count=2)
    whole = claim_line("C2", 1, "99213", "2024-03-01", line_count=1, member_id="M-1")
    await live.feed([(b"M-1", json.dumps(each).encode()) for each in (event, whole)])
    while await live.lag():
        pass
    topics = await live.read()
    assert [json.loads(record.value)["claim_id"] for record in topics.verdicts] == ["C2"]
    assert topics.edits == []


async def test_records_say_what_they_are(live: Live) -> None:
    """Outputs carry content type and schema; a rejected record its reasons and where it came from."""
    live.add_worker()
    await live.feed([(b"M-1", json.dumps(claim_line("C1", 1, "S9500", "2024-03-01")).encode()), RUBBISH[0]])
    topics = await live.check()
    for records, schema in ((topics.edits, b"edit-event/1"), (topics.verdicts, b"claim-verdict/1")):
        assert dict(records[0].headers) == {"content-type": b"application/json", "dripline-schema": schema}
    told = dict(topics.rejected[0].headers)
    assert [reason["code"] for reason in json.loads(told["dripline-reasons"])] == ["not_json"]
    assert told["dripline-source-topic"] == b"claim-lines"


async def test_a_worker_refuses_topics_that_are_not_right(kafka: str, tmp_path: Path) -> None:
    """Without its changelog a worker ends with exit code 2 and says what to do."""
    live = Live(kafka, tmp_path, "nobody-made-these")
    worker = live.add_worker()
    assert worker.process is not None
    assert worker.process.wait(60) == 2
    assert "topics create" in worker.log.read_text()


@pytest.mark.parametrize("seconds", [0.0, 2.0])
async def test_a_worker_stops_in_order_while_it_starts(live: Live, seconds: float) -> None:
    """SIGTERM before it has joined or recovered ends it with 0 as well."""
    await live.feed(generated(GenerateSettings(members=200, seed=5, lines=3_000)))
    live.add_worker()
    await live.check()
    worker = live.add_worker(INSTANCE_ID="another")
    assert worker.process is not None
    while worker.get("/livez")[0] != 200:
        assert worker.process.poll() is None
        await asyncio.sleep(0.02)
    await asyncio.sleep(seconds)
    assert await asyncio.to_thread(worker.stop) == 0, worker.log.read_text()[-2000:]
