"""What the engine gave, on its way to the topics: sent as record batches, done when all are acknowledged.

Every record carries headers that say what it is, and those of edits and verdicts the trace of the record
that caused them. A send that fails, or is not acknowledged in time, raises; nothing is swallowed and
nothing is sent again beyond the producer's own idempotent retries.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from models.edit_event import EditEvent
from models.rejection import Rejection
from models.wire import to_json_bytes
from policy.outputs import Forward, Outputs, Publication
from streams.headers import (
    NULL,
    REASONS,
    SOURCE_OFFSET,
    SOURCE_PARTITION,
    SOURCE_TOPIC,
    Headers,
    said,
    trace_of,
)
from streams.topics import EDITS, LINES, REJECTED, ROOM, VERDICTS

STEP_BYTES: Final = ROOM - 64 * 1024
"""The largest record batch of a changelog; its topic takes a little more."""
BATCH_BYTES: Final = 256 * 1024
"""Outputs are sent in batches of about this size; a larger record goes alone."""


class StepTooLargeError(Exception):
    """A step's state entries do not fit into one record batch."""


class Message(NamedTuple):
    """A record to send, to the partition of its key."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int | None = None


_EDIT: Final = said("edit-event")
_VERDICT: Final = said("claim-verdict")


def published(event: Publication, trace: Headers) -> Message:
    """An edit event or a verdict as a record, in the trace of the record that caused it."""
    value = to_json_bytes(event.__dict__)
    if isinstance(event, EditEvent):
        return Message(EDITS, event.edit_id.encode(), value, _EDIT + trace)
    return Message(VERDICTS, event.claim_id.encode(), value, _VERDICT + trace)


def rejected(rejection: Rejection, headers: Iterable[tuple[str, bytes]]) -> Message:
    """A rejected record: key and bytes as they came, the reasons beside them."""
    record = rejection.record
    told: Headers = [
        *headers,
        (REASONS, json.dumps(rejection.reasons).encode()),
        (SOURCE_TOPIC, str(record.topic).encode()),
        (SOURCE_PARTITION, str(record.partition).encode()),
        (SOURCE_OFFSET, str(record.offset).encode()),
    ]
    value = record.value
    if value is None and record.key is None:
        value = b""
        told.append((NULL, b"value"))
    return Message(REJECTED, record.key, value, told)


def forwarded(forward: Forward, headers: Iterable[tuple[str, bytes]], timestamp: int) -> Message:
    """A mis-keyed record under its member's key, otherwise unchanged; timestamp in milliseconds."""
    return Message(LINES, forward.key, forward.record.value, list(headers), timestamp=timestamp)


class Outbox:
    """Sends records and waits until the broker has acknowledged all of them.

    Args:
        producer: gives the producer at work.
        check: called before every send; raises where this worker must not write any more.
        refused: told the topic of a send that failed.
    """

    def __init__(
        self,
        producer: Callable[[], AIOKafkaProducer],
        check: Callable[[], None],
        refused: Callable[[str], None],
    ) -> None:
        self._producer = producer
        self._check = check
        self._refused = refused
        self._by_key = DefaultPartitioner()
        self._partitions: dict[str, list[int]] = {}

    async def send(self, messages: Iterable[Message]) -> int:
        """Send records; how many there were. Returns when all are acknowledged."""
        batches: dict[tuple[str, int], list[BatchBuilder]] = {}
        count = 0
        for message in messages:
            count += 1
            partition = await self._partition(message.topic, message.key)
            self._put(batches.setdefault((message.topic, partition), []), message)
        if batches:
            await self._deliver(batches)
        return count

    async def write(self, topic: str, partition: int, entries: Mapping[bytes, bytes | None]) -> int:
        """Write a step's state entries as one record batch; the offset of the last."""
        batch = BatchBuilder(STEP_BYTES, 0)
        for key, value in entries.items():
            if batch.append(timestamp=None, key=key, value=value) is None:
                msg = f"a step changes more state than one record batch holds: {len(entries)} entries"
                raise StepTooLargeError(msg)
        batch.close()
        self._check()
        with self._telling(topic):
            future = await self._producer().send_batch(batch, topic, partition=partition)
            metadata = await future
        return int(metadata.offset) + len(entries) - 1

    def _put(self, batches: list[BatchBuilder], message: Message) -> None:
        record = {
            "timestamp": message.timestamp,
            "key": message.key,
            "value": message.value,
            "headers": message.headers,
        }
        if not batches or batches[-1].append(**record) is None:
            batches.append(BatchBuilder(BATCH_BYTES, 0))
            batches[-1].append(**record)

    async def _deliver(self, batches: Mapping[tuple[str, int], list[BatchBuilder]]) -> None:
        self._check()
        await asyncio.gather(*(self._in_order(*where, each) for where, each in batches.items()))

    async def _in_order(self, topic: str, partition: int, batches: list[BatchBuilder]) -> None:
        """Send the batches of one partition one after the other, and wait for all."""
        sent: list[Awaitable[object]] = []
        with self._telling(topic):
            for batch in batches:
                batch.close()
                sent.append(await self._producer().send_batch(batch, topic, partition=partition))
            await asyncio.gather(*sent)

    @contextmanager
    def _telling(self, topic: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            self._refused(topic)
            raise

    async def _partition(self, topic: str, key: bytes | None) -> int:
        partitions = self._partitions.get(topic)
        if partitions is None:
            partitions = sorted(await self._producer().partitions_for(topic))
            self._partitions[topic] = partitions
        return int(self._by_key(key, partitions, partitions))


def messages_of(outputs: Outputs, headers_of: Callable[[int], tuple[Headers, int]]) -> list[Message]:
    """All that a step gives to topics, in order: edits and verdicts, rejections, forwards.

    Args:
        outputs: of the engine.
        headers_of: the headers and the timestamp (milliseconds) of an input record by its offset.
    """
    traces = {cause: [] if cause is None else trace_of(headers_of(cause)[0]) for cause in set(outputs.causes)}
    caused = zip(outputs.publications, outputs.causes, strict=True)
    return [
        *(published(event, traces[cause]) for event, cause in caused),
        *(rejected(each, headers_of(each.record.offset)[0]) for each in outputs.rejections),
        *(forwarded(each, *headers_of(each.record.offset)) for each in outputs.forwards),
    ]
