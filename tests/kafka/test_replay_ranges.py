"""Laws of what a replay reads of a topic: ranges, what is retained, mis-keyed records, read access alone."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from streams.embedded import EmbeddedKafka
from streams.embedded.access import allow
from streams.generate import GenerateSettings
from streams.replay.lookup import lines_of_claim
from streams.settings import read_settings
from streams.topics import LINES
from tests.kafka.live import PARTITIONS, Live, generated, member_key
from tests.kafka.records import new_topic
from tests.streams.replays import dripline, result_of
from tests.streams.test_replay import wait_until_read
from tests.support import Event, claim_line

pytestmark = pytest.mark.slow

DAY_MS = 86_400_000
FIRST_MS = 1_712_048_400_000
"""2024-04-02T09:00:00Z, when the lines of `claim_line` are received."""


async def replay(live: Live, folder: Path, *arguments: str | Path) -> dict[str, Any]:
    """Replay the topic."""
    return await asyncio.to_thread(
        lambda: result_of(folder, "--topic", *arguments, DRIPLINE_BOOTSTRAP_SERVERS=live.servers)
    )


async def refused(live: Live, folder: Path, *arguments: str | Path) -> str:
    """What a replay says that does not begin."""
    done = await asyncio.to_thread(
        lambda: dripline(
            "replay", "--topic", *arguments, "--out", folder, DRIPLINE_BOOTSTRAP_SERVERS=live.servers
        )
    )
    assert done.exit_code == 2, done.output
    assert not await asyncio.to_thread(folder.exists)
    return done.output


async def send(live: Live, *records: tuple[int, bytes | None, Event, int], topic: str = LINES) -> None:
    """Send events: a partition, a key, the event, and the day of the record's own time."""
    async with AIOKafkaProducer(bootstrap_servers=live.servers) as producer:
        for partition, key, event, day in records:
            await producer.send_and_wait(
                topic,
                json.dumps(event).encode(),
                key=key,
                partition=partition,
                timestamp_ms=FIRST_MS + day * DAY_MS,
            )


def claims(folder: Path) -> list[str]:
    """The claims with a verdict."""
    return sorted(pq.read_table(folder / "verdicts.parquet").column("claim_id").to_pylist())


def lonely(claim: str) -> Event:
    """A per diem without a drug, on a claim of its own."""
    return claim_line(claim, 1, "S9500", "2024-03-01", line_count=1)


async def test_neither_partitions_nor_processes_count(live: Live, tmp_path: Path) -> None:
    """1, 4 and 16 partitions, 1, 2 and 4 processes: one hash; processes share members."""
    records = generated(GenerateSettings(members=60, seed=11, lines=900, other_share=0.3))
    hashes = {}
    for partitions, processes in ((1, 4), (4, 1), (16, 2)):
        await live.make_topics(partitions=partitions)
        await live.feed(records)
        result = await replay(live, tmp_path / f"p{partitions}", "--processes", str(processes))
        assert result["records"] == len(records)
        hashes[partitions, processes] = result["hash"]
    assert len(set(hashes.values())) == 1, hashes


@pytest.mark.parametrize("mode", ["final", "as-published"])
async def test_mis_keyed_records_count_once(live: Live, tmp_path: Path, mode: str) -> None:
    """Original and copy, the original alone, the copy alone: one result."""
    events: list[Event] = [
        claim_line("C1", 1, "S9500", "2024-03-01", line_count=2),
        claim_line("C1", 2, "J0696", "2024-03-01", line_count=2),
        claim_line("C2", 1, "S9500", "2024-03-01", line_count=1, member_id="M-2"),
        claim_line("C3", 1, "broken", "2024-03-01"),
    ]
    keyed: list[tuple[bytes | None, Event]] = [(member_key(event), event) for event in events]
    original: list[tuple[bytes | None, Event]] = [(None, events[1]), (b"M-2", events[3]), (b"M-1", events[2])]
    copies = [keyed[1], keyed[3], keyed[2]]
    runs = [
        [keyed[0], *original, *copies],
        [keyed[0], *original],
        [*original, keyed[0]],
        [keyed[0], *copies],
    ]
    hashes = set()
    for number, records in enumerate(runs):
        before = await ends(live)
        await live.feed([(key, json.dumps(event).encode()) for key, event in records])
        after = await ends(live)
        offsets = [f"{partition}:{start}-{after[partition]}" for partition, start in before.items()]
        folder = tmp_path / f"out{number}"
        options = [word for each in offsets for word in ("--offsets", each)]
        result = await replay(live, folder, "--mode", mode, "--processes", "1", *options)
        assert result["rejects"] == 1
        assert sorted(set(claims(folder))) == ["C1", "C2"]
        hashes.add(result["hash"])
    assert len(hashes) == 1


