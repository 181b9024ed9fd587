"""Two codes of which only one can be right on a day.

**Finds** the dates that an earlier line with another code of the same one-a-day group bills too (daily
volumes of parenteral nutrition or hydration, routes of enteral feeding, catheter lumens).
**Why**: the descriptors of such codes exclude each other (policy, *Home Infusion Codes*).
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, per_diem, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The billed dates that an earlier line of the group bills too."""
    group = per_diem(line).one_a_day
    if group is None:
        return None
    dates, evidence = 0, []
    for other in screening.near_per_diems(line):
        if per_diem(other).one_a_day != group or other.order >= line.order:
            continue
        if other.line.procedure_code != line.line.procedure_code:
            both = screening.billed(line) & screening.billed(other)
            if both:
                dates |= both
                evidence.append(other)
    return Finding(dates, settings(line, RULE.name).disposition, tuple(evidence)) if dates else None


RULE = Rule(
    name="conflicting_per_diem",
    kind="per_diem",
    find=find,
    message=(
        "{code} on {dates} conflicts with another code of its group, of which one a "
        "day can be right ({others})."
    ),
)
