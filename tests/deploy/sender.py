"""Claim lines as they come in life: received now, at a steady pace, with as much rubbish as is asked for."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from itertools import count

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.feed import key_of
from streams.generate import GenerateSettings, generate_records
from streams.topics import LINES

EXEMPTIONS = [{"plan_id": "SYN-PLAN-HMO", "rule": "drug_without_per_diem"}]
"""What the plan of a fifth of the generated members does not want."""
_BEAT = 0.1
_RESEND_AFTER = 8.0
"""Seconds until a batch that is not acknowledged is sent again: the same lines twice do no harm."""


def _records(seed: int, rubbish: float) -> Iterator[bytes]:
    """Lines for services of the last two months; when all are sent, they are corrected again and again."""
    start = datetime.now(UTC).date() - timedelta(days=62)
    for number in count(seed, 2):
        settings = GenerateSettings(members=3000, seed=number, start=start, days=58, other_share=0.4)
        yield from generate_records(settings, rubbish)


def received_now(line: bytes, **fields: object) -> bytes:
    """A line as if its clearing house had it just now, with some fields of its own."""
    return json.dumps(json.loads(line) | {"received_at": datetime.now(UTC).isoformat(), **fields}).encode()


def void_of(line: bytes) -> bytes:
    """A line that withdraws the claim of another."""
    claim = json.loads(line)["claim_id"]
    fields = {"claim_id": f"{claim}-V", "event_id": f"{claim}-V", "line_number": 1, "line_count": 1}
    return received_now(line, claim_frequency_code="8", original_claim_id=claim, **fields)


class Sender:
    """Sends to the input until it is cancelled, also when brokers were away for a while.

    Args:
        servers: the brokers.
        rate: records a second.
        seed: of what is sent.

    Attributes:
        rate: records a second; may be changed while it sends, as may the shares.
        rubbish: the share of records that are no claim lines.
        misdirected: the share that have a wrong key.
        voids: the share that withdraw the claim before them.
    """

    def __init__(self, servers: str, rate: float, seed: int = 1) -> None:
        self._servers = servers
        self.rate = rate
        self._sound = _records(seed, 0.0)
        self._broken = _records(seed + 1, 0.99)
        self._rng = random.Random(seed)
        self.rubbish = 0.0
        self.misdirected = 0.002
        self.voids = 0.004
        self._last = next(self._sound)

    def _next(self) -> tuple[bytes | None, bytes]:
        if self._rng.random() < self.rubbish:
            broken = next(self._broken)
            return key_of(broken), broken
        if self._rng.random() < self.voids:
            return key_of(self._last), void_of(self._last)
        line = self._last = received_now(next(self._sound))
        return (b"somebody else" if self._rng.random() < self.misdirected else key_of(line)), line

    async def run(self) -> None:
        """Send. What comes due while brokers are away is sent when they are back."""
        due = 0.0
        last = time.monotonic()
        batch: list[tuple[bytes | None, bytes]] = []
        while True:
            async with AsyncExitStack() as stack:
                try:
                    producer = AIOKafkaProducer(bootstrap_servers=self._servers, linger_ms=5)
                    stack.push_async_callback(producer.stop)
                    await producer.start()
                    while True:
                        await asyncio.sleep(_BEAT)
                        now = time.monotonic()
                        due += (now - last) * self.rate
                        last = now
                        batch += [self._next() for _ in range(int(due))]
                        due -= int(due)
                        await asyncio.wait_for(self._send(producer, batch), _RESEND_AFTER)
                        batch = []
                except (KafkaError, TimeoutError):
                    await asyncio.sleep(_BEAT)

    async def _send(self, producer: AIOKafkaProducer, batch: list[tuple[bytes | None, bytes]]) -> None:
        sent = [await producer.send(LINES, value, key) for key, value in batch]
        await asyncio.gather(*sent)
