"""The Faust app of a worker: topic, table, agent and chains put together.

Faust delivers fetches, says which partitions are ours and when their state is there, and commits what
the chains have finished. Any error in a chain ends the process before its offset is committed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import faust
from aiokafka import AIOKafkaProducer, TopicPartition
from faust.exceptions import ConsumerNotStarted
from faust.types import TP
from faust.types.auth import CredentialsT
from yarl import URL

from policy.document import Policy
from streams.chain import Chain, Setting, Watcher
from streams.failing import Fail
from streams.holes import check_hole
from streams.outbox import STEP_BYTES, Outbox
from streams.store import Store
from streams.table import StateTable
from streams.topics import LINES, TABLE
from streams.transport import BatchConsumer, BatchMessage, BatchTransport, FencedError, IdempotentProducer

ROOM_FOR_HEADERS: Final = 1024 * 1024
COMMIT_EVERY_SECONDS: Final = 1.0
HEARTBEAT_MARGIN: Final = 2.0
"""Seconds that the second heartbeat in a row may be late before the brokers count as lost."""


class Chains:
    """The chains of the partitions that are ours.

    Args:
        setting: shared by all.
        fail: told of an error; does not return in a worker.
    """

    def __init__(self, setting: Setting, fail: Fail) -> None:
        self._setting = setting
        self._fail = fail
        self._running: dict[int, tuple[Chain, asyncio.Task[None]]] = {}

    def __iter__(self) -> Iterator[Chain]:
        return iter([chain for chain, _ in self._running.values()])

    def start(self, stores: dict[int, Store]) -> None:
        """Start anew with the partitions that are ours and their state."""
        self.stop()
        for partition, store in sorted(stores.items()):
            try:
                chain = Chain(partition, store, self._setting)
            except Exception as error:  # noqa: BLE001 - every error stops the worker
                self._fail(error, partition=partition)
                return
            task = asyncio.ensure_future(chain.run())
            task.add_done_callback(partial(self._done, chain))
            self._running[partition] = chain, task

    def stop(self) -> None:
        """Stop all; what was queued is fetched again."""
        for _, task in self._running.values():
            task.cancel()
        self._running.clear()

    async def close(self) -> None:
        """Take nothing more; returns when the steps at work are done. What is queued is fetched again."""
        await asyncio.gather(*(chain.close() for chain, _ in self._running.values()))

    async def put(self, message: BatchMessage) -> None:
        """Hand a fetch to the chain of its partition."""
        running = self._running.get(message.partition)
        if running is None:
            self._setting.dropped(message)
        else:
            await running[0].queue.put(message)

    def drop(self, partitions: Iterable[int]) -> None:
        """Stop those of partitions that went to another worker."""
        for partition in partitions:
            chain = self._running.pop(partition, None)
            if chain is not None:
                chain[1].cancel()

    def _done(self, chain: Chain, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error, partition=chain.partition, offset=chain.position)


class WorkerApp(faust.App):
    """The app, with what Faust does not know: chains, outbox, and when the last heartbeat was."""

    chains: Chains
    lines_table: StateTable
    watcher: Watcher
    fail: Fail

    def _create_directories(self) -> None:
        """Faust would make a folder for its own stores beside us; there are none."""

    @property
    def batches(self) -> BatchConsumer:
        """The consumer."""
        consumer = self.consumer
        assert isinstance(consumer, BatchConsumer)  # noqa: S101 - of BatchTransport
        return consumer

    def on_rebalance_start(self) -> None:
        """Whoever asks is told that no partitions are assigned from here on."""
        self.lines_table.assigned = False
        super().on_rebalance_start()

    def connect(self) -> None:
        """Connect the consumer to table and chains; before the start, after `finalize`."""
        self.batches.recover = self.lines_table.recover
        self.batches.before_revoked = self.chains.close
        self.batches.fail = self.fail
        self.batches.settled = lambda: self.unsettled is None
        self.batches.committed = lambda done: self.watcher.committed(done=done)

    def aiokafka_producer(self) -> AIOKafkaProducer:
        """Faust's own producer, for its batches."""
        producer = self.producer
        assert isinstance(producer, IdempotentProducer)  # noqa: S101 - of BatchTransport
        return producer._ensure_producer()  # noqa: SLF001 - Faust has no name for it

    def finished(self, message: BatchMessage) -> None:
        """A fetch is published and remembered: acknowledge it, and let its offset be committed."""
        self.batches.finished(message.tp, message.offset)
        message.ack(self.batches)

    def dropped(self, message: BatchMessage) -> None:
        """A fetch is not taken: nobody waits for it, and it is fetched again."""
        self.batches.drop(message)

    def start_of(self, partition: int) -> int | None:
        """The offset from which an input partition is read since it was assigned, or None."""
        return self.batches.start_of(TP(LINES, partition))

    def at_end(self, partition: int, done: int | None) -> bool:
        """Whether an input partition was read to its end, of which a chain has done all up to an offset."""
        return self.batches.at_end(TP(LINES, partition), done)

    @property
    def unsettled(self) -> str | None:
        """Why nothing is screened yet, or None: a rebalance or its recovery goes on."""
        if self.tables.actives_ready and not self.rebalancing:
            return None
        if self.lines_table.assigned:  # for Faust a recovery is part of its rebalance
            return "state is being recovered"
        return "partitions are being assigned"

    @property
    def lost(self) -> str | None:
        """Why the group may think that this worker is gone, or None."""
        silent = self.silent()
        if silent > 2 * self.conf.broker_heartbeat_interval + HEARTBEAT_MARGIN:
            return f"the brokers have not answered a heartbeat for {silent:.0f} s"
        return None

    @property
    def mine(self) -> set[int]:
        """The input partitions that are assigned."""
        try:
            assigned = self.consumer.assignment()
        except ConsumerNotStarted:
            return set()
        return {tp.partition for tp in assigned if tp.topic == LINES}

    def position_of(self, partition: int) -> int | None:
        """The offset that is fetched next from an input partition."""
        return self.batches.position_of(TP(LINES, partition))

    def recovery_left(self) -> dict[int, int]:
        """Records of the changelog that are still to be read, by partition."""
        left = self.lines_table.left()
        return {tp.partition: records for tp, records in left.items()}

    def silent(self) -> float:
        """Seconds since the group last answered; 0 before it was joined."""
        last = self.batches.last_heartbeat()
        return time.monotonic() - last if last else 0.0

    def check_fence(self) -> None:
        """Raise where the group may have given our partitions to another worker."""
        silent = time.monotonic() - self.batches.last_heartbeat()
        if silent > self.conf.broker_session_timeout:
            msg = "no heartbeat within the session timeout; another worker may own the partitions"
            raise FencedError(msg)


