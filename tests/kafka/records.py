"""Topics made and records sent and read in a line each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.protocol.metadata import MetadataRequest

MakeTopic = Callable[..., Awaitable[str]]
"""Makes a topic named after the test: name, partitions, then its settings. Returns the whole name."""


async def new_topic(
    admin: AIOKafkaAdminClient, name: str, partitions: int = 1, settings: dict[str, str] | None = None
) -> str:
    """Make a topic, with `_` for the dots of a setting's name, until all brokers know its leaders."""
    entries = {each.replace("_", "."): value for each, value in (settings or {}).items()}
    made = await admin.create_topics([NewTopic(name, partitions, -1, {}, entries)])
    assert [error[1] for error in made.topic_errors] == [0]
    for broker in (await admin.describe_cluster())["brokers"]:
        while len(await leaders(admin, broker["node_id"], name)) < partitions:  # noqa: ASYNC110 - the broker sends no event
            await asyncio.sleep(0.05)
    return name


async def leaders(admin: AIOKafkaAdminClient, node: int, topic: str) -> dict[int, int]:
    """The leader of each partition that has one, as this broker knows it."""
    answer = await admin._send_request_to_node(node, MetadataRequest([topic]))
    (found,) = answer.to_object()["topics"]
    led = (each for each in found["partitions"] if each["error_code"] == 0 and each["leader"] != -1)
    return {each["partition"]: each["leader"] for each in led}


async def send(servers: str, topic: str, values: Iterable[bytes], **options: str | bool) -> list[int]:
    """Send records to partition 0 with acknowledgement by all replicas; their offsets."""
    sure = {"acks": "all", "enable_idempotence": True, **options}
    async with AIOKafkaProducer(bootstrap_servers=servers, **sure) as producer:
        sent = [await producer.send(topic, value, partition=0) for value in values]
        return [(await each).offset for each in sent]


async def read(servers: str, topic: str, *, count: int, isolation: str = "read_committed") -> list[bytes]:
    """The first records of partition 0, at least so many."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, isolation_level=isolation)
    async with consumer:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        found: list[bytes] = []
        while len(found) < count:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                found += [record.value for record in records]
        return found
