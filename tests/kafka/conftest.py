"""Real brokers for the tests of this folder: the one that the environment names, else our own.

Each process of pytest-xdist that needs a broker starts its own, so no two share topics.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from streams.embedded import EmbeddedKafka, Security
from tests.kafka.live import Live
from tests.kafka.records import MakeTopic, new_topic


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap servers of a broker on which tests may make and delete topics."""
    servers = os.environ.get("DRIPLINE_TEST_BOOTSTRAP")
    if servers:
        yield servers
        return
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker.bootstrap_servers


@pytest.fixture(scope="module")
def one_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A broker that a test may kill, pause and start again."""
    with EmbeddedKafka(tmp_path_factory.mktemp("one")) as broker:
        yield broker


@pytest.fixture(scope="module")
def three_brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """Three brokers of which one may be lost."""
    with EmbeddedKafka(tmp_path_factory.mktemp("three"), nodes=3) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def secure_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A broker by SASL_SSL with the users `worker` and `stranger`, who may do nothing until allowed."""
    security = Security({"worker": "drip1", "stranger": "drop2"}, acls=True)
    with EmbeddedKafka(tmp_path_factory.mktemp("secure"), security=security) as broker:
        yield broker


@pytest.fixture
def topic_prefix(request: pytest.FixtureRequest) -> str:
    """The beginning of names that no other test and no earlier run has used."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    return f"{name[:60]}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
async def admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client at work."""
    client = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    yield client
    await client.close()


@pytest.fixture
def make_topic(admin: AIOKafkaAdminClient, topic_prefix: str) -> MakeTopic:
    """Makes topics of this test."""

    async def make(name: str = "topic", partitions: int = 1, **settings: str) -> str:
        return await new_topic(admin, f"{topic_prefix}-{name}", partitions, settings)

    return make


@pytest.fixture
async def live(kafka: str, tmp_path: Path, topic_prefix: str) -> AsyncIterator[Live]:
    """Fresh topics, no worker yet."""
    made = Live(kafka, tmp_path, topic_prefix[-40:].lstrip("-"))
    await made.make_topics()
    yield made
    made.close()
