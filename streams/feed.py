"""Claim lines on their way to the topic, generated or of 837 files: at a chosen pace, each acknowledged."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final, NamedTuple

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


class Fed(NamedTuple):
    """What came of sending.

    Attributes:
        lines: how many were sent; each is acknowledged.
        stopped: the signal that came before all were, else None.
    """

    lines: int
    stopped: signal.Signals | None


async def feed(lines: Iterator[bytes], settings: Settings, rate: float | None = None) -> Fed:
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
    try:
        with _stop_signal() as stop:
            fed = await _feed(lines, options, rate, stop)
    except (KafkaError, TimeoutError) as error:
        raise told(error, ", ".join(settings.servers)) from error
    _tell(f"{fed.lines:,} lines sent to {LINES}")
    return fed


_Stop = asyncio.Future[signal.Signals]


@contextmanager
def _stop_signal() -> Iterator[_Stop]:
    """The first SIGTERM or SIGINT that comes; afterwards they do what they did before."""
    loop = asyncio.get_running_loop()
    stop: _Stop = loop.create_future()

    def came(number: signal.Signals) -> None:
        if not stop.done():
            stop.set_result(number)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        loop.add_signal_handler(number, came, number)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


def key_of(line: bytes) -> bytes | None:
    """The key under which a line belongs: its member's id; None where it names none."""
    try:
        member = json.loads(line)["member_id"]
        return member.encode() if isinstance(member, str) else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


async def _feed(lines: Iterator[bytes], options: dict[str, Any], rate: float | None, stop: _Stop) -> Fed:
    sent = 0
    async with AIOKafkaProducer(**options, acks="all", enable_idempotence=True, linger_ms=5) as producer:
        start = time.monotonic()
        while not stop.done():
            due = _AT_ONCE if rate is None else int((time.monotonic() - start) * rate) - sent
            if due > 0:
                batch = list(islice(lines, min(due, _AT_ONCE)))
                if not batch:
                    return Fed(sent, None)
                waiting = [await producer.send(LINES, line, key_of(line)) for line in batch]
                await asyncio.gather(*waiting)
                sent += len(batch)
            if due < _AT_ONCE:
                await asyncio.wait((stop,), timeout=_BEAT)
    return Fed(sent, stop.result())


def _tell(message: str) -> None:
    click.echo(message, err=True)
