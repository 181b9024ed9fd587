"""The lines of a run in the order in which they are received.

Members are visited day by day. What a member bills is worked out when it is due, so that nothing is
held but the events of the next hours, and of each member the day of the next visit (four bytes).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import islice
from typing import Final

from streams.generate.calendars import Window
from streams.generate.chance import Chance, mix
from streams.generate.claims import ClaimWriter
from streams.generate.events import DAY, Event, encode_line
from streams.generate.members import Due, Roster
from streams.generate.noise import rubbish_from
from streams.generate.others import LINES_PER_CLAIM, OtherClaims
from streams.generate.providers import directory
from streams.generate.settings import MOST_OF_OTHERS, GenerateSettings

_OPENING: Final = 6 * 3600
_OPEN_FOR: Final = 16 * 3600
"""Claims come from six in the morning to ten in the evening, UTC."""
_BEFORE_THE_FIRST: Final = 600
"""Other claims begin so many seconds before the first claim of home infusion."""
_STRIDES: Final = (7919, 104_729, 1)
"""Members are visited in steps of a prime that does not divide their number, so that all are met."""


def generate_lines(settings: GenerateSettings) -> Iterator[Event]:
    """Claim-line events in the order in which they are received.

    The same settings give the same events. `received_at` does not fall, but for a claim now and then
    that was up to two minutes older. A line delivered twice is the same event twice.
    """
    return islice(_Arrivals(settings).events(), settings.lines)


def generate_records(
    settings: GenerateSettings, malformed_share: float = 0.0, *, received: Callable[[], str] | None = None
) -> Iterator[bytes]:
    """The lines of a run as JSON without line ends, with a share of rubbish among them.

    Rubbish comes between the sound lines and takes the place of none.

    Args:
        settings: the run; its `lines` count rubbish too.
        malformed_share: share of lines that are rubbish, from 0 to 0.99.
        received: asked for `received_at` (RFC 3339) when a line is taken; None: as the run has it.

    Raises:
        ValueError: the share is out of range.
    """
    if not 0 <= malformed_share <= MOST_OF_OTHERS:
        msg = f"malformed_share must be from 0 to {MOST_OF_OTHERS}"
        raise ValueError(msg)
    return islice(_records(settings, malformed_share, received), settings.lines)


def _records(
    settings: GenerateSettings, malformed_share: float, received: Callable[[], str] | None
) -> Iterator[bytes]:
    chance = Chance(mix(settings.seed + 4))
    rubbish_per_line = malformed_share / (1 - malformed_share)
    owed = chance.random()
    for arrived in _Arrivals(settings).events():
        event = arrived if received is None else arrived | {"received_at": received()}
        owed += rubbish_per_line
        while owed >= 1:
            owed -= 1
            yield rubbish_from(event, chance)
        yield encode_line(event)


class _Arrivals:
    """One run: the visits to the members, and the events still to come."""

    def __init__(self, settings: GenerateSettings) -> None:
        known = directory(settings.seed)
        start = settings.start.toordinal()
        again = settings.correction_share + settings.void_share
        self._members = settings.members
        window = Window(start, start + settings.days - 1)
        self._roster = Roster(settings.seed, window, known.pharmacies, again)
        self._writer = ClaimWriter(settings, self._roster, window)
        self._others = OtherClaims(settings.seed, settings.members, start, known)
        self._others_per_line = settings.other_share / (1 - settings.other_share)
        self._owed = 0.0
        self._now = 0
        self._later: list[tuple[int, int, list[Event]]] = []
        self._put = 0

    def events(self) -> Iterator[Event]:
        """All events of the run."""
        for due, instant in self._visits():
            sent = self._writer.write(due, instant)
            if sent.now:
                yield from self._until(instant, len(sent.now))
                yield from sent.now
                for later, events in sent.later:
                    self._put += 1
                    heappush(self._later, (later, self._put, events))
        yield from self._until(self._now + DAY, 0)

    def _visits(self) -> Iterator[tuple[Due, int]]:
        """Every member who may send something, and the instant, in the order of time."""
        members = self._members
        stride = next(each for each in _STRIDES if members % each or each == 1)
        look = self._roster.look
        next_days = array("I", [0]) * members  # the one thing that is remembered of a member
        number = 0
        for day in self._roster.days():
            opening = day * DAY + _OPENING
            for place in range(members):
                number = (number + stride) % members
                if next_days[number] <= day:
                    due, next_days[number] = look(number, day)
                    if due is not None:
                        yield due, opening + _OPEN_FOR * place // members

    def _until(self, instant: int, lines: int) -> Iterator[Event]:
        """What is received up to an instant: events put off, and other claims for so many lines."""
        at = self._now or instant - _BEFORE_THE_FIRST
        self._now = instant
        self._owed += lines * self._others_per_line
        while self._owed >= 1:
            # spread over the time since the claim before, at most up to this one
            at += int((instant - at) * min(1.0, LINES_PER_CLAIM / self._owed))
            yield from self._put_off(at)
            events = self._others.next(at)
            self._owed -= len(events)
            yield from events
        yield from self._put_off(instant)

    def _put_off(self, instant: int) -> Iterator[Event]:
        """Events that were put off to no later than an instant."""
        while self._later and self._later[0][0] <= instant:
            events = heappop(self._later)[2]
            self._owed += len(events) * self._others_per_line
            yield from events
