"""Flushes, which are always supplies of home infusion.

**Finds** all dates of a flush line when its claim has a line of home infusion (the roles that the
policy data names), otherwise the dates that a per diem line of the same billing provider covers.
**Why**: heparin and saline flushes are supplies and not paid apart (policy, *Definitions*, note on
J1642, A4216 and A4218).
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """All dates beside home infusion on the claim, else those a per diem of the provider covers."""
    mine = settings(line, RULE.name)
    roles = mine.words("claim_roles")
    evidence = [other for other in screening.history.of_claim(line.claim) if other.kind in roles]
    if evidence:
        return Finding(line.days, mine.disposition, tuple(evidence))
    dates = 0
    for other in screening.near_per_diems(line):
        if other.line.npi == line.line.npi:
            dates |= other.days & line.days
            evidence.append(other)
    return Finding(dates, mine.disposition, tuple(evidence)) if dates else None


RULE = Rule(
    name="supply_never_payable",
    kind="flush",
    find=find,
    message="{code} on {dates} is a flush, a supply of home infusion that is not paid apart ({others}).",
    parameters={"claim_roles": "words"},
)
