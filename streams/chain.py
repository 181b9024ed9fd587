"""The chain of one partition: every change of its state goes through here, one step after the other.

A step that records cause: 1 outputs acknowledged by the broker, 2 changelog acknowledged, 3 local store
written, 4 acknowledged to Faust, 5 offset committed. A crash at any point repeats outputs with the same
bytes and loses nothing. A step that time causes has no record that comes again: its claims are marked
as unpublished in the changelog first, then published, then the mark is taken away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from aiokafka.structs import ConsumerRecord

from models.record import Record
from policy import PolicyEngine
from policy.document import Policy
from policy.outputs import Outputs
from streams.headers import Headers
from streams.kafka_records import record_of
from streams.outbox import Outbox, messages_of
from streams.store import Store, stamped
from streams.transport import BatchMessage

STEP_RECORDS: Final = 1_000
"""The most records of one step."""
STEP_ENTRIES: Final = 4_000
"""A step ends once it changes so many state entries; they fit into one record batch.

What falls due before one record, or with time, may change many more: it takes as many steps as it needs.
"""
MEMBERS: Final = 1_000
"""About so many members of a partition stay decoded."""
MEMBERS_JUDGED_AGAIN: Final = 200
"""Members judged again in one step after a change of the policy."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did.

    Attributes:
        partition: of the input.
        outputs: what it published.
        records: how many records it took; 0 where time or a change of the policy caused it, or more fell due
            before a record than goes into one step.
        origin: headers and timestamp (milliseconds) of an input record by its offset.
        again: True where members were judged again under changed policy data.
        seconds: how long it took, from the first record's decision until it was remembered.
        publish_seconds: how much of it the brokers needed to acknowledge what was published.
    """

    partition: int
    outputs: Outputs
    records: int
    origin: Callable[[int], tuple[Headers, int]]
    again: bool
    seconds: float
    publish_seconds: float


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the state of a partition holds.

    Attributes:
        members, claims, lines: how many; lines are an estimate where the store is on disk.
        open_claims: claims not screened yet.
        waiting_since: since when an open claim may have been waiting (event time, microseconds), or None.
        bytes: of the store.
    """

    members: int
    claims: int
    lines: int
    open_claims: int
    waiting_since: int | None
    bytes: int


class Watcher(Protocol):
    """Who is told what happened; metrics in the worker, a list in tests."""

    def stepped(self, step: Step) -> None:
        """A step is published and remembered."""

    def refused(self, topic: str) -> None:
        """A send to a topic failed; the worker stops."""

    def committed(self, *, done: bool) -> None:
        """Offsets were committed, or could not be."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the chains of a worker share.

    Attributes:
        policy: what decides.
        outbox: sends and waits.
        changelog: the changelog's topic.
        written: told the changelog offset up to which a partition is written.
        finished: told a fetch whose records are all published and remembered.
        dropped: told a fetch that is not taken: its partition is being given away.
        at_end: whether an input partition was read to its end, and all of it was done up to an offset.
        start_of: the offset from which an input partition is read, or None.
        check_hole: raises where records of an input partition between two offsets are lost.
        watcher: told of each step.
    """

    policy: Policy
    outbox: Outbox
    changelog: str
    written: Callable[[int, int], None]
    finished: Callable[[BatchMessage], None]
    dropped: Callable[[BatchMessage], None]
    at_end: Callable[[int, int | None], bool]
    start_of: Callable[[int], int | None]
    check_hole: Callable[[int, int, int], Awaitable[None]]
    watcher: Watcher