async def ends(live: Live) -> dict[int, int]:
    """The offsets behind the last records, by partition."""
    parts = [TopicPartition(LINES, partition) for partition in range(PARTITIONS)]
    async with AIOKafkaConsumer(bootstrap_servers=live.servers) as consumer:
        found = await consumer.end_offsets(parts)
    return {tp.partition: end for tp, end in found.items()}


async def test_ranges_are_by_time_and_offset(live: Live, tmp_path: Path) -> None:
    """The end is not read; a warm-up is evidence, and its claims are told of where a line is inside."""
    drug = claim_line("C2", 1, "J0696", "2024-03-01", line_count=1, place_of_service="12")
    await send(
        live,
        (0, b"M-1", claim_line("C1", 1, "S9500", "2024-03-01", line_count=1), 0),
        (0, b"M-1", drug, 10),
        (0, b"M-1", drug, 11),
        (0, b"M-1", claim_line("C3", 1, "S9500", "2024-03-20", line_count=1), 20),
        (1, b"M-2", claim_line("C4", 1, "99213", "2024-03-01", line_count=1, member_id="M-2"), 10),
    )
    asked: Sequence[tuple[list[str], list[str]]] = (
        ([], ["C1", "C2", "C3", "C4"]),
        (["--since", "2024-04-12"], ["C2", "C3", "C4"]),
        (["--since", "2024-04-12", "--until", "2024-04-13T09:00:00Z"], ["C2", "C4"]),
        (["--since", "2024-04-12", "--warm-up", "30"], ["C2", "C3", "C4"]),
        (["--partitions", "1-3"], ["C4"]),
        (["--offsets", "0:1-3"], ["C2"]),
        (["--offsets", "0:0:2-3"], ["C2"]),
        (["--last-days", "1"], []),
    )
    for number, (options, expected) in enumerate(asked):
        for mode in ("final", "as-published"):
            folder = tmp_path / f"{mode}{number}"
            await replay(live, folder, *options, "--mode", mode, "--processes", "1")
            assert claims(folder) == expected, (options, mode)
    # The drug of C2 has no per diem without the warm-up, and that of C1 with it.
    rules = [
        pq.read_table(tmp_path / f"final{number}" / "edits.parquet", filters=[("claim_id", "=", "C2")])
        for number in (1, 3)
    ]
    found = [table.column("rule").to_pylist() for table in rules]
    assert found == [["drug_without_per_diem"], []]


async def test_what_is_not_retained_is_told(live: Live, tmp_path: Path) -> None:
    """Which partition, from which offset on; the rest is read where that is asked for."""
    for number in range(6):
        await send(live, (2, b"M-1", lonely(f"C{number}"), number))
    async with live.admin() as admin:
        await admin.delete_records({TopicPartition(LINES, 2): RecordsToDelete(before_offset=3)})
    told = await refused(live, tmp_path / "since", "--since", "2024-04-02")
    assert "claim-lines-2" in told
    assert "offset 3, of 2024-04-05T09:00:00Z" in told
    assert "offsets 1 to 3" in await refused(live, tmp_path / "by offset", "--offsets", "2:1-5")
    assert "ends at offset 6" in await refused(live, tmp_path / "too far", "--offsets", "2:3-9")
    assert "no partition 7" in await refused(live, tmp_path / "none", "--partitions", "7")
    await replay(live, tmp_path / "left", "--since", "2024-04-02", "--what-is-left")
    assert claims(tmp_path / "left") == ["C3", "C4", "C5"]
    await replay(live, tmp_path / "later", "--since", "2024-04-06")
    assert claims(tmp_path / "later") == ["C4", "C5"]


