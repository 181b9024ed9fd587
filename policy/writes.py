"""Which state entries a step has changed, to be written once however often they changed.

Source: the design of the state (one entry per line, claim and partition).
"""

from __future__ import annotations

from models.claim_line import LineKey
from models.member import Accepted, ClaimState, MemberState
from models.state import claim_key, line_key, write_claim, write_line


class Writes:
    """Collects touched entries; encodes them when they are taken.

    Attributes:
        tracking: off, nothing is collected: for drivers that keep no state.
    """

    __slots__ = ("_claims", "_lines", "tracking")

    def __init__(self, *, tracking: bool) -> None:
        self.tracking = tracking
        self._claims: dict[tuple[str, str], MemberState] = {}
        self._lines: dict[tuple[str, str, int], MemberState] = {}

    def __len__(self) -> int:
        """How many entries are to be written."""
        return len(self._claims) + len(self._lines)

    def line(self, member: MemberState, claim: ClaimState, number: int) -> None:
        """A claim line's entry changed."""
        if self.tracking:
            self._lines[member.member_id, claim.claim_id, number] = member

    def claim(self, member: MemberState, claim: ClaimState) -> None:
        """A claim's entry changed."""
        if self.tracking:
            self._claims[member.member_id, claim.claim_id] = member

    def accepted(self, member: MemberState, accepted: Accepted) -> None:
        """An event was taken in."""
        if accepted.touched_line:
            self.line(member, accepted.claim, accepted.line.current.line_number)
        for claim in (*accepted.rewritten, *accepted.stirred):
            self.claim(member, claim)

    def forgotten(self, member: MemberState, claim: ClaimState) -> None:
        """A claim and its lines are gone."""
        self.claim(member, claim)
        for number in claim.lines:
            self.line(member, claim, number)

    def take(self) -> dict[bytes, bytes | None]:
        """The entries to write since the last call, in this order; None for those that are gone.

        A claim's entry comes before those of its lines and goes after them, so that however many of the
        entries were written, no line is without its claim.
        """
        entries: dict[bytes, bytes | None] = {}
        gone: dict[bytes, bytes | None] = {}
        for (member_id, claim_id), member in self._claims.items():
            claim = member.claims.get(claim_id)
            if claim is None:
                gone[claim_key(member_id, claim_id)] = None
            else:
                entries[claim_key(member_id, claim_id)] = write_claim(claim)
        for key, member in self._lines.items():
            claim = member.claims.get(key[1])
            line = None if claim is None else claim.lines.get(key[2])
            entries[line_key(LineKey(*key))] = None if line is None else write_line(line)
        entries |= gone
        self._claims.clear()
        self._lines.clear()
        return entries
