"""A member's history: the active, in-policy claim lines, found by claim and by date.

A set of dates is one whole number with a bit a day, counted from the member's base day, so that
union, intersection and count are single operations however long a span is. Lines are also filed in
buckets of 32 days, so that the neighbours of a line are found without looking at the whole member.
Source: screening specification, sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Final

from models.claim_line import ClaimLine
from models.member import ClaimState, LineState
from policy.document import PolicyVersion, Role

BUCKET_BITS: Final = 5
"""Lines are filed by ordinal >> BUCKET_BITS: 32 days a bucket."""

ROOM_BEFORE: Final = 64
"""Days kept free before a member's first line, so that earlier lines rarely move the base."""

PLAIN, SECOND, THIRD = 0, 1, 2
"""Rank of a per diem line: neither modifier, SH, SJ and not SH (section 4.1)."""

Order = tuple[int, str, int]
"""The order of lines: first arrival, claim, line number (section 4)."""


class ActiveLine:
    """One active, in-policy claim line with its role.

    Attributes:
        state, claim, line: what it is the active form of.
        version, role: the policy version in force on its first date, and the role it gives.
        days: the dates it covers, as a set.
        count: how many dates it covers.
        arrival: when the line first arrived, microseconds since 1970.
        discarded: True where the modifiers say that the drug was thrown away (JW).
        rank: PLAIN, SECOND or THIRD.
    """

    __slots__ = (
        "arrival",
        "claim",
        "count",
        "days",
        "discarded",
        "line",
        "rank",
        "role",
        "state",
        "version",
    )

    def __init__(
        self, state: LineState, claim: ClaimState, version: PolicyVersion, role: Role, base: int
    ) -> None:
        line = state.current
        self.state = state
        self.claim = claim
        self.line: ClaimLine = line
        self.version = version
        self.role = role
        self.count = line.last - line.first + 1
        self.days = ((1 << self.count) - 1) << (line.first - base)
        self.arrival = state.first_arrival
        self.discarded = False
        self.rank = PLAIN
        if line.modifiers:
            modifiers = version.modifiers
            self.discarded = not modifiers.discarded.isdisjoint(line.modifiers)
            if not modifiers.second.isdisjoint(line.modifiers):
                self.rank = SECOND
            elif not modifiers.third.isdisjoint(line.modifiers):
                self.rank = THIRD

    @property
    def order(self) -> Order:
        """Its place among the member's lines."""
        return self.arrival, self.line.claim_id, self.line.line_number

    @property
    def begin(self) -> int:
        """The place of its first date in a set of dates."""
        return self.days.bit_length() - self.count

    @property
    def kind(self) -> str:
        """The kind of its role."""
        return self.role.kind

    def beside(self, other: ActiveLine) -> bool:
        """Whether two lines are of the same billing provider or the same claim."""
        return self.claim is other.claim or self.line.npi == other.line.npi


class _Filed:
    """The active lines of a claim by line number, and the dates from the first to the last it ever had."""

    __slots__ = ("first", "last", "lines")

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.last = last
        self.lines: dict[int, ActiveLine] = {}


class History:
    """The active, in-policy lines of one member whose role some rule asks for."""

    __slots__ = ("_buckets", "_filed", "base")

    def __init__(self) -> None:
        self.base = 0
        self._filed: dict[str, _Filed] = {}
        self._buckets: dict[int, list[ActiveLine]] = {}

    @property
    def empty(self) -> bool:
        """Whether there never was an active line."""
        return not self._filed

    def of(self, claim: ClaimState, state: LineState) -> ActiveLine | None:
        """The active form of a claim's line, or None where it has none."""
        filed = self._filed.get(claim.claim_id)
        return None if filed is None else filed.lines.get(state.current.line_number)

    def holds(self, line: ActiveLine) -> bool:
        """Whether it is the active form of its line now."""
        return self.of(line.claim, line.state) is line

    def of_claim(self, claim: ClaimState) -> Collection[ActiveLine]:
        """The active lines of a claim, in no particular order."""
        filed = self._filed.get(claim.claim_id)
        return () if filed is None else filed.lines.values()

    def alone(self, claim: ClaimState) -> bool:
        """Whether no line of another claim has a date from the claim's first to its last.

        The dates of lines that the claim once had count too, so the answer errs on the safe side.
        """
        mine = self._filed.get(claim.claim_id)
        if mine is None or len(self._filed) == 1:
            return True
        first, last = mine.first, mine.last
        for bucket in range(first >> BUCKET_BITS, (last >> BUCKET_BITS) + 1):
            for line in self._buckets.get(bucket, ()):
                if line.claim is not claim and line.line.first <= last and line.line.last >= first:
                    return False
        return True

    def everything(self) -> Iterator[ActiveLine]:
        """All active lines."""
        for filed in self._filed.values():
            yield from filed.lines.values()

    def add(self, state: LineState, claim: ClaimState, version: PolicyVersion, role: Role) -> ActiveLine:
        """File a line."""
        first, last = state.current.first, state.current.last
        if not self._filed or first < self.base:
            self._move_base(first - ROOM_BEFORE)
        line = ActiveLine(state, claim, version, role, self.base)
        filed = self._filed.get(claim.claim_id)
        if filed is None:
            filed = self._filed[claim.claim_id] = _Filed(first, last)
        else:
            filed.first, filed.last = min(first, filed.first), max(last, filed.last)
        filed.lines[state.current.line_number] = line
        for bucket in _buckets_of(line):
            lines = self._buckets.get(bucket)
            if lines is None:
                self._buckets[bucket] = [line]
            else:
                lines.append(line)
        return line

    def remove(self, line: ActiveLine) -> None:
        """Take a line out."""
        del self._filed[line.claim.claim_id].lines[line.line.line_number]
        for bucket in _buckets_of(line):
            lines = self._buckets[bucket]
            lines.remove(line)
            if not lines:
                del self._buckets[bucket]

    def forget(self, claim: ClaimState) -> None:
        """Take a claim out with all its lines."""
        for line in list(self.of_claim(claim)):
            self.remove(line)
        self._filed.pop(claim.claim_id, None)

    def span(self, first: int, last: int) -> int:
        """The dates from one ordinal to another, inclusive, as a set; no line lies before the base."""
        start = max(first - self.base, 0)
        length = max(last - self.base - start + 1, 0)
        return ((1 << length) - 1) << start

    def overlapping(self, line: ActiveLine) -> list[ActiveLine]:
        """The lines with a date in common with `line`, itself included where it is filed."""
        days = self.span(line.line.first, line.line.last)  # a line taken out may be of an older base
        buckets = _buckets_of(line)
        if len(buckets) == 1:
            return [other for other in self._buckets.get(buckets[0], ()) if other.days & days]
        found: dict[int, ActiveLine] = {}
        for bucket in buckets:
            for other in self._buckets.get(bucket, ()):
                if other.days & days:
                    found[id(other)] = other
        return list(found.values())

    def dates(self, days: int) -> list[date]:
        """The dates of a set, sorted."""
        return [date.fromordinal(day) for day in ordinals(days, self.base)]

    def _move_base(self, base: int) -> None:
        shift = self.base - base
        self.base = base
        for line in self.everything():
            line.days <<= shift


def _buckets_of(line: ActiveLine) -> range:
    return range(line.line.first >> BUCKET_BITS, (line.line.last >> BUCKET_BITS) + 1)


def ordinals(days: int, base: int) -> Iterator[int]:
    """The ordinals of a set of dates, rising."""
    while days:
        low = days & -days
        yield base + low.bit_length() - 1
        days ^= low
