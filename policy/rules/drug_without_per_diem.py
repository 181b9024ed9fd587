"""A drug given at home, and no per diem for it.

**Finds** the dates of a drug line with a home place of service that no corresponding per diem line of
the member covers. Not for a drug line that another edit already takes for a dispensing date.
**Why**: drug and per diem belong on one claim for the same dates (policy, *Home Infusion Modifiers*);
the payer is only told.
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.rules.drug_rules import near_in_claim, shares
from policy.screening import Finding, Screening, corresponds, settings


def _explained(line: ActiveLine, screening: Screening) -> bool:
    """Whether the drug line is in the set S of a line on which `drug_dates_unclear` is raised."""
    for other in screening.history.of_claim(line.claim):
        if other.role.per_diem is None or not corresponds(line, other):
            continue
        unclear = "drug_dates_unclear" in shares(other, screening)
        if unclear and any(drug is line for drug, _ in near_in_claim(other, screening)):
            return True
    return False


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The dates on which no per diem corresponds."""
    mine = settings(line, RULE.name)
    if line.discarded or line.line.place not in mine.words("places"):
        return None
    dates = line.days
    for other in screening.near_per_diems(line):
        if corresponds(line, other):
            dates &= ~other.days
    if not dates or _explained(line, screening):
        return None
    return Finding(dates, mine.disposition)


RULE = Rule(
    name="drug_without_per_diem",
    kind="drug",
    find=find,
    message="{code} was given at home on {dates} without a corresponding per diem.",
    parameters={"places": "words"},
)
