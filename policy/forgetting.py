"""What may be forgotten, and when: retention by event time.

A line is frozen `retention_days` after its last service date: it stays evidence and is not judged
again. A claim is forgotten `forget_after_days` after that, once all its lines are there. Days are
ordinals (UTC). Source: screening specification, section 5 (*State may forget*).
"""

from __future__ import annotations

from collections.abc import Iterator
from sys import intern

from models.claim_line import ClaimLine
from models.member import ClaimState
from models.reading import EPOCH_DAY, utc_day
from models.wire import DAY
from policy.document import Policy
from policy.settlement import BEFORE_ALL


class Forgetting:
    """The calendar of claims that may be forgotten: for each day the members that have such claims.

    Attributes:
        today: the day (UTC) that event time has reached, as `over` was last told.
        tomorrow: when that day ends, microseconds since 1970; `over` has nothing to say before.
    """

    __slots__ = ("_calendar", "_days", "_retention_days", "today", "tomorrow")

    def __init__(self, policy: Policy) -> None:
        self._retention_days = policy.retention_days
        self._days = policy.retention_days + policy.forget_after_days
        self._calendar: dict[int, set[str]] = {}
        self.today = 0
        self.tomorrow = BEFORE_ALL

    def frozen(self, line: ClaimLine, watermark: int) -> bool:
        """Whether a line is past its retention."""
        return utc_day(watermark) > line.last + self._retention_days

    def last_day(self, claim: ClaimState) -> int:
        """The last day on which a claim must be remembered."""
        day = 0
        for line in claim.lines.values():
            if line.current.last > day:  # noqa: PLR1730 - faster than max(), for every claim there is
                day = line.current.last
        if day:
            day += self._days
        if claim.withdrawn_at is not None:
            day = max(day, utc_day(claim.withdrawn_at) + self._retention_days)
        return day

    def register(self, member_id: str, claim: ClaimState) -> None:
        """Note a claim, once; `over` gives it back when its day has passed."""
        claim.keep_until = max(self.last_day(claim), self.today)
        self.restore(member_id, claim)

    def restore(self, member_id: str, claim: ClaimState) -> None:
        """Note a claim whose day is known."""
        noted = self._calendar.get(claim.keep_until)
        if noted is None:
            noted = self._calendar[claim.keep_until] = set()
        noted.add(intern(member_id))  # one copy for all days: this is kept of members on disk, too

    def over(self, watermark: int) -> Iterator[tuple[int, str]]:
        """Noted days that have passed, and members with claims of that day, in order.

        Register again what of it must still be remembered. What is not asked for any more is given by the
        next call.
        """
        today = utc_day(watermark)
        if today < self.today or watermark < self.tomorrow:
            return
        self.today = today
        for day in sorted(day for day in self._calendar if day < today):
            noted = self._calendar[day]
            for member_id in sorted(noted):
                noted.discard(member_id)
                yield day, member_id
            del self._calendar[day]
        self.tomorrow = (today - EPOCH_DAY + 1) * DAY
