"""What the engine gave, on its way to the topics: sent as record batches, done when all are acknowledged.

Every record carries headers that say what it is, and those of edits and verdicts the trace of the record
that caused them. A send that fails, or is not acknowledged in time, raises; nothing is swallowed and
nothing is sent again beyond the producer's own idempotent retries.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata

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


class _Lane:
    """Records of all chains on their way to one partition: gathered while a batch is under way.

    One batch at a time: aiokafka takes no second one for a partition, and of many who wait for the place
    it lets some time out long before their time.
    """

    def __init__(self, send: Callable[[BatchBuilder], Awaitable[object]]) -> None:
        self._send = send
        self._waiting: deque[tuple[BatchBuilder, asyncio.Future[None]]] = deque()
        self._task: asyncio.Task[None] | None = None

    def put(self, message: Message) -> asyncio.Future[None]:
        """Take a record; done when the broker has acknowledged it. Others may wait for the same future."""
        record = {
            "timestamp": message.timestamp,
            "key": message.key,
            "value": message.value,
            "headers": message.headers,
        }
        if not self._waiting or self._waiting[-1][0].append(**record) is None:
            batch = BatchBuilder(BATCH_BYTES, 0)
            batch.append(**record)
            self._waiting.append((batch, asyncio.get_running_loop().create_future()))
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())
        return self._waiting[-1][1]

    async def _run(self) -> None:
        """Send batch after batch, in order; after one that fails none of those that wait."""
        while self._waiting:
            batch, acknowledged = self._waiting.popleft()
            batch.close()
            try:
                await self._send(batch)
            except BaseException as error:  # noqa: BLE001 - whoever waits for the records raises it
                for future in (acknowledged, *(each for _, each in self._waiting)):
                    future.set_exception(error)
                self._waiting.clear()
            else:
                acknowledged.set_result(None)
        self._task = None


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
        self._lanes: dict[tuple[str, int], _Lane] = {}

    async def send(self, messages: Iterable[Message]) -> int:
        """Send records; how many there were. Returns when all are acknowledged."""
        placed = [(each, await self._partition(each.topic, each.key)) for each in messages]
        if placed:
            await self._deliver(placed)
        return len(placed)

    async def write(self, topic: str, partition: int, entries: Mapping[bytes, bytes | None]) -> int:
        """Write a step's state entries as one record batch; the offset of the last."""
        batch = BatchBuilder(STEP_BYTES, 0)
        for key, value in entries.items():
            if batch.append(timestamp=None, key=key, value=value) is None:
                msg = f"a step changes more state than one record batch holds: {len(entries)} entries"
                raise StepTooLargeError(msg)
        batch.close()
        metadata = await self._acknowledged(batch, topic, partition)
        return int(metadata.offset) + len(entries) - 1

    def _lane(self, topic: str, partition: int) -> _Lane:
        lane = self._lanes.get((topic, partition))
        if lane is None:
            lane = self._lanes[topic, partition] = _Lane(
                lambda batch: self._acknowledged(batch, topic, partition)
            )
        return lane

    async def _deliver(self, placed: Iterable[tuple[Message, int]]) -> None:
        """Put each record into the lane of its partition; all are acknowledged then."""
        waiting = {self._lane(each.topic, partition).put(each) for each, partition in placed}
        await asyncio.gather(*map(asyncio.shield, waiting))

    async def _acknowledged(self, batch: BatchBuilder, topic: str, partition: int) -> RecordMetadata:
        """Send a batch, and wait for the broker."""
        self._check()
        with self._telling(topic):
            return await (await self._producer().send_batch(batch, topic, partition=partition))

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
