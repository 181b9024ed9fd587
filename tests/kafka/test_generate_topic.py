"""Laws of `dripline generate --to-topic` on a real broker."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import defaultdict
from datetime import datetime

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from streams.feed import key_of
from streams.generate import GenerateSettings, generate_records
from streams.topics import LINES
from tests.kafka.live import Live

pytestmark = pytest.mark.slow


def start(servers: str, *arguments: object) -> subprocess.Popen[str]:
    """The command, as a process."""
    command = [sys.executable, "-m", "streams.cli", "generate", "--to-topic", "--seed", "3"]
    given = ["--bootstrap-servers", servers, *map(str, arguments)]
    return subprocess.Popen(
        [*command, *given], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


async def test_every_line_comes_once_under_its_member(live: Live) -> None:
    """The topic holds each line of the run once, under its member's key, in the run's order for a member."""
    with start(live.servers, "--members", 40, "--malformed-share", 0.2) as process:
        out, err = process.communicate(timeout=60)
    lines = list(generate_records(GenerateSettings(members=40, seed=3), 0.2))
    assert (process.returncode, out, err) == (0, "", f"{len(lines):,} lines sent to claim-lines\n")
    found = [(record.key, record.value) for record in (await live.read()).lines]
    assert sorted(value for _, value in found) == sorted(lines)
    assert all(key == key_of(value) for key, value in found)
    sent, came = defaultdict(list), defaultdict(list)
    for line in lines:
        sent[key_of(line)].append(line)
    for key, value in found:
        came[key].append(value)
    assert [came[key] for key in sent if key] == [sent[key] for key in sent if key]


def test_the_rate_is_kept(live: Live) -> None:
    """No more lines are sent in a time than the rate allows, and about as many."""
    begun = time.monotonic()
    with start(live.servers, "--members", 40, "--lines", 300, "--rate", 100) as process:
        assert process.wait(30) == 0
    assert 3.0 <= time.monotonic() - begun < 10


async def test_a_signal_ends_it_in_order(live: Live) -> None:
    """SIGTERM and SIGINT end it with 0, and what it says it sent is in the topic."""
    told = 0
    for number in (signal.SIGTERM, signal.SIGINT):
        with start(live.servers, "--members", 2000, "--rate", 200) as process:
            while len((await live.read()).lines) <= told:
                assert process.poll() is None
            process.send_signal(number)
            _, err = process.communicate(timeout=20)
        assert process.returncode == 0
        told += int(err.split()[0].replace(",", ""))
        assert len((await live.read()).lines) == told


async def test_a_missing_topic_is_told(live: Live, admin: AIOKafkaAdminClient) -> None:
    """Without the topic nothing is sent, the end is 2, and the message names the command that makes it."""
    await admin.delete_topics([LINES])
    with start(live.servers, "--members", 1) as process:
        _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "claim-lines: missing" in err
    assert "dripline topics create" in err
    assert LINES not in await admin.list_topics()


async def test_lines_may_be_received_as_they_are_sent(live: Live) -> None:
    """`received_at` is within seconds of the record's own time, and every sound line is accepted."""
    given = ("--members", 400, "--rate", 100, "--lines", 200, "--start", "today-60d", "--days", 60)
    with start(live.servers, "--received-now", *given) as process:
        assert process.wait(60) == 0
    topics = await live.read()
    assert len(topics.lines) == 200
    for record in topics.lines:
        received = datetime.fromisoformat(json.loads(record.value)["received_at"]).timestamp()
        assert abs(record.timestamp / 1000 - received) < 5
    assert topics.expected(live.policy)[1].rejections == []
