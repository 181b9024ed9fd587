"""Billed lines whose edits are exempted, and what is seen of the edits and verdicts that are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from models.claim_verdict import ClaimVerdict
from models.edit_event import EditEvent
from policy.document import Exemption
from policy.outputs import Outputs
from tests.policy.claim_strategies import PROVIDERS
from tests.support import Event, built_in_policy, claim_line, latest, run

MARCH = date(2024, 2, 29).toordinal()
"""March's day 0: `MARCH + 1` is the first."""

Seen = tuple[int, str, list[int], str, str, str]
"""Line number, rule, days of March, units, amount, disposition."""


def days(first: int, last: int) -> dict[str, str]:
    """Service dates from one day of March to another."""
    return {"first": f"2024-03-{first:02d}", "last": f"2024-03-{last:02d}"}


def exempt(rule: str | None = None, first: int | None = None, last: int | None = None) -> Exemption:
    """An exemption from a rule on days of March; of the tests' provider where no rule is given."""
    return Exemption(
        billing_provider_npi=PROVIDERS[0] if rule is None else None,
        rule=rule,
        first=None if first is None else MARCH + first,
        last=None if last is None else MARCH + last,
    )


def screened(events: Sequence[Event], *exemptions: Exemption) -> list[Outputs]:
    """A finite input under the built-in policy with exemptions."""
    return run(events, replace(built_in_policy(), exemptions=exemptions))


def open_edits(outputs: Sequence[Outputs]) -> list[Seen]:
    """The edits of claim C1 that are open at the end."""
    edits, _ = latest(event for out in outputs for event in out.publications)
    return sorted(_seen(edit) for edit in edits.values() if edit.status == "open" and edit.claim_id == "C1")


def _seen(edit: EditEvent) -> Seen:
    found = [date.fromisoformat(day).toordinal() - MARCH for day in edit.dates]
    return edit.line_number, edit.rule, found, edit.units_affected, edit.amount_affected, edit.disposition


def verdict(outputs: Sequence[Outputs]) -> ClaimVerdict:
    """The last verdict of claim C1."""
    return latest(event for out in outputs for event in out.publications)[1]["M-1", "C1"]


def summary(outputs: Sequence[Outputs]) -> tuple[str, str | None, int, str]:
    """Status, disposition, number of open edits and amount of C1's verdict."""
    its = verdict(outputs)
    return its.status, its.disposition, its.open_edits, its.amount_affected


def counted(outputs: Sequence[Outputs]) -> Counter[str]:
    """How often findings were exempted, by rule."""
    total: Counter[tuple[str, ...]] = sum((out.counts for out in outputs), Counter())
    return Counter({key[1]: n for key, n in total.items() if key[0] == "exempted"})


NO_DRUG = claim_line("C1", 1, "S9500", **days(1, 10), units="10", charge_amount="1000.00", plan_id="GOLD")
"""Ten days of a daily per diem without a drug: all ten are denied."""

WHOLE_NO_DRUG: Seen = (1, "per_diem_without_drug", [*range(1, 11)], "10", "1000.00", "deny")

DUPLICATE = [
    claim_line("C1", 1, "S9500", **days(1, 5), units="5"),
    claim_line("C1", 2, "S9500", **days(1, 5), units="3"),
    claim_line("C1", 3, "J0696", **days(1, 5)),
]
"""The second line repeats the first with three units on five days, which nobody can date: review."""
