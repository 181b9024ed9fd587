"""The benchmark's own dealings with the broker: topics, records in, records out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.partitioner import DefaultPartitioner

from benchmarks.live.batches import Batches
from benchmarks.live.lines import Keyed
from benchmarks.live.meter import Job
from models.record import Record
from streams.embedded.ports import free_ports
from streams.kafka_records import record_of
from streams.topic_creation import create_topics

AT_ONCE = 10_000
"""Records sent before the broker is waited for."""

NEVER_ALL: Final = 1 << 60
"""Records of a job that goes on until it is told to stop."""

Offsets = dict[TopicPartition, int]


class Broker:
    """A broker, and the number of partitions of all topics on it.

    Args:
        servers: its address.
        partitions: of each topic.
    """

    def __init__(self, servers: str, partitions: int) -> None:
        self.servers = servers
        self.partitions = partitions

    def job(
        self,
        folder: Path,
        app_id: str,
        topic: str,
        records: int = NEVER_ALL,
        **options: Any,  # noqa: ANN401 - of `Job`
    ) -> Job:
        """What a contender is to do on this broker, with a port and a folder of its own."""
        (port,) = free_ports(1)
        return Job(self.servers, app_id, topic, records, str(folder / app_id), port=port, **options)

    async def make_topics(self, app_id: str, *others: str) -> None:
        """Make the topics of an app that are missing, and others."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        try:
            await create_topics(admin, app_id, partitions=self.partitions, replication=1)
            if others:
                await admin.create_topics([NewTopic(name, self.partitions, 1) for name in others])
        finally:
            await admin.close()

    async def fill(self, topic: str, records: Iterable[Keyed], *, at: Iterable[int] = ()) -> None:
        """Send records, each to the partition of its key, or to that which `at` names."""
        by_key, parts, named = DefaultPartitioner(), list(range(self.partitions)), iter(at)
        producer = AIOKafkaProducer(bootstrap_servers=self.servers, max_request_size=9 << 20)
        async with producer:
            batches = Batches(producer)
            for number, (key, value) in enumerate(records, 1):
                partition = next(named, None)
                batches.put(topic, by_key(key, parts, parts) if partition is None else partition, key, value)
                if number % AT_ONCE == 0:
                    await batches.deliver()
            await batches.deliver()

    async def ends(self, *topics: str) -> Offsets:
        """The offsets behind the last records."""
        async with AIOKafkaConsumer(bootstrap_servers=self.servers) as consumer:
            found: Offsets = await consumer.end_offsets(self._parts(topics))
        return found

    async def read(self, *topics: str, since: Offsets | None = None) -> list[Any]:
        """All records of topics, or those since an earlier `ends`, by partition and offset."""
        parts, found = self._parts(topics), []
        async with AIOKafkaConsumer(
            bootstrap_servers=self.servers, isolation_level="read_committed"
        ) as consumer:
            consumer.assign(parts)
            for part in parts:
                consumer.seek(part, (since or {}).get(part, 0))
            ends = await consumer.end_offsets(parts)
            while [part for part in parts if await consumer.position(part) < ends[part]]:
                for records in (await consumer.getmany(timeout_ms=300)).values():
                    found += records
        return sorted(found, key=lambda record: (record.topic, record.partition, record.offset))

    async def lines(self, topic: str) -> list[Record]:
        """The claim lines of a topic as the engine takes them."""
        return [record_of(each) for each in await self.read(topic)]

    def _parts(self, topics: Iterable[str]) -> list[TopicPartition]:
        return [TopicPartition(topic, number) for topic in topics for number in range(self.partitions)]
