"""The topics as a broker has them. Looking changes nothing, also on a broker that makes topics by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAuthorizationFailedError, UnknownTopicOrPartitionError, for_code

from streams.broker_errors import told

CLEANUP: Final = "cleanup.policy"
LIMIT: Final = "max.message.bytes"

_EVERY: Final = 0.2
_LOOKS: Final = 50
"""Looks for a topic that is being made, and seconds between two: not every broker knows of it at once."""


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as the broker has it.

    Attributes:
        partitions: how many.
        replicas: how many, of its first partition.
        cleanup: the words of `cleanup.policy`.
        limit: `max.message.bytes`.
    """

    partitions: int
    replicas: int
    cleanup: frozenset[str]
    limit: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to see.

    Attributes:
        found: the topics that exist, by name.
        hidden: names of topics that the ACLs hide, whether they exist or not.
    """

    found: Mapping[str, Found]
    hidden: frozenset[str]


async def look_at(admin: AIOKafkaAdminClient, names: Collection[str], made: Collection[str] = ()) -> Seen:
    """The named topics.

    Args:
        admin: a client at work.
        names: the topics to look at.
        made: those among them that were made just now, and are waited for.

    Raises:
        KafkaError: the broker does not answer.
        BrokerError: it refuses, or what was made does not appear.
    """
    for _ in range(_LOOKS):
        configs, hidden = await _configs(admin, names)
        # Asked for a topic by name, a broker may make it: only those that exist are named.
        topics = await admin.describe_topics(sorted(configs)) if configs else []
        errors = {topic["topic"]: topic["error_code"] for topic in topics if topic["error_code"]}
        hidden |= {name for name, code in errors.items() if code == TopicAuthorizationFailedError.errno}
        shown = [topic for topic in topics if topic["topic"] not in hidden]
        ready = all(topic["partitions"] and topic["topic"] not in errors for topic in shown)
        if ready and configs.keys() >= set(made):
            return Seen({topic["topic"]: _found(topic, configs[topic["topic"]]) for topic in shown}, hidden)
        await asyncio.sleep(_EVERY)
    raise told(UnknownTopicOrPartitionError(), ", ".join(sorted(made or names)))


def _found(topic: Mapping[str, list[dict[str, list[int]]]], configs: Mapping[str, str]) -> Found:
    return Found(
        partitions=len(topic["partitions"]),
        replicas=len(topic["partitions"][0]["replicas"]),
        cleanup=frozenset(configs[CLEANUP].split(",")) - {""},
        limit=int(configs[LIMIT]),
    )


async def _configs(
    admin: AIOKafkaAdminClient, names: Collection[str]
) -> tuple[dict[str, dict[str, str]], frozenset[str]]:
    """The settings of the topics that exist, and the names of those that are hidden."""
    wanted = dict.fromkeys((CLEANUP, LIMIT), "")
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, wanted) for name in names]
    configs = {}
    hidden = set()
    for answer in await admin.describe_configs(asked):
        for code, _message, _type, name, entries in answer.resources:
            if code == TopicAuthorizationFailedError.errno:
                hidden.add(name)
            elif code == 0:
                configs[name] = {entry[0]: entry[1] for entry in entries}
            elif code != UnknownTopicOrPartitionError.errno:
                raise told(for_code(code)(), name)
    return configs, frozenset(hidden)
