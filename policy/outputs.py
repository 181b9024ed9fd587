"""What one call of the engine gives back. Source: screening specification, sections 1 and 5."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from models.claim_verdict import ClaimVerdict
from models.edit_event import EditEvent
from models.record import Record
from models.rejection import Rejection

Publication = EditEvent | ClaimVerdict


@dataclass(slots=True)
class Forward:
    """A record whose key is not its member: to be sent again, unchanged, under the right key."""

    record: Record
    key: bytes


@dataclass(slots=True)
class Outputs:
    """Everything to publish, in order, and what to count.

    Attributes:
        publications: edit events and verdicts, in the order of publication.
        causes: for each publication the offset of the record that caused it; None where time or the end
            of the input did.
        received: for each verdict the `received_at` (microseconds since 1970) of the line that caused it;
            where time did, the moment it fell due.
        rejections: records refused, with their reasons.
        forwards: mis-keyed records.
        counts: how often each thing happened: (`accepted`,), (`rejected`, reason), (`ndc_dropped`,),
            (`exempted`, rule), (`forgotten`,), (`forwarded`,).
    """

    publications: list[Publication] = field(default_factory=list)
    causes: list[int | None] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    forwards: list[Forward] = field(default_factory=list)
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)

    @property
    def edits(self) -> list[EditEvent]:
        """The edit events among the publications."""
        return [event for event in self.publications if isinstance(event, EditEvent)]

    @property
    def verdicts(self) -> list[ClaimVerdict]:
        """The verdicts among the publications."""
        return [event for event in self.publications if isinstance(event, ClaimVerdict)]
