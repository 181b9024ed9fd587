"""Supplies and equipment that the per diem includes.

**Finds** the dates of a supply line that a per diem line of the same billing provider or the same claim
covers. A supply that belongs to certain therapies is inside the per diems of those alone.
**Why**: all necessary supplies and equipment are inside the per diem (policy, *Reimbursement
Information* and *Supply and Equipment Codes*).
**Disposition**: by the supply's relation to the per diem.
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, per_diem, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The dates covered by a per diem that the supply can be inside of."""
    families = line.role.families
    dates, evidence = 0, []
    for other in screening.near_per_diems(line):
        if other.beside(line) and (not families or per_diem(other).therapy & families):
            dates |= other.days & line.days
            evidence.append(other)
    if not dates:
        return None
    mine = settings(line, RULE.name)
    disposition = mine.relations("by_relation").get(line.role.relation or "", mine.disposition)
    return Finding(dates, disposition, tuple(evidence))


RULE = Rule(
    name="included_in_per_diem",
    kind="supply",
    find=find,
    message="{code} on {dates} is inside the per diem billed for the same days ({others}).",
    parameters={"by_relation": "relations"},
)
