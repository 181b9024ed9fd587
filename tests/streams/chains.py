"""Chains without a broker: what they send goes into lists, and their state into memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from aiokafka.structs import ConsumerRecord
from faust.types import TP

from policy.document import Policy
from streams.chain import Chain, Setting, Step
from streams.outbox import Outbox
from streams.store import MemoryStore
from streams.topics import LINES
from streams.transport import BatchMessage
from tests.support import Event, built_in_policy

SENT_AT = 1_790_000_000_000


class Box:
    """An outbox that acknowledges all at once, or after some seconds."""

    def __init__(self, seconds: float | None = None) -> None:
        self.sent: list[Any] = []
        self.written = 0
        self._seconds = seconds

    async def send(self, messages: Iterable[Any]) -> None:
        """Outputs."""
        self.sent += messages
        await self._rest()

    async def write(self, _topic: str, _partition: int, entries: Mapping[bytes, bytes | None]) -> int:
        """Entries of the state; the offset of the last."""
        self.written += len(entries)
        await self._rest()
        return self.written - 1

    async def _rest(self) -> None:
        if self._seconds is not None:
            await asyncio.sleep(self._seconds)


class Seen:
    """What a chain tells of: steps, and fetches that were done or dropped."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.finished: list[BatchMessage] = []
        self.dropped: list[BatchMessage] = []

    def stepped(self, step: Step) -> None:
        """A step is done."""
        self.steps.append(step)

    def refused(self, topic: str) -> None:
        """No send fails here."""
        raise AssertionError(topic)

    def committed(self, *, done: bool) -> None:
        """Nothing is committed here."""
        raise AssertionError(done)


def setting_of(seen: Seen, box: Box, policy: Policy | None = None) -> Setting:
    """What a chain needs of a worker."""
    return Setting(
        policy=policy or built_in_policy(),
        outbox=cast("Outbox", box),
        changelog="changelog",
        written=lambda _partition, _offset: None,
        finished=seen.finished.append,
        dropped=seen.dropped.append,
        at_end=lambda _partition, _done: True,
        start_of=lambda _: None,
        check_hole=_no_hole,
        watcher=seen,
    )


async def _no_hole(partition: int, start: int, end: int) -> None:
    raise AssertionError((partition, start, end))


def chain_of(store: MemoryStore, seen: Seen, box: Box | None = None, policy: Policy | None = None) -> Chain:
    """A chain over a store."""
    return Chain(0, store, setting_of(seen, box or Box(), policy))


def fetch(events: Sequence[Event], first: int = 0) -> BatchMessage:
    """A fetch of consecutive records."""
    records = []
    for offset, event in enumerate(events, first):
        key, value = str(event["member_id"]).encode(), json.dumps(event).encode()
        records.append(
            ConsumerRecord(LINES, 0, offset, SENT_AT, 0, key, value, None, len(key), len(value), ())
        )
    last = records[-1].offset
    message = BatchMessage(LINES, 0, last, 0.0, 0, None, None, None, None, 0, 0, TP(LINES, 0))
    message.records = records
    return message
