"""What /readyz of each worker answered, twice a second, and a picture of it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise

from deploy.grafana.ask import View
from deploy.grafana.drawing.canvas import Box, Mark
from deploy.grafana.drawing.states import draw_bands
from tests.kafka.live import Worker

READY_HEIGHT = 2.1
"""Inches of the picture."""
EVERY = 0.5
READY = "ready"
_OTHERS = ("orange", "yellow", "blue", "purple")
_NOBODY = "no answer"

Stretch = tuple[float, float, int, str]
"""From when to when which status with which text was answered."""


class Answers:
    """The answers of some workers.

    Attributes:
        given: by worker, each answer: when it was asked for, the status (0: nobody answers), the text.
    """

    def __init__(self) -> None:
        self.given: dict[str, list[tuple[float, int, str]]] = {}

    async def ask(self, workers: Mapping[str, Worker]) -> None:
        """Ask all, again and again."""
        while True:
            await asyncio.gather(*(self._ask(name, worker) for name, worker in workers.items()))
            await asyncio.sleep(EVERY)

    async def _ask(self, name: str, worker: Worker) -> None:
        at = time.time()
        status, text = await asyncio.to_thread(worker.get, "/readyz")
        self.given.setdefault(name, []).append((at, status, text.strip() or _NOBODY))

    @property
    def names(self) -> list[str]:
        """The workers."""
        return sorted(self.given)

    def stretches(self, name: str) -> Iterator[Stretch]:
        """The stretches of time in which a worker gave one answer."""
        given = self.given[name]
        start = given[0][0]
        for (_, status, text), (at, after, other) in pairwise(given):
            if (status, _kind(text)) != (after, _kind(other)):
                yield start, at, status, _kind(text)
                start = at
        yield start, given[-1][0] + EVERY, given[-1][1], _kind(given[-1][2])

    def told(self, name: str, start: float, end: float) -> str:
        """What a worker answered from one time to another, in words, with seconds since the first."""
        parts = [
            f"{max(since - start, 0):.0f} s: {text}"
            for since, until, _, text in self.stretches(name)
            if until > start and since < end
        ]
        return "; ".join(parts)


def _kind(text: str) -> str:
    """An answer with N for its numbers, which change all the time."""
    return re.sub(r"\d+(\.\d+)?", "N", text)


def draw_answers(box: Box, *, answers: Answers, view: View, marks: Sequence[Mark]) -> None:
    """Draw a band for each worker in the colour of its answer, and below what the colours mean."""
    box.frame("What /readyz of each worker answered: ready is 200, no answer none, the others are 503")
    rows = {
        name: [(start, end, text) for start, end, _, text in answers.stretches(name)]
        for name in answers.names
    }
    colors: dict[str, str] = {READY: "green", _NOBODY: "red"}
    for _, _, text in chain.from_iterable(rows.values()):
        colors.setdefault(text, _OTHERS[(len(colors) - 2) % len(_OTHERS)])
    draw_bands(box, view, marks, rows, colors)
