"""A record as it lies on a topic or in a file, before anybody has read its value."""

from __future__ import annotations

from typing import NamedTuple


class Record(NamedTuple):
    """One raw record.

    Attributes:
        value: the bytes, without a line end; None for a Kafka tombstone.
        offset: offset in the partition, or the record's number from 0 in a finite input of files.
        topic, partition: None for files.
        timestamp: the record's own time in microseconds since 1970, or None.
        key: the Kafka key, or None.
        keyed: True where the key must be the member's id (topics), False for files.
    """

    value: bytes | None
    offset: int
    topic: str | None = None
    partition: int | None = None
    timestamp: int | None = None
    key: bytes | None = None
    keyed: bool = False
