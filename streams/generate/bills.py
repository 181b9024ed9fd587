"""The bill of a member for one cycle: the service lines as a provider without errors writes them.

Days are ordinals, spans inclusive, charges in cents (USD).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from streams.generate.calendars import Window, days_in_a_row, infusion_days
from streams.generate.chance import Chance
from streams.generate.members import Course, Due, Member
from streams.generate.providers import Provider, ndc_of
from streams.generate.therapies import Therapy

PRIMARY_VISIT: Final = "99601"
ADDON_VISIT: Final = "99602"
_VISIT_CENTS: Final = {PRIMARY_VISIT: 19_500, ADDON_VISIT: 7_500}
_BY_NDC: Final = "S5000"

Kind = Literal["per_diem", "drug", "visit", "extra"]


@dataclass(slots=True)
class ServiceLine:
    """A service line before it is written; `course` is what it is billed for."""

    kind: Kind
    course: Course
    code: str
    first: int
    last: int
    units: int
    cents: int
    modifiers: tuple[str, ...] = ()
    ndc: str | None = None
    rendering: str | None = None

    @property
    def therapy(self) -> Therapy:
        """The therapy it is billed for."""
        return self.course.therapy

    @property
    def days(self) -> int:
        """How many days the line spans."""
        return self.last - self.first + 1

    def like(self, code: str, modifiers: tuple[str, ...] | None = None) -> ServiceLine:
        """The same line with another code, and other modifiers where given."""
        return replace(self, code=code, modifiers=self.modifiers if modifiers is None else modifiers)


@dataclass(slots=True)
class Bill:
    """What a provider bills for one member and cycle.

    Attributes:
        lines: the service lines of the claim.
        sibling: lines that stand on a second claim beside it.
        sent_twice: whether the whole claim is sent again under another number.
        error: the kind of billing error in it, or None.
    """

    member: Member
    due: Due
    window: Window
    lines: list[ServiceLine]
    sibling: list[ServiceLine] = field(default_factory=list)
    sent_twice: bool = False
    error: str | None = None

    @property
    def primary(self) -> ServiceLine:
        """The first per diem of the primary therapy, with which every bill begins."""
        return self.lines[0]

    @property
    def needs_drug(self) -> bool:
        """Whether a per diem of the bill is paid only with a drug."""
        return any(course.therapy.needs_drug for course in self.member.courses)

    def of(self, kind: Kind) -> list[ServiceLine]:
        """The lines of a kind."""
        return [line for line in self.lines if line.kind == kind]

    @property
    def alone(self) -> Therapy | None:
        """The therapy, where only one is billed."""
        return self.member.regimen.alone

    def drop(self, unwanted: Callable[[ServiceLine], bool]) -> list[ServiceLine]:
        """Take lines off the claim and return them."""
        taken = [line for line in self.lines if unwanted(line)]
        self.lines = [line for line in self.lines if not unwanted(line)]
        return taken

    def add(self, code: str, cents: int, *, over: ServiceLine, ndc: str | None = None) -> None:
        """Add a line over the days of another, one unit a day."""
        days = over.days
        line = ServiceLine("extra", over.course, code, over.first, over.last, days, cents * days, ndc=ndc)
        self.lines.append(line)


def write_bill(member: Member, due: Due, window: Window, chance: Chance) -> Bill | None:
    """The bill for a cycle as far as it lies in the window; None where nothing was infused."""
    lines: list[ServiceLine] = []
    for course in member.courses:
        days = infusion_days(due.first, course.pattern, window)
        if days:
            lines += _per_diems(course, days, member.provider, window.clip(due.first, _last(course, due)))
            lines += _drugs(course, days, member)
    if not lines:
        return None
    lines += _visits(member, due, window, chance)
    return Bill(member, due, window, lines)


def _last(course: Course, due: Due) -> int:
    return due.first + course.therapy.calendar.cycle - 1


def _per_diems(course: Course, days: list[int], provider: Provider, cycle: Window) -> Iterator[ServiceLine]:
    cents = course.therapy.cents * provider.factor // 100
    if course.therapy.calendar.whole:
        spans = [(cycle.first, cycle.last, len(days))]
    elif provider.per_diem_by_day and not days_in_a_row(days):
        spans = [(day, day, 1) for day in days]
    else:
        spans = [(days[0], days[-1], len(days))]
    for first, last, units in spans:
        yield ServiceLine(
            "per_diem", course, course.code, first, last, units, cents * units, course.modifiers
        )


def _drugs(course: Course, days: list[int], member: Member) -> Iterator[ServiceLine]:
    drug, provider = course.drug, member.provider
    if drug is None:
        return
    code = drug.code
    if provider.by_ndc and member.regimen.alone and code[0] == "J" and not course.therapy.is_solution:
        code = _BY_NDC
    ndc = ndc_of(drug.code, provider.ndc_style)
    cents = drug.cents * provider.factor // 100 * drug.units
    one_a_day = provider.drug_by_day or course.therapy.calendar.whole or not days_in_a_row(days)
    spans = [(day, day, 1) for day in days] if one_a_day else [(days[0], days[-1], len(days))]
    for first, last, count in spans:
        units = drug.units * count
        yield ServiceLine("drug", course, code, first, last, units, cents * count, ndc=ndc)


def _visits(member: Member, due: Due, window: Window, chance: Chance) -> Iterator[ServiceLine]:
    """The nurse visits of the primary therapy, where the provider sends nurses."""
    course, nurses = member.courses[0], member.provider.nurses
    if not nurses or course.therapy.visits == "none":
        return
    days = infusion_days(due.first, course.pattern, window)
    for day in days if course.therapy.visits == "each_day" else days[:1]:
        nurse = chance.pick(nurses)
        yield visit(member, PRIMARY_VISIT, day, 1, nurse)
        hours = chance.below(4)
        if hours:
            yield visit(member, ADDON_VISIT, day, hours, nurse)


def visit(member: Member, code: str, day: int, units: int, nurse: str) -> ServiceLine:
    """A nurse visit; 99601 is the first two hours, 99602 each further hour."""
    cents = _VISIT_CENTS[code] * member.provider.factor // 100 * units
    return ServiceLine("visit", member.courses[0], code, day, day, units, cents, rendering=nurse)


def halves(bill: Bill) -> tuple[Window, Window] | None:
    """The bill's window cut in two where both parts hold infusions; None where that cannot be."""
    days = infusion_days(bill.due.first, bill.member.courses[0].pattern, bill.window)
    if len(days) == 1:
        return None
    cut = days[len(days) // 2]
    return Window(bill.window.first, cut - 1), Window(cut, bill.window.last)
