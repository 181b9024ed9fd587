"""A claim by date: what each line of it, and each line it rests on, is on every date.

The roles, pairs and drug days are those that the engine itself works out of the lines
(`policy.screening`), so a calendar never tells another story than the edits. It is drawn in a terminal
(`streams.explain.view`) and on the page of a backtest (`streams.report`). Dates are ordinals, inclusive.
Source: screening specification, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from models.claim_line import ClaimLine
from models.member import ClaimState, LineState, MemberState
from policy.document import Policy, Role
from policy.history import ActiveLine, ordinals
from policy.roles import OTHER, role_of
from policy.rules import RULES
from policy.screening import Screening, corresponds, per_diem
from policy.workspace import Workspace

DayKind = Literal[
    "both", "unbilled", "alone", "elsewhere", "included", "drug", "discarded", "other", "inactive"
]
"""What a line is on a date."""

SYMBOLS: Final[Mapping[DayKind, tuple[str, str]]] = {
    "both": ("P", "per diem, paired with its drug on the claim"),
    "unbilled": ("-", "per diem line, but no day that it bills: it has no more units than drug days"),
    "alone": ("N", "per diem, no drug that goes with it"),
    "elsewhere": ("E", "per diem, its drug on another claim"),
    "included": ("I", "per diem that includes its drug"),
    "drug": ("D", "drug"),
    "discarded": ("W", "drug that was discarded (wasted)"),
    "other": ("x", "supply, visit or another line"),
    "inactive": ("~", "line that does not count: withdrawn, void or outside the policy"),
}
"""A letter for each, and its meaning for people."""

Key = tuple[str, int]
"""A line of a member: claim and line number."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the calendar.

    Attributes:
        line: the current version of the claim line.
        role: its role in the policy version of its first date.
        own: True where it is of the claim that is explained.
        why_not: why it does not count, "" where it does.
        days: date (ordinal) -> what the line is on it.
    """

    line: ClaimLine
    role: Role
    own: bool
    why_not: str
    days: Mapping[int, DayKind]

    @property
    def key(self) -> Key:
        """Its claim and line number."""
        return self.line.claim_id, self.line.line_number


def calendar_rows(
    lines: Iterable[ClaimLine], claim_id: str, policy: Policy, named: Collection[Key] = ()
) -> list[Row]:
    """The lines of a claim, then those of the member's other claims that bear on it.

    Args:
        lines: claim lines of one member, every version, in any order.
        claim_id: the claim.
        policy: gives the roles.
        named: lines that edits rest on; they are among the rows wherever their dates lie. Of the others
            those are rows that count, have a role of home infusion and share a date with the claim.

    Returns:
        Rows by claim (the explained one first) and line number; none where the claim has no line.
    """
    member = _member(lines)
    claim = None if member is None else member.claims.get(claim_id)
    if member is None or claim is None or not claim.lines:
        return []
    workspace = Workspace(member, policy)
    screening = Screening(workspace.history, RULES)
    rows = [
        _row(each, state, claim_id, policy, screening)
        for each in member.claims.values()
        for state in each.lines.values()
    ]
    dates = {day for row in rows if row.own for day in row.days}
    chosen = [row for row in rows if row.own or row.key in named or _near(row, dates)]
    return sorted(chosen, key=lambda row: (not row.own, *row.key))


def _member(lines: Iterable[ClaimLine]) -> MemberState | None:
    member = None
    for line in lines:
        member = member or MemberState(line.member_id)
        member.accept(line)
    return member


def _near(row: Row, dates: Collection[int]) -> bool:
    return not row.why_not and row.role.kind != "other" and any(day in dates for day in row.days)


def _row(claim: ClaimState, state: LineState, claim_id: str, policy: Policy, screening: Screening) -> Row:
    line = state.current
    own = claim.claim_id == claim_id
    active = screening.history.of(claim, state)
    if active is not None:
        return Row(line, active.role, own, "", dict(_days(active, screening)))
    version = policy.on(line.first)
    role = OTHER if version is None else role_of(version, line.procedure_code, line.ndc)
    why_not = _why_not(claim, line, outside=version is None)
    kind: DayKind = "inactive" if why_not else "other"
    return Row(line, role, own, why_not, dict.fromkeys(range(line.first, line.last + 1), kind))


def _why_not(claim: ClaimState, line: ClaimLine, *, outside: bool) -> str:
    if claim.withdrawn:
        return "withdrawn"
    if line.voids:
        return "void"
    return "outside the policy" if outside else ""


def _days(line: ActiveLine, screening: Screening) -> Iterator[tuple[int, DayKind]]:
    """What an active line is on each of its dates."""
    base = screening.history.base
    rest = line.days
    for kind, days in _sets(line, screening):
        for day in ordinals(days & rest, base):
            yield day, kind
        rest &= ~days


def _sets(line: ActiveLine, screening: Screening) -> Iterator[tuple[DayKind, int]]:
    """Sets of dates by kind; a date is of the first kind that has it."""
    if line.role.per_diem is not None:
        yield "both", screening.paired(line)
        yield "unbilled", line.days & ~screening.billed(line)
        if per_diem(line).missing_drug in line.version.drug_rules.drug_inside:
            yield "included", line.days
        yield "elsewhere", _on_other_claims(line, screening)
        yield "alone", line.days
    yield "drug", screening.given_days(line)
    yield "discarded", screening.drug_days(line)
    yield "other", line.days


def _on_other_claims(line: ActiveLine, screening: Screening) -> int:
    days = 0
    for drug in screening.near_drugs(line):
        if drug.claim is not line.claim and corresponds(drug, line):
            days |= screening.given_days(drug)
    return days


def months_of(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """The months (year, month) in which the claim's own lines have dates, sorted."""
    days = {date.fromordinal(day) for row in rows if row.own for day in row.days}
    return sorted({(day.year, day.month) for day in days})


def edited_days(edits: Iterable[Mapping[str, Any]]) -> dict[Key, set[int]]:
    """The dates (ordinals) of open edits by line; edits as they are published."""
    found: dict[Key, set[int]] = {}
    for edit in edits:
        if edit["status"] == "open":
            days = found.setdefault((edit["claim_id"], edit["line_number"]), set())
            days.update(date.fromisoformat(day).toordinal() for day in edit["dates"])
    return found


def named_lines(edits: Iterable[Mapping[str, Any]]) -> set[Key]:
    """The lines that edits rest on."""
    return {(line["claim_id"], line["line_number"]) for edit in edits for line in edit["evidence"]}
