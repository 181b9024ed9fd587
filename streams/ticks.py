"""Time passes on idle partitions: event time runs on at the speed of the wall clock, and claims settle.

A partition is idle when its end is reached and nothing came for a while. Event time never jumps to the
wall clock: a topic of last year that pauses would be forgotten at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, Protocol

LONGEST_WAIT: Final = 10.0
"""Seconds after which a partition at its end is idle, at the latest."""
EVERY: Final = 0.25
"""Seconds between two looks."""
MICROSECONDS: Final = 1_000_000


class Idling(Protocol):
    """What is asked of a chain."""

    @property
    def event_time(self) -> int | None:
        """The greatest `received_at` accepted, microseconds since 1970."""

    @property
    def next_due(self) -> int | None:
        """When a claim may fall due, at the earliest."""

    @property
    def quiet_since(self) -> float | None:
        """When the last records came (monotonic seconds); None while some are left to take."""

    async def tick(self, event_time: int) -> None:
        """Settle what is due by then."""


class Ticker:
    """Carries event time on.

    Args:
        chains: those there are, each time it looks.
        settle_after: microseconds.
        clock: monotonic seconds.
    """

    def __init__(
        self, chains: Callable[[], Iterable[Idling]], settle_after: int, clock: Callable[[], float]
    ) -> None:
        self._chains = chains
        self._wait = min(settle_after / MICROSECONDS, LONGEST_WAIT)
        self._clock = clock

    async def run(self) -> None:
        """Look again and again; ends only by an error."""
        while True:
            await asyncio.sleep(EVERY)
            for chain in self._chains():
                carried = self.carried(chain)
                due = chain.next_due
                if carried is not None and due is not None and due <= carried:
                    await chain.tick(carried)

    def carried(self, chain: Idling) -> int | None:
        """The event time of an idle partition by now; None where it is not idle or has none."""
        since, event_time = chain.quiet_since, chain.event_time
        if since is None or event_time is None:
            return None
        idle = self._clock() - since - self._wait
        return None if idle < 0 else event_time + int(idle * MICROSECONDS)
