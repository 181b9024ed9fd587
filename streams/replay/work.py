"""One piece of work: read a share of a partition's members, judge them, write the part.

A mis-keyed record counts for the member it names, in that member's share, whether or not its forwarded copy
is read there: the same event twice is one. It is set aside when it is met. Shares that get some are looked at
again at the end: in `final` those members alone, in `as_published` the whole partition, which gets them last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from policy.document import Policy
from streams.collector import Collector
from streams.replay.as_published import Publishing
from streams.replay.final import Judging
from streams.replay.forwards import Forwarded, read_forwards
from streams.replay.job import Job, cannot_write
from streams.replay.manifest import Unit
from streams.replay.part import Part
from streams.replay.sources import read_unit
from streams.settings import Settings

AGAIN = "-again"
"""Behind the name of a piece that looks at some members again."""


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work.

    Attributes:
        unit: whose records.
        forwards: the parts that have mis-keyed records of these members; none in the first round.
    """

    unit: Unit
    forwards: tuple[str, ...] = ()

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
        """Reading went on so far; so many records count for the pace."""

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
    try:
        _do(job, work, policies, settings, watch)
    except BrokenPipeError:  # nobody listens any more
        raise
    except OSError as error:  # what is read has errors of its own
        raise cannot_write(job.folder, error) from error


def _do(job: Job, work: Work, policies: Sequence[Policy], settings: Settings | None, watch: Watch) -> None:
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
    forwards = _forwards(job, work)
    members = frozenset(each.member for each in forwards)
    judging = Judging(job, work.unit, policies, part, again=True)
    for chunk in read_unit(job.manifest, work.unit, settings, members, most=watch.most):
        judging.take(chunk)
        watch.read(part, chunk.seen, 0)
    # What the first part says of these members, without the forwarded records, is what this one replaces.
    before = judging.before()
    part.members = sorted(member.decode() for member in members)
    judging.take_forwards(_taken(forwards))
    judging.finish(watch)
    part.figures.add(before, -1)


def _as_published(
    job: Job, work: Work, policy: Policy, settings: Settings | None, watch: Watch, part: Part
) -> None:
    judging = Publishing(work.unit, policy, part)
    for chunk in read_unit(job.manifest, work.unit, settings, most=watch.most):
        judging.take(chunk)
        watch.read(part, chunk.seen, 0 if work.forwards else chunk.steps)
    judging.take_forwards(_taken(_forwards(job, work)))
    judging.finish(watch)


def _forwards(job: Job, work: Work) -> list[Forwarded]:
    """The mis-keyed records of a piece of work, the first one last."""
    found = [each for name in work.forwards for each in read_forwards(job.parts / name, work.unit.name)]
    found.sort(
        key=lambda each: (each.record.timestamp or 0, each.record.partition, each.record.offset), reverse=True
    )
    return found


def _taken(forwards: list[Forwarded]) -> Iterator[Forwarded]:
    """One after the other, each let go of: taken in, it lies in the state as well."""
    while forwards:
        yield forwards.pop()