class Chain:
    """Steps through the records and ticks of one partition.

    Args:
        partition: of the input and of the changelog.
        store: the partition's state, recovered.
        setting: shared by all chains.
    """

    def __init__(self, partition: int, store: Store, setting: Setting) -> None:
        self.partition = partition
        self.queue: asyncio.Queue[BatchMessage] = asyncio.Queue(maxsize=2)
        self._last_came = time.monotonic()
        self._working = True
        self._open = True
        self._next: int | None = None
        self._steps = 0
        self._store = store
        self._setting = setting
        self._engine = PolicyEngine(setting.policy, source=store, tracking=True)
        self._turn = asyncio.Lock()
        self._as_of = store.as_of()

    @property
    def event_time(self) -> int | None:
        """The greatest `received_at` accepted, microseconds since 1970."""
        return self._engine.event_time

    @property
    def position(self) -> int | None:
        """The offset behind the last record that was published and remembered; None before the first."""
        return self._next

    @property
    def steps(self) -> int:
        """Steps done, of every kind: a sign that the chain gets on."""
        return self._steps

    @property
    def _done(self) -> int | None:
        """The same; before the first, where the partition is read from, or None while that is not known."""
        return self._next if self._next is not None else self._setting.start_of(self.partition)

    def holdings(self) -> Holdings:
        """What the state holds, by counts that are kept while it changes."""
        engine, size = self._engine, self._store.size()
        return Holdings(
            members=engine.members,
            claims=engine.claims,
            lines=max(size.entries - engine.claims, 0),
            open_claims=engine.open_claims,
            waiting_since=engine.waiting_since,
            bytes=size.bytes,
        )

    @property
    def next_due(self) -> int | None:
        """When a claim may fall due, at the earliest."""
        return self._engine.next_due

    @property
    def quiet_since(self) -> float | None:
        """When the last records came (monotonic seconds); None while some are left to take."""
        busy = self._working or not self.queue.empty()
        return None if busy or not self._setting.at_end(self.partition, self._done) else self._last_came

    async def run(self) -> None:
        """Finish what a crash left, then take fetch after fetch; ends only by an error."""
        async with self._turn:
            started = time.monotonic()
            await self._publish_marked(self._engine.recover(), started)
        if self._engine.outdated:
            await self._judge_again()
        self._last_came = time.monotonic()
        self._working = False
        while True:
            message = await self.queue.get()
            self._working = True
            async with self._turn:
                if self._open:
                    await self._take(message)
                else:  # its partition is being given away, and it is fetched again
                    self._setting.dropped(message)
            self._last_came = time.monotonic()
            self._working = False

    async def tick(self, event_time: int) -> None:
        """Time has passed while the partition was idle: settle what is due by then."""
        async with self._turn:
            while self._is_idle and self._is_due(event_time):
                started = time.monotonic()
                await self._publish_marked(self._engine.advance(event_time, STEP_ENTRIES), started)

    @property
    def _is_idle(self) -> bool:
        """Whether no fetch waits, neither in the queue nor for its turn."""
        return self._open and not self._working and self.queue.empty()

    def _is_due(self, event_time: int) -> bool:
        due = self._engine.next_due
        return due is not None and due <= event_time

    async def close(self) -> None:
        """Take nothing more; returns when the step at work is done."""
        self._open = False
        async with self._turn:
            pass

    async def _judge_again(self) -> None:
        """Judge everybody under the changed policy; whoever gets the partition meanwhile begins anew."""
        members = self._store.member_ids()
        for start in range(0, len(members), MEMBERS_JUDGED_AGAIN):
            async with self._turn:
                if not self._open:
                    return
                some = members[start : start + MEMBERS_JUDGED_AGAIN]
                started = time.monotonic()
                await self._publish(self._engine.judge_again(some), 0, _no_headers, started, again=True)
            await asyncio.sleep(0)  # where nothing changes nothing is sent, and nobody else would come on
        async with self._turn:
            if self._open:
                self._engine.adopt()
                await self._remember()

    async def _take(self, message: BatchMessage) -> None:
        records = message.records
        await self._check_offset(records[0].offset)
        for step in _steps(records):
            rest: Sequence[Record] = [record_of(each) for each in step]
            by_offset = {each.offset: each for each in step}
            while rest:
                if not self._open:  # what is done already comes again without effect
                    self._setting.dropped(message)
                    return
                started = time.monotonic()
                outputs, received = self._engine.receive_while(rest, STEP_ENTRIES)
                if received:  # else so much fell due before the first that it waits for a step of its own
                    self._as_of = max(self._as_of, rest[received - 1].offset)
                    rest = rest[received:]
                await self._publish(outputs, received, _HeadersOf(by_offset), started)
            self._next = step[-1].offset + 1
        self._setting.finished(message)

    async def _check_offset(self, offset: int) -> None:
        """Nothing may be missing between what was taken last and what comes now."""
        expected = self._done
        if expected is not None and offset > expected:
            await self._setting.check_hole(self.partition, expected, offset)

    async def _publish(
        self,
        outputs: Outputs,
        records: int,
        origin: Callable[[int], tuple[Headers, int]],
        started: float,
        *,
        again: bool = False,
    ) -> None:
        """Outputs, changelog, store, in this order."""
        decided = time.monotonic()
        await self._setting.outbox.send(messages_of(outputs, origin))
        sent = time.monotonic()
        await self._remember()
        took = time.monotonic() - started
        step = Step(self.partition, outputs, records, origin, again, took, sent - decided)
        self._tell(step)

    async def _publish_marked(self, outputs: Outputs, started: float) -> None:
        """Changelog with marks, outputs, changelog without, in this order."""
        await self._remember()
        marked = time.monotonic()
        await self._setting.outbox.send(messages_of(outputs, _no_headers))
        sent = time.monotonic()
        self._engine.confirm()
        await self._remember()
        took = time.monotonic() - started
        step = Step(
            self.partition, outputs, 0, _no_headers, again=False, seconds=took, publish_seconds=sent - marked
        )
        self._tell(step)

    def _tell(self, step: Step) -> None:
        self._steps += 1
        self._setting.watcher.stepped(step)

    async def _remember(self) -> None:
        entries = stamped(self._engine.take_writes(), self._as_of)
        if entries:
            setting = self._setting
            offset = await setting.outbox.write(setting.changelog, self.partition, entries)
            self._store.apply(entries.items(), offset)
            setting.written(self.partition, offset)
        self._engine.rest(MEMBERS)


def _steps(records: Sequence[ConsumerRecord]) -> Iterator[Sequence[ConsumerRecord]]:
    for start in range(0, len(records), STEP_RECORDS):
        yield records[start : start + STEP_RECORDS]


class _HeadersOf:
    """Finds the headers and the timestamp of a step's records by their offsets."""

    def __init__(self, records: dict[int, ConsumerRecord]) -> None:
        self._records = records

    def __call__(self, offset: int) -> tuple[Headers, int]:
        record = self._records[offset]
        return list(record.headers), record.timestamp


def _no_headers(_: int) -> tuple[Headers, int]:
    return [], 0
