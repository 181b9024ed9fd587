"""A second or further therapy of the day without its modifier.

**Finds**, among a billing provider's infusion therapies of a date, every line without SH or SJ after the
first, every SH line after the first (after the second when no line is unmarked: one primary cures
both), and the first SJ line when there is one unmarked line and no SH.
**Why**: SH marks the second, SJ the third and further concurrent therapy (policy, *Home Infusion
Modifiers*). Catheter care, injections, enteral feeding, dialysis, transfusion and irrigation do not
count; lines taken for a mistake on the date do not either.
**Disposition**: the graver one where the line and another of the therapies are certain on a found date.
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.concurrency import PLAIN, SECOND, Therapies, therapies
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, settings


def _dates(line: ActiveLine, day: Therapies) -> int:
    if line.rank == PLAIN:
        return day.mine & day.earlier
    if line.rank == SECOND:
        return day.mine & ((day.earlier & day.primary) | (day.two_earlier & ~day.primary))
    return day.mine & ~day.earlier & ~day.second & day.primary & ~day.two_primaries


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The dates on which the line lacks its modifier."""
    if len(screening.near_per_diems(line)) == 1:
        return None
    day = therapies(line, screening)
    dates = _dates(line, day)
    if not dates:
        return None
    mine = settings(line, RULE.name)
    evidence = tuple(other for other, days in day.others if days & dates)
    graver = screening.certain(line) and any(screening.certain(other) for other in evidence)
    return Finding(
        dates, mine.other_disposition("certain_disposition") if graver else mine.disposition, evidence
    )


RULE = Rule(
    name="concurrent_modifier",
    kind="per_diem",
    find=find,
    message=(
        "{code} on {dates} runs beside another therapy ({others}) and lacks the right modifier, SH or SJ."
    ),
    parameters={"certain_disposition": "disposition"},
)
