"""SH or SJ, and no first therapy.

**Finds**, on dates on which a billing provider has no unmarked infusion therapy, the first line marked
SH, or the first marked SJ where none is marked SH.
**Why**: SH marks the second concurrent therapy, so there must be a first (policy, *Home Infusion
Modifiers*).
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.concurrency import PLAIN, SECOND, therapies
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The dates on which the line is the first of the marked ones and none is unmarked."""
    if line.rank == PLAIN:
        return None
    day = therapies(line, screening)
    dates = day.mine & ~day.primary & ~day.earlier
    if line.rank != SECOND:
        dates &= ~day.second
    if not dates:
        return None
    evidence = tuple(other for other, days in day.others if days & dates)
    return Finding(dates, settings(line, RULE.name).disposition, evidence)


RULE = Rule(
    name="modifier_without_primary",
    kind="per_diem",
    find=find,
    message="{code} on {dates} is marked as a concurrent therapy, but no first therapy is billed.",
)
