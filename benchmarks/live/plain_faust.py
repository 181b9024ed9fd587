"""Faust as its documentation shows it: `async for`, a table set and a send an event.

The state of a member is one value of the table, so that an event sets it once; finer entries would be
dearer still.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import faust

from benchmarks.live.meter import Job, Meter, own_job
from benchmarks.live.screening import Engines, encoded
from models.record import Record
from models.state import PARTITION_KEY
from streams.topics import EDITS, VERDICTS

PARTITIONS = 16
RAW: dict[str, Any] = {
    "key_type": bytes,
    "value_type": bytes,
    "key_serializer": "raw",
    "value_serializer": "raw",
}


def make_app(job: Job) -> faust.App:
    """The app with its agent."""
    app = faust.App(
        job.app_id, broker=f"kafka://{job.servers}", topic_partitions=PARTITIONS, web_enabled=False
    )
    topics = {name: app.topic(name, **RAW) for name in (EDITS, VERDICTS)}
    members = app.Table(
        "members", schema=faust.Schema(key_serializer="raw", value_serializer="json"), partitions=PARTITIONS
    )
    engines, meter = Engines(), Meter(job)

    @app.agent(app.topic(job.topic, **RAW))
    async def screen(stream: Any) -> None:  # noqa: ANN401 - Faust's stream
        async for event in stream.events():
            meter.begin()
            engine = engines.of(event.message.partition)
            for publication in engine.receive(_record(event.message)).publications:
                sent = encoded(publication)
                _ = await topics[sent.topic].send(key=sent.key, value=sent.value)
            written = engine.take_writes()
            written.pop(PARTITION_KEY, None)
            if written:
                held = members.get(event.key) or {}
                members[event.key] = held | {key.decode(): _text(value) for key, value in written.items()}
            if meter.add(1):
                ended.set()

    ended = asyncio.Event()

    @app.task  # type: ignore[untyped-decorator] # of Faust
    async def finish() -> None:
        await ended.wait()
        await app.producer.flush()
        await app.consumer.commit()
        meter.end()

    return app


def _text(value: bytes | None) -> Any:  # noqa: ANN401 - JSON
    return None if value is None else json.loads(value)


def _record(message: Any) -> Record:  # noqa: ANN401 - Faust's message
    return Record(
        message.value,
        message.offset,
        message.topic,
        message.partition,
        round(message.timestamp * 1000) * 1000,
        message.key,
        keyed=True,
    )


if __name__ == "__main__":
    made = make_app(own_job())
    faust.Worker(made, loglevel="ERROR").execute_from_commandline()
