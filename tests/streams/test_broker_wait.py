"""Laws of waiting for a broker where there is none, and of the topics' names."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time

import faust
import pytest
from aiokafka import errors

from streams.broker_errors import BrokerError, Kind, told
from streams.broker_wait import connected_admin, wait_for_broker
from streams.kafka_options import client_options
from streams.settings import read_settings
from streams.topic_check import faults_of
from streams.topic_state import Seen
from streams.topics import DEFAULT_LIMIT, TABLE, topics_of


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def test_waiting_ends_in_time_and_tells_why() -> None:
    """Without a broker the wait lasts as long as it may, tells of it, and ends with what each server said."""
    first, second = closed_port(), closed_port()
    options = client_options(read_settings({"bootstrap_servers": f"127.0.0.1:{first},127.0.0.1:{second}"}))
    messages: list[str] = []
    start = time.monotonic()
    with pytest.raises(BrokerError) as caught:
        await wait_for_broker(options, limit=0.3, tell=messages.append)
    assert 0.3 <= time.monotonic() - start < 5
    assert caught.value.kind == "unreachable"
    for text in (str(caught.value), *messages):
        assert f"127.0.0.1:{first}: cannot connect: Connection refused\n" in text
        assert f"127.0.0.1:{second}: cannot connect: Connection refused\n" in text
    assert len(messages) == 1


async def test_without_a_limit_the_wait_goes_on() -> None:
    """It tells of each failure, and of no end to come."""
    options = client_options(read_settings({"bootstrap_servers": f"127.0.0.1:{closed_port()}"}))
    messages: list[str] = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await wait_for_broker(options, limit=None, tell=messages.append)
    assert [message.endswith("Connection refused\nwaiting for a broker") for message in messages] == [True]


async def test_no_client_without_a_broker() -> None:
    """The body of `connected_admin` does not run where no broker answers."""
    options = client_options(read_settings({"bootstrap_servers": f"127.0.0.1:{closed_port()}"}))
    with pytest.raises(BrokerError):
        async with connected_admin(options, limit=0.1, tell=lambda _: None):
            pytest.fail("no broker, and yet a client")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ssl.SSLCertVerificationError(1, "x"), "tls", "certificate is not trusted"),
        (ssl.SSLError(1, "x"), "tls", "TLS failed"),
        (errors.SaslAuthenticationFailed("x"), "authentication", "wrong user, password or mechanism"),
        (errors.UnsupportedSaslMechanismError("x"), "authentication", "does not offer this mechanism"),
        (errors.IllegalSaslStateError("x"), "authentication", "wants none on this port"),
        (ValueError("x"), "authentication", "does not prove who it is"),
        (errors.TopicAuthorizationFailedError("x"), "authorization", "not authorized"),
        (errors.ClusterAuthorizationFailedError("x"), "authorization", "not authorized"),
        (errors.KafkaConnectionError("x"), "unreachable", "closed the connection"),
        (errors.NodeNotReadyError("x"), "unreachable", "advertised.listeners"),
        (TimeoutError("x"), "unreachable", "no answer in time"),
        (socket.gaierror(-2, "x"), "unreachable", "no such host"),
        (ConnectionResetError(), "unreachable", "connection was reset"),
        (OSError("x"), "unreachable", "no address of it answers"),
        (OSError(errno.ENETUNREACH, "x"), "unreachable", "Network is unreachable"),
        (errors.NotControllerError("x"), "refused", "answers NotControllerError"),
    ],
)
def test_causes_are_told_apart(error: Exception, kind: Kind, words: str) -> None:
    """Each failure has its kind and its words; what only a person can cure is not waited for."""
    meant = told(error, "kafka:9092")
    assert meant.kind == kind
    assert str(meant).startswith("kafka:9092: ")
    assert words in str(meant)
    assert meant.lasting == (kind in {"tls", "authentication", "authorization"})


def test_the_changelog_is_named_as_faust_names_it() -> None:
    """The changelog's name is that of the table in an app of this id."""
    table = faust.App("claims-7", web_enabled=False).Table(TABLE)
    assert topics_of("claims-7").changelog.name == table.changelog_topic.get_topic_name()


@pytest.mark.parametrize("limit", [1, DEFAULT_LIMIT, 1 << 24])
def test_a_rejected_line_fits(limit: int) -> None:
    """The rejects take more than the input does, whatever it takes; state goes under compaction alone."""
    topics = topics_of("dripline", limit)
    assert topics.rejected.limit is not None
    assert topics.rejected.limit > limit
    assert topics.changelog.made_with["cleanup.policy"] == "compact"
    assert int(topics.changelog.made_with["segment.bytes"]) >= int(
        topics.changelog.made_with["max.message.bytes"]
    )


def test_a_hidden_topic_is_not_taken_for_a_missing_one() -> None:
    """What the ACLs hide is a fault of permission; only what is known to be missing is to be made."""
    topics = topics_of("dripline")
    faults = faults_of(topics, Seen({}, frozenset({topics.edits.name})))
    assert [fault.topic for fault in faults] == [topic.name for topic in topics]
    assert {fault.topic for fault in faults if "not authorized" in fault.message} == {topics.edits.name}
    assert {fault.repair for fault in faults if fault.message == "missing"} == {"dripline topics create"}
