"""The same per diem twice on a day.

**Finds**, among the lines of one code and one rank (SH, or neither; SJ is never a duplicate) that bill
a date, those after the first q, where q is the number of distinct corresponding drugs of these lines'
claims on the date, at least one: with two drugs two therapies are believed, and the modifier is what
is missing. Dates that the exclusive rule finds are left out.
**Why**: a per diem is one unit a day and therapy (policy, *Reimbursement Information*).
**Disposition**: the graver one where an earlier line of the group has the same billing provider and
repeats the line (dates and units), or where it is certain which dates both stand for.
"""

from __future__ import annotations

from policy.history import THIRD, ActiveLine, ordinals
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, corresponds, drug_identity, settings


def _group(line: ActiveLine, screening: Screening) -> list[tuple[ActiveLine, int]]:
    """The lines of the same code and rank near a line, itself included, with their dates."""
    return [
        (other, screening.billed(other) & ~screening.found(other, "exclusive_per_diem"))
        for other in screening.near_per_diems(line)
        if other.rank == line.rank and other.line.procedure_code == line.line.procedure_code
    ]


def _believed(line: ActiveLine, lines: list[ActiveLine], screening: Screening, bit: int) -> int:
    """How many of the lines are believed on a date: one for each distinct drug, at least one."""
    claims = {id(other.claim) for other in lines}
    drugs = {
        drug_identity(drug)
        for drug in screening.near_drugs(line)
        if id(drug.claim) in claims and screening.given_days(drug) & bit and corresponds(drug, line)
    }
    return max(len(drugs), 1)


def _repeats(line: ActiveLine, other: ActiveLine, screening: Screening) -> bool:
    one, two = line.line, other.line
    if one.npi != two.npi:
        return False
    if (one.first, one.last, one.units) == (two.first, two.last, two.units):
        return True
    return screening.certain(line) and screening.certain(other)


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The dates on which the line is one too many."""
    if line.rank == THIRD or len(screening.near_per_diems(line)) == 1:
        return None
    group = _group(line, screening)
    earlier = [(other, days) for other, days in group if other.order < line.order]
    contested = 0
    for _, days in earlier:
        contested |= days
    contested &= screening.billed(line)  # the exclusive rule finds the same of these on both lines
    dates = 0
    for day in ordinals(contested, 0):
        bit = 1 << day
        before = sum(1 for _, days in earlier if days & bit)
        present = [other for other, days in group if days & bit]
        if before >= _believed(line, present, screening, bit):
            dates |= bit
    if not dates:
        return None
    mine = settings(line, RULE.name)
    evidence = tuple(other for other, days in earlier if days & dates)
    graver = any(_repeats(line, other, screening) for other in evidence)
    return Finding(
        dates, mine.other_disposition("certain_disposition") if graver else mine.disposition, evidence
    )


RULE = Rule(
    name="duplicate_per_diem",
    kind="per_diem",
    find=find,
    message="{code} on {dates} repeats a per diem that is already billed ({others}).",
    parameters={"certain_disposition": "disposition"},
)
