"""What the lines of a member prove about each other, date by date (sections 3 and 4.1)."""

import math
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from tests.oracle.lines import Line
from tests.oracle.tables import ANY

Drug = tuple[str, ...]


def corresponds(families: frozenset[str], per_diem: Line) -> bool:
    """Tell whether a drug of these families is one that the per diem accepts."""
    accepted = per_diem.role.families
    return ANY in families or ANY in accepted or bool(families & accepted)


def rank(line: Line) -> str:
    """Return SH, SJ (and not SH) or "" for a per diem line."""
    return next((word for word in ("SH", "SJ") if word in line.modifiers), "")


def therapy(line: Line) -> str:
    """Return the own family of a per diem line."""
    return line.role.detail["therapy"]


def missing_drug(line: Line) -> str:
    """Return what the code says of a missing drug: deny, review, inform or included."""
    return line.role.detail["missing_drug"]


def is_catheter_care(line: Line) -> bool:
    """Tell whether a per diem line is catheter care."""
    return therapy(line) == "catheter_care"


class Member:
    """One member's active, in-policy lines in order, and what follows from them alone."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Take the member's lines and work out the paired and billed dates of its per diems."""
        usable = [line for line in lines if line.active and line.in_policy]
        self.lines = sorted(usable, key=lambda line: line.order)
        self.per_diems = self.of_kind("per_diem")
        self.drugs = self.of_kind("drug") + self.of_kind("solution")
        self.paired = {line: {day for day in line.days if self.pairing(line, day)} for line in self.per_diems}

    def of_kind(self, kind: str) -> list[Line]:
        """Return the member's lines of a role, in order."""
        return [line for line in self.lines if line.role.kind == kind]

    def families_on(self, line: Line, day: date) -> frozenset[str] | None:
        """Return the families of the drug that the line shows on the day; None where it is no drug."""
        if not line.covers(day):
            return None
        if line.role.kind == "drug":
            return None if "JW" in line.modifiers else line.role.families
        for per_diem in self.per_diems:
            if per_diem.covers(day) and therapy(per_diem) in line.role.families:
                return line.role.families
        return None

    def drugs_on(self, day: date) -> list[tuple[Line, frozenset[str]]]:
        """Return the member's drug lines on the day with their families."""
        found = ((line, self.families_on(line, day)) for line in self.drugs if line.covers(day))
        return [(line, families) for line, families in found if families is not None]

    def pairing(self, per_diem: Line, day: date) -> list[Line]:
        """Return the corresponding drug lines of the per diem's claim that cover the day."""
        return [
            line
            for line, families in self.drugs_on(day)
            if line.claim is per_diem.claim and corresponds(families, per_diem)
        ]

    def dates_its_units(self, line: Line) -> bool:
        """Tell whether a per diem with fewer units than days has just as many paired dates."""
        fewer = line.units < len(line.days)
        as_many = len(self.paired[line]) == math.ceil(line.units)
        return fewer and as_many and missing_drug(line) != "included"

    def billed(self, line: Line) -> set[date]:
        """Return the dates a per diem line stands for."""
        return self.paired[line] if self.dates_its_units(line) else set(line.days)

    def certain(self, line: Line) -> bool:
        """Tell whether it is known which days a per diem line stands for."""
        return line.units >= len(line.days) or self.dates_its_units(line)

    def distinct_drugs(self, claims: Iterable[object], day: date) -> dict[Drug, frozenset[str]]:
        """Return the drugs of the claims on the day: by code, those of unknown family by code and NDC."""
        wanted = list(claims)
        drugs: dict[Drug, frozenset[str]] = {}
        for line, families in self.drugs_on(day):
            if any(line.claim is claim for claim in wanted):
                drugs[(line.code, line.ndc or "") if ANY in families else (line.code,)] = families
        return drugs


def unpaired_units(member: Member, line: Line) -> Fraction:
    """Return min(U, n) - |paired|: the units of a per diem line that no paired date accounts for."""
    return min(line.units, Fraction(len(line.days))) - len(member.paired[line])
