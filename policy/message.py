"""The sentences of edits, for a claims analyst. Source: screening specification, section 5 (`message`)."""

from __future__ import annotations

from datetime import date
from typing import Final

from models.claim_line import decimal_text
from policy.assess import Edit
from policy.history import ordinals
from policy.screening import UNIT

MOST_LISTED: Final = 6
"""So many ranges of dates, lines or numbers are named; the rest is counted."""


def message(edit: Edit, base: int) -> str:
    """Why the edit stands: dates, codes, how many dates are in question, which lines are missing."""
    sentences = [
        edit.rule.message.format(
            code=edit.line.line.procedure_code, dates=dates_text(edit.dates, base), others=others_text(edit)
        )
    ]
    count = edit.dates.bit_count()
    if edit.units < count * UNIT and edit.settings.units != "share":
        sentences.append(f"{decimal_text(edit.units, 3)} of these {count} dates are in question.")
    claim = edit.line.claim
    if edit.settings.absence and claim.lines_missing:
        missing = shortened([str(number) for number in claim.missing_numbers()])
        sentences.append(
            f"{len(claim.lines)} of the claim's {claim.line_count} lines have come; missing: {missing}."
        )
    return " ".join(sentences)


def dates_text(dates: int, base: int) -> str:
    """Dates as ISO text, runs as `first to last`."""
    runs: list[list[int]] = []
    for day in ordinals(dates, base):
        if runs and runs[-1][1] == day - 1:
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return shortened([_run_text(first, last) for first, last in runs])


def _run_text(first: int, last: int) -> str:
    start = date.fromordinal(first).isoformat()
    return start if first == last else f"{start} to {date.fromordinal(last).isoformat()}"


def others_text(edit: Edit) -> str:
    """The lines an edit rests on: code, claim where it is another, line number."""
    own = edit.line.line.claim_id
    return shortened(
        [
            f"{code} on line {number}" if claim == own else f"{code} on claim {claim} line {number}"
            for claim, number, code in edit.evidence
        ]
    )


def shortened(items: list[str]) -> str:
    """A list in words, cut after `MOST_LISTED` items."""
    if len(items) <= MOST_LISTED:
        return ", ".join(items)
    return f"{', '.join(items[:MOST_LISTED])} and {len(items) - MOST_LISTED} more"
