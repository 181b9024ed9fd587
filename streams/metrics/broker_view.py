"""What the brokers themselves say: end and committed offsets of our partitions, and whether topics are there.

A client of its own asks every few seconds, beside the one that Faust drives: the books of a client that
hangs say that all is well. Nothing here can stop the worker.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.topic_state import look_at
from streams.topics import LINES, topics_of

EVERY: Final = 5.0
"""Seconds between two questions."""
SOON: Final = 1.0
"""The same at most where a partition has just been assigned."""
TOPICS_EVERY: Final = 3
"""Every so many questions, one for the topics."""
ONE_ANSWER: Final = 10.0
"""Seconds that all answers may take together."""


class BrokerView:
    """The newest answers.

    Args:
        options: arguments of aiokafka's clients.
        app_id: the consumer group.
        mine: the input partitions that are assigned.
        failed: told where a question was not answered.

    Attributes:
        ends: end offset by partition.
        committed: committed offset by partition, or the log's start where there is none.
        asked: when these were told (monotonic seconds); 0 before the first answer.
        missing: needed topics that do not exist.
        partitions: of the input; 0 before the first answer and where it does not exist.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        app_id: str,
        mine: Callable[[], Collection[int]],
        failed: Callable[[], None],
    ) -> None:
        self._options = dict(options)
        self._app_id = app_id
        self._mine = mine
        self._failed = failed
        self.ends: Mapping[int, int] = {}
        self.committed: Mapping[int, int] = {}
        self.asked = 0.0
        self._since = 0.0
        self.missing: tuple[str, ...] = ()
        self.partitions = 0

    @property
    def fresh(self) -> bool:
        """Whether the answers are of now."""
        return self.asked > 0 and time.monotonic() - self.asked < EVERY + ONE_ANSWER

    def silent(self) -> float:
        """Seconds since the last answer, or since the first question; 0 while that is not long."""
        since = max(self.asked, self._since)
        seconds = time.monotonic() - since if since else 0.0
        return seconds if seconds > EVERY + ONE_ANSWER else 0.0

    async def run(self) -> None:
        """Ask again and again; a failure makes new clients."""
        self._since = time.monotonic()
        while True:
            try:
                await self._with_clients()
            except Exception:  # noqa: BLE001 - who only looks must not stop who works
                self._failed()
            await asyncio.sleep(EVERY)

    async def _with_clients(self) -> None:
        async with AsyncExitStack() as open_:
            admin = AIOKafkaAdminClient(**self._options)
            open_.push_async_callback(_quietly, admin.close)
            consumer = AIOKafkaConsumer(**self._options, isolation_level="read_committed")
            open_.push_async_callback(_quietly, consumer.stop)
            async with asyncio.timeout(ONE_ANSWER):
                await admin.start()
                await consumer.start()
            turn = 0
            while True:
                async with asyncio.timeout(ONE_ANSWER):
                    if turn % TOPICS_EVERY == 0:
                        await self._look_at_topics(admin)
                    if not self.missing:
                        await self._ask(admin, consumer)
                turn += 1
                await self._rest()

    async def _rest(self) -> None:
        """Until the next question is due, or a partition is ours of which nothing is known."""
        end = time.monotonic() + EVERY
        while time.monotonic() < end:
            await asyncio.sleep(SOON)
            if not self.ends.keys() >= set(self._mine()):
                return

    async def _look_at_topics(self, admin: AIOKafkaAdminClient) -> None:
        names = [topic.name for topic in topics_of(self._app_id)]
        seen = await look_at(admin, names)
        self.missing = tuple(name for name in names if name not in seen.found and name not in seen.hidden)
        if LINES in seen.found:
            self.partitions = seen.found[LINES].partitions
        elif LINES in self.missing:  # hidden by an ACL it is still there, as it was
            self.partitions = 0

    async def _ask(self, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer) -> None:
        parts = [TopicPartition(LINES, partition) for partition in sorted(self._mine())]
        if parts:
            # Committed first: an end asked later is never before it.
            told = await admin.list_consumer_group_offsets(self._app_id)
            committed = {tp.partition: told[tp].offset for tp in parts if tp in told and told[tp].offset >= 0}
            new = [tp for tp in parts if tp.partition not in committed]
            starts = await consumer.beginning_offsets(new) if new else {}
            ends = await consumer.end_offsets(parts)
            self.committed = committed | {tp.partition: start for tp, start in starts.items()}
            self.ends = {tp.partition: end for tp, end in ends.items()}
        self.asked = time.monotonic()


async def _quietly(close: Callable[[], Awaitable[None]]) -> None:
    """Close a client of which something may be broken already."""
    try:
        async with asyncio.timeout(ONE_ANSWER):
            await close()
    except Exception:  # noqa: BLE001 - it is thrown away
        return
