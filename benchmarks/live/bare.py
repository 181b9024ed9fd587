"""The ceiling in Python: a loop on aiokafka, with record batches and nothing around it.

No tables, no rebalancing, no recovery. Fetch, screen by partition, send outputs and changed state
entries, wait for the broker, commit.
"""

from __future__ import annotations

import asyncio
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from benchmarks.live.batches import Batches
from benchmarks.live.meter import Job, Meter, own_job
from benchmarks.live.screening import Engines, encoded
from streams.kafka_records import record_of
from streams.topics import topics_of

COMMIT_EVERY = 1.0
"""Seconds, as in the worker."""


async def run(job: Job) -> None:
    """Screen the topic to its end."""
    meter = Meter(job)
    consumer = AIOKafkaConsumer(
        job.topic,
        bootstrap_servers=job.servers,
        group_id=job.app_id,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_poll_records=2_000,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=job.servers, enable_idempotence=True, max_request_size=9 << 20
    )
    async with consumer, producer:
        await _loop(job, meter, consumer, producer)


async def _loop(job: Job, meter: Meter, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
    changelog = topics_of(job.app_id).changelog.name
    engines, by_key = Engines(), DefaultPartitioner()
    parts = sorted(await producer.partitions_for(changelog))
    committed = time.monotonic()
    complete = False
    while not complete:
        fetched = await consumer.getmany(timeout_ms=200)
        if not fetched:
            continue
        meter.begin()
        batches = Batches(producer)
        for tp, records in fetched.items():
            engine = engines.of(tp.partition)
            for event in engine.receive_many(map(record_of, records)).publications:
                sent = encoded(event)
                batches.put(sent.topic, by_key(sent.key, parts, parts), sent.key, sent.value)
            for key, value in engine.take_writes().items():
                batches.put(changelog, tp.partition, key, value)
        await batches.deliver()
        complete = meter.add(sum(map(len, fetched.values())))
        if complete or time.monotonic() - committed > COMMIT_EVERY:
            await consumer.commit()
            committed = time.monotonic()
    meter.end()


if __name__ == "__main__":
    asyncio.run(run(own_job()))
