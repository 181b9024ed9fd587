"""What an intake came to, counted while it runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from streams.intake.faults import Fault


@dataclass(slots=True)
class Tally:
    """Counts over all files.

    Attributes:
        files, interchanges, groups, transactions: what was read; transactions that are no 837P or 837I
        included. claims: claims found, whether they could be used or not. claims_written, lines_written:
        claims with a claim-line event at least, and claim-line events. claims_refused, lines_refused: claims
        and lines that were lost, whatever was wrong with them. originals_unmapped: corrections and voids
        whose REF F8 is no number that is known. reasons: faults by their codes.
    """

    files: int = 0
    interchanges: int = 0
    groups: int = 0
    transactions: int = 0
    claims: int = 0
    claims_written: int = 0
    lines_written: int = 0
    claims_refused: int = 0
    lines_refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def originals_unmapped(self) -> int:
        """Corrections and voids whose original would not be withdrawn."""
        return self.reasons["original_unmapped"]

    @property
    def lost(self) -> bool:
        """Whether a line, a claim or more could not be used."""
        return bool(
            self.claims_refused
            or self.lines_refused
            or self.reasons["not_837"]
            or self.reasons["isa_unreadable"]
            or self.reasons["file_empty"]
        )

    def tell(self, fault: Fault) -> None:
        """Count a fault."""
        self.reasons[fault.code] += 1
