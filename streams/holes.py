"""Holes in a partition's offsets: of a transaction, or of records that were lost on the way.

Offsets grow by one, but for aborted records and the marks of transactions. A hole is accepted when a
second, independent read from its first offset comes to the same next record.
"""

from __future__ import annotations

from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

_WAITS_MS: Final = 10_000


class LostRecordsError(Exception):
    """Records are missing between two that were fetched."""


async def check_hole(options: dict[str, Any], partition: TopicPartition, start: int, end: int) -> None:
    """Read again from `start`: the first record must be that at `end`.

    Args:
        options: arguments of a client, of `client_options`.
        partition: where.
        start, end: the first offset of the hole, and the offset of the record behind it.

    Raises:
        LostRecordsError: another record comes first, or none in time.
    """
    consumer = AIOKafkaConsumer(
        **options, group_id=None, isolation_level="read_committed", auto_offset_reset="none"
    )
    await consumer.start()
    try:
        consumer.assign([partition])
        consumer.seek(partition, start)
        found = await consumer.getmany(timeout_ms=_WAITS_MS, max_records=1)
    finally:
        await consumer.stop()
    offsets = [record.offset for records in found.values() for record in records]
    if offsets != [end]:
        where = f"{partition.topic}-{partition.partition}"
        msg = f"records from offset {start} to {end} of {where} were not delivered; read again: {offsets}"
        raise LostRecordsError(msg)
