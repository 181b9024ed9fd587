"""A per diem line bills more units than it has days.

**Finds** the whole line when its units are above the number of its dates.
**Why**: units of a per diem are days of infusion, not doses; seven days of an infusion every four
hours are seven units (policy, *Home Infusion Codes*, examples of units).
**Units**: those above the number of days. With a single date the through date may be missing, so the
line goes back to the provider instead of being denied.
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import UNIT, Finding, Screening, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """All dates of the line when its units exceed them."""
    del screening  # looks at nothing but the line
    surplus = line.line.units - line.count * UNIT
    if surplus <= 0:
        return None
    mine = settings(line, RULE.name)
    disposition = mine.other_disposition("single_date_disposition") if line.count == 1 else mine.disposition
    return Finding(line.days, disposition, units=surplus)


RULE = Rule(
    name="units_exceed_days",
    kind="per_diem",
    find=find,
    message=(
        "{code} bills more units than the line has days ({dates}); a per diem unit is one day of infusion."
    ),
    parameters={"single_date_disposition": "disposition"},
)
