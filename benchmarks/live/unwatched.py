"""A worker without its metrics: what it costs less is what they cost.

Counting, sampling and asking the brokers are replaced by nothing. What the worker needs of them for itself
stays: how many records were done, by which it sees that it moves.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Final

from streams import worker
from streams.chain import Step

NEVER: Final = 3600.0
"""Seconds; longer than a benchmark."""


class NoCounter:
    """In place of the counter of steps."""

    def __init__(self, *_: Any) -> None:  # noqa: ANN401 - whatever the other takes
        self.done: Counter[str] = Counter()

    def stepped(self, step: Step) -> None:
        """Only what the worker's own watch looks at."""
        self.done["records"] += step.records

    def refused(self, topic: str) -> None:
        """Nobody is told."""

    def committed(self, *, done: bool) -> None:
        """Nobody is told."""


class Nobody:
    """In place of the sampler and of who asks the brokers."""

    missing: tuple[str, ...] = ()

    def __init__(self, *_: Any) -> None:  # noqa: ANN401 - whatever the others take
        """Nothing is kept."""

    async def run(self) -> None:
        """Do nothing."""
        await asyncio.sleep(NEVER)

    def stuck(self) -> None:
        """Nothing is known."""

    def stalled(self) -> None:
        """Nothing is known."""

    def silent(self) -> float:
        """Nothing is known."""
        return 0.0


def stop_watching() -> None:
    """Make the worker of this process one without metrics."""
    vars(worker).update(StepCounter=NoCounter, Sampler=Nobody, BrokerView=Nobody)
