"""Catheter care beside a per diem that includes it.

**Finds** the dates of a catheter care line that a per diem line of another therapy covers, of the same
billing provider or the same claim.
**Why**: catheters, dressing kits and flushing kits are inside the per diem (policy, *Reimbursement
Information*).
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, per_diem, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The dates that a per diem of another therapy covers."""
    mine = settings(line, RULE.name)
    care = mine.words("therapies")
    if per_diem(line).therapy_name not in care:
        return None
    dates, evidence = 0, []
    for other in screening.near_per_diems(line):
        if per_diem(other).therapy_name not in care and other.beside(line):
            dates |= other.days & line.days
            evidence.append(other)
    return Finding(dates, mine.disposition, tuple(evidence)) if dates else None


RULE = Rule(
    name="catheter_care_in_per_diem",
    kind="per_diem",
    find=find,
    message="{code} on {dates}: catheter care is inside the per diem billed for the same days ({others}).",
    parameters={"therapies": "words"},
)
