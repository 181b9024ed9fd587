"""Faust's transport by whole fetches: one message a partition and fetch, records as they came.

Faust handles messages one by one, which costs more than deciding on them. Here its consumer hands over
a fetch of a partition as one message, which carries the raw records; flow control, generations and
rebalancing stay Faust's. Offsets are committed from what the chains say they have finished, in order,
never from Faust's list of acknowledged offsets. Changelogs are applied by whole fetches as well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, cast

import faust.transport.drivers.aiokafka as driver
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import UnknownMemberIdError
from aiokafka.structs import ConsumerRecord
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from streams.holes import LostRecordsError

HEARD_WITHIN: Final = 0.5
"""Seconds beyond a heartbeat's interval within which the brokers' answer to it is heard and followed."""

LOOKS_EVERY: Final = 0.01
"""Seconds between two looks whether a rebalance is over."""

Records = Sequence[ConsumerRecord[bytes | None, bytes | None]]


class FencedError(Exception):
    """This worker has lost its partitions, or may have: another one may work on them."""


class BatchMessage(ConsumerMessage):
    """A fetch of one partition; its offset is that of the last record."""

    __slots__ = ("records",)

    records: Records


class BatchConsumer(driver.Consumer):
    """Yields a message a partition and fetch, and commits what was finished.

    Attributes:
        recover: takes records of a changelog partition in; set by the app.
        before_revoked: lets the steps at work end, before partitions are revoked; set by the app.
        committed: told whether a commit was done; set by the app.
        fail: told of an error after which nothing must go on, from any thread; set by the app.
        settled: whether no rebalance goes on, nor the recovery that belongs to it; set by the app.
    """

    recover: Callable[[TP, Records], None]
    before_revoked: Callable[[], Awaitable[None]]
    committed: Callable[[bool], None]
    fail: Callable[[BaseException], None]
    settled: Callable[[], bool]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Faust's own signature
        super().__init__(*args, **kwargs)
        self._finished: dict[TP, int] = {}
        self._first_seek = 1

    def finished(self, tp: TP, offset: int) -> None:
        """Everything of a partition up to an offset is published and remembered: it may be committed."""
        self._finished[tp] = offset + 1

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return CommittedThread(self, loop=self.loop, beacon=self.beacon)

    def drop(self, message: BatchMessage) -> None:
        """Wait no more for a fetch that nobody takes; it is not committed."""
        self._unacked_messages.discard(message)

    def start_of(self, tp: TP) -> int | None:
        """The offset from which an input partition is read since it was assigned, or None."""
        return self.thread.starts.get(tp)

    def last_heartbeat(self) -> float:
        """When the group last answered a heartbeat or gave us partitions (monotonic seconds)."""
        return self.thread.last_heartbeat

    @property
    def thread(self) -> CommittedThread:
        """The thread that the client lives in."""
        thread = self._thread
        assert isinstance(thread, CommittedThread)  # noqa: S101 - made by _new_consumer_thread
        return thread

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        done = await super()._commit(offsets)
        self.committed(done)
        return done

    def position_of(self, tp: TP) -> int | None:
        """The offset that is fetched next from a partition; None where it is not assigned."""
        state = self._state_of(tp)
        return int(state.position) if state is not None and state.has_valid_position else None

    def at_end(self, tp: TP, done: int | None) -> bool:
        """Whether a partition was read to its end, as the broker told it, and nothing is on its way here."""
        return self.end_of(tp, done) is not None

    def end_of(self, tp: TP, done: int | None) -> int | None:
        """The end of a partition as the broker told it, once it was read up to there and all of it is done.

        What was fetched is not taken yet: it may lie in Faust's queues for seconds. So the position alone
        says too much. It may be greater than what was done for another reason, though: behind the last
        record there are marks of transactions.

        Args:
            tp: an input partition.
            done: the offset up to which its chain has done all; None before it knows where it begins.

        Returns:
            None where it was not, or something is on its way here.
        """
        state, position = self._state_of(tp), self.position_of(tp)
        if state is None or state.lso is None or position is None or done is None or position < state.lso:
            return None
        return position if done >= position or self.thread.last_taken(tp, position) <= done else None

    def _state_of(self, tp: TP) -> Any:  # noqa: ANN401 - of aiokafka
        """What the client knows of a partition; None where it is not assigned."""
        subscription = self._thread._ensure_consumer()._subscription  # noqa: SLF001 - there is no public way to it
        if not subscription.is_assigned(tp):
            return None
        return subscription.subscription.assignment.state_value(tp)

    async def getmany(  # Faust's own signature
        self,
        timeout: float,  # noqa: ASYNC109
    ) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """A fetch from the broker: one message a partition."""
        records, active = await self._wait_next_records(timeout)
        # Not before: the wait can last a whole rebalance, and what it gives is of the new generation.
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            # A rebalance goes on: what was fetched is dropped, and its end sets the positions. Going back
            # here, as Faust does, would run into partitions that are not ours any more.
            return
        # Faust lets the input flow before it goes back to the committed offsets. What was taken out of the
        # fetcher by then comes again; what was taken out since, never. Which it was is known in the
        # client's thread alone: the word that positions are set may come here behind such a fetch.
        sound = isinstance(records, Fetched) and self._first_seek <= records.seeks == self.thread.seeks
        for tp, fetched in records.items():
            if not self._goes_on(generation):
                return
            if self._is_changelog_tp(tp):
                if fetched and self._wanted(tp, active):
                    self.recover(tp, cast("Records", fetched))
                    yield tp, self._to_message(tp, fetched[-1])
            elif fetched and sound and await self._settled(generation):
                yield tp, self._whole(tp, cast("Records", fetched))

    async def _settled(self, generation: int) -> bool:
        """Wait until Faust is done with a rebalance; False where the next one begins.

        It lets the client fetch from the committed offsets first, and empties its queues and its book of what
        was read a moment later: what it is given in between would not come again.
        """
        while self._goes_on(generation):
            if self.settled():
                return True
            await asyncio.sleep(LOOKS_EVERY)
        return False

    def _goes_on(self, generation: int) -> bool:
        """Whether nothing has stopped the flow since a fetch was handed over."""
        return self.flow_active and generation == self.app.consumer_generation_id

    def _wanted(self, tp: TP, active: set[TP] | None) -> bool:
        return active is None or tp in active or tp in self._buffered_partitions

    def _whole(self, tp: TP, fetched: Records) -> BatchMessage:
        last = fetched[-1]
        message = BatchMessage(
            last.topic,
            last.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            None,
            None,
            None,
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )
        message.records = fetched
        return message

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let the steps at work end, and commit them; what is queued is fetched again."""
        self._first_seek = self.thread.seeks + 1
        await self.before_revoked()
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._finished.pop(tp, None)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Faust books gaps message by message; the chains check offsets themselves."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:  # noqa: ANN401, ARG002
        self._acked.clear()
        self._acked_index.clear()
        return iter({*self._finished, *self.thread.starts})

    def _new_offset(self, tp: TP) -> int | None:
        """Up to where all is done; at the end of a partition behind the marks of transactions, too.

        They come behind the last record. Were they not committed, a partition at rest would have a lag.
        """
        done, start = self._finished.get(tp), self.start_of(tp)
        end = self.end_of(tp, start if done is None else done)
        return done if end is None or end == start else end


