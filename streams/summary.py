"""What a screening run comes to: counted while it runs, of what stands at its end.

Memory: one entry per claim and one per open edit, whatever the number of revisions. Amounts are cents
(USD). Source: screening specification, section 5.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from models.claim_verdict import ClaimVerdict, VerdictStatus
from models.edit_event import EditEvent
from models.finding import GRAVITY, Disposition
from policy.outputs import Outputs
from streams.intake.tally import Tally as IntakeTally


class ClaimStanding(NamedTuple):
    """A claim's latest verdict: `charge` and `affected` in cents."""

    status: VerdictStatus
    disposition: Disposition | None
    open_edits: int
    charge: int
    affected: int


class LargeClaim(NamedTuple):
    """One of the claims with the largest amounts affected."""

    member_id: str
    claim_id: str
    standing: ClaimStanding


@dataclass(slots=True)
class Tally:
    """A number of things and their amounts in cents."""

    count: int = 0
    charge: int = 0
    affected: int = 0

    def add(self, charge: int, affected: int) -> None:
        """Count one more."""
        self.count += 1
        self.charge += charge
        self.affected += affected


def cents(amount: str) -> int:
    """Cents of an amount as it is published: digits, a point, two digits."""
    return int(amount[:-3]) * 100 + int(amount[-2:])


@dataclass(slots=True)
class Summary:
    """Counts of one run.

    Attributes:
        records: records read; lines of blanks are none.
        rejected: records rejected.
        edit_events, verdict_events: publications, every revision.
        counts: what the engine counted, as in `Outputs.counts`.
        files: number of inputs.
        seconds: how long the run took.
        intake: what was read of inputs that are 837 files; None where none is.
    """

    records: int = 0
    rejected: int = 0
    edit_events: int = 0
    verdict_events: int = 0
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    files: int = 0
    seconds: float = 0.0
    intake: IntakeTally | None = None
    _edits: dict[str, tuple[str, Disposition, int]] = field(default_factory=dict)
    _claims: dict[tuple[str, str], ClaimStanding] = field(default_factory=dict)

    def add(self, out: Outputs) -> None:
        """Take in what one call of the engine gave."""
        self.counts.update(out.counts)
        self.rejected += len(out.rejections)
        for event in out.publications:
            if isinstance(event, EditEvent):
                self._edit(event)
            else:
                self._verdict(event)

    def _edit(self, event: EditEvent) -> None:
        self.edit_events += 1
        if event.status == "open":
            self._edits[event.edit_id] = (event.rule, event.disposition, cents(event.amount_affected))
        else:
            self._edits.pop(event.edit_id, None)

    def _verdict(self, event: ClaimVerdict) -> None:
        self.verdict_events += 1
        self._claims[event.member_id, event.claim_id] = ClaimStanding(
            event.status,
            event.disposition,
            event.open_edits,
            cents(event.charge_total),
            cents(event.amount_affected),
        )

    @property
    def lost(self) -> bool:
        """Whether a line was rejected, or a claim or line of an 837 file could not be used."""
        return bool(self.rejected) or (self.intake is not None and self.intake.lost)

    @property
    def accepted(self) -> int:
        """Lines accepted."""
        return self.counts["accepted",]

    @property
    def ndc_dropped(self) -> int:
        """Lines whose NDC was none and is read as null."""
        return self.counts["ndc_dropped",]

    @property
    def lines_a_second(self) -> float:
        """Records read a second."""
        return self.records / self.seconds if self.seconds else 0.0

    def reject_reasons(self) -> list[tuple[str, int]]:
        """How many records were rejected for each reason, the most frequent first."""
        return _by_frequency(self.counts, "rejected")

    def exempted(self) -> list[tuple[str, int]]:
        """How many findings of each rule an exemption silenced, the most frequent first."""
        return _by_frequency(self.counts, "exempted")

    def claims(self) -> dict[VerdictStatus, Tally]:
        """Claims by the status of their latest verdict; statuses that occur."""
        tallies: dict[VerdictStatus, Tally] = {}
        for standing in self._claims.values():
            tallies.setdefault(standing.status, Tally()).add(standing.charge, standing.affected)
        return tallies

    def claims_in_all(self) -> Tally:
        """All claims."""
        total = Tally()
        for tally in self.claims().values():
            total.count += tally.count
            total.charge += tally.charge
            total.affected += tally.affected
        return total

    def edits(self) -> list[tuple[str, Disposition, Tally]]:
        """Open edits by rule and disposition: gravest first, then by amount, then by name."""
        tallies: dict[tuple[str, Disposition], Tally] = {}
        for rule, disposition, amount in self._edits.values():
            tallies.setdefault((rule, disposition), Tally()).add(0, amount)
        rows = [(rule, disposition, tally) for (rule, disposition), tally in tallies.items()]
        return sorted(rows, key=lambda row: (GRAVITY[row[1]], -row[2].affected, row[0]))

    def largest(self, most: int = 10) -> list[LargeClaim]:
        """The claims with the largest amounts affected, largest first; none without an amount."""
        affected = (
            LargeClaim(member, claim, standing)
            for (member, claim), standing in self._claims.items()
            if standing.affected
        )
        return heapq.nsmallest(
            most, affected, key=lambda claim: (-claim.standing.affected, claim.claim_id, claim.member_id)
        )


def _by_frequency(counts: Counter[tuple[str, ...]], kind: str) -> list[tuple[str, int]]:
    found = [(key[1], number) for key, number in counts.items() if key[0] == kind and number]
    return sorted(found, key=lambda row: (-row[1], row[0]))
