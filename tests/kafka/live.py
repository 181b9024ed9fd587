"""Real workers on a real broker, and what must hold of the topics whatever happens to them."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import ConsumerRecord
from prometheus_client.parser import text_string_to_metric_families

from models.claim_verdict import ClaimVerdict
from models.edit_event import EditEvent
from policy import PolicyEngine
from policy.document import Policy
from policy.outputs import Outputs, Publication
from streams.broker_wait import connected_admin
from streams.chain import record_of
from streams.generate import GenerateSettings, encode_line, generate_lines
from streams.kafka_options import client_options
from streams.settings import read_settings
from streams.topic_creation import create_topics
from streams.topics import EDITS, LINES, REJECTED, VERDICTS, topics_of
from tests.support import Content, Event, built_in_policy, content

Samples = dict[tuple[str | tuple[str, str], ...], float]
"""Values by name and labels."""

WHOLE = os.environ.get("DRIPLINE_TEST_FAULTS") == "whole"
"""Whether tests that can be long are, as `make test-faults` wants them."""
PARTITIONS = 4
SETTLE_SECONDS = 1


whole = pytest.mark.skipif(not WHOLE, reason="long: make test-faults")
"""A test of `make test-faults` alone."""


def size(short: int, long: int) -> int:
    """A count or seconds, as long as this run is."""
    return long if WHOLE else short


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now.

    From the system, which does not give the same one twice in a row: workers are made one after the other,
    and none of them listens yet. (The ports of `streams.embedded` stay free while a broker is down.)
    """
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Worker:
    """A worker process; it may be killed and started again under the same instance id."""

    env: dict[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    module: str = "streams.cli"

    def start(self) -> None:
        """Start it; its log goes on in the same file."""
        env = os.environ | self.env | {"DRIPLINE_HTTP_PORT": str(self.port)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, "worker"], env=env, stderr=log, stdout=log
            )

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(25)

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page; status 0 where nobody answers."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (URLError, OSError):
            return 0, ""

    def samples(self) -> Samples:
        """What `/metrics` shows."""
        families = text_string_to_metric_families(self.get("/metrics")[1])
        return {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    def ready(self) -> bool:
        """Whether it says that it is ready."""
        return self.get("/readyz")[0] == 200

    def wait_ready(self, seconds: float = 40) -> None:
        """Wait until it is ready."""
        end = time.monotonic() + seconds
        while not self.ready():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < end, self.log.read_text()[-2000:]
            time.sleep(0.1)


@dataclass
class Topics:
    """All records of the topics."""

    lines: list[ConsumerRecord]
    edits: list[ConsumerRecord]
    verdicts: list[ConsumerRecord]
    rejected: list[ConsumerRecord]

    def content(self) -> Content:
        """The comparable content of edits and verdicts."""
        published: list[Publication] = [EditEvent.model_validate_json(each.value) for each in self.edits]
        published += [ClaimVerdict.model_validate_json(each.value) for each in self.verdicts]
        return content([Outputs(publications=published)])

    def expected(self, policy: Policy) -> tuple[Content, Outputs]:
        """What a plain run over the input leaves, and its outputs before the end."""
        engine = PolicyEngine(policy, final=True)
        out = engine.receive_many([record_of(each) for each in self.lines])
        return content([out, engine.finish()]), out

    def unequal_repeats(self) -> list[Any]:
        """Records whose key and revision came before with other bytes."""
        seen: dict[Any, bytes] = {}
        wrong = []
        for record in (*self.edits, *self.verdicts):
            event = json.loads(record.value)
            key = record.topic, event["member_id"], record.key, event["revision"]
            if seen.setdefault(key, record.value) != record.value:
                wrong.append(key)
        return wrong

    def repeats(self) -> int:
        """How many records of edits and verdicts came before."""
        values = [record.value for record in (*self.edits, *self.verdicts)]
        return len(values) - len(set(values))


class Live:
    """Topics of an app on a broker, and its workers.

    Attributes:
        policy: by which the topics are judged.
    """

    def __init__(self, servers: str, folder: Path, app_id: str) -> None:
        self.servers = servers
        self.app_id = app_id
        self.policy = built_in_policy()
        self._folder = folder
        self.workers: list[Worker] = []
        self._options = client_options(read_settings({"bootstrap_servers": servers}))

    def admin(self) -> AbstractAsyncContextManager[AIOKafkaAdminClient]:
        """An admin client at work."""
        return connected_admin(self._options, tell=lambda _: None)

    async def make_topics(self, replication: int = 1, partitions: int = PARTITIONS) -> None:
        """Make all topics anew."""
        names = [topic.name for topic in topics_of(self.app_id)]
        async with self.admin() as admin:
            there = set(names) & set(await admin.list_topics())
            if there:
                await admin.delete_topics(sorted(there))
            while set(names) & set(await admin.list_topics()):  # noqa: ASYNC110 - the broker sends no event
                await asyncio.sleep(0.1)
            await create_topics(admin, self.app_id, partitions=partitions, replication=replication)

    async def alter(self, topic: str, **changed: str) -> None:
        """Give a topic the settings it is made with, but for some."""
        (made,) = [each for each in topics_of(self.app_id) if each.name == topic]
        configs = made.made_with | {name.replace("_", "."): value for name, value in changed.items()}
        async with self.admin() as admin:
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])

    async def delete(self, topic: str) -> None:
        """Delete a topic."""
        async with self.admin() as admin:
            await admin.delete_topics([topic])

    def add_worker(self, *, static: bool = True, module: str = "streams.cli", **env: str) -> Worker:
        """A worker, started; of another module than the product's where a test breaks it."""
        name = f"w{len(self.workers)}"
        settings = {
            "BOOTSTRAP_SERVERS": self.servers,
            "APP_ID": self.app_id,
            "SETTLE_AFTER": f"{SETTLE_SECONDS}s",
            "SESSION_TIMEOUT": "6s",
            **({"INSTANCE_ID": name} if static else {}),
            **env,
        }
        given = {f"DRIPLINE_{key}": value for key, value in settings.items()}
        worker = Worker(given, self._folder / f"{name}.log", module=module)
        self.workers.append(worker)
        worker.start()
        return worker

    def close(self) -> None:
        """Kill what still runs."""
        for worker in self.workers:
            if worker.process is not None and worker.process.poll() is None:
                worker.kill()

    async def feed(
        self,
        records: Iterable[tuple[bytes | None, bytes | None]],
        headers: Sequence[tuple[str, bytes | None]] = (),
    ) -> None:
        """Send records to the input, by their keys, all with the same headers."""
        async with AIOKafkaProducer(
            bootstrap_servers=self.servers, enable_idempotence=True, linger_ms=5
        ) as producer:
            sent = [
                await producer.send(LINES, key=key, value=value, headers=list(headers))
                for key, value in records
            ]
            await asyncio.gather(*sent)

    async def lag(self) -> int:
        """Records of the input that the group has not committed."""
        async with self.admin() as admin:
            committed = await admin.list_consumer_group_offsets(self.app_id)
        async with AIOKafkaConsumer(bootstrap_servers=self.servers) as consumer:
            ends = await consumer.end_offsets([TopicPartition(LINES, p) for p in range(PARTITIONS)])
        return sum(end - (committed[tp].offset if tp in committed else 0) for tp, end in ends.items())

    async def read(self) -> Topics:
        """Everything there is in the topics."""
        return Topics(*[await self._read(name) for name in (LINES, EDITS, VERDICTS, REJECTED)])

    async def _read(self, topic: str) -> list[ConsumerRecord]:
        found: list[ConsumerRecord] = []
        parts = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
        async with AIOKafkaConsumer(
            bootstrap_servers=self.servers, isolation_level="read_committed"
        ) as consumer:
            consumer.assign(parts)
            await consumer.seek_to_beginning(*parts)
            ends = await consumer.end_offsets(parts)
            while [tp for tp in parts if await consumer.position(tp) < ends[tp]]:
                for records in (await consumer.getmany(timeout_ms=300)).values():
                    found += records
        return sorted(found, key=lambda record: (record.partition, record.offset))

    async def settled(self, seconds: float = 60) -> Topics:
        """Wait until everything is committed and says what it should, or the time is over."""
        end = time.monotonic() + seconds
        topics = None
        while time.monotonic() < end:
            if await self._lag_or_none() == 0:
                topics = await self.read()
                if topics.content() == topics.expected(self.policy)[0]:
                    return topics
            await asyncio.sleep(0.5)
        return topics or await self.read()

    async def _lag_or_none(self) -> int | None:
        try:
            return await self.lag()
        except Exception:  # noqa: BLE001 - a group without a coordinator yet, a broker on its way down
            return None

    async def check(self, seconds: float = 60) -> Topics:
        """The common invariant of all runs; the topics, for what else must hold."""
        topics = await self.settled(seconds)
        expected, out = topics.expected(self.policy)
        assert await self.lag() == 0
        assert topics.content() == expected
        assert topics.unequal_repeats() == []
        told = {
            (r.key, r.value, h["dripline-source-partition"], h["dripline-source-offset"])
            for r in topics.rejected
            for h in [dict(r.headers)]
        }
        assert told == {
            (
                r.key,
                b"" if r.key is None and r.value is None else r.value,
                b"%d" % (r.partition or 0),
                b"%d" % r.offset,
            )
            for r in (rejection.record for rejection in out.rejections)
        }
        return topics


def member_key(event: Mapping[str, Any]) -> bytes:
    """The key under which an event belongs."""
    return str(event["member_id"]).strip().encode()


def generated(settings: GenerateSettings) -> list[tuple[bytes | None, bytes | None]]:
    """Generated claim lines as records."""
    return [(member_key(event), encode_line(event)) for event in generate_lines(settings)]


def keyed(events: Sequence[Event], rng: random.Random) -> list[tuple[bytes | None, bytes | None]]:
    """Events as records: some twice, some under a wrong key or none."""
    mixed = rng.sample(list(events), len(events)) + rng.choices(events, k=len(events) // 5)
    records: list[tuple[bytes | None, bytes | None]] = []
    for event in mixed:
        key = rng.choice([None, b"somebody else"]) if rng.random() < 0.05 else member_key(event)
        records.append((key, json.dumps(event).encode()))
    return records
