"""Files in, claim-line events and faults out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from streams.intake.claim import Claim, read_claim
from streams.intake.events import ClaimLines, claim_lines
from streams.intake.faults import Fault
from streams.intake.numbers import ClaimNumbers
from streams.intake.parts import Block
from streams.intake.segments import read_segments
from streams.intake.tally import Tally
from streams.intake.walk import Walk

BEGINNING: Final = b"ISA"
"""How an 837 begins."""


class Intake:
    """Reads files of claims.

    Args:
        numbers: how claims are numbered.
        received: when all claims were received (UTC, RFC 3339); None takes each interchange's time.
    """

    def __init__(self, numbers: ClaimNumbers | None = None, received: str | None = None) -> None:
        self.tally = Tally()
        self._numbers = numbers or ClaimNumbers()
        self._received = received

    def read(self, read: Callable[[int], bytes]) -> Iterator[ClaimLines | Fault]:
        """The events of each claim of one file, and what is wrong, in the order of the file.

        Args:
            read: gives up to so many bytes of the file, none at its end.
        """
        self.tally.files += 1
        for found in Walk(self.tally, self._received).claims(read_segments(read)):
            if isinstance(found, Fault):
                self.tally.tell(found)
                yield found
            else:
                yield from self._claim(found)

    def _claim(self, block: Block) -> Iterator[ClaimLines | Fault]:
        claim = read_claim(block, self._numbers)
        faults = [*claim.faults, *(fault for line in claim.lines for fault in line.faults)]
        made = claim_lines(claim, block)
        self._count(claim, made)
        for fault in sorted(faults, key=lambda each: each.segment):
            self.tally.tell(fault)
            yield fault
        if made.values:
            yield made

    def _count(self, claim: Claim, made: ClaimLines) -> None:
        tally = self.tally
        if any(fault.code == "claim_start_missing" for fault in claim.faults):
            tally.claims += 1
            tally.claims_refused += 1
        if made.values:
            tally.claims_written += 1
        else:
            tally.claims_refused += 1
        tally.lines_written += len(made.values)
        tally.lines_refused += len(claim.lines) - len(made.values)
