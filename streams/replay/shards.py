"""Whose a record is: the share of the members that one piece of work looks after.

Members are told apart by a checksum of their id, and a record's member is seen from its bytes: a full look
at the JSON is needed only where they can be read in two ways.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

from models.wire import RejectedError, member_of, read_fields

_NAME: Final = b'"member_id"'
_MEMBER: Final = re.compile(rb'"member_id"[ \t\r\n]*:[ \t\r\n]*"([^"\\]*)"')
_BLANKS: Final = b" \t\r\n"
_POSITIVE: Final = 0x7FFFFFFF


def shard_of_member(member_id: bytes, shards: int) -> int:
    """The share of a member, from 0; `member_id` in UTF-8, without blanks around it."""
    return zlib.crc32(member_id) % shards


def shard_of_value(value: bytes | None, shards: int) -> int:
    """The share of a record's member; 0 where it names none, as it is rejected then."""
    member = None if value is None else member_in(value)
    return 0 if member is None else shard_of_member(member, shards)


def member_in(value: bytes) -> bytes | None:
    """The member that a record names, if it is accepted; None where it names none.

    Where the name stands once and no backslash can hide another, the text behind it is the member, or the
    record is rejected: it is no JSON, or the name stands deeper inside and a member is missing.
    """
    if b"\\" not in value and value.count(_NAME) == 1:
        found = _MEMBER.search(value)
        if found is not None:
            return found[1].strip(_BLANKS)
    elif b"\\" not in value and _NAME not in value:
        return None
    try:
        return member_of(read_fields(value))
    except RejectedError:
        return None


def partition_of(key: bytes, partitions: int) -> int:
    """The partition to which Kafka's own partitioner sends a key."""
    from aiokafka.partitioner import murmur2  # noqa: PLC0415 - loads a client of Kafka

    return int(murmur2(key) & _POSITIVE) % partitions
