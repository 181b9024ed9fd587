"""What is wrong with the topics of a broker, and which command repairs it. Nothing is changed here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient

from streams.topic_state import CLEANUP, LIMIT, Found, Seen, look_at
from streams.topics import DEFAULT_LIMIT, Topic, Topics, topics_of

_SERVERS: Final = "--bootstrap-server $DRIPLINE_BOOTSTRAP_SERVERS"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a topic.

    Attributes:
        topic: its name.
        message: what is wrong, for an operator.
        repair: the command, or what to do.
    """

    topic: str
    message: str
    repair: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.message}\n    {self.repair}"


async def find_faults(admin: AIOKafkaAdminClient, app_id: str) -> list[Fault]:
    """Compare the topics of a broker with those that the app needs.

    Returns:
        All faults, in the order of the topics; a topic that may not be looked at is one.

    Raises:
        KafkaError: the broker does not answer.
        BrokerError: it refuses.
    """
    seen = await look_at(admin, [topic.name for topic in topics_of(app_id)])
    return faults_of(topics_beside(app_id, seen), seen)


def topics_beside(app_id: str, seen: Seen) -> Topics:
    """The topics of an app, measured by the input that is there."""
    lines = seen.found.get(topics_of(app_id).lines.name)
    return topics_of(app_id, DEFAULT_LIMIT if lines is None else lines.limit)


def faults_of(topics: Topics, seen: Seen) -> list[Fault]:
    """What is wrong with the topics as they were seen."""
    lines = seen.found.get(topics.lines.name)
    faults = []
    for topic in topics:
        there = seen.found.get(topic.name)
        if there is not None:
            faults += [*_of_settings(topic, there), *_of_partitions(topic, there, lines)]
        elif topic.name in seen.hidden:
            faults.append(_hidden(topic.name))
        else:
            faults.append(Fault(topic.name, "missing", "dripline topics create"))
    return faults


def _of_settings(topic: Topic, there: Found) -> list[Fault]:
    faults = []
    if there.cleanup != {topic.cleanup}:
        is_ = ",".join(sorted(there.cleanup)) or "empty"
        faults.append(_altered(topic, CLEANUP, topic.cleanup, f"is {is_}, needed is {topic.cleanup}"))
    if topic.limit is not None and there.limit < topic.limit:
        message = f"is {there.limit}, needed is {topic.limit} or more"
        faults.append(_altered(topic, LIMIT, str(topic.limit), message))
    return faults


def _altered(topic: Topic, config: str, value: str, message: str) -> Fault:
    return Fault(
        topic.name,
        f"{config} {message}",
        f"kafka-configs.sh {_SERVERS} --alter --entity-type topics --entity-name {topic.name} "
        f"--add-config {config}={value}",
    )


def _of_partitions(topic: Topic, there: Found, lines: Found | None) -> list[Fault]:
    if not topic.follows or lines is None or there.partitions == lines.partitions:
        return []
    return [
        Fault(
            topic.name,
            f"has {there.partitions} partitions and the input {lines.partitions}: a member's state would not "
            "lie where its claim lines are",
            f"stop the workers; kafka-topics.sh {_SERVERS} --delete --topic {topic.name}; "
            "dripline topics create; read the claim lines again from the first",
        )
    ]


def _hidden(name: str) -> Fault:
    return Fault(
        name,
        "not authorized to look at it (the ACLs do not tell whether it exists)",
        f"kafka-acls.sh {_SERVERS} --add --allow-principal User:NAME --operation Describe "
        f"--operation DescribeConfigs --topic {name}",
    )
