"""Further hours of a nurse visit without the visit.

**Finds** the dates of an add-on visit line that no primary visit line of the same claim covers.
**Why**: the add-on is listed separately in addition to the primary code (policy, *Home Infusion Codes*,
note on 99601 and 99602).
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The dates without a primary visit."""
    if line.role.visit != "addon":
        return None
    dates = line.days
    for other in screening.near(line):
        if other.claim is line.claim and other.role.visit == "primary":
            dates &= ~other.days
    return Finding(dates, settings(line, RULE.name).disposition) if dates else None


RULE = Rule(
    name="visit_addon_without_primary",
    kind="visit",
    find=find,
    message="{code} on {dates} adds hours to a visit that the claim does not have.",
)
