"""Laws of the embedded Kafka with TLS, passwords and access lists."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAuthorizationFailedError

from streams.embedded import EmbeddedKafka, Security
from streams.embedded.access import allow
from streams.embedded.security import MECHANISMS
from tests.kafka.records import new_topic

pytestmark = pytest.mark.slow


@pytest.fixture
async def open_topic(secure_kafka: EmbeddedKafka, topic_prefix: str) -> str:
    """A topic that the user `worker` may write and nobody else may."""
    admin = AIOKafkaAdminClient(bootstrap_servers=secure_kafka.inner_servers)
    await admin.start()
    await new_topic(admin, topic_prefix)
    await admin.close()
    secure_kafka.add_access([allow("worker", "topic", topic_prefix, "write")])
    return topic_prefix


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_the_right_password_opens(secure_kafka: EmbeddedKafka, open_topic: str, mechanism: str) -> None:
    """By each mechanism the user who may write can."""
    producer = AIOKafkaProducer(**secure_kafka.client("worker", mechanism), enable_idempotence=True)
    async with producer:
        assert (await producer.send_and_wait(open_topic, b"line")).offset == 0


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_a_wrong_password_is_refused(secure_kafka: EmbeddedKafka, mechanism: str) -> None:
    """By no mechanism a wrong password connects."""
    wrong = {**secure_kafka.client("worker", mechanism), "sasl_plain_password": "drip2"}
    admin = AIOKafkaAdminClient(**wrong)
    with pytest.raises(KafkaConnectionError):
        await admin.start()
    await admin.close()


async def test_another_user_may_not_write(secure_kafka: EmbeddedKafka, open_topic: str) -> None:
    """What no access control entry allows is denied."""
    async with AIOKafkaProducer(**secure_kafka.client("stranger"), request_timeout_ms=5000) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(open_topic, b"line")


async def test_a_plain_connection_is_refused(secure_kafka: EmbeddedKafka) -> None:
    """Nobody comes in without TLS."""
    admin = AIOKafkaAdminClient(bootstrap_servers=secure_kafka.bootstrap_servers, request_timeout_ms=2000)
    with pytest.raises(KafkaError):
        await admin.start()
    await admin.close()


def test_a_password_cannot_break_javas_settings() -> None:
    """Users and passwords that would need quoting are refused."""
    with pytest.raises(ValueError, match="letters and digits"):
        Security({"worker": 'a"; user_root="b'})
