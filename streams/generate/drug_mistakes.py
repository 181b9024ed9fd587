"""Billing errors about drugs and what passes for one.

Each function makes one kind of error on a bill. It returns False, and leaves the bill as it is, where
that error cannot be made on that bill.
"""

from __future__ import annotations

from typing import Final

from streams.generate.bills import Bill, ServiceLine
from streams.generate.chance import Chance
from streams.generate.providers import ndc_of
from streams.generate.therapies import ANTICOAGULANT, Q12H, Q24H

_FLUSH: Final = "J1642"
_FLUSHES: Final = ((_FLUSH, None), ("A4216", None), ("S5000", "08290-3065-10"))
_STRANGE_DRUGS: Final = ("J2405", "J1940")
"""An antiemetic and a diuretic: no therapy of this generator takes them."""
_UNSPECIFIED_INFUSION: Final = "S9379"
_DILUENTS: Final = ("J7050", "J7040")
_FLUSH_CENTS: Final = 450
_DILUENT_CENTS: Final = 1_400


def _is_drug(line: ServiceLine) -> bool:
    return line.kind == "drug"


def no_drug(bill: Bill, _: Chance) -> bool:
    """The drug lines are left out."""
    return bill.needs_drug and bool(bill.drop(_is_drug))


def no_per_diem(bill: Bill, _: Chance) -> bool:
    """The per diem lines are left out."""
    if all(line.therapy.is_solution for line in bill.of("drug")):
        return False
    return bool(bill.drop(lambda line: line.kind == "per_diem"))


def drug_on_other_claim(bill: Bill, _: Chance) -> bool:
    """The drug lines stand on a claim of their own."""
    if bill.needs_drug:
        bill.sibling = bill.drop(_is_drug)
    return bill.needs_drug


def wrong_drug(bill: Bill, chance: Chance) -> bool:
    """A drug of another therapy is billed."""
    code = chance.pick(_STRANGE_DRUGS)
    lines = [line for line in bill.of("drug") if bill.needs_drug]
    for line in lines:
        line.code, line.ndc = code, ndc_of(code, bill.member.provider.ndc_style)
    return bool(lines)


def discarded_drug_only(bill: Bill, _: Chance) -> bool:
    """All of the drug is marked as thrown away."""
    lines = [line for line in bill.of("drug") if line.therapy.needs_drug and not line.therapy.is_solution]
    for line in lines:
        line.modifiers = ("JW",)
    return bool(lines)


def dispensing_date(bill: Bill, _: Chance) -> bool:
    """The drug of all days is billed on the day it was dispensed."""
    drugs = [line for line in bill.of("drug") if line.therapy.needs_drug]
    if not drugs or drugs[0].first == drugs[-1].last:
        return False
    dispensed: dict[str, ServiceLine] = {}
    for line in drugs:
        first = dispensed.setdefault(line.code, line)
        if first is not line:
            first.units += line.units
            first.cents += line.cents
        first.last = first.first
    bill.drop(lambda line: line.kind == "drug" and dispensed.get(line.code, line) is not line)
    return True


def flush_billed(bill: Bill, chance: Chance) -> bool:
    """Flushes are billed beside the per diem."""
    code, ndc = chance.pick(_FLUSHES)
    bill.add(code, _FLUSH_CENTS, over=bill.primary, ndc=ndc)
    return True


def flush_as_anticoagulant(bill: Bill, _: Chance) -> bool:
    """A per diem for anticoagulant injections rests on nothing but flushes."""
    if bill.alone is not ANTICOAGULANT:
        return False
    for line in bill.of("drug"):
        line.code, line.ndc = _FLUSH, None
    return True


def diluent_billed(bill: Bill, chance: Chance) -> bool:
    """Saline that carries a drug is billed beside the per diem."""
    if any(course.therapy.is_solution for course in bill.member.courses):
        return False
    bill.add(chance.pick(_DILUENTS), _DILUENT_CENTS, over=bill.primary)
    return True


def shared_drug(bill: Bill, _: Chance) -> bool:
    """A second therapy is billed that has no drug of its own."""
    if bill.alone is not Q24H and bill.alone is not Q12H:
        return False
    other = Q12H if bill.alone is Q24H else Q24H
    bill.lines.append(bill.primary.like(other.codes[0], ("SH",)))
    return True


def unspecified_infusion(bill: Bill, _: Chance) -> bool:
    """A therapy that has a per diem of its own is billed as an infusion not otherwise classified."""
    therapy = bill.alone
    if therapy is None or not therapy.needs_drug or not therapy.is_infusion or therapy.is_solution:
        return False
    for line in bill.lines:
        if line.kind == "per_diem":
            line.code = _UNSPECIFIED_INFUSION
        elif line.kind == "drug" and line.course.drug is not None:
            line.code = line.course.drug.code
    return True
