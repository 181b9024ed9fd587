"""A member's state: every claim line in its current version, and which claims are withdrawn.

Source: screening specification, section 2. State is plain data. `accept` is all the bookkeeping that
does not need the policy; its result names what the event touched. Times are microseconds since 1970.
"""

from __future__ import annotations

from typing import Any, Final

from models.claim_line import ClaimLine, LineKey
from models.claim_verdict import Settled
from models.finding import Disposition

VerdictContent = tuple[Any, ...]
"""All of a verdict that makes a change, in whole numbers: nested tuples, as `policy.publish` makes them."""

NEVER: Final = -1
"""The due time of a claim that waits for nothing."""


class PublishedEdit:
    """What was last published of one edit.

    Attributes:
        revision: of the last publication.
        is_open: False where it was cleared.
        disposition: the last one given.
        amount: cents (USD) of the open edit.
        version: the policy version that gave its codes.
        digest: stands for all that makes a change (section 5), 16 hexadecimal digits.
    """

    __slots__ = ("amount", "digest", "disposition", "is_open", "revision", "version")

    def __init__(
        self,
        revision: int,
        *,
        is_open: bool,
        disposition: Disposition,
        amount: int,
        version: str,
        digest: str,
    ) -> None:
        self.revision = revision
        self.is_open = is_open
        self.disposition = disposition
        self.amount = amount
        self.version = version
        self.digest = digest


class LineState:
    """One claim line: its current version, when it first arrived, and its published edits by rule."""

    __slots__ = ("current", "first_arrival", "published")

    def __init__(self, current: ClaimLine, first_arrival: int) -> None:
        self.current = current
        self.first_arrival = first_arrival
        self.published: dict[str, PublishedEdit] | None = None


class ClaimState:
    """One claim: its lines and what became of it.

    Attributes:
        lines: by line number, every number ever seen.
        line_count: the largest that any of its events carried, or None.
        withdrawn_at: the latest `received_at` of an event that withdraws it, or None.
        outrivalled: True while another replacement of the same original stands in its place.
        replaces: original claim -> earliest `received_at` of this claim's events that replace it.
        due: when it has been quiet long enough, by event time.
        keep_until: the day (ordinal) that was last noted for forgetting it.
        unpublished: the `as_of` of a screening that may not have been published yet, or NEVER.
        settled: why it was screened, None while it is open.
        verdict_revision, verdict: of the last published verdict; 0 and None before the first.
    """

    __slots__ = (
        "claim_id",
        "due",
        "keep_until",
        "line_count",
        "lines",
        "outrivalled",
        "replaces",
        "settled",
        "unpublished",
        "verdict",
        "verdict_revision",
        "withdrawn_at",
    )

    def __init__(self, claim_id: str) -> None:
        self.claim_id = claim_id
        self.lines: dict[int, LineState] = {}
        self.line_count: int | None = None
        self.withdrawn_at: int | None = None
        self.outrivalled = False
        self.replaces: dict[str, int] | None = None
        self.due = NEVER
        self.keep_until = 0
        self.unpublished = NEVER
        self.settled: Settled | None = None
        self.verdict_revision = 0
        self.verdict: VerdictContent | None = None

    @property
    def withdrawn(self) -> bool:
        """True while an event or a rival withdraws the claim."""
        return self.withdrawn_at is not None or self.outrivalled

    @property
    def full(self) -> bool:
        """True where every line that the claim says it has was seen."""
        return self.line_count is not None and len(self.lines) >= self.line_count

    @property
    def lines_missing(self) -> bool:
        """True while fewer lines were seen than the claim says it has."""
        return self.line_count is not None and len(self.lines) < self.line_count

    def missing_numbers(self) -> list[int]:
        """Line numbers from 1 to `line_count` that were not seen."""
        return [number for number in range(1, (self.line_count or 0) + 1) if number not in self.lines]


class Accepted:
    """What one event touched.

    Attributes:
        claim, line: the event's claim and line.
        touched_line: True where the line is new, has a new current version or arrived earlier.
        prolongs: True where the event puts off the claim's due time.
        missing_changed: True where the claim stopped or began to miss lines.
        stirred: claims whose being withdrawn changed.
        rewritten: claims whose own facts (not their lines') changed.
        created: claims that were not known before.
    """

    # Defaults of the class: most events touch little, and there is one of these for every line.
    touched_line: bool = True
    prolongs: bool = True
    missing_changed: bool = False
    stirred: tuple[ClaimState, ...] = ()
    rewritten: tuple[ClaimState, ...] = ()
    created: tuple[ClaimState, ...] = ()

    def __init__(self, claim: ClaimState, line: LineState) -> None:
        self.claim = claim
        self.line = line


