"""Edits of lines that move between policy versions, and of versions that are gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from policy import PolicyEngine
from policy.document import Policy
from tests.policy.quiet_claims import DENIED, DRUG, LATER, screened, send
from tests.support import built_in_policy, claim_line


def versions(*names: str) -> Policy:
    """The built-in policy as versions of these names, the first to 2024-03-10, with other remark codes."""
    policy = built_in_policy()
    (only,) = policy.versions
    rule = only.rules["per_diem_without_drug"]
    made = [
        replace(only, version=name, rules=dict(only.rules) | {rule.name: replace(rule, rarc=f"N{number}")})
        for number, name in enumerate(names, start=1)
    ]
    border = date(2024, 3, 10).toordinal()
    made[0] = replace(made[0], effective_to=border) if len(made) > 1 else made[0]
    return replace(policy, versions=(made[0], *(replace(one, effective_from=border + 1) for one in made[1:])))


def test_an_edit_goes_over_to_another_version_when_it_is_raised_anew() -> None:
    """A line corrected to dates of another version: its edit bears that one's codes, also when cleared."""
    drug = claim_line("C1", 2, "J0696", "2024-03-11", "2024-03-13") | LATER
    moved = {"event_id": "E2", "service_date_from": "2024-03-11", "service_date_to": "2024-03-13"}
    for events, expected in (
        ([DENIED | LATER | moved], [("open", "2.0", "N2")]),
        ([DENIED | LATER | moved, drug], [("open", "2.0", "N2"), ("cleared", "2.0", "N2")]),
        ([drug, DENIED | LATER | moved], [("cleared", "1.0", "N1")]),
    ):
        engine, _ = screened(DENIED, policy=versions("1.0", "2.0"))
        edits = [edit for event in events for edit in send(engine, event).edits]
        assert [(one.status, one.policy["version"], one.rarc) for one in edits] == expected


@pytest.mark.parametrize(
    ("loaded", "latest", "rarc"), [(["1.0", "2.0"], "2.0", "N2"), (["1.0"], "1.0", "N1")]
)
def test_a_version_that_is_gone_is_stood_in_for_by_the_latest(
    loaded: list[str], latest: str, rarc: str
) -> None:
    """Where the version that raised an edit is no longer loaded, the latest gives the codes."""
    engine, _ = screened(DENIED, policy=versions("0.9"))
    engine = PolicyEngine(versions(*loaded), engine.state())
    (edit,) = send(engine, DRUG).edits
    assert (edit.status, edit.policy["version"], edit.rarc) == ("cleared", latest, rarc)
