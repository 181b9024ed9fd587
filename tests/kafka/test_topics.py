"""Laws of `dripline topics` on a real broker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from click.testing import CliRunner, Result

from streams.broker_wait import connected_admin, wait_for_broker
from streams.cli import dripline
from streams.kafka_options import client_options
from streams.settings import read_settings
from streams.topic_check import find_faults
from streams.topics import topics_of

pytestmark = pytest.mark.slow

APP = "topics-test"
TOPICS = topics_of(APP)
NAMES = [topic.name for topic in TOPICS]


@asynccontextmanager
async def admin_of(servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client at work."""
    options = client_options(read_settings({"bootstrap_servers": servers}))
    async with connected_admin(options, tell=lambda _: None) as admin:
        yield admin


async def _delete(servers: str) -> None:
    async with admin_of(servers) as admin:
        there = set(NAMES) & set(await admin.list_topics())
        if there:
            await admin.delete_topics(sorted(there))
        while set(NAMES) & set(await admin.list_topics()):  # noqa: ASYNC110 - the broker sends no event
            await asyncio.sleep(0.1)


@pytest.fixture
def broker(kafka: str) -> Iterator[str]:
    """The bootstrap servers of a broker without our topics."""
    asyncio.run(_delete(kafka))
    yield kafka
    asyncio.run(_delete(kafka))


def run(servers: str, *arguments: str) -> Result:
    """`dripline topics` with the arguments."""
    return CliRunner().invoke(
        dripline, ["topics", *arguments, "--bootstrap-servers", servers, "--app-id", APP]
    )


def make(servers: str, name: str, partitions: int = 3, **configs: str) -> None:
    """A topic made by somebody else; the names of settings with `_` for `.`."""
    settings = {config.replace("_", "."): value for config, value in configs.items()}

    async def _make() -> None:
        async with admin_of(servers) as admin:
            answer = await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=settings)])
            assert answer.topic_errors[0][1] == 0
            while name not in await admin.list_topics():  # noqa: ASYNC110 - the broker sends no event
                await asyncio.sleep(0.1)

    asyncio.run(_make())


def shape(servers: str) -> dict[str, tuple[int, dict[str, str]]]:
    """Partitions and all settings of our topics, by name."""

    async def _shape() -> dict[str, tuple[int, dict[str, str]]]:
        async with admin_of(servers) as admin:
            there = sorted(set(NAMES) & set(await admin.list_topics()))
            if not there:
                return {}
            partitions = {
                topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics(there)
            }
            asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in there]
            (answer,) = await admin.describe_configs(asked)
            return {
                resource[3]: (partitions[resource[3]], {entry[0]: entry[1] for entry in resource[4]})
                for resource in answer.resources
            }

    return asyncio.run(_shape())


def test_created_topics_are_as_wanted(broker: str) -> None:
    """On an empty broker all topics are made, with every setting, and the check has nothing to say."""
    done = run(broker, "create", "--partitions", "5", "--replication", "1")
    assert done.exit_code == 0, done.output
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == NAMES
    assert all(line.endswith("made") for line in done.stdout.splitlines()[1:])
    there = shape(broker)
    for topic in TOPICS:
        partitions, configs = there[topic.name]
        assert partitions == 5
        assert topic.made_with.items() <= configs.items()
    assert run(broker, "check").exit_code == 0


def test_the_numbers_are_the_brokers_own(broker: str) -> None:
    """Without options every topic has as many partitions as the broker gives by itself."""
    assert run(broker, "create").exit_code == 0
    assert {partitions for partitions, _ in shape(broker).values()} == {asyncio.run(_own_number(broker))}


async def _own_number(servers: str) -> int:
    async with admin_of(servers) as admin:
        (node, *_) = (await admin.describe_cluster())["brokers"]
        asked = ConfigResource(ConfigResourceType.BROKER, str(node["node_id"]), {"num.partitions": ""})
        (answer,) = await admin.describe_configs([asked])
        return int(answer.resources[0][4][0][1])


def test_creating_again_changes_nothing(broker: str) -> None:
    """A second run finds all topics, ends with 0, and leaves partitions and settings as they are."""
    assert run(broker, "create").exit_code == 0
    before = shape(broker)
    again = run(broker, "create")
    assert again.exit_code == 0
    assert all(line.endswith("was there") for line in again.stdout.splitlines()[1:])
    assert shape(broker) == before


