"""One piece of work: read a share of a partition's members, judge them, write the part.

A mis-keyed record counts for the member it names, in that member's share, whether or not its forwarded copy
is read there: the same event twice is one. It is set aside when it is met. Shares that get some are looked at
again at the end: in `final` those members alone, in `as_published` the whole partition, which gets them last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from policy.document import Policy
from streams.collector import Collector
from streams.replay.as_published import Publishing
from streams.replay.final import Judging
from streams.replay.job import Job
from streams.replay.manifest import Unit
from streams.replay.part import Forwarded, Part
from streams.replay.sources import read_unit
from streams.settings import Settings

AGAIN = "-again"
"""Behind the name of a piece that looks at some members again."""


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work.

    Attributes:
        unit: whose records.
        forwards: mis-keyed records of these members; none in the first round.
    """

    unit: Unit
    forwards: tuple[Forwarded, ...] = ()

    @property
    def name(self) -> str:
        """Of its part."""
        return self.unit.name + (AGAIN if self.forwards else "")


class Watch(Protocol):
    """Who is told how far a piece of work is; may make it wait."""

    @property
    def most(self) -> int | None:
        """Records to take in at once; None: as they come."""

    def read(self, part: Part, records: int, steps: int) -> None:
        """So many records were taken in, so far did reading go on."""

    def judged(self, part: Part, members: int) -> None:
        """So many members were judged."""

    def flush(self, part: Part) -> None:
        """All of it is done."""


def do_work(
    job: Job, work: Work, policies: Sequence[Policy], settings: Settings | None, watch: Watch
) -> None:
    """Do a piece of work and keep its part.

    Raises:
        BrokerError, InputError: the records cannot be read.
        OutputError: the part cannot be written.
    """
    # Inside, cycles are collected by whoever rests; what is kept is not looked through again and again.
    with Part(job, work.name) as part, Collector():
        if job.mode == "final":
            _final(job, work, policies, settings, watch, part)
        else:
            _as_published(job, work, policies[0], settings, watch, part)
        part.keep()
        watch.flush(part)


def _final(
    job: Job,
    work: Work,
    policies: Sequence[Policy],
    settings: Settings | None,
    watch: Watch,
    part: Part,
) -> None:
    if not work.forwards:
        judging = Judging(job, work.unit, policies, part)
        for chunk in read_unit(job.manifest, work.unit, settings, most=watch.most):
            judging.take(chunk)
            watch.read(part, len(chunk.records), chunk.steps)
        judging.finish(watch)
        return
    members = frozenset(each.member for each in work.forwards)
    judging = Judging(job, work.unit, policies, part, again=True)
    for chunk in read_unit(job.manifest, work.unit, settings, members):
        judging.take(chunk)
        watch.read(part, 0, 0)
    # What the first part says of these members, without the forwarded records, is what this one replaces.
    before = judging.before()
    part.members = sorted(member.decode() for member in members)
    judging.take_forwards(work.forwards)
    judging.finish(watch)
    part.figures.add(before, -1)


def _as_published(
    job: Job, work: Work, policy: Policy, settings: Settings | None, watch: Watch, part: Part
) -> None:
    judging = Publishing(work.unit, policy, part)
    for chunk in read_unit(job.manifest, work.unit, settings, most=watch.most):
        judging.take(chunk)
        watch.read(part, 0 if work.forwards else len(chunk.records), 0 if work.forwards else chunk.steps)
    judging.take_forwards(work.forwards)
    judging.finish(watch)