class Fetched(dict[TP, list[Any]]):
    """A fetch, and how often positions had been set when it was taken out of the fetcher."""

    def __init__(self, records: Mapping[TP, list[Any]], seeks: int) -> None:
        super().__init__(records)
        self.seeks = seeks


class CommittedThread(driver.AIOKafkaConsumerThread):
    """Reads committed records alone, of input and changelog alike, and minds its place in the group.

    A static member that is told that the group does not know it was replaced by a worker with the same
    instance id, or was silent for too long. aiokafka would join again, and two workers would throw each
    other out for ever; here it ends. Who replaces waits until the other must have been told.

    Attributes:
        last_heartbeat: when the group last answered (monotonic seconds).
        seeks: how often the positions of the input were set.
        starts: the offsets they were set to last.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Faust's own signature
        super().__init__(*args, **kwargs)
        self._taken: dict[TP, tuple[int, int]] = {}

    last_heartbeat: float = 0.0
    seeks: int = 0
    starts: Mapping[TP, int] = MappingProxyType({})

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go to the committed offsets of the input; to the log's start where nothing was committed yet.

        All positions are set in one go, so that a fetch lies before all of it or behind. (aiokafka's own
        goes partition by partition, and leaves one without a committed offset where it is: behind what
        was fetched and not taken.)

        Raises:
            LostRecordsError: the log starts behind a committed offset.
        """
        return cast("Mapping[TP, int]", await self.call_thread(self._seek_all))

    async def _seek_all(self) -> Mapping[TP, int]:
        consumer = self._ensure_consumer()
        changelogs = self.app.tables.changelog_topics
        mine = [tp for tp in consumer.assignment() if tp.topic not in changelogs]
        committed = {tp: await consumer.committed(tp) for tp in mine}
        begins = await consumer.beginning_offsets(mine) if mine else {}
        for tp in mine:
            if committed[tp] is not None and committed[tp] < begins[tp]:
                where = f"{tp.topic}-{tp.partition}"
                msg = f"{where} starts at offset {begins[tp]}, behind the committed {committed[tp]}"
                raise LostRecordsError(msg)
        starts = {tp: begins[tp] if committed[tp] is None else committed[tp] for tp in mine}
        for tp, start in starts.items():
            consumer.seek(tp, start)
        self.starts = starts
        self._taken = {tp: (start, start) for tp, start in starts.items()}
        self.seeks += 1
        return committed

    def last_taken(self, tp: TP, position: int) -> int:
        """The offset behind the last record that was taken out of the fetcher when it stood at a position.

        A position that the fetcher has just moved to is not known here yet: all up to it counts as taken.
        """
        at, taken = self._taken.get(tp, (-1, position))
        return taken if at == position else position

    async def _fetch_records(self, *args: Any, **kwargs: Any) -> Fetched:  # noqa: ANN401 - Faust's own
        fetched = Fetched(await super()._fetch_records(*args, **kwargs), self.seeks)
        subscription = self._ensure_consumer()._subscription  # noqa: SLF001 - there is no public way to it
        for tp, (_, taken) in list(self._taken.items()):
            if subscription.is_assigned(tp):
                state = subscription.subscription.assignment.state_value(tp)
                records = fetched.get(tp)
                if state.has_valid_position:
                    self._taken[tp] = state.position, records[-1].offset + 1 if records else taken
        return fetched

    async def on_start(self) -> None:
        """Start the consumer, and listen in on its heartbeats."""
        await super().on_start()
        coordinator = self._ensure_consumer()._coordinator  # noqa: SLF001 - no public sign of life there
        beat, send = coordinator._do_heartbeat, coordinator._send_req  # noqa: SLF001

        async def noted() -> bool:
            alive = bool(await beat())
            if alive:
                self.last_heartbeat = time.monotonic()
            return alive

        async def looked_at(request: Any) -> Any:  # noqa: ANN401 - of aiokafka
            response = await send(request)
            if not _LOST.isdisjoint(_codes(response)):
                self._batches.fail(FencedError(_REPLACED))
            return response

        coordinator._do_heartbeat = noted  # noqa: SLF001
        if self._static:
            coordinator._send_req = looked_at  # noqa: SLF001

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """The group has just answered."""
        first = not self.last_heartbeat
        self.last_heartbeat = time.monotonic()
        if first and self._static:
            await asyncio.sleep(self.app.conf.broker_heartbeat_interval + HEARD_WITHIN)
        await super().on_partitions_assigned(assigned, generation_id)

    @property
    def _static(self) -> bool:
        return self.app.conf.consumer_group_instance_id is not None

    @property
    def _batches(self) -> BatchConsumer:
        return cast("BatchConsumer", self.consumer)

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - Faust ties it to its transactions
        return consumer


_FENCED_INSTANCE_ID: Final = 82  # aiokafka has no name for it
_LOST: Final = frozenset({UnknownMemberIdError.errno, _FENCED_INSTANCE_ID})
_REPLACED: Final = (
    "the group does not know this worker any more: another one has its INSTANCE_ID, or no heartbeat came "
    "through for the session timeout"
)


def _codes(response: Any) -> Iterator[int]:  # noqa: ANN401 - of aiokafka
    """The error codes of a coordinator's answer; that to a commit has one for each partition."""
    yield getattr(response, "error_code", 0)
    for _topic, partitions in getattr(response, "topics", None) or ():
        yield from (partition[-1] for partition in partitions)


class IdempotentProducer(driver.Producer):
    """Faust's producer, with sends that a broker's retry neither repeats nor reorders."""

    def _settings_extra(self) -> dict[str, Any]:
        return {"enable_idempotence": True}


class BatchTransport(driver.Transport):
    """The aiokafka transport with both."""

    Consumer = BatchConsumer
    Producer = IdempotentProducer
