"""Load adds no series: however long a worker works, it shows those that it began with.

`DRIPLINE_TEST_LOAD_MINUTES=60` makes it an hour, `DRIPLINE_TEST_LOAD_RATE=400` four times the lines.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from models.rejection import ReasonCode
from streams.feed import key_of
from streams.generate import GenerateSettings, encode_line, generate_lines
from streams.generate.noise import RUBBISH
from tests.deploy.sender import Sender
from tests.faults.rig import ready, whole
from tests.kafka.live import Live, Samples, Worker
from tests.kafka.test_metrics import MOST_SERIES, of, partitions_of

pytestmark = pytest.mark.slow

PARTITIONS = 16
MINUTES = float(os.environ.get("DRIPLINE_TEST_LOAD_MINUTES", "10"))
BEGINNING = 120.0
"""Seconds until a worker has shown all that it ever shows."""
MOVES_EVERY = 30.0
"""Seconds between two rebalances: a second worker comes and goes."""
LINES_A_SECOND = float(os.environ.get("DRIPLINE_TEST_LOAD_RATE", "100"))


def for_every_reason() -> list[tuple[bytes | None, bytes | None]]:
    """Records of which each is rejected, for every reason there is."""
    (event,) = generate_lines(GenerateSettings(members=1, lines=1))
    ahead = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    values = [kind.make(event, encode_line(event)) for kind in RUBBISH.values()]
    values.append(json.dumps(event | {"received_at": ahead}).encode())
    return [(key_of(value), value) for value in values]


async def move(worker: Worker) -> None:
    """Start a worker that is stopped, or stop one that works."""
    assert worker.process is not None
    if worker.process.poll() is None:
        assert await asyncio.to_thread(worker.stop) == 0
    else:
        worker.start()


async def samples_of(worker: Worker) -> Samples:
    """What a worker shows; it does."""
    found = await asyncio.to_thread(worker.samples)
    assert found
    return found


@whole
async def test_load_adds_no_series(kafka: str, tmp_path: Path) -> None:
    """Lines, rubbish of every kind and rebalances for minutes: no series but those of the first two."""
    live = Live(kafka, tmp_path, "series")
    await live.make_topics(partitions=PARTITIONS)
    watched, other = live.add_worker(static=False), live.add_worker(static=False)
    await ready(watched, other)
    sending = asyncio.create_task(Sender(live.servers, LINES_A_SECOND).run())
    begun = moved = time.monotonic()
    first: set[object] = set()
    try:
        while (now := time.monotonic()) - begun < MINUTES * 60:
            await live.feed(for_every_reason())
            if now - moved > MOVES_EVERY:
                await move(other)
                moved = now
            shown = await samples_of(watched)
            assert len(shown) < MOST_SERIES
            if now - begun < BEGINNING:
                first |= shown.keys()
            else:
                assert shown.keys() - first == set()
            await asyncio.sleep(2)
        last = await samples_of(watched)
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        live.close()
    known = {key[1][1] for key in first if key[0] == "dripline_watermark_timestamp_seconds"}  # type: ignore[index]
    assert len(known) == PARTITIONS
    assert partitions_of(last, "consumer_lag_records") <= known
    assert {reason for (reason,) in of(last, "rejects_total")} == set(get_args(ReasonCode))
    assert of(last, "rebalances_total")[()] >= (MINUTES * 60 - BEGINNING) / MOVES_EVERY
    assert of(last, "forwarded_total")[()] > 0
    assert sum(of(last, "edits_total").values()) > 0
    assert len(last) < MOST_SERIES
