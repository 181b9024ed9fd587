"""A not-otherwise-classified per diem for a drug that has a per diem of its own.

**Finds** the paired dates of such a line on which no drug that pairs it is unknown or belongs to the
unclassified therapy.
**Why**: a specific per diem code exists for the drug (policy, *Home Infusion Codes*).
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, of_any_family, per_diem, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The paired dates on which every drug has a specific per diem."""
    mine = settings(line, RULE.name)
    if line.line.procedure_code not in mine.words("codes"):
        return None
    dates = screening.paired(line)
    for drug, days in screening.pairs(line):
        if of_any_family(drug) or drug.role.families & per_diem(line).therapy:
            dates &= ~days
    evidence = tuple(drug for drug, days in screening.pairs(line) if days & dates)
    return Finding(dates, mine.disposition, evidence) if dates else None


RULE = Rule(
    name="noc_per_diem",
    kind="per_diem",
    find=find,
    message="{code} on {dates} is billed for a drug ({others}) that has a specific per diem code.",
    parameters={"codes": "codes"},
)
