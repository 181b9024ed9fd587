"""Laws of the embedded Kafka when brokers are killed, frozen and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from streams.embedded import EmbeddedKafka, EmbeddedKafkaError
from streams.embedded.layout import Layout
from tests.kafka.records import leaders, new_topic, read, send

pytestmark = pytest.mark.slow

CHILD = """
import pathlib, sys, time
from streams.embedded import EmbeddedKafka
with EmbeddedKafka(pathlib.Path(sys.argv[1])) as broker:
    print(broker.pid(1), flush=True)
    time.sleep(600)
"""


@asynccontextmanager
async def admin_of(cluster: EmbeddedKafka) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client of this cluster."""
    client = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
    return not state.stdout.strip().startswith(b"Z")


async def test_a_killed_broker_keeps_its_log(one_broker: EmbeddedKafka, topic_prefix: str) -> None:
    """After SIGKILL and a start the broker has its address and its records again."""
    servers = one_broker.bootstrap_servers
    async with admin_of(one_broker) as admin:
        await new_topic(admin, topic_prefix)
    await send(servers, topic_prefix, [b"a", b"b"])
    one_broker.kill(1)
    assert not one_broker.alive(1)
    one_broker.start(1)
    assert one_broker.bootstrap_servers == servers
    assert await send(servers, topic_prefix, [b"c"]) == [2]
    assert await read(servers, topic_prefix, count=3) == [b"a", b"b", b"c"]


async def test_a_frozen_broker_answers_later(one_broker: EmbeddedKafka, topic_prefix: str) -> None:
    """A record sent to a frozen broker is acknowledged once the broker goes on."""
    async with admin_of(one_broker) as admin:
        await new_topic(admin, topic_prefix)
    one_broker.pause(1)
    sending = asyncio.create_task(send(one_broker.bootstrap_servers, topic_prefix, [b"a"]))
    await asyncio.sleep(0.5)
    assert not sending.done()
    one_broker.resume(1)
    assert await asyncio.wait_for(sending, 30) == [0]


async def test_a_frozen_broker_can_be_stopped(one_broker: EmbeddedKafka) -> None:
    """An orderly stop does not wait for somebody to wake the broker."""
    one_broker.pause(1)
    one_broker.stop(1)
    assert not one_broker.alive(1)
    one_broker.start(1)


async def test_three_brokers_survive_the_loss_of_one(three_brokers: EmbeddedKafka, topic_prefix: str) -> None:
    """While a partition's leader is dead acks=all records are taken, and none sent before is lost."""
    servers = three_brokers.bootstrap_servers
    async with admin_of(three_brokers) as admin:
        await new_topic(admin, topic_prefix)
        leader = (await leaders(admin, 1, topic_prefix))[0]
    before, during = ([b"%s %d" % (word, number) for number in range(50)] for word in (b"before", b"during"))
    await send(servers, topic_prefix, before)
    three_brokers.kill(leader)
    await asyncio.wait_for(send(servers, topic_prefix, during), 60)
    three_brokers.start(leader)
    assert await read(servers, topic_prefix, count=100) == before + during


def test_a_folder_goes_on_where_it_was(tmp_path: Path) -> None:
    """A cluster opened again has its identifier and ports; another size is refused."""
    made = Layout.of(tmp_path, 3)
    assert Layout.of(tmp_path, 3) == made
    assert len({port for ports in made.ports.values() for port in ports.values()}) == 9
    with pytest.raises(EmbeddedKafkaError, match="holds a cluster of 3 nodes, not 1"):
        Layout.of(tmp_path, 1)


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    """A setting that Kafka refuses ends the start with the end of the broker's log."""
    with (
        pytest.raises(EmbeddedKafkaError, match=r"num\.io\.threads"),
        EmbeddedKafka(tmp_path, settings={"num.io.threads": "-1"}),
    ):
        pass


def test_a_broker_ends_with_its_parent(tmp_path: Path) -> None:
    """A broker is gone soon after the process that started it was killed."""
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        broker = int(child.stdout.readline())
        assert is_running(broker)
        child.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while is_running(broker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(broker)
