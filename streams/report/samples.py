"""The sample claims of a backtest as the page draws them: a calendar, verdicts and edits of both sides."""

from __future__ import annotations

import json
from calendar import month_name, monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, Final, NamedTuple

from models.claim_line import ClaimLine, decimal_text
from models.wire import RejectedError, to_json_bytes
from policy.document import Policy
from policy.screening import UNIT
from streams.explain.calendar import DayKind, Row, calendar_rows, edited_days, months_of, named_lines
from streams.explain.lines import line_of
from streams.replay.comparable import EDIT_FIELDS
from streams.report.ids import Ids
from streams.report.wording import dollars, rule_name

MOST_SAMPLES: Final = 40
MOST_LINES: Final = 40
"""Sample claims on the page, and lines of a calendar; the rest is counted."""

_WEEKDAYS: Final = "MTWTFSS"

Json = Mapping[str, Any]


class DayCell(NamedTuple):
    """A day of a line: what the line is on it, None where it lacks the day; sides with an edit: A, B, AB."""

    kind: DayKind | None
    edited: str


class MonthRow(NamedTuple):
    """A line in a month."""

    label: str
    about: str
    own: bool
    cells: Sequence[DayCell]


class Month(NamedTuple):
    """A month of a calendar: its name, its days with the first letter of the weekday, its lines."""

    name: str
    days: Sequence[tuple[int, str]]
    rows: Sequence[MonthRow]


class EditSides(NamedTuple):
    """An edit under both policies; None where a side does not have it. `same` where both say the same."""

    line: str
    rule: str
    before: Json | None
    after: Json | None
    same: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample claim.

    Attributes:
        number: from 1.
        stratum: which part of the claims it was drawn from.
        claim: its id as the page writes it.
        before, after: its verdict in words under the reference and the candidate.
        months: its calendar.
        more_lines: lines that the calendar leaves out.
        edits: edits of either side, those that differ first.
    """

    number: int
    stratum: str
    claim: str
    before: str
    after: str
    months: Sequence[Month]
    more_lines: int
    edits: Sequence[EditSides]


def read_samples(folder: Path, policy: Policy | None, ids: Ids) -> tuple[list[Sample], int]:
    """The first samples of a backtest, and how many it has in all.

    Args:
        folder: the backtest's results.
        policy: gives the lines their roles.
        ids: how ids are written.
    """
    found = json.loads((folder / "sample.json").read_text("utf-8"))
    chosen = enumerate(_some_of_each(found), start=1)
    return [_sample(number, each, policy, ids) for number, each in chosen], len(found)


def _some_of_each(found: Sequence[Json]) -> list[Json]:
    """As many claims as the page holds, taken from the strata in turn; in their order."""
    strata: dict[str, list[int]] = {}
    for place, each in enumerate(found):
        strata.setdefault(each["stratum"], []).append(place)
    turns = (place for turn in zip_longest(*strata.values()) for place in turn if place is not None)
    return [found[place] for place in sorted(islice(turns, MOST_SAMPLES))]


def _sample(number: int, found: Json, policy: Policy | None, ids: Ids) -> Sample:
    edits = {"A": found["edits_policy"], "B": found["edits_against"]}
    rows = [] if policy is None else _rows(found, [*edits["A"], *edits["B"]], policy)
    return Sample(
        number=number,
        stratum=found["stratum"],
        claim=ids.claim(found["claim_id"]),
        before=verdict_text(found["verdict_against"]),
        after=verdict_text(found["verdict_policy"]),
        months=_months(rows[:MOST_LINES], edits, ids),
        more_lines=len(rows[MOST_LINES:]),
        edits=_sides(edits["B"], edits["A"], ids),
    )


def _rows(found: Json, edits: Sequence[Json], policy: Policy) -> list[Row]:
    lines: list[ClaimLine] = []
    for event in found["lines"]:
        try:
            lines.append(line_of(to_json_bytes(event), policy))
        except RejectedError:  # a line that this policy's history no longer takes
            continue
    return calendar_rows(lines, found["claim_id"], policy, named_lines(edits))


def verdict_text(verdict: Json | None) -> str:
    """A verdict in words: `edited, deny, $12.00 of $40.00 held`."""
    if verdict is None:
        return "no verdict"
    held = (
        f"{dollars(Decimal(verdict['amount_affected']))} of {dollars(Decimal(verdict['charge_total']))} held"
    )
    return ", ".join(filter(None, (verdict["status"], verdict["disposition"], held)))


def _months(rows: Sequence[Row], edits: Mapping[str, Sequence[Json]], ids: Ids) -> list[Month]:
    marked = {side: edited_days(each) for side, each in edits.items()}
    months = []
    for year, month in months_of(rows):
        first = date(year, month, 1)
        days = [first.toordinal() + offset for offset in range(monthrange(year, month)[1])]
        shown = [row for row in rows if not row.days.keys().isdisjoint(days)]
        months.append(
            Month(
                f"{month_name[month]} {year}",
                [(n, _WEEKDAYS[(day - 1) % 7]) for n, day in enumerate(days, start=1)],
                [_month_row(row, days, marked, ids) for row in shown],
            )
        )
    return months


def _month_row(
    row: Row, days: Sequence[int], marked: Mapping[str, Mapping[tuple[str, int], set[int]]], ids: Ids
) -> MonthRow:
    line = row.line
    code = "-".join((line.procedure_code, *line.modifiers))
    where = (
        f"line {line.line_number}" if row.own else f"claim {ids.claim(line.claim_id)} line {line.line_number}"
    )
    about = ", ".join(
        filter(
            None,
            (
                where,
                rule_name(row.role.kind),
                row.role.short_name,
                f"{decimal_text(line.units, 3)} {'unit' if line.units == UNIT else 'units'}",
                dollars(Decimal(line.charge) / 100),
                row.why_not,
            ),
        )
    )
    cells = [
        DayCell(row.days.get(day), "".join(side for side in "AB" if day in marked[side].get(row.key, ())))
        for day in days
    ]
    return MonthRow(code, about, row.own, cells)


def _sides(before: Sequence[Json], after: Sequence[Json], ids: Ids) -> list[EditSides]:
    # An edit's id holds its policy's, which the two need not share.
    old = {(edit["line_number"], edit["rule"]): edit for edit in before}
    new = {(edit["line_number"], edit["rule"]): edit for edit in after}
    found = []
    for key in old.keys() | new.keys():
        mine, theirs = new.get(key), old.get(key)
        known = mine or theirs
        if known is not None:
            line = f"line {known['line_number']}, {known['procedure_code']}"
            same = all(mine and theirs and mine[field] == theirs[field] for field in EDIT_FIELDS)
            found.append(EditSides(line, known["rule"], _told(theirs, ids), _told(mine, ids), same))
    return sorted(found, key=lambda edit: (edit.same, edit.line, edit.rule))


def _told(edit: Json | None, ids: Ids) -> Json | None:
    """What the page says of an edit."""
    if edit is None:
        return None
    named = [line["claim_id"] for line in edit["evidence"]]
    return {
        "disposition": edit["disposition"],
        "amount": dollars(Decimal(edit["amount_affected"])),
        "units": edit["units_affected"],
        "days": len(edit["dates"]),
        "message": ids.message(edit["message"], named),
        "codes": ", ".join(
            f"{name} {code}"
            for name, code in (("group", edit["group_code"]), ("CARC", edit["carc"]), ("RARC", edit["rarc"]))
            if code
        ),
        "section": f"{edit['policy']['id']} {edit['policy']['version']}, {edit['policy']['section']}",
    }
