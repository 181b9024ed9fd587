"""What is sent when a bill is due: one claim or two, at once or in part an hour later, or once more."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, Literal

from streams.generate.bills import Bill, ServiceLine, halves, write_bill
from streams.generate.calendars import Window
from streams.generate.chance import SHARE_BITS, Chance, mix, share_of
from streams.generate.errors import ErrorMaker
from streams.generate.events import Claim, Event, line_events, newer_version, stamp
from streams.generate.members import Due, Member, Roster
from streams.generate.others import member_id
from streams.generate.settings import GenerateSettings

Fate = Literal["corrected", "voided", "late", "split", "versioned", "plain"]

FATES: Final[tuple[Fate, ...]] = ("corrected", "voided", "late", "split", "versioned", "plain")
"""What becomes of a claim; those that are sent again come first, as the roster has it."""

_MINUTE: Final = 60
_HELD_UP: Final = 0.03
"""Share of claims that were received up to two minutes before their place in the stream."""


@dataclass(slots=True)
class Sent:
    """What a bill leads to.

    Attributes:
        now: events that are received at once.
        later: (instant, events) of what is received hours later at most.
        error: the kind of billing error in it, or None.
    """

    now: list[Event] = field(default_factory=list)
    later: list[tuple[int, list[Event]]] = field(default_factory=list)
    error: str | None = None


class ClaimWriter:
    """Writes what is sent when a bill is due. It keeps nothing of one bill for the next.

    Args:
        settings: the run's settings.
        roster: the members.
        window: the days of service.
    """

    def __init__(self, settings: GenerateSettings, roster: Roster, window: Window) -> None:
        self._roster = roster
        self._window = window
        self._errors = ErrorMaker(settings.error_rates)
        self._redelivery_share = settings.redelivery_share
        self._chance = Chance(0)
        shares = (
            settings.correction_share,
            settings.void_share,
            settings.late_share,
            settings.split_share,
            settings.version_share,
        )
        self._thresholds = list(accumulate(shares))

    def write(self, due: Due, instant: int) -> Sent:
        """What is sent at an instant (seconds) for a member who is due; nothing where nothing was infused."""
        chance = self._chance
        chance.seed(mix(due.fate))
        member = self._roster.member(due)
        bill = write_bill(member, due, self._window, chance)
        if bill is None:
            return Sent()
        fate = FATES[bisect_right(self._thresholds, share_of(due.fate))]
        sender = _Sender(bill, instant, chance)
        if fate == "split" and sender.split():
            return sender.sent
        if fate == "late" and sender.late(on_claim=bool(due.fate >> SHARE_BITS & 1)):
            return sender.sent
        if due.again and fate == "corrected":
            sender.correct()
            return sender.sent
        self._errors.spoil(bill, chance)  # a void repeats the bill with its error
        if due.again:
            sender.void()
            return sender.sent
        sender.send()
        if fate == "versioned":
            sender.revise()
        if chance.happens(self._redelivery_share):
            sender.redeliver()
        return sender.sent


class _Sender:
    """Sends one bill."""

    def __init__(self, bill: Bill, instant: int, chance: Chance) -> None:
        self.sent = Sent()
        self._bill = bill
        self._instant = instant
        self._chance = chance
        self._received = instant - chance.below(2 * _MINUTE) if chance.happens(_HELD_UP) else instant

    def send(self) -> None:
        """The claim, with a second one or a copy where the error in it asks for that."""
        bill = self._bill
        self.sent.error = bill.error
        self.sent.now = self._events("A", bill.lines)
        if bill.sibling:
            self.sent.now += self._events("B", bill.sibling)
        if bill.sent_twice:
            self._put_off("D", bill.lines, 5, 90)

    def split(self) -> bool:
        """Two claims, each with its own days and drugs; False where there is one day alone."""
        bill = self._bill
        cut = halves(bill)
        if cut is None:
            return False
        for suffix, window in zip("AB", cut, strict=True):
            part = write_bill(bill.member, bill.due, window, self._chance)
            self.sent.now += self._events(suffix, part.lines if part else [])
        return True

    def late(self, *, on_claim: bool) -> bool:
        """The drug comes about an hour late, on the claim or on a second one; False where there is none."""
        bill = self._bill
        drugs = bill.of("drug")
        rest = [line for line in bill.lines if line.kind != "drug"]
        if not drugs:
            return False
        if not on_claim:
            self.sent.now = self._events("A", rest)
            self._put_off("B", drugs, 40, 80)
            return True
        events = self._events("A", rest + drugs)
        self.sent.now = events[: len(rest)]
        later = self._instant + self._chance.between(40, 80) * _MINUTE
        received = stamp(later, bill.member.provider)
        self.sent.later.append((later, [event | {"received_at": received} for event in events[len(rest) :]]))
        return True

    def correct(self) -> None:
        """A claim of frequency 7 with the bill as it should have been, and slightly other charges."""
        for line in self._bill.lines:
            line.cents = line.cents * 97 // 100
        self.sent.now = self._events("R", self._bill.lines, "7")

    def void(self) -> None:
        """A claim of frequency 8 with the bill as it was."""
        self.sent.now = self._events("V", self._bill.lines, "8")

    def revise(self) -> None:
        """One line again, hours later, with another charge."""
        place = self._chance.below(len(self._bill.lines))
        later = self._instant + self._chance.between(60, 300) * _MINUTE
        provider = self._bill.member.provider
        cents = self._bill.lines[place].cents * 98 // 100
        event = newer_version(self.sent.now[place], stamp(later, provider), provider, cents)
        self.sent.later.append((later, [event]))

    def redeliver(self) -> None:
        """One line a second time, the same event."""
        event = self._chance.pick(self.sent.now)
        self.sent.later.append((self._instant + self._chance.between(1, 15) * _MINUTE, [event]))

    def _put_off(self, suffix: str, lines: Sequence[ServiceLine], soonest: int, latest: int) -> None:
        """A claim that is received so many minutes later."""
        self._received = self._instant + self._chance.between(soonest, latest) * _MINUTE
        self.sent.later.append((self._received, self._events(suffix, lines)))

    def _events(self, suffix: str, lines: Sequence[ServiceLine], frequency: str = "1") -> list[Event]:
        member, cycle = self._bill.member, self._bill.due.cycle
        claim = Claim(
            claim_id=_claim_id(member, cycle, suffix),
            member_id=member_id(member.number),
            plan_id=member.plan_id,
            provider=member.provider,
            line_count=len(lines) if member.provider.counts_lines else None,
            frequency=frequency,
            original=None if frequency == "1" else _claim_id(member, cycle, "A"),
        )
        return line_events(claim, lines, stamp(self._received, member.provider))


def _claim_id(member: Member, cycle: int, suffix: str) -> str:
    """The id of a claim: plainly a synthetic one."""
    return f"SYN-{member.number:08d}-{cycle:04d}{suffix}"
