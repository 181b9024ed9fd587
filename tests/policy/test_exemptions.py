"""Which lines and dates an exemption takes (specification, section 4.3); worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from policy import PolicyEngine
from policy.document import Exemption
from tests.policy.claim_strategies import PROVIDERS
from tests.policy.exempted_lines import (
    NO_DRUG,
    WHOLE_NO_DRUG,
    Seen,
    counted,
    days,
    exempt,
    open_edits,
    screened,
    summary,
)
from tests.support import built_in_policy, claim_line, record

FIELDS: dict[str, Any] = {
    "plan_id": "GOLD",
    "billing_provider_npi": "1234567893",
    "rule": "per_diem_without_drug",
    "procedure_code": "S9500",
}
OTHERS: dict[str, Any] = {
    "plan_id": "SILVER",
    "billing_provider_npi": "1999999984",
    "rule": "units_exceed_days",
    "procedure_code": "S9501",
}
SUBSETS = [names for size in range(1, 5) for names in combinations(FIELDS, size)]


@pytest.mark.parametrize("names", SUBSETS)
def test_an_exemption_takes_the_edits_that_match_all_its_fields(names: tuple[str, ...]) -> None:
    """Each field alone and any together: the edit is not raised, the claim is clean, once counted."""
    outputs = screened([NO_DRUG], Exemption(**{name: FIELDS[name] for name in names}))
    assert open_edits(outputs) == []
    assert summary(outputs) == ("clean", None, 0, "0.00")
    assert counted(outputs) == {"per_diem_without_drug": 1}


@pytest.mark.parametrize("names", SUBSETS)
def test_one_field_that_does_not_match_keeps_the_edit(names: tuple[str, ...]) -> None:
    """Whichever of the given fields is another's, the edit stays whole and nothing is counted."""
    for wrong in names:
        given_fields = {name: FIELDS[name] for name in names} | {wrong: OTHERS[wrong]}
        outputs = screened([NO_DRUG], Exemption(**given_fields))
        assert open_edits(outputs) == [WHOLE_NO_DRUG]
        assert summary(outputs) == ("edited", "deny", 1, "1000.00")
        assert counted(outputs) == {}


def test_a_line_without_a_plan_matches_no_plan() -> None:
    """An exemption of a plan leaves lines alone that name none."""
    outputs = screened([NO_DRUG | {"plan_id": None}], Exemption(plan_id="GOLD"))
    assert open_edits(outputs) == [WHOLE_NO_DRUG]


def test_the_edited_line_must_match_not_its_evidence() -> None:
    """Exempting the drug on the other claim does not exempt the per diem that misses it."""
    drug = claim_line("C2", 1, "J0696", **days(1, 10), billing_provider_npi=PROVIDERS[1])
    whole: Seen = (1, "drug_on_other_claim", [*range(1, 11)], "10", "1000.00", "review")
    for exemption in (Exemption(procedure_code="J0696"), Exemption(billing_provider_npi=PROVIDERS[1])):
        assert open_edits(screened([NO_DRUG, drug], exemption)) == [whole]


def test_a_correction_is_held_against_the_exemptions_anew() -> None:
    """A corrected plan brings the edit, and the plan's return clears it."""
    engine = PolicyEngine(replace(built_in_policy(), exemptions=(Exemption(plan_id="GOLD"),)))
    engine.receive(record(NO_DRUG))
    assert [v.status for v in engine.finish().verdicts] == ["clean"]
    seen: list[tuple[str, int, int]] = []
    for day, plan in ((3, "SILVER"), (4, "GOLD")):
        changed = NO_DRUG | {"plan_id": plan, "received_at": f"2024-04-{day:02d}T09:00:00Z"}
        out = engine.receive(record(changed | {"event_id": plan}))
        seen += [(edit.status, edit.revision, len(edit.dates)) for edit in out.edits]
        seen += [(v.status, v.revision, v.open_edits) for v in out.verdicts]
    assert seen == [("open", 1, 10), ("edited", 2, 1), ("cleared", 2, 0), ("clean", 3, 0)]


@pytest.mark.parametrize(
    ("first", "last", "left"),
    [
        (None, None, []),
        (1, 10, []),
        (1, None, []),
        (None, 10, []),
        (-5, 25, []),
        (2, None, [1]),
        (10, None, [*range(1, 10)]),
        (11, None, [*range(1, 11)]),
        (None, 9, [10]),
        (None, 1, [*range(2, 11)]),
        (None, 0, [*range(1, 11)]),
        (1, 1, [*range(2, 11)]),
        (10, 10, [*range(1, 10)]),
        (4, 6, [1, 2, 3, 7, 8, 9, 10]),
        (-3, 2, [*range(3, 11)]),
        (9, 14, [*range(1, 9)]),
        (-9, 0, [*range(1, 11)]),
        (11, 20, [*range(1, 11)]),
    ],
)
def test_a_window_takes_its_dates_and_no_others(first: int | None, last: int | None, left: list[int]) -> None:
    """From and to are inclusive and open where absent; a date left is a unit and a hundred dollars."""
    outputs = screened([NO_DRUG], exempt("per_diem_without_drug", first, last))
    n = len(left)
    whole = [(1, "per_diem_without_drug", left, str(n), f"{n}00.00", "deny")] if left else []
    assert open_edits(outputs) == whole
    assert summary(outputs) == (("edited", "deny", 1, f"{n}00.00") if left else ("clean", None, 0, "0.00"))
    assert counted(outputs) == ({} if n == 10 else {"per_diem_without_drug": 1})


def test_windows_of_several_exemptions_add_up() -> None:
    """Overlapping or apart, what any of them takes is gone, and the finding is counted once."""
    windows = (exempt("per_diem_without_drug", 2, 4), exempt(None, 4, 5), exempt("per_diem_without_drug", 9))
    outputs = screened([NO_DRUG], *windows)
    assert open_edits(outputs) == [(1, "per_diem_without_drug", [1, 6, 7, 8], "4", "400.00", "deny")]
    assert counted(outputs) == {"per_diem_without_drug": 1}
    assert open_edits(screened([NO_DRUG], exempt(None, None, 5), exempt(None, 6))) == []
