"""Laws of the settings of a run: what is out of range is refused, and named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from streams.generate import DEFAULT_ERROR_RATES, GenerateSettings, generate_lines
from streams.generate.providers import directory, npi_with
from tests.streams.generate.runs import busy, plain


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"members": 0}, "members"),
        ({"members": 10_000_001}, "members"),
        ({"days": 0}, "days"),
        ({"days": 10**9}, "days"),
        ({"start": date(1899, 12, 31)}, "start"),
        ({"start": date(2100, 10, 1)}, "start"),
        ({"lines": -1}, "lines"),
        ({"other_share": 0.995}, "other_share"),
        ({"late_share": -0.1}, "late_share"),
        ({"redelivery_share": 1.1}, "redelivery_share"),
        ({"void_share": float("nan")}, "void_share"),
        ({"late_share": 0.6, "split_share": 0.6}, "exceed 1"),
        ({"error_rates": {"no_such_error": 0.1}}, "no_such_error"),
        ({"error_rates": {"no_drug": 1.5}}, "error_rates"),
    ],
)
def test_what_is_out_of_range_is_refused(changes: dict[str, Any], named: str) -> None:
    """A setting out of range is refused with its name."""
    with pytest.raises(ValueError, match=named):
        plain(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"members": 1, "days": 1},
        {"members": 2, "start": date(1900, 1, 1), "days": 40},
        {"members": 2, "start": date(2100, 7, 1), "days": 40},
        {"members": 7919 * 2, "lines": 300},
        {"lines": 0},
    ],
)
def test_the_ends_of_the_ranges_are_generated(changes: dict[str, Any]) -> None:
    """Settings at the ends of their ranges give lines, as many as asked for at most."""
    run = busy(**changes)
    assert 0 <= sum(1 for _ in generate_lines(run)) <= (300 if run.lines is None else run.lines)


def test_defaults_are_a_month() -> None:
    """Without settings the run is the first month of 2026, with every kind of error."""
    run = GenerateSettings(members=3)
    assert (run.start, run.days, run.lines) == (date(2026, 1, 1), 31, None)
    assert run.error_rates == DEFAULT_ERROR_RATES


def test_every_member_is_met() -> None:
    """Every member of the run bills something in the course of a quarter."""
    met = {event["member_id"] for event in generate_lines(plain(members=100, days=90))}
    assert len(met) == 100


def test_a_check_digit_is_the_one_of_the_standard() -> None:
    """The check digit of the standard's own example is found, and no provider has the number of another."""
    assert npi_with("123456789") == "1234567893"
    everyone = directory(4)
    npis = [each.npi for each in (*everyone.pharmacies, *everyone.others)] + list(everyone.nurses)
    assert len(set(npis)) == len(npis) > 100