@dataclass(frozen=True, slots=True)
class Connection:
    """How a worker reaches Kafka, and as whom.

    Attributes:
        app_id: the consumer group.
        broker: URLs of the brokers to ask first.
        instance_id: makes the worker a static member of the group.
        session_timeout: seconds without a heartbeat after which the group gives our partitions away.
        credentials: Faust's, None for an open listener.
        client: arguments of aiokafka's clients, for reads beside Faust.
    """

    app_id: str
    broker: list[URL]
    instance_id: str | None = None
    session_timeout: float = 30.0
    credentials: CredentialsT | None = None
    client: dict[str, Any] = field(default_factory=dict)


def make_app(
    policy: Policy,
    connection: Connection,
    *,
    new_store: Callable[[int], Store],
    watcher: Watcher,
    fail: Fail,
) -> WorkerApp:
    """A worker's app, ready to start.

    Args:
        policy: what decides.
        connection: to the brokers.
        new_store: makes the store of a partition.
        watcher: told of every step.
        fail: told of an error after which nothing must go on.
    """
    app = WorkerApp(connection.app_id, **_conf(connection))
    app.transport = BatchTransport(app.conf.broker_consumer, app)
    table = StateTable(
        app,
        name=TABLE,
        key_type=bytes,
        value_type=bytes,
        new_store=new_store,
        ready=lambda stores: app.chains.start(stores),  # noqa: PLW0108 - the chains are made below
        lost=lambda partitions: app.chains.drop(partitions),  # noqa: PLW0108 - the same
        fail=fail,
    )
    app.tables.add(table)
    app.lines_table = table
    app.watcher, app.fail = watcher, fail
    setting = Setting(
        policy=policy,
        outbox=Outbox(app.aiokafka_producer, app.check_fence, watcher.refused),
        changelog=table.changelog_topic_name,
        written=table.written,
        finished=app.finished,
        dropped=app.dropped,
        at_end=app.at_end,
        start_of=app.start_of,
        check_hole=lambda partition, start, end: check_hole(
            connection.client, TopicPartition(LINES, partition), start, end
        ),
        watcher=watcher,
    )
    app.chains = Chains(setting, fail)
    raw: dict[str, Any] = {
        "key_type": bytes,
        "value_type": bytes,
        "key_serializer": "raw",
        "value_serializer": "raw",
    }

    @app.agent(app.topic(LINES, **raw), name="screen")
    async def screen(stream: Any) -> None:  # noqa: ANN401 - Faust's stream
        async for event in stream.noack().events():
            await app.chains.put(event.message)

    return app


def _conf(connection: Connection) -> dict[str, Any]:
    """Settings on purpose: of what Faust would do by itself, much is unsafe or slow."""
    timeout = connection.session_timeout
    return {
        "broker": connection.broker,
        "broker_credentials": connection.credentials,
        "consumer_group_instance_id": connection.instance_id,
        "broker_session_timeout": timeout,
        "broker_heartbeat_interval": min(3.0, timeout / 4),
        "broker_request_timeout": timeout + 10,
        "broker_rebalance_timeout": 60.0,
        "broker_commit_interval": COMMIT_EVERY_SECONDS,
        "broker_max_poll_records": 2_000,
        "producer_request_timeout": timeout * 0.6,  # what is sent expires before others may own it
        "producer_acks": -1,
        "producer_max_batch_size": 256 * 1024,
        "producer_max_request_size": STEP_BYTES + ROOM_FOR_HEADERS,
        "stream_buffer_maxsize": 16,
        "stream_wait_empty": True,
        "stream_recovery_delay": 0.0,
        "table_standby_replicas": 0,
        "recovery_consistency_check": False,  # the table checks, and says what to do
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
        "store": "memory://",
    }
