"""Claim lines from a topic for a replay: read by assignment, without a group, and never written to.

Only records that are committed count, as for the live worker. Reading ends at the manifest's offsets, also
where transactions left marks in front of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord

from streams.broker_errors import BrokerError, told
from streams.holes import LostRecordsError, check_hole
from streams.kafka_options import client_options
from streams.kafka_records import record_of
from streams.replay.chunk import Chunk
from streams.replay.manifest import Span, Unit
from streams.replay.shards import shard_of_member
from streams.settings import Settings

_FETCH_BYTES: Final = 4 << 20
_SMALL_FETCH_BYTES: Final = 128 << 10
"""Where a pace is kept: a broker that sends megabytes at once lets others wait for milliseconds."""
_WAITS_MS: Final = 500
STALLED: Final = 60.0
"""Seconds without a record after which a read is given up."""


def reader_options(settings: Settings, fetch_bytes: int = _FETCH_BYTES) -> dict[str, Any]:
    """Arguments of a consumer that reads and leaves nothing behind: no group, no commit, no rewind.

    Args:
        settings: how to reach the brokers.
        fetch_bytes: the most of a partition at once.
    """
    return client_options(settings) | {
        "group_id": None,
        "enable_auto_commit": False,
        "isolation_level": "read_committed",
        "auto_offset_reset": "none",
        "max_partition_fetch_bytes": fetch_bytes,
        "fetch_max_bytes": 4 * fetch_bytes,
    }


def read_topic(
    settings: Settings,
    topic: str,
    unit: Unit,
    members: frozenset[bytes] | None = None,
    *,
    most: int | None = None,
) -> Iterator[Chunk]:
    """The records of a unit, in order.

    Args:
        settings: how to reach the brokers.
        topic: its name.
        unit: which partition and offsets, and whose keys.
        members: records with these keys alone.
        most: records given at once; None: whole fetches.

    Raises:
        BrokerError: the brokers fail or refuse, or the records are gone.
    """
    span = unit.span
    with asyncio.Runner() as runner:
        for fetched, steps in _fetches(
            runner, settings, TopicPartition(topic, span.partition or 0), span, most
        ):
            mine = fetched if unit.shards == 1 else [each for each in fetched if _is_of(each, unit)]
            if members is not None:
                mine = [each for each in mine if each.key in members]
            yield Chunk([record_of(each) for each in mine], len(fetched), steps)


def _is_of(record: ConsumerRecord[bytes | None, bytes | None], unit: Unit) -> bool:
    return shard_of_member(record.key or b"", unit.shards) == unit.shard


def _fetches(
    runner: asyncio.Runner, settings: Settings, tp: TopicPartition, span: Span, most: int | None
) -> Iterator[tuple[list[ConsumerRecord[bytes | None, bytes | None]], int]]:
    """The records of a span fetch by fetch, each with how far the offsets went on."""
    options = client_options(settings)
    server = ", ".join(settings.servers)
    if span.start >= span.end:
        return
    try:
        fetch_bytes = _FETCH_BYTES if most is None else _SMALL_FETCH_BYTES
        consumer = runner.run(_started(reader_options(settings, fetch_bytes), tp, span.start))
        try:
            expected = span.start
            while expected < span.end:
                fetched, position = runner.run(_next(consumer, tp, expected, most))
                fetched = [each for each in fetched if each.offset < span.end]
                if fetched and fetched[0].offset > expected:
                    runner.run(check_hole(options, tp, expected, fetched[0].offset))
                done = min(position, span.end)
                yield fetched, done - expected
                expected = done
        finally:
            runner.run(consumer.stop())
    except OffsetOutOfRangeError as error:
        raise BrokerError("refused", f"{_named(tp)}: what comes next is not retained any more") from error
    except LostRecordsError as error:
        raise BrokerError("refused", str(error)) from error
    except (KafkaError, OSError) as error:
        raise told(error, server) from error


async def _started(options: Mapping[str, Any], tp: TopicPartition, start: int) -> AIOKafkaConsumer:
    consumer = AIOKafkaConsumer(**options)
    try:
        await consumer.start()
        consumer.assign([tp])
        consumer.seek(tp, start)
    except BaseException:
        await consumer.stop()
        raise
    return consumer


async def _next(
    consumer: AIOKafkaConsumer, tp: TopicPartition, expected: int, most: int | None
) -> tuple[list[ConsumerRecord[bytes | None, bytes | None]], int]:
    """What is fetched next, and the offset behind it; not before either has moved."""
    patience = time.monotonic() + STALLED
    while True:
        fetched = (await consumer.getmany(tp, timeout_ms=_WAITS_MS, max_records=most)).get(tp, [])
        position = await consumer.position(tp)
        if fetched or position > expected:
            return list(fetched), position
        if time.monotonic() > patience:
            raise BrokerError("unreachable", f"{_named(tp)}: nothing came for {STALLED:.0f} s")


def _named(tp: TopicPartition) -> str:
    return f"{tp.topic}-{tp.partition}"
