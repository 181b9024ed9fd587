"""Every edit and verdict as the live worker publishes it: all revisions, in the order of the partition.

What the partition's order decides needs all of the partition, so one process works on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from models.edit_event import EditEvent
from models.record import Record
from policy import PolicyEngine
from policy.document import Policy
from policy.outputs import Outputs, Publication
from streams.collector import Collector
from streams.replay.chunk import Chunk
from streams.replay.comparable import reject_digest
from streams.replay.figures import StandingEdit, StandingVerdict, standing_edit, standing_verdict
from streams.replay.forwards import Forwarded
from streams.replay.manifest import Unit
from streams.replay.outcome import Claim
from streams.replay.part import Part
from streams.replay.taken import Taken

if TYPE_CHECKING:
    from streams.replay.work import Watch


class Publishing:
    """The records of one partition, published as they come.

    Args:
        unit: the piece of work.
        policy: what decides.
        part: where results go.
    """

    def __init__(self, unit: Unit, policy: Policy, part: Part) -> None:
        self._part = part
        self._engine = PolicyEngine(policy)
        self._taken = Taken(unit.span, part)
        self._edits: dict[str, tuple[Claim, StandingEdit]] = {}
        self._verdicts: dict[Claim, StandingVerdict] = {}
        self._collector = Collector()

    def take(self, chunk: Chunk) -> None:
        """Take records in, and publish what they cause."""
        out = self._read(chunk.records)
        self._taken.count(chunk, out)

    def take_forwards(self, forwards: Iterable[Forwarded]) -> None:
        """Take mis-keyed records in, behind all others: without effect where their copies came."""
        for forwarded in forwards:
            record = forwarded.record
            out = self._read((record,), reported=forwarded.reported)
            for rejection in out.rejections:
                if reject_digest(record.value or b"", rejection.reasons) not in self._part.rejects:
                    self._part.reject(rejection, None)

    def _read(self, records: Sequence[Record], *, reported: bool | None = None) -> Outputs:
        out = Outputs()
        lines = self._engine.read(records, out)
        self._engine.take(lines, records, out)
        self._taken.note(lines, records, reported=reported)
        self._publish(out.publications)
        self._part.event_time = self._engine.event_time
        self._collector.rest()
        return out

    def _publish(self, publications: Iterable[Publication]) -> None:
        tables = self._part.tables
        for event in publications:
            claim = event.member_id, event.claim_id
            row = event.__dict__
            if not isinstance(event, EditEvent):
                tables["verdicts"].add(row)
                self._verdicts[claim] = standing_verdict(row)
                continue
            tables["edits"].add(row)
            if event.status == "open":
                self._edits[event.edit_id] = claim, standing_edit(row)
            else:
                self._edits.pop(event.edit_id, None)

    def finish(self, watch: Watch) -> None:
        """The range ended: screen what is open, and count what stands."""
        out = Outputs()
        for member_id in self._engine.member_ids():
            self._engine.finish_member(member_id, out)
            self._publish(out.publications)
            out.publications.clear()
        figures, reported = self._part.figures, self._taken.claims
        figures.counts["members"] = self._engine.members
        for claim, edit in self._edits.values():
            if reported is None or claim in reported:
                figures.edit("policy", edit)
        for claim, verdict in self._verdicts.items():
            if reported is None or claim in reported:
                figures.verdict("policy", verdict)
        self._part.reported = reported
        watch.judged(self._part, self._engine.members)