class MemberState:
    """All that is remembered of one member."""

    __slots__ = ("claims", "member_id", "rivals")

    def __init__(self, member_id: str) -> None:
        self.member_id = member_id
        self.claims: dict[str, ClaimState] = {}
        self.rivals: dict[str, set[str]] = {}
        """Original claim -> the claims that replace it; derived from `ClaimState.replaces`."""

    def claim(self, claim_id: str) -> ClaimState:
        """The claim's state, made where it is new."""
        claim = self.claims.get(claim_id)
        if claim is None:
            claim = self.claims[claim_id] = ClaimState(claim_id)
        return claim

    def key(self, claim: ClaimState, number: int) -> LineKey:
        """The identity of a line of this member."""
        return LineKey(self.member_id, claim.claim_id, number)

    def accept(self, event: ClaimLine) -> Accepted:
        """Take in one accepted event, in any order and however often it comes."""
        known = self.claims.get(event.claim_id)
        claim = self.claim(event.claim_id) if known is None else known
        # One text for all that name the same member or claim: there are as many as lines.
        event.member_id, event.claim_id = self.member_id, claim.claim_id
        missed = claim.line_count is not None and claim.lines_missing
        state = claim.lines.get(event.line_number)
        if state is None:
            state = claim.lines[event.line_number] = LineState(event, event.received)
            accepted = Accepted(claim, state)
        else:
            accepted = Accepted(claim, state)
            _take_version(accepted, event)
        if known is None:
            accepted.created = (claim,)
        if event.line_count is not None and event.line_count > (claim.line_count or 0):
            claim.line_count = event.line_count
            accepted.prolongs = True
        if accepted.prolongs:
            accepted.rewritten = (claim,)
            if claim.line_count is not None:
                accepted.missing_changed = missed != claim.lines_missing
        if event.original_claim_id is not None and event.withdraws:
            self._withdraw(accepted, event, event.original_claim_id)
        return accepted

    def _withdraw(self, accepted: Accepted, event: ClaimLine, original_id: str) -> None:
        """Frequency 6, 7 or 8: the original is withdrawn for ever; 6 and 7 make it a rival too."""
        claim, original = accepted.claim, self.claims.get(original_id)
        if original is None:
            original = self.claim(original_id)
            accepted.created += (original,)
        before = original.withdrawn_at
        if before is None or event.received > before:
            original.withdrawn_at = event.received
            accepted.rewritten += (original,)
        if before is None:
            if not original.outrivalled:
                accepted.stirred += (original,)
            for contested in original.replaces or ():
                self._settle_rivals(contested, accepted)
        if event.replaces:
            replaces = claim.replaces = claim.replaces or {}
            earliest = replaces.get(original.claim_id)
            if earliest is None or event.received < earliest:
                replaces[original.claim_id] = event.received
                self.rivals.setdefault(original.claim_id, set()).add(claim.claim_id)
                accepted.rewritten += (claim,)
                self._settle_rivals(original.claim_id, accepted)

    def _settle_rivals(self, original: str, accepted: Accepted) -> None:
        """Judge anew which replacements of `original` are outrivalled."""
        for claim_id in sorted(self.rivals.get(original, ())):
            claim = self.claims[claim_id]
            withdrawn, outrivalled = claim.withdrawn, claim.outrivalled
            claim.outrivalled = self.is_outrivalled(claim)
            if claim.withdrawn != withdrawn:
                accepted.stirred += (claim,)
            elif claim.outrivalled != outrivalled:  # withdrawn anyway, yet to be remembered
                accepted.rewritten += (claim,)

    def is_outrivalled(self, claim: ClaimState) -> bool:
        """Whether a later replacement, itself not withdrawn by an event, stands in the claim's place."""
        for original, earliest in (claim.replaces or {}).items():
            for other_id in self.rivals.get(original, ()):
                other = self.claims[other_id]
                if other.withdrawn_at is not None or other.replaces is None:
                    continue
                if (other.replaces[original], other_id) > (earliest, claim.claim_id):
                    return True
        return False

    def file_rivals(self) -> None:
        """Derive `rivals` from the claims, after they were read back."""
        for claim in self.claims.values():
            for original in claim.replaces or ():
                self.rivals.setdefault(original, set()).add(claim.claim_id)

    def forget(self, claim: ClaimState) -> None:
        """Drop a claim and everything known of it."""
        del self.claims[claim.claim_id]
        for original in claim.replaces or ():
            self.rivals[original].discard(claim.claim_id)
            if not self.rivals[original]:
                del self.rivals[original]


def _take_version(accepted: Accepted, event: ClaimLine) -> None:
    """Decide between the line's current version and another event for it (section 2)."""
    state = accepted.line
    current = state.current
    earlier = event.received < state.first_arrival
    if earlier:
        state.first_arrival = event.received
    mine, theirs = (event.received, event.event_id), (current.received, current.event_id)
    newer = event.canonical() > current.canonical() if mine == theirs else mine > theirs
    if newer:
        state.current = event
    accepted.prolongs = newer
    accepted.touched_line = newer or earlier