def test_the_changelog_follows_the_input(broker: str) -> None:
    """An input that is there decides the changelog's partitions, with and without the option."""
    make(broker, TOPICS.lines.name, 3)
    done = run(broker, "create", "--partitions", "2")
    assert done.exit_code == 2
    assert "claim-lines: partitions: 3, asked for were 2" in done.stderr
    counts = {name: partitions for name, (partitions, _) in shape(broker).items()}
    assert counts == dict.fromkeys(NAMES, 2) | {TOPICS.lines.name: 3, TOPICS.changelog.name: 3}
    assert run(broker, "check").exit_code == 0


def test_what_exists_is_never_changed(broker: str) -> None:
    """A topic with another cleanup policy stays as it is, the others are made, and the end is 2."""
    make(broker, TOPICS.edits.name, 1, cleanup_policy="delete")
    before = shape(broker)[TOPICS.edits.name]
    done = run(broker, "create")
    assert done.exit_code == 2
    assert "claim-edits: cleanup.policy is delete, needed is compact" in done.stderr
    assert set(shape(broker)) == set(NAMES)
    assert shape(broker)[TOPICS.edits.name] == before


def test_the_rejects_have_more_room_than_the_input(broker: str) -> None:
    """An input with a larger limit asks for rejects with a still larger one."""
    make(broker, TOPICS.lines.name, 1, max_message_bytes="20000000")
    assert run(broker, "create").exit_code == 0
    assert shape(broker)[TOPICS.rejected.name][1]["max.message.bytes"] == "40000000"
    assert run(broker, "check").exit_code == 0


@pytest.mark.parametrize(
    ("name", "partitions", "configs", "message", "repair"),
    [
        (
            TOPICS.lines.name,
            5,
            {"cleanup_policy": "compact"},
            "cleanup.policy is compact",
            "kafka-configs.sh",
        ),
        (TOPICS.edits.name, 5, {"cleanup_policy": "compact,delete"}, "cleanup.policy", "kafka-configs.sh"),
        (TOPICS.verdicts.name, 5, {}, "cleanup.policy is delete", "=compact"),
        (TOPICS.rejected.name, 5, {}, "max.message.bytes is 1048588", "max.message.bytes=8388608"),
        (TOPICS.changelog.name, 5, {"cleanup_policy": "compact"}, "max.message.bytes", "kafka-configs.sh"),
        (
            TOPICS.changelog.name,
            4,
            {"cleanup_policy": "compact", "max_message_bytes": "8388608"},
            "has 4 partitions and the input 5",
            "kafka-topics.sh",
        ),
    ],
)
def test_each_fault_is_told_with_its_repair(
    broker: str, name: str, partitions: int, configs: dict[str, str], message: str, repair: str
) -> None:
    """One wrong topic is one fault, which names the topic, what is wrong and the command that repairs it."""
    make(broker, name, partitions, **configs)
    run(broker, "create", "--partitions", "5")
    done = run(broker, "check")
    assert done.exit_code == 2
    told, command = done.stderr.splitlines()
    assert told.startswith(f"{name}: ")
    assert message in told
    assert repair in command


def test_looking_makes_nothing(broker: str) -> None:
    """The check of an empty broker names all topics, and leaves the broker empty."""
    done = run(broker, "check")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[::2] == [f"{name}: missing" for name in NAMES]
    assert {line.strip() for line in done.stderr.splitlines()[1::2]} == {"dripline topics create"}
    assert shape(broker) == {}


def test_more_replicas_than_brokers_are_refused(broker: str) -> None:
    """What the broker refuses ends the command with 2 and the broker's reason."""
    done = run(broker, "create", "--replication", "30")
    assert done.exit_code == 2
    assert "claim-lines: not made: " in done.stderr
    assert shape(broker) == {}


async def test_one_server_is_enough(kafka: str) -> None:
    """A broker that answers is found at once, also behind one that does not."""
    options = client_options(read_settings({"bootstrap_servers": f"127.0.0.1:1,{kafka}"}))
    start = time.monotonic()
    await wait_for_broker(options, limit=10, tell=pytest.fail)
    assert time.monotonic() - start < 5


async def test_faults_are_found_by_a_worker_too(kafka: str) -> None:
    """The check without its command, as a worker calls it, names what an app without topics lacks."""
    async with admin_of(kafka) as admin:
        faults = await find_faults(admin, "app-without-topics")
    assert "app-without-topics-lines-changelog" in {fault.topic for fault in faults}
