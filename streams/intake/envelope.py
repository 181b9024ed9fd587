"""What encloses claims: interchange, group, transaction, with their counts and control numbers.

A wrong count or number is told and costs nothing: the claims inside are read for what they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal, NamedTuple

from streams.intake.faults import Fault
from streams.intake.segments import Segment
from streams.intake.tally import Tally

Kind = Literal["P", "I"]
"""Professional (837P) or institutional (837I)."""

CONTROL: Final = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA"})
_KINDS: Final[tuple[tuple[str, Kind], ...]] = (("005010X222", "P"), ("005010X223", "I"))
_CLAIMS: Final = "837"


def element(segment: Segment, place: int) -> str:
    """An element without blanks around it; empty where the segment ends before it."""
    elements = segment.elements
    return elements[place].strip() if place < len(elements) else ""


def kind_of(version: str) -> Kind | None:
    """The kind of claims that a version (ST03, GS08) stands for."""
    return next((kind for beginning, kind in _KINDS if version.startswith(beginning)), None)


class _Open(NamedTuple):
    """A level that was begun: its control number and what is to be counted in it began at this number."""

    control: str
    begun: int


class Envelope:
    """Follows the control segments of one file.

    Attributes:
        kind: the kind of the transaction that is open; None outside one, and in one that is no 837P or 837I.
        received: the time of the interchange (UTC, RFC 3339); None where there is none.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._interchange: _Open | None = None
        self._group: _Open | None = None
        self._transaction: _Open | None = None
        self._groups = 0
        self._transactions = 0
        self._version = ""
        self._isa_time = ("", "")
        self._begun = False
        self.kind: Kind | None = None
        self.received: str | None = None

    @property
    def inside(self) -> bool:
        """Whether a transaction is open, whatever it holds."""
        return self._begun

    def control(self, segment: Segment) -> Iterator[Fault]:
        """Take a control segment in."""
        name = segment.elements[0]
        if name == "ISA":
            yield from self._isa(segment)
        elif name == "GS":
            yield from self._gs(segment)
        elif name == "ST":
            yield from self._st(segment)
        elif name == "SE":
            yield from self._se(segment)
        elif name == "GE":
            yield from self._ge(segment)
        else:
            yield from self._iea(segment)

    def assume(self, segment: Segment) -> Iterator[Fault]:
        """A claim's segments begin although no transaction does: the group says what they are."""
        if not self._begun and (kind := kind_of(self._version)) is not None:
            self._begun, self.kind = True, kind
            yield Fault("st_missing", segment.number, loop="ST")

    def end(self, number: int) -> Iterator[Fault]:
        """The file has ended, after so many segments."""
        yield from self._end_interchange(number)

    def _isa(self, segment: Segment) -> Iterator[Fault]:
        yield from self._end_interchange(segment.number)
        self.received, self._version = None, ""
        if segment.isa is None:
            yield Fault("isa_unreadable", segment.number, loop="ISA")
            return
        self._tally.interchanges += 1
        self._groups = 0
        self._interchange = _Open(segment.isa.control, 0)
        self._isa_time = (segment.isa.date, segment.isa.time)
        self.received = _instant("20" + segment.isa.date, segment.isa.time)
        if not segment.isa.regular:
            yield Fault("isa_width", segment.number, loop="ISA")

    def _gs(self, segment: Segment) -> Iterator[Fault]:
        yield from self._end_group(segment.number)
        if self._interchange is None:
            yield Fault("outside_interchange", segment.number, loop="GS")
        self._tally.groups += 1
        self._groups += 1
        self._transactions = 0
        self._group = _Open(element(segment, 6), 0)
        self._version = element(segment, 8)
        self._refine(element(segment, 4), element(segment, 5))

    def _refine(self, day: str, time: str) -> None:
        """The seconds of the interchange, where the group was made in the same minute and states them."""
        if self.received is not None and (day, time[:4]) == ("20" + self._isa_time[0], self._isa_time[1]):
            self.received = _instant(day, time[:6]) or self.received

    def _st(self, segment: Segment) -> Iterator[Fault]:
        yield from self._end_transaction(segment.number)
        if self._group is None:
            yield Fault("gs_missing", segment.number, loop="ST")
        self._tally.transactions += 1
        self._transactions += 1
        self._begun = True
        self._transaction = _Open(element(segment, 2), segment.number)
        self.kind = None
        if element(segment, 1) == _CLAIMS:
            self.kind = kind_of(element(segment, 3))
            if self.kind is None and (kind := kind_of(self._version)) is not None:
                self.kind = kind
                yield Fault("version_unknown", segment.number, loop="ST", element="ST03")
        if self.kind is None:
            yield Fault("not_837", segment.number, loop="ST")

    def _se(self, segment: Segment) -> Iterator[Fault]:
        opened = self._transaction
        if opened is not None:
            counted = segment.number - opened.begun + 1
            yield from _compared(segment, "SE", counted, opened.control)
        elif not self._begun:
            yield Fault("st_missing", segment.number, loop="ST")
        self._transaction, self._begun, self.kind = None, False, None

    def _ge(self, segment: Segment) -> Iterator[Fault]:
        yield from self._end_transaction(segment.number)
        if self._group is not None:
            yield from _compared(segment, "GE", self._transactions, self._group.control)
        else:
            yield Fault("gs_missing", segment.number, loop="GE")
        self._group, self._version = None, ""

    def _iea(self, segment: Segment) -> Iterator[Fault]:
        yield from self._end_group(segment.number)
        if self._interchange is not None:
            yield from _compared(segment, "IEA", self._groups, self._interchange.control)
        else:
            yield Fault("outside_interchange", segment.number, loop="IEA")
        self._interchange, self.received = None, None

    def _end_transaction(self, number: int) -> Iterator[Fault]:
        if self._begun:
            yield Fault("se_missing", number, loop="ST")
        self._transaction, self._begun, self.kind = None, False, None

    def _end_group(self, number: int) -> Iterator[Fault]:
        yield from self._end_transaction(number)
        if self._group is not None:
            yield Fault("ge_missing", number, loop="GS")
        self._group, self._version = None, ""

    def _end_interchange(self, number: int) -> Iterator[Fault]:
        yield from self._end_group(number)
        if self._interchange is not None:
            yield Fault("iea_missing", number, loop="ISA")
        self._interchange = None


def _compared(segment: Segment, name: str, counted: int, control: str) -> Iterator[Fault]:
    """The faults of a closing segment, beside what was counted and how it was begun."""
    said = element(segment, 1)
    if not (said.isascii() and said.isdigit() and len(said) < 10 and int(said) == counted):  # noqa: PLR2004
        yield Fault(f"{name.lower()}_count", segment.number, loop=name, element=f"{name}01")
    if element(segment, 2) != control:
        yield Fault(f"{name.lower()}_control", segment.number, loop=name, element=f"{name}02")


def _instant(day: str, time: str) -> str | None:
    """A day CCYYMMDD and a time HHMM or HHMMSS of an interchange, taken as UTC; None where they are none."""
    form = "%Y%m%d%H%M" if len(time) == 4 else "%Y%m%d%H%M%S"  # noqa: PLR2004
    text = day + time
    if not (text.isascii() and text.isdigit() and len(day) == 8 and len(time) in (4, 6)):  # noqa: PLR2004
        return None
    try:
        return datetime.strptime(text, form).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - written as UTC
    except ValueError:
        return None
