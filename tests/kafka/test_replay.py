"""Laws of replays from a topic: the same as every other driver, and no trace on the brokers."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.kafka.event_sets import sets_of_one_year
from tests.kafka.live import Live, Topics, keyed, size
from tests.kafka.test_worker import RUBBISH
from tests.streams.replays import hash_of, result_of, screened

pytestmark = pytest.mark.slow


async def replay(live: Live, folder: Path, *arguments: str | Path, name: str = "replay") -> dict[str, Any]:
    """Replay the topic."""
    settings = {"DRIPLINE_BOOTSTRAP_SERVERS": live.servers, "DRIPLINE_SETTLE_AFTER": "1s"}
    return await asyncio.to_thread(lambda: result_of(folder, "--topic", *arguments, name=name, **settings))


def published(topics: Topics) -> str:
    """The hash of what the topics hold."""
    edits, verdicts = (
        [json.loads(each.value) for each in records] for records in (topics.edits, topics.verdicts)
    )
    rejects = [
        (each.value or b"", json.loads(dict(each.headers)["dripline-reasons"])) for each in topics.rejected
    ]
    return hash_of(edits, verdicts, rejects)


def written(records: Sequence[tuple[bytes | None, bytes | None]], file: Path) -> Path:
    """The records of a topic as a file; a record without a value, or of several lines, is none there."""
    file.write_bytes(b"\n".join(value for _, value in records if value) + b"\n")
    return file


async def committed(live: Live) -> dict[int, int]:
    """The offsets that the worker's group has committed, by partition."""
    async with live.admin() as admin:
        found = await admin.list_consumer_group_offsets(live.app_id)
    return {tp.partition: each.offset for tp, each in found.items()}


async def groups(live: Live) -> list[str]:
    """The groups of this test's app: others may be of other tests on the same broker."""
    async with live.admin() as admin:
        return [group for group, _ in await admin.list_consumer_groups() if group.startswith(live.app_id)]


@pytest.mark.parametrize("seed", range(1, size(2, 20) + 1))
async def test_all_drivers_agree(live: Live, tmp_path: Path, seed: int) -> None:
    """Files, both modes of a replay, and a live worker's topics hold the same comparable content."""
    rng = random.Random(seed)
    records = [record for events in sets_of_one_year(rng, 6) for record in keyed(events, rng)]
    records += [
        each for each in RUBBISH if each[1] and each[1].strip()
    ]  # a blank line of a file is no record
    rng.shuffle(records)
    await live.feed(records)
    live.add_worker(static=False)
    topics = await live.check()
    before = await committed(live)
    final = await replay(live, tmp_path / "final")
    stepwise = await replay(live, tmp_path / "stepwise", "--mode", "as-published", "--processes", "2")
    file = written(records, tmp_path / "lines.jsonl")
    hashes = {
        "file": await asyncio.to_thread(screened, tmp_path / "file", file),
        "final": final["hash"],
        "as published": stepwise["hash"],
        "live": published(topics),
    }
    assert len(set(hashes.values())) == 1, hashes
    drift = await replay(
        live, tmp_path / "drift", "--policy", "built-in", "--against", "live", name="backtest"
    )
    totals = drift["totals"]
    assert [totals[each] for each in ("added", "removed", "changed", "flips")] == [0, 0, 0, 0]
    assert await committed(live) == before
    assert await groups(live) == [live.app_id]
    assert drift["sides"]["policy"]["edits"] == drift["sides"]["against"]["edits"] > 0
