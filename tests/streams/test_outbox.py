"""Laws of the outbox, with a producer that takes one batch a partition at a time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from types import SimpleNamespace
from typing import cast

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from streams.outbox import Message, Outbox

Place = tuple[str, int]


class Producer:
    """Keeps what it is sent; a batch is acknowledged a little later, or refused from some batch on."""

    def __init__(self, refuse_from: int = 1_000_000) -> None:
        self.values: dict[Place, list[bytes]] = defaultdict(list)
        self.batches = 0
        self._busy: set[Place] = set()
        self._refuse_from = refuse_from

    async def partitions_for(self, topic: str) -> set[int]:
        """Two partitions each."""
        del topic
        return {0, 1}

    async def send_batch(
        self, batch: BatchBuilder, topic: str, *, partition: int
    ) -> asyncio.Future[SimpleNamespace]:
        """Take a batch."""
        place = topic, partition
        assert place not in self._busy, "a second batch while one was under way"
        self._busy.add(place)
        self.batches += 1
        return asyncio.ensure_future(
            self._acknowledge(place, batch, refused=self.batches > self._refuse_from)
        )

    async def _acknowledge(self, place: Place, batch: BatchBuilder, *, refused: bool) -> SimpleNamespace:
        await asyncio.sleep(0.001)
        self._busy.remove(place)
        if refused:
            raise ConnectionError
        records = MemoryRecords(bytes(batch._build()))
        while (each := records.next_batch()) is not None:
            self.values[place] += [record.value for record in each]
        return SimpleNamespace(offset=0)


def outbox(producer: Producer) -> Outbox:
    """An outbox that may always send."""
    return Outbox(lambda: cast("AIOKafkaProducer", producer), lambda: None, lambda _: None)


def messages(sender: int, count: int) -> list[Message]:
    """Numbered messages of a sender."""
    return [Message("topic", b"%d" % number, b"%d %d" % (sender, number), []) for number in range(count)]


async def test_senders_share_batches_and_keep_their_order() -> None:
    """Of many who send to the same partitions at once, each keeps its order, and few batches are sent."""
    producer = Producer()
    to = outbox(producer)
    rounds = 5
    for _ in range(rounds):
        await asyncio.gather(*(to.send(messages(sender, 20)) for sender in range(16)))
    assert producer.batches <= rounds * 2 * 2
    for values in producer.values.values():
        for sender in range(16):
            numbers = [int(value.split()[1]) for value in values if value.startswith(b"%d " % sender)]
            first = sorted(set(numbers))
            assert numbers == first * rounds
    assert sum(map(len, producer.values.values())) == 16 * 20 * rounds


async def test_send_returns_when_all_is_acknowledged() -> None:
    """What a send was given lies on the topic when it returns."""
    producer = Producer()
    to = outbox(producer)
    other = asyncio.ensure_future(to.send(messages(1, 50)))
    await to.send(messages(2, 50))
    found = [value for values in producer.values.values() for value in values]
    assert {b"2 %d" % number for number in range(50)} <= set(found)
    await other


async def test_failure_reaches_all_who_wait() -> None:
    """Whoever waits for a batch that fails, or behind it, is told; later batches of it are not sent."""
    producer = Producer(refuse_from=0)
    to = outbox(producer)
    found = await asyncio.gather(
        *(to.send(messages(sender, 20)) for sender in range(4)), return_exceptions=True
    )
    assert [type(each) for each in found] == [ConnectionError] * 4
    assert not producer.values


async def test_sender_given_up_takes_nobody_along() -> None:
    """A sender that is cancelled leaves the others their records."""
    producer = Producer()
    to = outbox(producer)
    first = asyncio.ensure_future(to.send(messages(1, 20)))
    second = asyncio.ensure_future(to.send(messages(2, 20)))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 20
    with pytest.raises(asyncio.CancelledError):
        await first
