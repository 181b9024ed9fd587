"""What /readyz of each worker answered, twice a second, and a picture of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from deploy.grafana.ask import View
from deploy.grafana.drawing.canvas import INK, PAPER, Box, Mark, color_of
from deploy.grafana.drawing.times import time_axis
from tests.kafka.live import Worker

READY_HEIGHT = 1.9
"""Inches of the picture."""
EVERY = 0.5
_COLORS = {200: "green", 503: "orange", 0: "red"}
_NOBODY = "no answer"

Stretch = tuple[float, float, int, str]
"""From when to when which status with which text was answered."""


class Answers:
    """The answers of some workers."""

    def __init__(self) -> None:
        self._given: dict[str, list[tuple[float, int, str]]] = {}

    async def ask(self, workers: Mapping[str, Worker]) -> None:
        """Ask all, again and again."""
        while True:
            await asyncio.gather(*(self._ask(name, worker) for name, worker in workers.items()))
            await asyncio.sleep(EVERY)

    async def _ask(self, name: str, worker: Worker) -> None:
        at = time.time()
        status, text = await asyncio.to_thread(worker.get, "/readyz")
        self._given.setdefault(name, []).append((at, status, text.strip() or _NOBODY))

    @property
    def names(self) -> list[str]:
        """The workers."""
        return sorted(self._given)

    def stretches(self, name: str) -> Iterator[Stretch]:
        """The stretches of time in which a worker gave one answer."""
        given = self._given[name]
        start = given[0][0]
        for (_, status, text), (at, after, other) in pairwise(given):
            if (status, _kind(text)) != (after, _kind(other)):
                yield start, at, status, _kind(text)
                start = at
        yield start, given[-1][0] + EVERY, given[-1][1], _kind(given[-1][2])

    def told(self, name: str, start: float, end: float) -> str:
        """What a worker answered from one time to another, in words, with seconds since the first."""
        parts = [
            f"{text} from {max(since - start, 0):.0f} s"
            for since, until, _, text in self.stretches(name)
            if until > start and since < end
        ]
        return ", ".join(parts)


def _kind(text: str) -> str:
    """An answer without its numbers, which change all the time."""
    return " ".join(word for word in text.split() if not any(letter.isdigit() for letter in word))


def draw_answers(box: Box, *, answers: Answers, view: View, marks: Sequence[Mark]) -> None:
    """Draw a band for each worker, with the reason on it."""
    box.frame("What /readyz of each worker answered: ready (200), not ready with the reason (503), no answer")
    axes = box.body(0.95, 0.2, 0.3)
    whole = view.end - view.start
    for row, name in enumerate(answers.names):
        for start, end, status, text in answers.stretches(name):
            axes.barh(row, end - start, left=start, height=0.8, color=color_of(_COLORS[status]), alpha=0.85)
            room = int((end - start) / whole * box.width / 0.062) - 2
            if room > 3:
                shown = text if len(text) <= room else text[: room - 1] + "…"
                axes.text((start + end) / 2, row, shown, ha="center", va="center", color=PAPER, fontsize=8)
    axes.set_ylim(len(answers.names) - 0.5, -0.5)
    time_axis(axes, view, marks, box.width)
    axes.set_yticks(range(len(answers.names)), answers.names)
    axes.tick_params(axis="y", labelcolor=INK, labelsize=8)
    axes.grid(visible=False, axis="y")
