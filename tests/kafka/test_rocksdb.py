"""Laws of workers that keep their state on disk, on a real broker."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from streams.broker_wait import connected_admin
from streams.generate import GenerateSettings
from streams.kafka_options import client_options
from streams.rocks import RocksStores
from streams.settings import read_settings
from streams.topic_creation import create_topics
from streams.topics import topics_of
from tests.kafka.live import PARTITIONS, Live, Worker, generated, size

pytestmark = pytest.mark.slow

LINES = size(6_000, 15_000)


def on_disk(live: Live, folder: Path, *, static: bool = True) -> Worker:
    """A worker with its state in a folder."""
    return live.add_worker(static=static, STORE="rocksdb://", DATA_DIR=str(folder))


def lines(seed: int, count: int) -> list[tuple[bytes | None, bytes | None]]:
    """Claim lines as records."""
    settings = GenerateSettings(members=count // 15, seed=seed, other_share=0.5, lines=count)
    return generated(settings)


def held(live: Live, folder: Path) -> list[int | None]:
    """The changelog offsets that the databases of a folder have."""
    stores = RocksStores(folder / live.app_id)
    found = []
    for partition in range(PARTITIONS):
        store = stores(partition)
        found.append(store.offset())
        store.close()
    return found


def refused(worker: Worker) -> str:
    """The log of a worker that ends with exit code 2."""
    assert worker.process is not None
    assert worker.process.wait(60) == 2
    return worker.log.read_text()


async def test_state_on_disk_survives_kills(live: Live, tmp_path: Path) -> None:
    """A worker killed twice under load goes on from its folder: the common invariant holds."""
    rng = random.Random(5)
    records = lines(5, LINES)
    worker = on_disk(live, tmp_path / "data")
    for start in range(0, LINES, LINES // 3):
        await live.feed(records[start : start + LINES // 3])
        if start:
            # Nothing is on disk as long as nothing is committed; the group sends no event.
            while await live.lag() >= start + LINES // 3:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            await asyncio.sleep(rng.uniform(0, 1))
            worker.kill()
            assert max(offset or 0 for offset in held(live, tmp_path / "data")) > 0
            worker.start()
        worker.wait_ready()
    topics = await live.check(90)
    assert topics.edits
    assert worker.stop() == 0


async def test_a_folder_that_was_away_is_caught_up(live: Live, tmp_path: Path) -> None:
    """Partitions go to another worker and come back: what was written meanwhile is caught up."""
    records = lines(6, 3_000)
    first = on_disk(live, tmp_path / "first", static=False)
    await live.feed(records[:1_000])
    await live.check()
    second = on_disk(live, tmp_path / "second", static=False)
    await live.feed(records[1_000:2_000])
    await live.check()
    assert first.stop() == 0
    await live.feed(records[2_000:])
    await live.check()
    first.start()
    first.wait_ready()
    assert second.stop() == 0
    await live.feed(records[:1_000])
    await live.check()
    assert first.stop() == 0


async def test_a_folder_serves_one_worker(live: Live, tmp_path: Path) -> None:
    """A second worker with the same folder refuses, and names it; the first goes on."""
    first = on_disk(live, tmp_path / "data", static=False)
    first.wait_ready()
    log = refused(on_disk(live, tmp_path / "data", static=False))
    assert f"DRIPLINE_DATA_DIR: {tmp_path / 'data' / live.app_id} is in use by another worker" in log
    await live.feed(lines(7, 100))
    await live.check()


async def test_a_database_in_use_stops_the_worker(live: Live, tmp_path: Path) -> None:
    """A partition's database that another process has open is refused by its name."""
    store = RocksStores(tmp_path / "data" / live.app_id)(1)
    log = refused(on_disk(live, tmp_path / "data"))
    store.close()
    assert f"{tmp_path / 'data' / live.app_id / '1'} is in use by another process" in log


async def test_state_ahead_of_its_changelog_is_refused(live: Live, tmp_path: Path) -> None:
    """Where the changelog was made anew, or lost records, a person must see to the folder."""
    worker = on_disk(live, tmp_path / "data")
    await live.feed(lines(8, 500))
    await live.check()
    assert worker.stop() == 0
    changelog = topics_of(live.app_id).changelog.name
    options = client_options(read_settings({"bootstrap_servers": live.servers}))
    async with connected_admin(options, tell=lambda _: None) as admin:
        await admin.delete_topics([changelog])
        while changelog in await admin.list_topics():  # noqa: ASYNC110 - the broker sends no event
            await asyncio.sleep(0.1)
        await create_topics(admin, live.app_id, partitions=PARTITIONS, replication=1)
    worker.start()
    log = refused(worker)
    assert "which ends at -1: the topic was made anew or has lost records" in log
    assert str(tmp_path / "data" / live.app_id) in log
