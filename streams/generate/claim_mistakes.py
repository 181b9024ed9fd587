"""Billing errors about per diems, their units and modifiers, and what is billed beside them.

Each function makes one kind of error on a bill. It returns False, and leaves the bill as it is, where
that error cannot be made on that bill.
"""

from __future__ import annotations

from typing import Final

from streams.generate.bills import ADDON_VISIT, PRIMARY_VISIT, Bill, visit
from streams.generate.chance import Chance
from streams.generate.therapies import CATHETER_CARE, NUTRITION

_FORMULAS: Final = ("B4197", "B4193")
_MANY_DAYS: Final = 12
_SUPPLY_CENTS: Final = 2_600
_FORMULA_CENTS: Final = 18_000


def units_over_days(bill: Bill, chance: Chance) -> bool:
    """Doses, or a few days too many, are billed as units of the per diem."""
    line = bill.primary
    doses = line.therapy.doses
    units = line.days * doses if doses > 1 else line.days + chance.between(1, 4)
    line.cents = line.cents // line.units * units
    line.units = units
    return True


def too_many_days(bill: Bill, _: Chance) -> bool:
    """Far more days of infusion are billed than the therapy can have in a month."""
    last = max(line.last for line in bill.lines)
    first = last - _MANY_DAYS + 1
    if bill.alone is None or not bill.alone.many_days or first < bill.window.first:
        return False
    kept = (bill.primary, bill.of("drug")[0])
    bill.drop(lambda line: line.kind in ("per_diem", "drug") and not any(line is one for one in kept))
    for line, days in zip(kept, (bill.primary.units, kept[1].days), strict=True):
        daily = line.units // days
        line.cents = line.cents // line.units * daily * _MANY_DAYS
        line.first, line.last, line.units = first, last, daily * _MANY_DAYS
    return True


def sent_twice(bill: Bill, _: Chance) -> bool:
    """The claim is sent again under another number."""
    bill.sent_twice = bill.alone is not None
    return bill.sent_twice


def no_modifier(bill: Bill, _: Chance) -> bool:
    """The second therapy lacks its SH."""
    seconds = [line for line in bill.lines if line.modifiers == ("SH",)]
    for line in seconds:
        line.modifiers = ()
    return bool(seconds)


def needless_modifier(bill: Bill, _: Chance) -> bool:
    """The only therapy is marked as a second one."""
    if bill.alone is None or not bill.alone.is_infusion:
        return False
    for line in bill.of("per_diem"):
        line.modifiers = ("SH",)
    return True


def unspecified_beside_specific(bill: Bill, _: Chance) -> bool:
    """The unspecified code of a therapy is billed beside the specific one."""
    for line in bill.of("per_diem"):
        if line.therapy.unspecified is not None:
            bill.lines.append(line.like(line.therapy.unspecified))
            return True
    return False


def two_volumes(bill: Bill, _: Chance) -> bool:
    """Two codes are billed that differ in volume, route or lumens alone."""
    for line in bill.of("per_diem"):
        if line.therapy.one_a_day:
            bill.lines.append(line.like(next(code for code in line.therapy.codes if code != line.code)))
            return True
    return False


def catheter_care_beside(bill: Bill, _: Chance) -> bool:
    """Catheter care is billed beside the per diem of another therapy."""
    if bill.alone is CATHETER_CARE:
        return False
    bill.add(CATHETER_CARE.codes[0], CATHETER_CARE.cents, over=bill.primary)
    return True


def supplies_billed(bill: Bill, chance: Chance) -> bool:
    """Kits and pumps are billed beside the per diem that holds them."""
    supplies = bill.primary.therapy.supplies
    for code in supplies[: chance.between(1, len(supplies))]:
        bill.add(code, _SUPPLY_CENTS, over=bill.primary)
    return True


def formula_billed(bill: Bill, chance: Chance) -> bool:
    """Standard parenteral nutrition is billed beside its per diem."""
    if bill.primary.therapy is not NUTRITION:
        return False
    bill.add(chance.pick(_FORMULAS), _FORMULA_CENTS, over=bill.primary)
    return True


def addon_visit_alone(bill: Bill, chance: Chance) -> bool:
    """Further hours of a nurse visit are billed without its first two."""
    nurses = bill.member.provider.nurses
    if not nurses:
        return False
    bill.drop(lambda line: line.code == PRIMARY_VISIT)
    if not bill.of("visit"):
        hours = chance.between(1, 3)
        bill.lines.append(visit(bill.member, ADDON_VISIT, bill.primary.first, hours, nurses[0]))
    return True


def visit_by_nobody(bill: Bill, _: Chance) -> bool:
    """Visits do not say who made them."""
    visits = bill.of("visit")
    for line in visits:
        line.rendering = None
    return bool(visits)
