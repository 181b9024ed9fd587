"""When a claim is screened: event time, due times, and which claims fell due.

Times are microseconds since 1970, event time. Source: screening specification, section 5.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Final

from models.claim_line import ClaimLine
from models.member import NEVER, ClaimState

BEFORE_ALL: Final = -(2**63)
"""The watermark before the first accepted record."""

AFTER_ALL: Final = 2**63 - 1
"""Later than every due time."""

Due = tuple[int, str, str]
"""A due time with the member and the claim it belongs to."""


class Settlement:
    """The watermark of a partition and the open claims that wait to fall due.

    Attributes:
        watermark: the greatest `received_at` accepted.
        earliest: when a claim may fall due, at the earliest.
        waiting: how many claims wait to fall due.
    """

    __slots__ = ("_heap", "_settle_after", "earliest", "waiting", "watermark")

    def __init__(self, settle_after: int) -> None:
        self.watermark = BEFORE_ALL
        self.earliest = AFTER_ALL
        self.waiting = 0
        self._settle_after = settle_after
        self._heap: list[Due] = []

    def move(self, event: ClaimLine) -> None:
        """Move event time by an accepted record; it never goes back."""
        if event.received > self.watermark:  # noqa: PLR1730 - faster than max(), and once a line
            self.watermark = event.received

    def wait(self, member_id: str, claim: ClaimState) -> None:
        """Put off an open claim: it falls due once the partition has been quiet about it."""
        new = claim.due == NEVER
        claim.due = self.watermark + self._settle_after
        if new:
            self.waiting += 1
            self.restore(member_id, claim)

    def settled(self, claim: ClaimState) -> None:
        """A claim waits no more."""
        if claim.due != NEVER:
            claim.due = NEVER
            self.waiting -= 1

    @property
    def waiting_since(self) -> int | None:
        """Since when a claim may have been waiting, at the earliest; None where none waits."""
        return self.earliest - self._settle_after if self.waiting else None

    def restore(self, member_id: str, claim: ClaimState) -> None:
        """Wait for a claim whose due time is known."""
        heapq.heappush(self._heap, (claim.due, member_id, claim.claim_id))
        self.earliest = self._heap[0][0]

    def fallen_due(self, now: int) -> Iterator[Due]:
        """Take out what may have fallen due, in order; the caller puts back claims put off since."""
        while self.earliest <= now:
            due = heapq.heappop(self._heap)
            self.earliest = self._heap[0][0] if self._heap else AFTER_ALL
            yield due
