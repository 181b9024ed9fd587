"""An unspecified per diem code beside a specific one of the same therapy.

**Finds** the dates that the line and a line with one of the codes it may not be used with both bill.
**Why**: the do-not-use notes of the code table (policy, *Home Infusion Codes*); the edit is on the
unspecified code, which has the list.
**Disposition**: the graver one where it is certain which dates the line and such a line of the same
billing provider stand for.
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, per_diem, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The billed dates that a line with an excluded code bills too."""
    codes = per_diem(line).exclusive
    if not codes:
        return None
    mine = settings(line, RULE.name)
    dates, evidence, disposition = 0, [], mine.disposition
    for other in screening.near_per_diems(line):
        both = screening.billed(line) & screening.billed(other) if other.line.procedure_code in codes else 0
        if both:
            dates |= both
            evidence.append(other)
            if other.line.npi == line.line.npi and screening.certain(line) and screening.certain(other):
                disposition = mine.other_disposition("certain_disposition")
    return Finding(dates, disposition, tuple(evidence)) if dates else None


RULE = Rule(
    name="exclusive_per_diem",
    kind="per_diem",
    find=find,
    message="{code} may not be billed with the specific code of the same therapy on {dates} ({others}).",
    parameters={"certain_disposition": "disposition"},
)
