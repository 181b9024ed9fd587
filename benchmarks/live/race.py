"""Who screens the same lines fastest, and at what cost: the contenders in turns."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.live.contenders import BARE, FAUST, QUIX, WORKER, Contender, figures_of, missing
from benchmarks.live.kafka import Broker
from benchmarks.live.lines import claim_lines, expected
from benchmarks.live.meter import Figures
from benchmarks.live.screening import Sent
from streams.topics import EDITS, VERDICTS

ORDER = (WORKER, BARE, FAUST, QUIX)
LONG, SHORT = "race-lines", "race-lines-short"
LINES_A_MEMBER = 10


class DifferenceError(Exception):
    """A contender published something else than a plain run does: its figures are worthless."""


@dataclass
class Entrant:
    """A contender and its rounds."""

    contender: Contender
    rounds: list[Figures] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Records a second, the median of the rounds."""
        return statistics.median(each.rate for each in self.rounds)

    @property
    def cost(self) -> float:
        """Processor microseconds a record, the median of the rounds."""
        return statistics.median(each.cost for each in self.rounds)


@dataclass(frozen=True)
class Race:
    """What came of it.

    Attributes:
        entrants: by the contender's name; those that could not run have no rounds.
        edits, verdicts: published for each line.
        line_bytes: the length of a claim line, on average.
        profile: where the worker's time went, if asked for.
    """

    entrants: dict[str, Entrant]
    edits: float
    verdicts: float
    line_bytes: float
    profile: str

    @property
    def worker(self) -> Entrant:
        """The product's worker."""
        return self.entrants[WORKER.name]

    def ratio(self, other: Contender) -> float | None:
        """How many times the worker is faster than another; None where that could not run."""
        theirs = self.entrants[other.name]
        return self.worker.rate / theirs.rate if theirs.rounds else None

    def cheaper(self, other: Contender) -> float:
        """How many times more processor time another takes for a line."""
        return self.entrants[other.name].cost / self.worker.cost


class Course:
    """The filled topics, and what must be published for them.

    Args:
        broker: on which they lie.
        folder: for what contenders leave.
    """

    def __init__(self, broker: Broker, folder: Path) -> None:
        self._broker = broker
        self._folder = folder
        self._expected: dict[str, Counter[Sent]] = {}
        self.records: dict[str, int] = {}
        self._runs = 0

    async def fill(self, topic: str, count: int, lines_a_member: int) -> float:
        """Fill a topic, and find out what must be published for it; the average length of a line."""
        await self._broker.make_topics("fill", topic)
        await self._broker.fill(topic, claim_lines(count, lines_a_member))
        lines = await self._broker.lines(topic)
        self._expected[topic] = expected(lines)
        self.records[topic] = len(lines)
        return statistics.fmean(len(line.value or b"") for line in lines)

    def published(self, topic: str, output: str) -> float:
        """Records of an output for each line of a topic."""
        found = sum(count for sent, count in self._expected[topic].items() if sent.topic == output)
        return found / self.records[topic]

    def run(self, contender: Contender, topic: str, *, profile: bool = False) -> Figures:
        """Let a contender run over a topic, and hold what it published against a plain run.

        Raises:
            DifferenceError: it is not the same.
        """
        self._runs += 1
        app_id = f"{contender.module.replace('_', '-')}-{self._runs}"
        asyncio.run(self._broker.make_topics(app_id))
        before = asyncio.run(self._broker.ends(EDITS, VERDICTS))
        job = self._broker.job(self._folder, app_id, topic, self.records[topic], profile=profile)
        figures = figures_of(contender, job)
        read = asyncio.run(self._broker.read(EDITS, VERDICTS, since=before))
        found = Counter(Sent(each.topic, each.key, each.value) for each in read)
        if found != self._expected[topic]:
            more, less = found - self._expected[topic], self._expected[topic] - found
            raise DifferenceError(
                f"{contender.name}: {more.total()} records too many, {less.total()} missing "
                f"of {self._expected[topic].total()}"
            )
        return figures


def race(
    course: Course, records: int, short: int, rounds: int, tell: Callable[[str], None], *, profile: bool
) -> Race:
    """Let all run in turns, `rounds` times."""
    length = asyncio.run(course.fill(LONG, records, LINES_A_MEMBER))
    asyncio.run(course.fill(SHORT, short, LINES_A_MEMBER))
    entrants = [Entrant(each) for each in ORDER]
    for number in range(rounds):
        for entrant in _turned(entrants, number):
            if missing(entrant.contender):
                continue
            tell(f"round {number + 1} of {rounds}: {entrant.contender.name}")
            entrant.rounds.append(course.run(entrant.contender, SHORT if entrant.contender.short else LONG))
    told = course.run(WORKER, LONG, profile=True).profile if profile else ""
    return Race(
        {each.contender.name: each for each in entrants},
        course.published(LONG, EDITS),
        course.published(LONG, VERDICTS),
        length,
        told,
    )


def _turned(entrants: Sequence[Entrant], by: int) -> list[Entrant]:
    """Another one goes first in each round."""
    by %= len(entrants)
    return [*entrants[by:], *entrants[:by]]
