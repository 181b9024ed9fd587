"""Records on their way to a topic as record batches, of whoever knows the partition."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from aiokafka import AIOKafkaProducer


class Batches:
    """Gathers records by partition, then sends them.

    Args:
        producer: that sends them.
    """

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._batches: dict[tuple[str, int], list[object]] = defaultdict(list)

    def put(self, topic: str, partition: int, key: bytes | None, value: bytes | None) -> None:
        """Add a record."""
        made = self._batches[topic, partition]
        if not made or made[-1].append(key=key, value=value, timestamp=None) is None:  # type: ignore[attr-defined] # of aiokafka
            batch = self._producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
            made.append(batch)

    async def deliver(self) -> None:
        """Send all; returns when the broker has acknowledged them."""
        await asyncio.gather(*(self._in_order(*where, made) for where, made in self._batches.items()))
        self._batches.clear()

    async def _in_order(self, topic: str, partition: int, made: list[object]) -> None:
        sent = [await self._producer.send_batch(batch, topic, partition=partition) for batch in made]
        await asyncio.gather(*sent)
