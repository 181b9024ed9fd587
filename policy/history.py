"""A member's history: the active, in-policy claim lines, found by claim and by date.

A set of dates is one whole number with a bit a day, counted from the member's base day, so that
union, intersection and count are single operations however long a span is. Lines are also filed in
buckets of 32 days, so that the neighbours of a line are found without looking at the whole member.
Source: screening specification, sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, TypeVar

from models.claim_line import ClaimLine
from models.member import ClaimState, LineState
from policy.document import PolicyVersion, Role

BUCKET_BITS: Final = 5
"""Lines are filed by ordinal >> BUCKET_BITS: 32 days a bucket."""

ROOM_BEFORE: Final = 512
"""Days kept free before a member's first line, so that earlier lines rarely move the base."""

PLAIN, SECOND, THIRD = 0, 1, 2
"""Rank of a per diem line: neither modifier, SH, SJ and not SH (section 4.1)."""

_Key = TypeVar("_Key")

Order = tuple[int, str, int]
"""The order of lines: first arrival, claim, line number (section 4)."""


class ActiveLine:
    """One active, in-policy claim line with its role.

    Attributes:
        state, claim, line: what it is the active form of.
        version, role: the policy version in force on its first date, and the role it gives.
        days: the dates it covers, as a set.
        count: how many dates it covers.
        order: its place among the member's lines.
        discarded: True where the modifiers say that the drug was thrown away (JW).
        rank: PLAIN, SECOND or THIRD.
    """

    __slots__ = (
        "claim",
        "count",
        "days",
        "discarded",
        "line",
        "order",
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
        self.order: Order = (state.first_arrival, line.claim_id, line.line_number)
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
    def kind(self) -> str:
        """The kind of its role."""
        return self.role.kind

    def beside(self, other: ActiveLine) -> bool:
        """Whether two lines are of the same billing provider or the same claim."""
        return self.claim is other.claim or self.line.npi == other.line.npi


def by_order(lines: list[ActiveLine]) -> list[ActiveLine]:
    """Lines in the order of lines."""
    return sorted(lines, key=_order)


def _order(line: ActiveLine) -> Order:
    return line.order


class History:
    """The active, in-policy lines of one member whose role some rule asks for."""

    __slots__ = ("_buckets", "_by_claim", "_extents", "_lines", "base")

    def __init__(self) -> None:
        self.base = 0
        self._lines: dict[int, ActiveLine] = {}
        self._by_claim: dict[str, list[ActiveLine]] = {}
        self._extents: dict[str, tuple[int, int]] = {}
        self._buckets: dict[int, list[ActiveLine]] = {}

    def of(self, state: LineState) -> ActiveLine | None:
        """The active form of a line, or None where it has none."""
        return self._lines.get(id(state))

    def of_claim(self, claim: ClaimState) -> list[ActiveLine]:
        """The active lines of a claim, in no particular order."""
        return self._by_claim.get(claim.claim_id, [])

    def alone(self, claim: ClaimState) -> bool:
        """Whether no line of another claim has a date from the claim's first to its last.

        The dates of lines that the claim once had count too, so the answer errs on the safe side.
        """
        if len(self._by_claim) <= 1:
            return claim.claim_id in self._by_claim or not self._by_claim
        extent = self._extents.get(claim.claim_id)
        if extent is None:
            return True
        first, last = extent
        for bucket in range(first >> BUCKET_BITS, (last >> BUCKET_BITS) + 1):
            for line in self._buckets.get(bucket, ()):
                if line.claim is not claim and line.line.first <= last and line.line.last >= first:
                    return False
        return True

    def everything(self) -> Iterator[ActiveLine]:
        """All active lines."""
        yield from self._lines.values()

    def add(self, state: LineState, claim: ClaimState, version: PolicyVersion, role: Role) -> ActiveLine:
        """File a line."""
        first = state.current.first
        if not self._lines or first < self.base:
            self._move_base(first - ROOM_BEFORE)
        line = ActiveLine(state, claim, version, role, self.base)
        self._lines[id(state)] = line
        self._by_claim.setdefault(claim.claim_id, []).append(line)
        extent = self._extents.get(claim.claim_id)
        last = state.current.last
        if extent is None:
            self._extents[claim.claim_id] = (first, last)
        elif first < extent[0] or last > extent[1]:
            self._extents[claim.claim_id] = (min(first, extent[0]), max(last, extent[1]))
        for bucket in _buckets_of(line):
            self._buckets.setdefault(bucket, []).append(line)
        return line

    def remove(self, line: ActiveLine) -> None:
        """Take a line out."""
        del self._lines[id(line.state)]
        _drop(self._by_claim, line.claim.claim_id, line)
        for bucket in _buckets_of(line):
            _drop(self._buckets, bucket, line)

    def span(self, first: int, last: int) -> int:
        """The dates from one ordinal to another, inclusive, as a set; no line lies before the base."""
        start = max(first - self.base, 0)
        length = last - self.base - start + 1
        return ((1 << length) - 1) << start if length > 0 else 0

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
        for line in self._lines.values():
            line.days <<= shift


def _buckets_of(line: ActiveLine) -> range:
    return range(line.line.first >> BUCKET_BITS, (line.line.last >> BUCKET_BITS) + 1)


def _drop(index: dict[_Key, list[ActiveLine]], key: _Key, line: ActiveLine) -> None:
    lines = index[key]
    lines.remove(line)
    if not lines:
        del index[key]


def ordinals(days: int, base: int) -> Iterator[int]:
    """The ordinals of a set of dates, rising."""
    while days:
        low = days & -days
        yield base + low.bit_length() - 1
        days ^= low
