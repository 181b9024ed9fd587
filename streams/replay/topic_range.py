"""Which offsets of a topic a replay reads: by time or offset, some partitions or all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.broker_errors import BrokerError, told
from streams.broker_wait import connected_admin
from streams.files import InputError
from streams.kafka_options import client_options
from streams.replay.manifest import Manifest, Span
from streams.replay.source_topic import reader_options
from streams.settings import Settings
from streams.topics import LINES

DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A range as it is asked for.

    Attributes:
        since, until: record times, microseconds since 1970; the end is not read. None: all there is.
        warm_up_days: days before `since` that are read as evidence alone.
        offsets: by partition: the warm-up's start, the first reported, and the offset behind the last.
        partitions: numbers; None for all.
        what_is_left: read what is retained where the beginning is gone.
    """

    since: int | None = None
    until: int | None = None
    warm_up_days: int = 0
    offsets: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)
    partitions: frozenset[int] | None = None
    what_is_left: bool = False


async def freeze_topic(settings: Settings, wanted: Wanted, topic: str = LINES) -> Manifest:
    """The offsets of a range as they are now.

    Raises:
        BrokerError: no broker can be used, or the topic is missing.
        InputError: a partition does not exist, or a part of the range is not retained any more.
    """
    async with connected_admin(client_options(settings), tell=lambda _: None) as admin:
        if topic not in await admin.list_topics():
            raise BrokerError("refused", f"{topic}: missing, or its ACLs do not let us read it")
        (described,) = await admin.describe_topics([topic])
    every = {each["partition"] for each in described["partitions"]}
    chosen = set(wanted.offsets) or (every if wanted.partitions is None else wanted.partitions)
    if chosen - every:
        names = ", ".join(map(str, sorted(chosen - every)))
        raise InputError(f"{topic} has {len(every)} partitions: there is no partition {names}")
    try:
        spans = await _spans(settings, wanted, [TopicPartition(topic, each) for each in sorted(chosen)])
    except (KafkaError, OSError) as error:
        raise told(error, ", ".join(settings.servers)) from error
    return Manifest("topic", spans, topic=topic, partitions=len(every))


async def _spans(settings: Settings, wanted: Wanted, parts: list[TopicPartition]) -> tuple[Span, ...]:
    consumer = AIOKafkaConsumer(**reader_options(settings))
    try:
        await consumer.start()
        consumer.assign(parts)
        begins = await consumer.beginning_offsets(parts)
        ends = await consumer.end_offsets(parts)
        starts = await _at(consumer, parts, wanted.since, wanted.warm_up_days)
        reported = await _at(consumer, parts, wanted.since)
        until = await _at(consumer, parts, wanted.until)
    finally:
        await consumer.stop()
    spans, faults = [], []
    for tp in parts:
        begin, end = begins[tp], ends[tp]
        if tp.partition in wanted.offsets:
            span, gone = _by_offset(wanted.offsets[tp.partition], tp, begin, end)
        else:
            last = end if wanted.until is None else _offset(until, tp, end)
            first = begin if wanted.since is None else min(_offset(starts, tp, end), last)
            begun = first if wanted.since is None else min(_offset(reported, tp, end), last)
            span = Span(tp.partition, first, begun, last, begin)
            gone = _gone(starts, tp, begin, end) if wanted.since is not None else None
        spans.append(span)
        if gone and not wanted.what_is_left:
            faults.append(gone)
    if faults:
        raise InputError("\n".join([*faults, "--what-is-left reads the rest"]))
    return tuple(spans)


Found = Mapping[TopicPartition, Any]
"""By partition an offset with its time, or None where no record is that late."""


async def _at(
    consumer: AIOKafkaConsumer, parts: list[TopicPartition], at: int | None, days: int = 0
) -> Found:
    if at is None:
        return {}
    found: Found = await consumer.offsets_for_times(
        dict.fromkeys(parts, max((at - days * DAY_US) // 1000, 0))
    )
    return found


def _offset(found: Found, tp: TopicPartition, end: int) -> int:
    return end if found.get(tp) is None else min(int(found[tp].offset), end)


def _gone(found: Found, tp: TopicPartition, begin: int, end: int) -> str | None:
    """That something was deleted and the range may have begun in it: its first record is the log's first."""
    first = found.get(tp)
    if not begin or (begin < end if first is None else first.offset > begin):
        return None
    where = f"{tp.topic}-{tp.partition}"
    gone = f"{where}: what the range begins with is gone: nothing is retained before offset {begin}"
    if first is None:
        return gone
    return f"{gone}, of {datetime.fromtimestamp(first.timestamp / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _by_offset(
    asked: tuple[int, int, int], tp: TopicPartition, begin: int, end: int
) -> tuple[Span, str | None]:
    start, reported, last = asked
    where = f"{tp.topic}-{tp.partition}"
    if last > end:
        raise InputError(f"{where}: ends at offset {end}, before {last}")
    gone = (
        f"{where}: offsets {start} to {min(begin, last)} are not retained any more" if start < begin else None
    )
    first = min(max(start, begin), last)
    return Span(tp.partition, first, min(max(reported, first), last), last, begin), gone
