"""The baseline of replays: read every record and validate it into the event model, in one process.

`python -m benchmarks.replay_baseline FILE` or `--topic SERVERS` prints the seconds from the first record on.
"""

from __future__ import annotations

import asyncio
import sys
import time

from aiokafka import AIOKafkaConsumer

from models.wire import Limits, RejectedError, read_event, read_fields
from streams.collector import Collector
from streams.files import read_batches
from streams.topics import LINES

LIMITS = Limits(400)


def validate(value: bytes | None, timestamp: int | None) -> None:
    """What acceptance does, and nothing else."""
    try:
        read_event(read_fields(value), LIMITS, timestamp)
    except RejectedError:
        return


def of_file(name: str) -> float:
    """Seconds for a file."""
    began = time.perf_counter()
    now = time.time_ns() // 1000
    with Collector() as collector:
        for batch in read_batches((name,), now=now):
            for record in batch.records:
                validate(record.value, now)
            collector.rest()
    return time.perf_counter() - began


async def of_topic(servers: str) -> float:
    """Seconds for the topic, all partitions to their ends."""
    consumer = AIOKafkaConsumer(
        LINES, bootstrap_servers=servers, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    async with consumer:
        left = sum((await consumer.end_offsets(list(consumer.assignment()))).values())
        began = time.perf_counter()
        with Collector() as collector:
            while left > 0:
                for records in (await consumer.getmany(timeout_ms=1000)).values():
                    for record in records:
                        validate(record.value, record.timestamp * 1000)
                    left -= len(records)
                collector.rest()
        return time.perf_counter() - began


if __name__ == "__main__":
    print(asyncio.run(of_topic(sys.argv[2])) if sys.argv[1] == "--topic" else of_file(sys.argv[1]))
