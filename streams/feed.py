"""Claim lines on their way to the topic, generated or of 837 files: at a chosen pace, each acknowledged."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import click
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.broker_errors import BrokerError, told
from streams.broker_wait import connected_admin
from streams.kafka_options import client_options
from streams.settings import Settings
from streams.topics import LINES

_AT_ONCE: Final = 1000
"""The most lines that are on their way."""
_BEAT: Final = 0.1
"""Seconds between two batches where no more lines are due yet."""


async def feed(lines: Iterator[bytes], settings: Settings, rate: float | None = None) -> None:
    """Send claim lines to their topic until all are sent, or SIGTERM or SIGINT comes.

    Args:
        lines: JSON without line ends, rubbish among them.
        settings: how to reach the broker.
        rate: lines a second at most; None: as fast as the broker acknowledges them.

    Raises:
        BrokerError: no broker can be used, the topic is missing, or a line is not acknowledged.
    """
    options = client_options(settings)
    async with connected_admin(options, tell=_tell) as admin:
        if LINES not in await admin.list_topics():
            raise BrokerError("refused", f"{LINES}: missing\n  dripline topics create")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        sent = await _feed(lines, options, rate, stop)
    except (KafkaError, TimeoutError) as error:
        raise told(error, ", ".join(settings.servers)) from error
    _tell(f"{sent:,} lines sent to {LINES}")


def key_of(line: bytes) -> bytes | None:
    """The key under which a line belongs: its member's id; None where it names none."""
    try:
        member = json.loads(line)["member_id"]
        return member.encode() if isinstance(member, str) else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


async def _feed(
    lines: Iterator[bytes], options: dict[str, Any], rate: float | None, stop: asyncio.Event
) -> int:
    """How many were sent; each is acknowledged."""
    sent = 0
    async with AIOKafkaProducer(**options, acks="all", enable_idempotence=True, linger_ms=5) as producer:
        start = time.monotonic()
        while not stop.is_set():
            due = _AT_ONCE if rate is None else int((time.monotonic() - start) * rate) - sent
            if due <= 0:
                await _rest(stop)
                continue
            batch = list(islice(lines, min(due, _AT_ONCE)))
            if not batch:
                break
            waiting = [await producer.send(LINES, line, key_of(line)) for line in batch]
            await asyncio.gather(*waiting)
            sent += len(batch)
            if due < _AT_ONCE:
                await _rest(stop)
    return sent


async def _rest(stop: asyncio.Event) -> None:
    """Wait a beat, or less where the end has come."""
    try:
        await asyncio.wait_for(stop.wait(), _BEAT)
    except TimeoutError:
        return


def _tell(message: str) -> None:
    click.echo(message, err=True)
