"""Verdicts and settling of claims that lose edits to exemptions (section 4.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy import PolicyEngine
from policy.document import Exemption
from policy.exemptions import FIELDS
from policy.rules import RULES
from tests.policy.claim_strategies import FIRST_DAY, PROVIDERS, claim_sets
from tests.policy.exempted_lines import (
    DUPLICATE,
    NO_DRUG,
    days,
    exempt,
    open_edits,
    screened,
    summary,
    verdict,
)
from tests.policy.test_engine_against_oracle import engine_rows, oracle_rows
from tests.support import Event, built_in_policy, claim_line, record


def test_the_verdict_counts_what_is_left() -> None:
    """The greatest amount of the gravest disposition left: of two denials, then of one, then none."""
    events = [NO_DRUG | {"service_date_to": "2024-03-04", "units": "6", "charge_amount": "600.00"}]
    too_many, no_drug = exempt("units_exceed_days"), exempt("per_diem_without_drug")
    assert summary(screened(events)) == ("edited", "deny", 2, "400.00")
    assert summary(screened(events, exempt("per_diem_without_drug", 2))) == ("edited", "deny", 2, "200.00")
    assert summary(screened(events, too_many)) == ("edited", "deny", 1, "400.00")
    assert summary(screened(events, no_drug)) == ("edited", "deny", 1, "200.00")
    assert summary(screened(events, too_many, no_drug)) == ("clean", None, 0, "0.00")


def test_a_milder_edit_is_left_behind() -> None:
    """Without the denial of a lone further hour, its line is only told about, and nothing is affected."""
    events = [claim_line("C1", 1, "99602", **days(1, 2), units="2", charge_amount="80.00")]
    assert summary(screened(events)) == ("edited", "deny", 2, "80.00")
    outputs = screened(events, exempt("visit_addon_without_primary"))
    assert open_edits(outputs) == [(1, "visit_without_professional", [1, 2], "2", "80.00", "inform")]
    assert summary(outputs) == ("edited", "inform", 1, "0.00")
    (line,) = verdict(outputs).lines
    assert (line["line_number"], line["disposition"], line["amount_affected"]) == (1, "inform", "0.00")


def test_the_disposition_stays_while_lines_are_missing() -> None:
    """Softened because the claim misses lines, an edit that loses dates is as soft."""
    outputs = screened([NO_DRUG | {"line_count": 2}], exempt("per_diem_without_drug", 4))
    assert open_edits(outputs) == [(1, "per_diem_without_drug", [1, 2, 3], "3", "300.00", "review")]


def test_a_duplicate_stays_denied_though_the_telling_date_is_exempted() -> None:
    """Dispositions rest on the dates found, exempted or not."""
    twin = [DUPLICATE[0], DUPLICATE[0] | {"line_number": 2, "event_id": "twin"}, DUPLICATE[2]]
    outputs = screened(twin, exempt("duplicate_per_diem", 1, 4))
    assert open_edits(outputs) == [(2, "duplicate_per_diem", [5], "1", "20.00", "deny")]


@pytest.mark.parametrize(("last", "settles"), [(10, True), (9, False)])
def test_a_full_claim_waits_only_for_edits_that_exemptions_leave(last: int, settles: bool) -> None:
    """Nothing absent could cure what is exempted: the claim is complete at once."""
    exemptions = (exempt("per_diem_without_drug", None, last),)
    engine = PolicyEngine(replace(built_in_policy(), exemptions=exemptions))
    out = engine.receive(record(NO_DRUG | {"line_count": 1}))
    assert [v.settled for v in out.verdicts] == (["complete"] if settles else [])


window_days = st.none() | st.integers(-1, 18).map(FIRST_DAY.toordinal().__add__)


@st.composite
def exemptions(draw: st.DrawFn) -> Exemption:
    """An exemption that drawn claim sets meet."""
    fields: dict[str, st.SearchStrategy[str]] = {
        "plan_id": st.just("GOLD"),
        "billing_provider_npi": st.sampled_from(PROVIDERS),
        "rule": st.sampled_from(sorted(RULES)),
        "procedure_code": st.sampled_from(("S9500", "S9379", "J0696", "S9494", "S5501", "J1642")),
    }
    names = draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=2, unique=True))
    first, last = draw(window_days), draw(window_days)
    if first is not None and last is not None and first > last:
        first, last = last, first
    return Exemption(**{name: draw(fields[name]) for name in names}, first=first, last=last)


def as_given(exemption: Exemption) -> dict[str, str | None]:
    """An exemption as a file would give it."""
    window = {"from": exemption.first, "to": exemption.last}
    given_fields: dict[str, str | None] = {name: getattr(exemption, name) for name in FIELDS[:4]}
    return given_fields | {
        name: None if day is None else date.fromordinal(day).isoformat() for name, day in window.items()
    }


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=100)
@given(claim_sets(), st.lists(exemptions(), min_size=1, max_size=3))
def test_any_exemptions_leave_what_the_oracle_leaves(events: list[Event], drawn: list[Exemption]) -> None:
    """Whatever is exempted of whatever is billed, edits and verdicts are the independent reading's."""
    policy = replace(built_in_policy(), exemptions=tuple(drawn))
    assert engine_rows(events, policy) == oracle_rows(events, [as_given(each) for each in drawn])
