"""Rules on a single line: units and inside a per diem (4.1), and all lines that are no per diem (4.2)."""

import math
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from tests.oracle.drug_rules import evidence_days
from tests.oracle.evidence import Member, corresponds, is_catheter_care, therapy
from tests.oracle.finding import Finding, found
from tests.oracle.lines import Line
from tests.oracle.tables import ANY

RELATION_DISPOSITIONS = {
    "core": "deny",
    "included_service": "deny",
    "implanted": "review",
    "dressing": "review",
    "possible": "review",
    "noncovered": "review",
    "equipment_service": "review",
}


def dates_under(member: Member, line: Line, fits: Callable[[Line], bool]) -> set[date]:
    """Return the line's dates that a fitting per diem line of the member covers."""
    return {day for day in line.days if any(fits(p) and p.covers(day) for p in member.per_diems)}


def near(line: Line, per_diem: Line) -> bool:
    """Tell whether two lines are of the same billing provider or the same claim."""
    return line.billing == per_diem.billing or line.claim is per_diem.claim


def _units_exceed_days(line: Line) -> list[Finding]:
    days = len(line.days)
    if line.units <= days:
        return []
    disposition = "return" if days == 1 else "deny"
    return [Finding(line, "units_exceed_days", set(line.days), line.units - days, disposition)]


def _units_implausible(member: Member, line: Line) -> list[Finding]:
    if "cap30" not in line.role.detail:
        return []
    allowed = int(line.role.detail["cap30"]) * math.ceil(Fraction(len(line.days), 30))
    infused = min(line.units, Fraction(len(member.paired[line])))
    if infused <= allowed:
        return []
    return [Finding(line, "units_implausible", set(member.paired[line]), infused - allowed, "review")]


def _catheter_care(member: Member, line: Line) -> list[Finding]:
    if not is_catheter_care(line):
        return []
    dates = dates_under(member, line, lambda p: not is_catheter_care(p) and near(line, p))
    return found(line, "catheter_care_in_per_diem", dates, "review")


def _noc_per_diem(member: Member, line: Line) -> list[Finding]:
    if line.code not in {"S9379", "S9542"}:
        return []
    known = {ANY, therapy(line)}
    dates = {
        day
        for day in member.paired[line]
        if not any(drug.role.families & known for drug in member.pairing(line, day))
    }
    return found(line, "noc_per_diem", dates, "inform")


def per_diem_findings(member: Member, line: Line) -> list[Finding]:
    """Return what is found on a per diem line apart from the drug rules and the rules on several lines."""
    return [
        *_units_exceed_days(line),
        *_units_implausible(member, line),
        *_catheter_care(member, line),
        *_noc_per_diem(member, line),
    ]


def drug_findings_alone(member: Member, line: Line, unclear: list[Line]) -> list[Finding]:
    """Return drug_without_per_diem; unclear holds the lines on which drug_dates_unclear is raised."""
    if line.role.kind != "drug" or "JW" in line.modifiers or line.place != "12":
        return []
    if any(line in evidence_days(member, per_diem) for per_diem in unclear):
        return []
    under = dates_under(member, line, lambda p: corresponds(line.role.families, p))
    return found(line, "drug_without_per_diem", set(line.days) - under, "inform")


def _supply(member: Member, line: Line) -> list[Finding]:
    families = line.role.families
    dates = dates_under(member, line, lambda p: near(line, p) and (not families or therapy(p) in families))
    disposition = RELATION_DISPOSITIONS.get(line.role.detail["relation"], "inform")
    return found(line, "included_in_per_diem", dates, disposition)


def _flush(member: Member, line: Line) -> list[Finding]:
    beside = {other.role.kind for other in member.lines if other.claim is line.claim}
    if beside & {"per_diem", "service", "visit"}:
        dates = set(line.days)
    else:
        dates = dates_under(member, line, lambda p: p.billing == line.billing)
    return found(line, "supply_never_payable", dates, "deny")


def _solution(member: Member, line: Line) -> list[Finding]:
    under = dates_under(member, line, lambda p: near(line, p))
    dates = {day for day in under if member.families_on(line, day) is None}
    return found(line, "solution_incidental", dates, "deny")


def _formula(member: Member, line: Line) -> list[Finding]:
    nutrition = {"S9364", "S9365", "S9366", "S9367", "S9368"}
    dates = dates_under(member, line, lambda p: p.code in nutrition)
    return found(line, "formula_in_per_diem", dates, "deny")


def _visit(member: Member, line: Line) -> list[Finding]:
    findings = []
    if line.code == "99602":
        firsts = [o for o in member.lines if o.code == "99601" and o.claim is line.claim]
        dates = {day for day in line.days if not any(first.covers(day) for first in firsts)}
        findings += found(line, "visit_addon_without_primary", dates, "deny")
    if line.rendering is None:
        findings += found(line, "visit_without_professional", set(line.days), "inform")
    return findings


def other_findings(member: Member, line: Line) -> list[Finding]:
    """Return what is found on a supply, flush, solution, formula or visit line."""
    rules = {"supply": _supply, "flush": _flush, "solution": _solution, "formula": _formula, "visit": _visit}
    rule = rules.get(line.role.kind)
    return rule(member, line) if rule is not None else []