async def test_a_killed_replay_of_a_topic_is_resumed(live: Live, tmp_path: Path) -> None:
    """SIGKILL while it reads; what was sent since is not read, and the hash is that of a whole run."""
    records = generated(GenerateSettings(members=150, seed=12, lines=2_500))
    await live.feed(records)
    whole = await replay(live, tmp_path / "whole", "--processes", "1")
    folder = tmp_path / "killed"
    options = ["--bootstrap-servers", live.servers, "--status", "none", "--processes", "2"]
    begin = ["--topic", "--out", str(folder), "--throttle", "800", *options]
    process = subprocess.Popen([sys.executable, "-m", "streams.cli", "replay", *begin])  # noqa: ASYNC220
    await asyncio.to_thread(wait_until_read, process, folder, random.Random(4).uniform(0.3, 0.8))
    process.send_signal(signal.SIGKILL)
    process.wait()
    await live.feed(records[:10])
    done = await asyncio.to_thread(dripline, "replay", "--resume", folder, *options)
    assert done.exit_code == 0, done.output
    result = json.loads((folder / "result.json").read_text("utf-8"))
    assert result["hash"] == whole["hash"]
    assert result["range"]["spans"] == whole["range"]["spans"]


async def test_a_claim_is_found_on_the_topic(live: Live) -> None:
    """With its member's other lines, mis-keyed ones included."""
    await live.feed(
        [
            (b"M-1", json.dumps(lonely("C1")).encode()),
            (None, json.dumps(lonely("C2")).encode()),
            (b"M-2", json.dumps(lonely("C3") | {"member_id": "M-2"}).encode()),
        ]
    )
    settings = read_settings({"bootstrap_servers": live.servers})
    lines = await asyncio.to_thread(lambda: lines_of_claim(None, "C1", settings=settings))
    assert [line.claim_id for line in lines] == ["C1", "C2"]


async def test_read_access_is_enough(secure_kafka: EmbeddedKafka, tmp_path: Path) -> None:
    """A user who may read the topic and nothing else replays it; no group comes to be."""
    admin = AIOKafkaAdminClient(bootstrap_servers=secure_kafka.inner_servers)
    await admin.start()
    await new_topic(admin, LINES, 2)
    secure_kafka.add_access([allow("stranger", "topic", LINES, "read")])
    async with AIOKafkaProducer(bootstrap_servers=secure_kafka.inner_servers) as producer:
        for claim in ("C1", "C2"):
            await producer.send_and_wait(LINES, json.dumps(lonely(claim)).encode(), key=b"M-1")
    env = {
        "DRIPLINE_BOOTSTRAP_SERVERS": secure_kafka.bootstrap_servers,
        "DRIPLINE_SECURITY_PROTOCOL": "SASL_SSL",
        "DRIPLINE_SASL_MECHANISM": "SCRAM-SHA-512",
        "DRIPLINE_SASL_USERNAME": "stranger",
        "DRIPLINE_SASL_PASSWORD": "drop2",
        "DRIPLINE_SSL_CAFILE": str(secure_kafka.ca_file),
    }
    for mode in ("final", "as-published"):
        folder = tmp_path / mode
        await asyncio.to_thread(lambda: result_of(folder, "--topic", "--mode", mode, **env))  # noqa: B023
        assert sorted(set(claims(folder))) == ["C1", "C2"]
    assert await admin.list_consumer_groups() == []
    await admin.close()
