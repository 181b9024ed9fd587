"""What stands at the end: each member is judged once, when everything of it is there.

Two policies share what they read, where both accept the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from models.claim_line import ClaimLine
from models.record import Record
from policy import PolicyEngine
from policy.document import Policy
from policy.outputs import Outputs
from streams.collector import Collector
from streams.replay.chunk import Chunk
from streams.replay.comparable import reject_digest
from streams.replay.figures import Figures
from streams.replay.forwards import Forwarded
from streams.replay.job import Job
from streams.replay.manifest import Unit
from streams.replay.outcome import Outcome
from streams.replay.part import Part
from streams.replay.taken import Taken

if TYPE_CHECKING:
    from streams.backtest.comparison import Comparison
    from streams.replay.work import Watch

REST_EVERY: Final = 500
"""Members judged between two looks for cycles, and between two messages."""


class Judging:
    """The members of one piece of work, judged at the end.

    Args:
        job: the replay.
        unit: the piece.
        policies: one, or the two of a backtest.
        part: where results go.
        again: the records were taken in before, by another part: they are not counted and not rejected anew.
    """

    def __init__(
        self, job: Job, unit: Unit, policies: Sequence[Policy], part: Part, *, again: bool = False
    ) -> None:
        self._job = job
        self._part = part
        self._again = again
        self._known_rejects: set[bytes] = set()
        self._texts: dict[str, str] = {}
        self._taken = Taken(unit.span, part)
        self._engine = PolicyEngine(policies[0], final=True)
        self._shared = True
        self._other: PolicyEngine | None = None
        if len(policies) > 1:
            self._shared = policies[1].history_days == policies[0].history_days
            self._other = (
                self._engine.beside(policies[1]) if self._shared else PolicyEngine(policies[1], final=True)
            )
        self._comparison = _comparison(job, unit, policies)
        self._collector = Collector()

    def take(self, chunk: Chunk) -> None:
        """Take records in."""
        out = self._read(chunk.records)
        if self._again:
            self._known_rejects.update(_digests(out))
        else:
            self._taken.count(chunk, out)

    def take_forwards(self, forwards: Iterable[Forwarded]) -> None:
        """Take mis-keyed records in, of which some were forwarded and taken in before."""
        for forwarded in forwards:
            record = forwarded.record
            out = self._read((record,), reported=forwarded.reported)
            for rejection, digest in zip(out.rejections, _digests(out), strict=True):
                if digest not in self._known_rejects:
                    self._known_rejects.add(digest)
                    self._part.reject(rejection, None)

    def _read(self, records: Sequence[Record], *, reported: bool | None = None) -> Outputs:
        out = Outputs()
        lines = self._engine.read(records, out)
        self._share_texts(lines)
        self._engine.take(lines, records, out)
        if self._other is not None and not self._shared:
            self._other.receive_many(records)
        self._taken.note(lines, records, reported=reported)
        self._part.event_time = self._engine.event_time
        self._collector.rest()
        return out

    def _share_texts(self, lines: Iterable[ClaimLine | None]) -> None:
        """One text for all lines that say the same: providers, plans and codes are few, lines are not."""
        share = self._texts.setdefault
        for line in lines:
            if line is not None:
                line.npi = share(line.npi, line.npi)
                line.procedure_code = share(line.procedure_code, line.procedure_code)
                if line.rendering_npi is not None:
                    line.rendering_npi = share(line.rendering_npi, line.rendering_npi)
                if line.plan_id is not None:
                    line.plan_id = share(line.plan_id, line.plan_id)
                if line.place is not None:
                    line.place = share(line.place, line.place)

    def before(self) -> Figures:
        """What the members come to as they are now; they can take more in and are judged anew at the end."""
        outcome = Outcome(reported=self._taken.claims)
        for member_id in self._members():
            self._judge(member_id, outcome)
            self._engine.reopen_member(member_id)
            if self._other is not None:
                self._other.reopen_member(member_id)
        return outcome.figures

    def finish(self, watch: Watch) -> None:
        """Judge every member, and write what stands."""
        part = self._part
        outcome = Outcome(part.figures, part.tables, self._taken.claims)
        done = 0
        for done, member_id in enumerate(self._members(), 1):
            self._judge(member_id, outcome)
            self._engine.drop_member(member_id)
            if done % REST_EVERY == 0:
                self._collector.rest()
                watch.judged(part, done)
        if self._comparison is not None:
            part.samples = self._comparison.drawn()
        watch.judged(part, done)

    def _members(self) -> list[str]:
        members = self._engine.member_ids()
        if self._other is None or self._shared:
            return members
        return sorted({*members, *self._other.member_ids()})

    def _judge(self, member_id: str, outcome: Outcome) -> None:
        """What stands of a member by each side, and how the sides differ."""
        outcome.figures.counts["members"] += 1
        alike = self._other is not None and self._shared and not self._asked_for(member_id)
        out = Outputs()
        self._engine.finish_member(member_id, out)
        mine = outcome.told(out.publications)
        known = outcome.stands("policy", mine)
        if alike:
            outcome.stands("against", mine, known)
            return
        if self._comparison is None:
            return
        theirs = None
        if self._other is not None:
            if self._shared:
                self._engine.reopen_member(member_id)
            other = Outputs()
            self._other.finish_member(member_id, other)
            theirs = outcome.told(other.publications)
            outcome.stands("against", theirs, known)
        self._comparison.compare(member_id, mine, theirs, partial(self._engine.lines_of, member_id), outcome)

    def _asked_for(self, member_id: str) -> bool:
        """Whether a rule of either policy may ask for a line of a member; else both come to the same."""
        assert self._other is not None  # noqa: S101 - asked before
        return self._engine.asks_for(member_id) or self._other.asks_for(member_id)


def _digests(out: Outputs) -> list[bytes]:
    return [reject_digest(each.record.value or b"", each.reasons) for each in out.rejections]


def _comparison(job: Job, unit: Unit, policies: Sequence[Policy]) -> Comparison | None:
    if job.against is None:
        return None
    from streams.backtest.comparison import Comparison  # noqa: PLC0415 - replays need none

    return Comparison(job, unit, policies)
