"""Quix Streams with the same engine, in an environment of its own: `requirements-bench.in`.

Its state store takes the state entries under the key of the record, as its users would keep them.
"""

from __future__ import annotations

from typing import Any

from quixstreams import Application, State, message_context
from quixstreams.models import Serializer

from benchmarks.live.meter import Job, Meter, own_job
from benchmarks.live.screening import Engines, Sent, encoded
from models.record import Record
from models.state import PARTITION_KEY
from streams.topics import EDITS, VERDICTS


class Value(Serializer):  # type: ignore[misc] # not installed with the tools
    """Writes the bytes that are there already."""

    def __call__(self, value: Sent, ctx: object) -> bytes:
        """The value of a record."""
        del ctx
        return value.value


def run(job: Job) -> None:
    """Screen the topic to its end."""
    meter, engines = Meter(job), Engines()
    app: Any = Application(
        broker_address=job.servers,
        consumer_group=job.app_id,
        auto_offset_reset="earliest",
        state_dir=job.folder,
        loglevel="ERROR",
        on_message_processed=lambda *_: app.stop() if meter.add(1) else None,
    )

    def screen(value: bytes, key: bytes, timestamp: int, headers: object, state: State) -> list[Sent]:
        del headers
        meter.begin()
        where = message_context()
        engine = engines.of(where.partition)
        record = Record(value, where.offset, where.topic, where.partition, timestamp * 1000, key, keyed=True)
        sent = [encoded(event) for event in engine.receive(record).publications]
        for entry, written in engine.take_writes().items():
            if entry == PARTITION_KEY:
                continue
            if written is None:
                state.delete(entry.decode())
            else:
                state.set_bytes(entry.decode(), written)
        return sent

    lines: Any = app.dataframe(app.topic(job.topic, key_deserializer="bytes", value_deserializer="bytes"))
    lines = lines.apply(screen, stateful=True, expand=True, metadata=True)
    for name in (EDITS, VERDICTS):
        topic = app.topic(name, key_serializer="bytes", value_serializer=Value())
        lines[lines.apply(lambda sent, name=name: sent.topic == name)].to_topic(
            topic, key=lambda sent: sent.key
        )
    app.run()  # returns behind the last commit
    meter.end()


if __name__ == "__main__":
    run(own_job())
