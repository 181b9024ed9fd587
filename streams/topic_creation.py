"""Making the topics that are missing. A topic that exists is never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
)

from streams.broker_errors import BrokerError
from streams.topic_check import Fault, faults_of, topics_beside
from streams.topic_state import Found, look_at
from streams.topics import Topic, Topics, topics_of

_FORBIDDEN: Final = (TopicAuthorizationFailedError.errno, ClusterAuthorizationFailedError.errno)
_BROKERS_OWN: Final = -1
"""In a request for a topic: as many as the broker gives by itself."""


@dataclass(frozen=True, slots=True)
class Creation:
    """What came of it.

    Attributes:
        topics: all topics of the app.
        made: names of the topics that were made.
        found: the topics that exist now, by name.
        faults: what is not as wanted.
    """

    topics: Topics
    made: frozenset[str]
    found: Mapping[str, Found]
    faults: list[Fault]


async def create_topics(
    admin: AIOKafkaAdminClient, app_id: str, *, partitions: int | None = None, replication: int | None = None
) -> Creation:
    """Make the topics that are missing: the input first, as the changelog follows its partitions.

    Args:
        admin: a client at work.
        app_id: the setting `APP_ID`.
        partitions: of each topic; None: the broker's own number.
        replication: replicas of each partition; None: the broker's own number.

    Raises:
        KafkaError: the broker does not answer.
        BrokerError: it refuses to make a topic. Those made before it stay.
    """
    topics = topics_of(app_id)
    names = [topic.name for topic in topics]
    seen = await look_at(admin, names)
    made: list[str] = []
    for group in ([topics.lines], list(topics)[1:]):
        lines = seen.found.get(topics.lines.name)
        measured = {topic.name: topic for topic in topics_beside(app_id, seen)}
        requests = [
            _request(measured[topic.name], _partitions(topic, partitions, lines), replication)
            for topic in group
            if topic.name not in seen.found
            and topic.name not in seen.hidden
            and not (topic.follows and lines is None)
        ]
        if requests:
            await _make(admin, requests)
            made += [request.name for request in requests]
            seen = await look_at(admin, names, made)
    topics = topics_beside(app_id, seen)
    faults = faults_of(topics, seen)
    for topic in topics:
        if topic.name in seen.found:
            faults += _not_as_asked(topic, seen.found[topic.name], partitions, replication)
    return Creation(topics, frozenset(made), seen.found, faults)


def _partitions(topic: Topic, asked: int | None, lines: Found | None) -> int | None:
    return lines.partitions if topic.follows and lines is not None else asked


def _request(topic: Topic, partitions: int | None, replication: int | None) -> NewTopic:
    by_broker = partitions is None or replication is None
    return NewTopic(
        topic.name,
        partitions or _BROKERS_OWN,
        replication or _BROKERS_OWN,
        replica_assignments={} if by_broker else None,  # aiokafka asks for one where a number is left open
        topic_configs=topic.made_with,
    )


async def _make(admin: AIOKafkaAdminClient, requests: list[NewTopic]) -> None:
    answer = await admin.create_topics(requests)
    refused = [
        (name, code, message)
        for name, code, message in answer.topic_errors
        if code not in {0, TopicAlreadyExistsError.errno}  # made by somebody else in the meantime
    ]
    if refused:
        told = (
            f"{name}: {'not authorized to make it' if code in _FORBIDDEN else f'not made: {message}'}"
            for name, code, message in refused
        )
        forbidden = any(code in _FORBIDDEN for _name, code, _message in refused)
        raise BrokerError("authorization" if forbidden else "refused", "\n".join(told))


def _not_as_asked(topic: Topic, there: Found, partitions: int | None, replication: int | None) -> list[Fault]:
    faults = []
    if partitions not in {None, there.partitions} and not topic.follows:
        message = f"partitions: {there.partitions}, asked for were {partitions}"
        faults.append(Fault(topic.name, message, "leave --partitions out, or ask for what is there"))
    if replication not in {None, there.replicas}:
        message = f"replicas: {there.replicas}, asked for were {replication}"
        faults.append(Fault(topic.name, message, "leave --replication out, or kafka-reassign-partitions.sh"))
    return faults
