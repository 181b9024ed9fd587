"""No value of a claim line reaches a log, a metric or an error text, whatever happens to it."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiokafka import AIOKafkaProducer

from streams.topics import LINES, topics_of
from tests.kafka.failing_worker import PLACES
from tests.kafka.live import PARTITIONS, Live, Worker
from tests.support import Event

pytestmark = pytest.mark.slow

CANARY: Event = {
    "event_id": "EVENTCANARY",
    "claim_id": "CLAIMCANARY",
    "line_number": 977,
    "line_count": 983,
    "claim_frequency_code": "7",
    "original_claim_id": "ORIGINALCANARY",
    "member_id": "MEMBERCANARY",
    "plan_id": "PLANCANARY",
    "billing_provider_npi": "1679576722",
    "rendering_provider_npi": "1234567893",
    "procedure_code": "S9500",
    "modifiers": ["Q7", "Z9"],
    "ndc": "61703-0243-93",
    "service_date_from": "2024-03-11",
    "service_date_to": "2024-03-13",
    "units": "7.125",
    "charge_amount": "87654.31",
    "place_of_service": "Y7",
    "received_at": "2024-04-17T11:22:33.123456Z",
}
TEXTS = [str(value) for value in CANARY.values() if isinstance(value, str) and len(value) > 4]
"""What is looked for: values long enough to be nothing else."""
TEXTS += ["61703024393", "CANARY", "87654", "HEADERCANARY"]


def _records() -> list[tuple[bytes | None, bytes | None]]:
    """Lines that are sound, repeated, mis-keyed, refused for each field in turn, and no lines at all."""
    sound = [
        CANARY
        | {"line_number": number, "charge_amount": f"87654.{number:02}", "event_id": f"EVENTCANARY{number}"}
        for number in range(1, 30)
    ]
    refused = [
        *(CANARY | {name: ["CANARY", {"CANARY": name}]} for name in CANARY),
        *(CANARY | {name: f"CANARY {name} " + "x" * 90} for name in CANARY),
    ]
    values = [json.dumps(event).encode() for event in [*sound, *refused]]
    rubbish = [b"CANARY", b'{"CANARY": ', b'["CANARY"]', b"CANARY\xff", b'"CANARY' + b"x" * 70_000]
    keys = [b"MEMBERCANARY", b"OTHERCANARY", b"MEMBERCANARY"]
    return [(keys[number % 3], value) for number, value in enumerate([*values, *rubbish])]


def _found(text: str) -> list[str]:
    return [canary for canary in TEXTS if canary in text]


async def test_no_canary_is_seen_of_a_worker(live: Live) -> None:
    """Neither in the log nor in what is served."""
    worker = live.add_worker(LOG_LEVEL="DEBUG")
    await live.feed(_records(), headers=[("traceparent", b"HEADERCANARY"), ("HEADERCANARY", b"CANARY")])
    topics = await live.check()
    assert topics.edits
    assert len(topics.rejected) > len(CANARY)
    for path in ("/metrics", "/readyz", "/livez"):
        status, text = worker.get(path)
        assert status == 200
        assert _found(text) == []
    assert worker.stop() == 0
    assert _found(worker.log.read_text()) == []


@pytest.mark.parametrize("which", ["edits", "rejected", "changelog"])
async def test_no_canary_is_seen_where_a_send_fails(live: Live, which: str) -> None:
    """The last line names the cause; with tracebacks asked for, no value either."""
    topic = getattr(topics_of(live.app_id), which).name
    worker = live.add_worker(LOG_LEVEL="DEBUG", DEBUG="1")
    await asyncio.to_thread(worker.wait_ready)
    await live.alter(topic, max_message_bytes="100")
    await live.feed(_records(), headers=[("HEADERCANARY", b"CANARY")])
    assert worker.process is not None
    assert await asyncio.to_thread(worker.process.wait, 60) == 1
    text = worker.log.read_text()
    assert "MessageSizeTooLargeError" in text
    assert _found(text) == []


def _last(worker: Worker) -> dict[str, object]:
    """The last line of its log, which says why it stopped."""
    told: dict[str, object] = json.loads(worker.log.read_text().splitlines()[-1])
    return told


@pytest.mark.parametrize("place", PLACES)
async def test_no_canary_is_seen_of_a_crash(live: Live, place: str) -> None:
    """A bug whose exception holds values ends the worker with their place alone, wherever it is."""
    if place == "recovery":
        first = live.add_worker()
        await live.feed(_records())
        await live.check()
        assert first.stop() == 0
    worker = live.add_worker(LOG_LEVEL="DEBUG", module="tests.kafka.failing_worker", TEST_FAILS=place)
    await live.feed(_records(), headers=[("HEADERCANARY", b"CANARY")])
    assert worker.process is not None
    seen = ""
    while (code := worker.process.poll()) is None:
        seen += "".join(worker.get(path)[1] for path in ("/readyz", "/livez", "/metrics"))
        await asyncio.sleep(0.05)
    assert code == 1
    last = _last(worker)
    assert (last["level"], last["event"], last["exception"]) == ("critical", "worker stops", "ValueError")
    assert str(last["place"]).startswith("__main__:")
    if place in ("engine", "state", "store"):
        assert (last["topic"], last["from_offset"]) == (LINES, None)
        assert last["partition"] in range(PARTITIONS)
    assert _found(worker.log.read_text() + seen) == []


async def test_no_canary_is_seen_of_damaged_state(live: Live) -> None:
    """Entries that no version wrote end a worker with 2 and their place, not with what they hold."""
    changelog = topics_of(live.app_id).changelog.name
    async with AIOKafkaProducer(bootstrap_servers=live.servers) as producer:
        for key in (b'["l","MEMBERCANARY","CLAIMCANARY",1]', b'["MEMBERCANARY', b"CANARY"):
            for value in (b'["CANARY"]', b"CANARY", b'[99,"CANARY"]'):
                await producer.send_and_wait(changelog, value, key, partition=0)
    worker = live.add_worker(LOG_LEVEL="DEBUG")
    await live.feed(_records())
    assert worker.process is not None
    assert await asyncio.to_thread(worker.process.wait, 60) in (1, 2)
    assert _last(worker)["event"] == "worker stops"
    assert _found(worker.log.read_text()) == []
