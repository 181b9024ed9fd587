"""The five drug rules and how they share out the unpaired units (section 4.1)."""

from datetime import date, timedelta
from fractions import Fraction

from tests.oracle.evidence import Member, corresponds, missing_drug, unpaired_units
from tests.oracle.finding import Finding, less_grave
from tests.oracle.lines import Line

UNCLEAR_DAYS_BEFORE = 14


def drugs_on_other_claims(member: Member, line: Line, day: date) -> list[Line]:
    """Drug rule 1: corresponding drug lines of the member's other claims on the day."""
    return [
        drug
        for drug, families in member.drugs_on(day)
        if drug.claim is not line.claim and corresponds(families, line)
    ]


def _near(line: Line, other: Line) -> bool:
    return other.claim is line.claim or other.billing == line.billing


def _flush_covers(member: Member, line: Line, day: date) -> bool:
    if line.code != "S9372":
        return False
    return any(other.code == "J1642" and _near(line, other) and other.covers(day) for other in member.lines)


def _serves_none(member: Member, families: frozenset[str], day: date) -> bool:
    asked = [line for line in member.per_diems if line.covers(day) and missing_drug(line) != "inform"]
    return not any(corresponds(families, line) for line in asked)


def _wrong_drug_covers(member: Member, line: Line, day: date) -> bool:
    return any(
        _near(line, drug) and _serves_none(member, families, day) for drug, families in member.drugs_on(day)
    )


def evidence_days(member: Member, line: Line) -> dict[Line, set[date]]:
    """Drug rule 4: the lines of S with the dates on which each is a drug, within the window or not."""
    days_of: dict[Line, set[date]] = {}
    opens = line.first - timedelta(days=UNCLEAR_DAYS_BEFORE)
    for drug in member.drugs:
        if drug.claim is not line.claim or not corresponds(drug.role.families, line):
            continue
        days = set(drug.days)
        if drug.role.kind == "solution":
            days = {day for day in days if member.families_on(drug, day) is not None}
        if any(opens <= day <= line.last for day in days):
            days_of[drug] = days
    return days_of


def dates_unclear(member: Member, line: Line) -> bool:
    """Drug rule 4: tell whether the claim's drugs leave the infusion days of the per diem open."""
    days_of = evidence_days(member, line)
    if not days_of:
        return False
    if not member.paired[line]:
        return True
    if any(drug.first != drug.last for drug in days_of):
        return False
    days = set().union(*days_of.values())
    consecutive = any(day + timedelta(days=1) in days for day in days)
    return len(days) == 1 or (line.role.detail["schedule"] == "daily" and not consecutive)


def _claiming_rule(member: Member, line: Line, day: date, unclear: bool) -> str:
    if drugs_on_other_claims(member, line, day):
        return "drug_on_other_claim"
    if _flush_covers(member, line, day):
        return "per_diem_for_flush"
    if _wrong_drug_covers(member, line, day):
        return "drug_not_corresponding"
    return "drug_dates_unclear" if unclear else "per_diem_without_drug"


def _disposition(member: Member, line: Line, rule: str, dates: set[date]) -> str:
    own = missing_drug(line)
    if rule == "per_diem_for_flush":
        return "deny"
    if rule == "per_diem_without_drug":
        return own
    if rule == "drug_on_other_claim":
        drugs = [drug for day in dates for drug in drugs_on_other_claims(member, line, day)]
        same_provider = any(drug.billing == line.billing for drug in drugs)
        return less_grave("return" if same_provider else "review", own)
    return less_grave("review", own)


def drug_findings(member: Member, line: Line) -> list[Finding]:
    """Return what the five drug rules find on a per diem line; the units are shared out in their order."""
    rest = unpaired_units(member, line)
    if missing_drug(line) == "included" or rest <= 0:
        return []
    unclear = dates_unclear(member, line)
    order = (
        "drug_on_other_claim",
        "per_diem_for_flush",
        "drug_not_corresponding",
        "drug_dates_unclear",
        "per_diem_without_drug",
    )
    claimed: dict[str, set[date]] = {rule: set() for rule in order}
    for day in line.days:
        if day not in member.paired[line]:
            claimed[_claiming_rule(member, line, day, unclear)].add(day)
    findings = []
    for rule in order:
        dates = claimed[rule]
        taken = min(rest, Fraction(len(dates)))
        if taken > 0:
            findings.append(Finding(line, rule, dates, taken, _disposition(member, line, rule, dates)))
            rest -= taken
    return findings
