"""A solution that only carries a drug or keeps a line open.

**Finds** the dates of a solution line on which it is no drug and a per diem line of the same billing
provider or the same claim covers the date.
**Why**: solutions used to dilute or administer drugs are inside the per diem; prescribed as hydration
they are a drug (policy, *Supply and Equipment Codes*, note on J7030 to J7060).
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The dates on which the solution is incidental to a per diem."""
    dates, evidence = 0, []
    idle = line.days & ~screening.drug_days(line)
    for other in screening.near_per_diems(line):
        if other.beside(line) and other.days & idle:
            dates |= other.days & idle
            evidence.append(other)
    return Finding(dates, settings(line, RULE.name).disposition, tuple(evidence)) if dates else None


RULE = Rule(
    name="solution_incidental",
    kind="solution",
    find=find,
    message=(
        "{code} on {dates} is a carrier solution inside the per diem billed for the same days ({others})."
    ),
)
