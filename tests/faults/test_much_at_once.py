"""More falls due at once than one record batch holds: it takes as many steps as it needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import pytest
from aiokafka.partitioner import DefaultPartitioner

from tests.faults.rig import ready, rig, whole
from tests.kafka.live import PARTITIONS
from tests.support import claim_line

pytestmark = [pytest.mark.slow, whole]

CLAIMS = 25_000
"""Their entries and those of their lines take about 14 MB, a record batch 8."""


def members_of_partition(partition: int) -> Iterator[str]:
    """Members whose lines go to one partition."""
    place, partitions = DefaultPartitioner(), list(range(PARTITIONS))
    return (
        name
        for name in map("M-{}".format, count())
        if place(name.encode(), partitions, partitions) == partition
    )


@pytest.mark.parametrize("later", [True, False], ids=["before a record", "with time"])
async def test_claims_of_a_weekend_are_settled(tmp_path: Path, *, later: bool) -> None:
    """Claims that wait to fall quiet are all screened, by a line that comes later or by a tick."""
    members = members_of_partition(0)
    lines = [
        claim_line(f"C-{number}", 1, "S9500", "2024-03-01", member_id=member) | {"line_count": None}
        for number, member in enumerate(islice(members, CLAIMS))
    ]
    if later:
        last = claim_line("C-Z", 1, "99213", "2024-03-04", member_id=next(members))
        lines.append(last | {"received_at": "2024-04-05T09:00:00Z"})
    async with rig(tmp_path, seed=31) as run:
        worker = run.live.add_worker()
        await ready(worker)
        await run.live.feed([(line["member_id"].encode(), json.dumps(line).encode()) for line in lines])
        run.calm()
        topics = await run.check(f"{CLAIMS:,} claims fall due {'before a record' if later else 'with time'}")
        assert len(topics.verdicts) >= CLAIMS
        assert run.exits == []
        await run.stop_all()
