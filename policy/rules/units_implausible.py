"""More infusion days than the therapy plausibly has.

**Finds** the paired dates of a per diem line whose code has a most number of infusion days in a period
(for example 10 of 30 days for immune globulin) when units and paired dates are both above it.
**Why**: sparse therapies are billed by their infusion days (policy, *Home Infusion Codes*, examples).
**Units**: those above the most for the line's span, a started period counting whole.
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import UNIT, Finding, Screening, per_diem, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The paired dates when there are too many of them."""
    most = per_diem(line).cap30
    if most is None:
        return None
    mine = settings(line, RULE.name)
    paired = screening.paired(line)
    periods = -(-line.count // mine.count("period_days"))
    surplus = min(line.line.units, paired.bit_count() * UNIT) - most * periods * UNIT
    if surplus <= 0:
        return None
    drugs = tuple(drug for drug, _ in screening.pairs(line))
    return Finding(paired, mine.disposition, drugs, surplus)


RULE = Rule(
    name="units_implausible",
    kind="per_diem",
    find=find,
    message="{code} bills more infusion days ({dates}) than this therapy usually has.",
    parameters={"period_days": "count"},
)
