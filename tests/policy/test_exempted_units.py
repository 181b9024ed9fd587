"""Units and amounts of edits that lose dates to exemptions (section 4.3); worked out by hand."""

from __future__ import annotations

import pytest

from tests.policy.exempted_lines import (
    DUPLICATE,
    NO_DRUG,
    Seen,
    counted,
    days,
    exempt,
    open_edits,
    screened,
    summary,
)
from tests.support import Event, claim_line


def test_a_drug_rule_takes_at_most_one_unit_a_date_left() -> None:
    """Four units on ten days: five dates left still hold four units, two dates only two."""
    line = NO_DRUG | {"units": "4"}
    for first, left, units, amount in ((6, [1, 2, 3, 4, 5], "4", "1000.00"), (3, [1, 2], "2", "500.00")):
        outputs = screened([line], exempt("per_diem_without_drug", first))
        assert open_edits(outputs) == [(1, "per_diem_without_drug", left, units, amount, "deny")]


def test_the_drug_rules_share_out_as_if_nothing_were_exempted() -> None:
    """Of six units the drug elsewhere takes four, the rest two: exempting one gives the other nothing."""
    line = NO_DRUG | {"units": "6", "charge_amount": "600.00"}
    events = [line, claim_line("C2", 1, "J0696", **days(1, 4))]
    elsewhere: Seen = (1, "drug_on_other_claim", [1, 2, 3, 4], "4", "400.00", "return")
    none: Seen = (1, "per_diem_without_drug", [5, 6, 7, 8, 9, 10], "2", "200.00", "deny")
    assert open_edits(screened(events)) == [elsewhere, none]
    assert open_edits(screened(events, exempt("drug_on_other_claim"))) == [none]
    assert open_edits(screened(events, exempt("per_diem_without_drug"))) == [elsewhere]
    assert open_edits(screened(events, exempt("per_diem_without_drug", 5, 8))) == [
        elsewhere,
        (1, "per_diem_without_drug", [9, 10], "2", "200.00", "deny"),
    ]
    assert open_edits(screened(events, exempt(None, 2, 9))) == [
        (1, "drug_on_other_claim", [1], "1", "100.00", "return"),
        (1, "per_diem_without_drug", [10], "1", "100.00", "deny"),
    ]


@pytest.mark.parametrize(
    ("first", "left", "units", "amount"),
    [
        (6, [1, 2, 3, 4, 5], "3", "100.00"),
        (5, [1, 2, 3, 4], "3", "100.00"),
        (3, [1, 2], "2", "66.67"),
        (2, [1], "1", "33.33"),
    ],
)
def test_a_rule_of_days_takes_at_most_one_unit_a_date_left(
    first: int, left: list[int], units: str, amount: str
) -> None:
    """The smaller of the line's units and the dates left, and the charge in proportion."""
    outputs = screened(DUPLICATE, exempt("duplicate_per_diem", first))
    assert open_edits(outputs) == [(2, "duplicate_per_diem", left, units, amount, "review")]
    assert summary(outputs) == ("edited", "review", 1, amount)


def test_other_rules_see_a_finding_as_if_it_were_not_exempted() -> None:
    """An exempted duplicate is neither a therapy without its own drug nor one that lacks a modifier."""
    outputs = screened(DUPLICATE, exempt("duplicate_per_diem"))
    assert open_edits(outputs) == []
    assert summary(outputs) == ("clean", None, 0, "0.00")
    assert counted(outputs) == {"duplicate_per_diem": 1}


def flush(units: str, charge: str, last: int) -> list[Event]:
    """A clean per diem with its drug, and saline from the first of March on, which is never paid apart."""
    return [
        claim_line("C1", 1, "S9500", **days(1, 7), units="7"),
        claim_line("C1", 2, "J0696", **days(1, 7)),
        claim_line("C1", 3, "A4216", **days(1, last), units=units, charge_amount=charge),
    ]


@pytest.mark.parametrize(
    ("units", "charge", "last", "window", "left", "share", "amount"),
    [
        ("1", "100.00", 7, (8, None), [1, 2, 3, 4, 5, 6, 7], "1", "100.00"),
        ("1", "100.00", 7, (4, None), [1, 2, 3], "0.429", "42.86"),  # 3/7, the amount not of 0.429
        ("14", "70.00", 7, (None, 2), [3, 4, 5, 6, 7], "10", "50.00"),
        ("6", "99.99", 4, (2, 2), [1, 3, 4], "4.5", "74.99"),
        ("2.5", "10.00", 3, (2, 3), [1], "0.833", "3.33"),
        ("0.001", "0.01", 2, (2, 2), [1], "0.001", "0.01"),  # halves are rounded up
    ],
)
def test_a_rule_of_shares_takes_the_share_of_the_dates_left(
    units: str,
    charge: str,
    last: int,
    window: tuple[int | None, int | None],
    left: list[int],
    share: str,
    amount: str,
) -> None:
    """Units in proportion to the line's dates, rounded to thousandths; the amount of the exact share."""
    outputs = screened(flush(units, charge, last), exempt("supply_never_payable", *window))
    assert open_edits(outputs) == [(3, "supply_never_payable", left, share, amount, "deny")]
    assert summary(outputs) == ("edited", "deny", 1, amount)


@pytest.mark.parametrize(
    ("code", "drug", "units", "days_billed", "seen"),
    [
        ("S9500", "J0696", "6", 4, ("units_exceed_days", "2", "200.00", "deny")),
        ("S9500", "J0696", "2", 1, ("units_exceed_days", "1", "300.00", "return")),
        ("S9359", "J1745", "5", 5, ("units_implausible", "3", "360.00", "review")),
    ],
)
def test_a_rule_that_counts_itself_keeps_its_units(
    code: str, drug: str, units: str, days_billed: int, seen: tuple[str, str, str, str]
) -> None:
    """Units, amount and disposition stay while one date is left; without dates there is no edit."""
    rule, affected, amount, disposition = seen
    events = [
        claim_line("C1", 1, code, **days(1, days_billed), units=units, charge_amount="600.00"),
        claim_line("C1", 2, drug, **days(1, days_billed)),
    ]
    for kept in range(1, days_billed + 1):
        outputs = screened(events, exempt(rule, kept + 1))
        assert open_edits(outputs) == [(1, rule, [*range(1, kept + 1)], affected, amount, disposition)]
        assert counted(outputs) == ({} if kept == days_billed else {rule: 1})
    outputs = screened(events, exempt(rule, 1, days_billed))
    assert open_edits(outputs) == []
    assert summary(outputs) == ("clean", None, 0, "0.00")
