"""Fetched records as the engine takes them."""

from __future__ import annotations

from aiokafka.structs import ConsumerRecord

from models.record import Record


def record_of(record: ConsumerRecord) -> Record:
    """A fetched record as the engine takes it."""
    return Record(
        value=record.value,
        offset=record.offset,
        topic=record.topic,
        partition=record.partition,
        timestamp=record.timestamp * 1000 if record.timestamp >= 0 else None,
        key=record.key,
        keyed=True,
    )
