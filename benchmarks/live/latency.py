"""How long a claim waits for its verdict: from its last line to the verdict, by the times on the topics.

Verdicts get the broker's time when they are appended, lines the sender's. Counted are clean claims that are
complete with the line; what arrived while the worker was still warming up is left out.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from benchmarks.live.contenders import WORKER, ready, running
from benchmarks.live.kafka import Broker
from benchmarks.live.lines import Keyed, claim_lines
from streams.topics import VERDICTS

TOPIC = "latency-lines"
APP_ID = "latency"
BEAT = 0.005
"""Seconds between two sends."""
WARMING = 10_000.0
"""Milliseconds that are left out: the broker's compiler and the worker's first members take their time."""
QUIET = 2.0
"""Seconds for the last verdicts."""


class Latency(NamedTuple):
    """Milliseconds, and of how many claims."""

    median: float
    p99: float
    p999: float
    claims: int
    rate: float


async def measure(broker: Broker, folder: Path, rate: float, seconds: float) -> Latency:
    """Feed a worker at a steady rate, lines a second, for so many seconds behind the warming."""
    await broker.make_topics(APP_ID, TOPIC)
    await _stamp_by_broker(broker.servers)
    before = await broker.ends(VERDICTS)
    lines = list(claim_lines(int(rate * (seconds + WARMING / 1000)), 10, seed=2))
    job = broker.job(folder, APP_ID, TOPIC)
    with running(WORKER, job) as process:
        process.wait_until(lambda: ready(job.port))
        await feed(broker.servers, TOPIC, lines, rate)
        await asyncio.sleep(QUIET)
    sent = await broker.read(TOPIC)
    verdicts = await broker.read(VERDICTS, since=before)
    waits = _waits(sent, verdicts)
    return Latency(_quantile(waits, 0.5), _quantile(waits, 0.99), _quantile(waits, 0.999), len(waits), rate)


async def _stamp_by_broker(servers: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    change = {"message.timestamp.type": "LogAppendTime", "cleanup.policy": "compact"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, VERDICTS, change)])
    await admin.close()


async def feed(servers: str, topic: str, lines: Sequence[Keyed], rate: float) -> None:
    """Send lines to a topic at a steady rate, lines a second."""
    async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
        began, sent, waiting = time.monotonic(), 0, []
        while sent < len(lines):
            due = min(int((time.monotonic() - began) * rate), len(lines))
            waiting += [await producer.send(topic, value, key) for key, value in lines[sent:due]]
            sent = due
            await asyncio.sleep(BEAT)
        await asyncio.gather(*waiting)


def _waits(sent: Sequence[object], verdicts: Sequence[object]) -> list[float]:
    """Milliseconds between a claim's last line and its first verdict, sorted."""
    last: dict[str, float] = {}
    for record in sent:
        claim = json.loads(record.value)["claim_id"]  # type: ignore[attr-defined] # of aiokafka
        last[claim] = max(last.get(claim, 0.0), record.timestamp)  # type: ignore[attr-defined]
    began = min(last.values())
    waits = []
    for record in verdicts:
        verdict = json.loads(record.value)  # type: ignore[attr-defined]
        first = verdict["revision"] == 1 and verdict["settled"] == "complete"
        sent_at = last[verdict["claim_id"]]
        told_at = record.timestamp  # type: ignore[attr-defined]
        if first and verdict["status"] == "clean" and sent_at > began + WARMING and told_at >= sent_at:
            waits.append(told_at - sent_at)
    return sorted(waits)


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
