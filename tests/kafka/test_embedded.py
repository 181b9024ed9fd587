"""Laws of the Kafka that Dripline starts itself: it is a whole one."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import UnknownTopicOrPartitionError

from tests.kafka.records import MakeTopic, read, send

pytestmark = pytest.mark.slow


async def test_an_idempotent_producer_is_read_in_order(kafka: str, make_topic: MakeTopic) -> None:
    """What is sent with acks=all is read in order, each record once."""
    topic = await make_topic()
    values = [b"%d" % number for number in range(200)]
    assert await send(kafka, topic, values) == list(range(200))
    assert await read(kafka, topic, count=200) == values


async def test_a_topic_is_not_made_by_accident(kafka: str, topic_prefix: str) -> None:
    """A record for a topic that does not exist is refused."""
    async with AIOKafkaProducer(bootstrap_servers=kafka, request_timeout_ms=3000) as producer:
        with pytest.raises(UnknownTopicOrPartitionError):
            await producer.send_and_wait(topic_prefix, b"lost")


async def test_an_aborted_transaction_is_not_read(
    kafka: str, make_topic: MakeTopic, topic_prefix: str
) -> None:
    """A committed transaction is read, an aborted one is not."""
    topic = await make_topic()
    producer = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=topic_prefix)
    async with producer:
        for value, good in ((b"kept", True), (b"aborted", False), (b"kept too", True)):
            await producer.begin_transaction()
            await producer.send_and_wait(topic, value, partition=0)
            await (producer.commit_transaction() if good else producer.abort_transaction())
    assert await read(kafka, topic, count=2) == [b"kept", b"kept too"]


async def test_an_offset_is_found_by_time(kafka: str, make_topic: MakeTopic) -> None:
    """The first offset at or after a timestamp is found, and none behind the last."""
    topic = await make_topic()
    partition = TopicPartition(topic, 0)
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for time in (1_000, 2_000, 3_000):
            await producer.send_and_wait(topic, b"line", partition=0, timestamp_ms=time)
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as consumer:
        found = (await consumer.offsets_for_times({partition: 1_001}))[partition]
        assert (found.offset, found.timestamp) == (1, 2_000)
        assert (await consumer.offsets_for_times({partition: 3_001}))[partition] is None


async def test_a_topics_settings_are_seen(admin: AIOKafkaAdminClient, make_topic: MakeTopic) -> None:
    """The cleanup policy that a topic was made with can be read."""
    topic = await make_topic(cleanup_policy="compact")
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    settings = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    assert settings["cleanup.policy"] == "compact"


async def test_deleted_records_are_gone(
    kafka: str, admin: AIOKafkaAdminClient, make_topic: MakeTopic
) -> None:
    """After a deletion the partition begins behind the deleted records."""
    topic = await make_topic()
    partition = TopicPartition(topic, 0)
    await send(kafka, topic, [b"a", b"b", b"c"])
    assert await admin.delete_records({partition: RecordsToDelete(before_offset=2)}) == {partition: 2}
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as consumer:
        assert await consumer.beginning_offsets([partition]) == {partition: 2}


async def test_a_groups_offsets_are_kept(
    kafka: str, admin: AIOKafkaAdminClient, make_topic: MakeTopic, topic_prefix: str
) -> None:
    """What a group committed is listed for it, also after its members have left."""
    topic = await make_topic()
    await send(kafka, topic, [b"a", b"b"])
    options = {"group_id": topic_prefix, "auto_offset_reset": "earliest", "enable_auto_commit": False}
    async with AIOKafkaConsumer(topic, bootstrap_servers=kafka, **options) as consumer:
        record = await asyncio.wait_for(consumer.getone(), 30)
        await consumer.commit({TopicPartition(topic, 0): record.offset + 1})
    listed = await admin.list_consumer_group_offsets(topic_prefix)
    assert {partition: found.offset for partition, found in listed.items()} == {TopicPartition(topic, 0): 1}
