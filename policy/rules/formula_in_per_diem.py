"""Standard parenteral nutrition beside the per diem that includes it.

**Finds** the dates of a formula line that a parenteral nutrition per diem of the member covers.
**Why**: the standard formula is inside these per diems (policy, *Home Infusion Codes*, S9364-S9368).
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The dates that such a per diem covers."""
    mine = settings(line, RULE.name)
    codes = mine.words("per_diem_codes")
    dates, evidence = 0, []
    for other in screening.near_per_diems(line):
        if other.line.procedure_code in codes:
            dates |= other.days & line.days
            evidence.append(other)
    return Finding(dates, mine.disposition, tuple(evidence)) if dates else None


RULE = Rule(
    name="formula_in_per_diem",
    kind="formula",
    find=find,
    message="{code} on {dates} is standard formula inside the per diem billed for the same days ({others}).",
    parameters={"per_diem_codes": "codes"},
)
