"""Who bills and for whom: loops 2000A to 2010CA, read as they come and kept for the claims below.

An HL names its parent, so a level that was lost takes nothing with it but what stands below it: a subscriber
is never put under another billing provider, nor a claim under another person.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from models.reading import read_npi
from streams.intake.envelope import element
from streams.intake.faults import Fault
from streams.intake.segments import Segment

BILLING, SUBSCRIBER, PATIENT = "20", "22", "23"
_MOST_BILLING: Final = 64
"""Billing providers of a transaction that are remembered: a child comes soon behind its parent."""
_LONGEST: Final = 80
"""Characters of a member's or plan's id."""


@dataclass(slots=True)
class Billing:
    """Loops 2000A and 2010AA."""

    segment: int
    npi: str = ""


@dataclass(slots=True)
class Person:
    """A subscriber (2000B, 2010BA) or a patient (2000C, 2010CA), and who bills for it."""

    segment: int
    billing: Billing
    hl: str = ""
    identifier: str = ""
    first_name: str = ""
    born: str = ""
    plan: str = ""


class Whose(NamedTuple):
    """Whose a claim is, or why nobody knows."""

    npi: str
    member_id: str
    plan_id: str | None
    fault: Fault | None


@dataclass(slots=True)
class Context:
    """The levels that are open within a transaction.

    Attributes:
        loop: the loop of the segment taken last; empty where it is not known.
    """

    loop: str = ""
    _known: OrderedDict[str, Billing] = field(default_factory=OrderedDict)
    _last: Person | None = None
    _billing: Billing | None = None
    _subscriber: Person | None = None
    _patient: Person | None = None
    _segment: int = 0

    def lose(self, segment: Segment) -> None:
        """What comes up to the next HL belongs to nobody."""
        self.loop = ""
        self._billing = self._subscriber = self._patient = None
        self._segment = segment.number

    def open(self, segment: Segment) -> Iterator[Fault]:
        """An HL."""
        hl, parent, level = (element(segment, place) for place in (1, 2, 3))
        self.lose(segment)
        if level == BILLING and not parent:
            self._open_billing(hl, segment.number)
        elif level == SUBSCRIBER and (billing := self._known.get(parent)) is not None:
            self._subscriber = self._last = Person(segment.number, billing, hl)
            self.loop = "2000B"
        elif level == PATIENT and (last := self._last) is not None and last.hl == parent:
            self._subscriber, self._patient = last, Person(segment.number, last.billing)
            self.loop = "2000C"
        elif level in (SUBSCRIBER, PATIENT):
            loop = "2000B" if level == SUBSCRIBER else "2000C"
            yield Fault("hl_parent_unknown", segment.number, loop=loop, element="HL02")
        else:
            yield Fault("hl_malformed", segment.number, loop="HL", element="HL03")

    def _open_billing(self, hl: str, number: int) -> None:
        self._billing = self._known[hl] = Billing(number)
        self.loop = "2000A"
        if len(self._known) > _MOST_BILLING:
            self._known.popitem(last=False)

    def take(self, segment: Segment) -> None:
        """A segment of a level that is open."""
        name = segment.elements[0]
        if name == "NM1":
            self._named(segment, element(segment, 1))
        elif name == "SBR":
            if self.loop == "2000B" and self._subscriber is not None:
                self._subscriber.plan = element(segment, 3)
            else:
                self.lose(segment)
        elif name == "DMG" and self.loop == "2010CA" and self._patient is not None:
            self._patient.born = element(segment, 2) if element(segment, 1) == "D8" else ""

    def _named(self, segment: Segment, entity: str) -> None:
        """An NM1, with which a loop of the level begins."""
        if self._patient is not None:
            self._name_patient(self._patient, segment, entity)
        elif self._subscriber is not None:
            self._name_subscriber(self._subscriber, segment, entity)
        elif self._billing is not None:
            self.loop = {"85": "2010AA", "87": "2010AB", "PE": "2010AC"}.get(entity, "2010A")
            if entity == "85" and element(segment, 8) == "XX":
                self._billing.npi = element(segment, 9)

    def _name_subscriber(self, subscriber: Person, segment: Segment, entity: str) -> None:
        self.loop = {"IL": "2010BA", "PR": "2010BB"}.get(entity, "2010B")
        if entity == "IL":
            subscriber.identifier = element(segment, 9)
        elif entity == "QC":  # the HL of a dependent was lost
            self.lose(segment)

    def _name_patient(self, patient: Person, segment: Segment, entity: str) -> None:
        self.loop = "2010CA" if entity == "QC" else "2010C"
        if entity == "QC":
            patient.first_name = element(segment, 4)
        elif entity == "IL":  # the HL of a subscriber was lost
            self.lose(segment)

    def whose(self) -> Whose:
        """Whose the claims of the open level are."""
        subscriber = self._subscriber
        if subscriber is None:
            return Whose("", "", None, Fault("context_lost", self._segment))
        billing = subscriber.billing
        member, fault = _member(subscriber, self._patient)
        try:
            read_npi(billing.npi)
        except ValueError:
            code = "billing_npi_invalid" if billing.npi else "billing_npi_missing"
            fault = Fault(code, billing.segment, loop="2010AA", element="NM109")
        if fault is None and len(subscriber.plan) > _LONGEST:
            fault = Fault("plan_too_long", subscriber.segment, loop="2000B", element="SBR03")
        return Whose(billing.npi, member, subscriber.plan or None, fault)


def _member(subscriber: Person, patient: Person | None) -> tuple[str, Fault | None]:
    """The person: the subscriber by its id; a dependent, who has none, by that, birth date and first name."""
    if not subscriber.identifier:
        return "", Fault("member_missing", subscriber.segment, loop="2010BA", element="NM109")
    member = subscriber.identifier
    where = ("2010BA", "NM109", subscriber.segment)
    if patient is not None:
        if not (patient.born and patient.first_name):
            place = "DMG02" if patient.first_name else "NM104"
            return "", Fault("patient_missing", patient.segment, loop="2010CA", element=place)
        member = f"{member}-{patient.born}-{' '.join(patient.first_name.upper().split())}"
        where = ("2010CA", "NM104", patient.segment)
    if len(member) > _LONGEST:
        return "", Fault("member_too_long", where[2], loop=where[0], element=where[1])
    return member, None
