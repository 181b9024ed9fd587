"""What the brokers refuse: the worker stops before the offset, says why, and goes on once it is mended."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from streams.embedded import EmbeddedKafka, Security
from streams.embedded.access import CLUSTER, allow
from streams.topics import EDITS, LINES, REJECTED, VERDICTS, topics_of
from tests.faults.rig import claim_lines, ready, whole
from tests.kafka.live import PARTITIONS, Live, Worker

pytestmark = pytest.mark.slow

EVENTS = claim_lines(1_200, 41)


async def _ended(worker: Worker, seconds: float = 90) -> int:
    assert worker.process is not None
    return await asyncio.to_thread(worker.process.wait, seconds)


@pytest.mark.parametrize(
    "which",
    [pytest.param("edits", marks=whole), "verdicts", pytest.param("rejected", marks=whole), "changelog"],
)
async def test_a_record_that_the_broker_refuses(live: Live, which: str) -> None:
    """A topic's size limit cut while a worker runs: it ends with 1, names the cause, commits nothing."""
    topic = getattr(topics_of(live.app_id), which).name
    worker = live.add_worker()
    await ready(worker)
    await live.alter(topic, max_message_bytes="100")
    await live.feed([*EVENTS, *[(b"k", b"no json" * 30)] * 8])
    assert await _ended(worker) == 1
    assert "MessageSizeTooLargeError" in worker.log.read_text()
    await live.alter(topic)
    worker.start()
    await live.check()
    assert worker.stop() == 0


async def test_a_changelog_cut_at_its_head(live: Live) -> None:
    """A worker without the state refuses to serve; so does one of which nothing is left at all."""
    worker = live.add_worker()
    await live.feed(EVENTS)
    await live.check()
    assert worker.stop() == 0
    changelog = topics_of(live.app_id).changelog.name
    parts = [TopicPartition(changelog, number) for number in range(PARTITIONS)]
    for offset in (3, -1):
        await live.alter(changelog, cleanup_policy="compact,delete")
        async with live.admin() as admin:
            await admin.delete_records({part: RecordsToDelete(offset) for part in parts})
        await live.alter(changelog)
        before = await live.lag()
        worker.start()
        assert await _ended(worker) == 2
        assert "state before it was deleted" in worker.log.read_text()
        assert await live.lag() == before


async def test_a_full_disk(live: Live, tmp_path: Path) -> None:
    """A store that cannot be written ends the worker with 1; on a larger disk it goes on."""
    worker = live.add_worker(STORE="rocksdb://", DATA_DIR=str(tmp_path / "data"))
    await ready(worker)
    assert worker.process is not None
    resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, (200_000, 200_000))
    await live.feed(claim_lines(12_000, 42))
    assert await _ended(worker) == 1
    assert "StoreError" in worker.log.read_text()
    worker.start()
    await live.check(120)
    assert worker.stop() == 0


async def test_topics_that_go_away_under_a_worker(live: Live) -> None:
    """Started again without one of its topics a worker ends with 2 and names it."""
    worker = live.add_worker()
    await live.feed(EVENTS)
    await live.check()
    assert worker.stop() == 0
    await live.delete(VERDICTS)
    worker.start()
    assert await _ended(worker) == 2
    assert VERDICTS in worker.log.read_text()


MAY = [
    *[allow("worker", "topic", LINES, each) for each in ("read", "write", "describe", "describe_configs")],
    *[
        allow("worker", "topic", topic, each)
        for topic in (EDITS, VERDICTS, REJECTED)
        for each in ("write", "describe", "describe_configs")
    ],
    *[
        allow("worker", "topic", "secured", each, prefixed=True)
        for each in ("read", "describe", "describe_configs")
    ],
    allow("worker", "group", "secured", "read"),
    allow("worker", "group", "secured", "describe"),
    allow("worker", "cluster", CLUSTER, "idempotent_write"),
]


async def test_a_worker_that_may_not_write_its_changelog(tmp_path: Path) -> None:
    """By TLS and SCRAM, with read alone: it ends, says so and commits nothing; allowed, it goes on."""
    security = Security({"worker": "drip1"}, acls=True)
    with EmbeddedKafka(tmp_path / "kafka", security=security) as broker:
        live = Live(broker.inner_servers, tmp_path, "secured")
        await live.make_topics()
        await live.feed(EVENTS)
        broker.add_access(MAY)
        try:
            worker = live.add_worker(static=True, **_secured(broker, tmp_path))
            assert await _ended(worker) in (1, 2)
            said = worker.log.read_text()
            assert "TopicAuthorizationFailedError" in said or "not authorized" in said
            assert await live.lag() == len(EVENTS)
            broker.add_access([allow("worker", "topic", "secured", "write", prefixed=True)])
            worker.start()
            await live.check()
            assert worker.stop() == 0
        finally:
            live.close()


def _secured(broker: EmbeddedKafka, folder: Path) -> dict[str, str]:
    password = folder / "password"
    password.write_text("drip1\n")
    return {
        "BOOTSTRAP_SERVERS": broker.bootstrap_servers,
        "SECURITY_PROTOCOL": "SASL_SSL",
        "SASL_MECHANISM": "SCRAM-SHA-512",
        "SASL_USERNAME": "worker",
        "SASL_PASSWORD_FILE": str(password),
        "SSL_CAFILE": str(broker.ca_file),
    }
