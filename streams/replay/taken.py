"""What was taken in of one piece of work: counted, and of which claims something is told."""

from __future__ import annotations

from collections.abc import Iterable

from models.claim_line import ClaimLine
from models.record import Record
from policy.outputs import Outputs
from streams.replay.chunk import Chunk
from streams.replay.manifest import Span
from streams.replay.outcome import Claim
from streams.replay.part import Part


class Taken:
    """Keeps a part's account of the records taken in.

    Args:
        span: where the records lie; those before `reported` are the warm-up.
        part: whose account.

    Attributes:
        claims: those of which a line lies in what is reported; None where there is no warm-up, for all.
    """

    def __init__(self, span: Span, part: Part) -> None:
        self._reported = span.reported
        self._part = part
        self.claims: set[Claim] | None = set() if span.reported > span.start else None

    def count(self, chunk: Chunk, out: Outputs) -> None:
        """A chunk was read: keep what was rejected and what is mis-keyed, and count."""
        part, counts = self._part, self._part.figures.counts
        for rejection in out.rejections:
            part.reject(rejection, chunk.batch)
        for forward in out.forwards:
            part.forward(forward, reported=self._told(forward.record))
        counts["records"] += len(chunk.records)
        counts["accepted"] += out.counts["accepted",]
        if self.claims is not None:
            counts["warm_up"] += sum(not self._told(record) for record in chunk.records)

    def note(
        self, lines: Iterable[ClaimLine | None], records: Iterable[Record], *, reported: bool | None
    ) -> None:
        """Remember of which claims something is told.

        Args:
            lines: what the records say; None where one was rejected.
            records: in the same order.
            reported: whether they lie in what is reported; None: as their offsets say.
        """
        if self.claims is None:
            return
        for line, record in zip(lines, records, strict=True):
            if line is not None and (self._told(record) if reported is None else reported):
                self.claims.add((line.member_id, line.claim_id))

    def _told(self, record: Record) -> bool:
        return record.offset >= self._reported
