"""Which lines an event concerns: their edits are published anew, whoever's claim they are on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from policy import PolicyEngine
from policy.document import Exemption
from policy.outputs import Outputs
from tests.policy.quiet_claims import LATER, screened
from tests.support import built_in_policy, claim_line, record

ALONE = claim_line("C1", 1, "S9500", "2024-03-01", line_count=2)


def edits(out: Outputs) -> list[tuple[str, int, str, str, str]]:
    """Claim, line, rule, status and disposition of the edit events."""
    return [(one.claim_id, one.line_number, one.rule, one.status, one.disposition) for one in out.edits]


def test_the_last_line_of_a_claim_concerns_all_its_lines() -> None:
    """While a line is missing an absence is reviewed, once it is there it is denied."""
    engine, _ = screened(ALONE)
    out = engine.receive(record(claim_line("C1", 2, "99213", "2024-03-09") | LATER))
    assert edits(out) == [("C1", 1, "per_diem_without_drug", "open", "deny")]
    more = claim_line("C1", 2, "99213", "2024-03-09", line_count=3, event_id="E3")
    out = engine.receive(record(more | {"received_at": "2024-04-03T10:00:00Z"}))
    assert edits(out) == [("C1", 1, "per_diem_without_drug", "open", "review")]


def test_a_replacement_brings_its_lines_and_takes_those_of_the_replaced() -> None:
    """C2 replaces C1: the drug it brings and the drug it takes away concern the lines of others, at once."""
    per_diems = [
        claim_line("C7", 1, "S9500", "2024-03-01"),
        claim_line("C8", 1, "S9500", "2024-03-20"),
        claim_line("C8", 2, "99213", "2024-03-20"),
    ]
    engine, _ = screened(*per_diems, claim_line("C1", 1, "J0696", "2024-03-01"))
    new = claim_line("C2", 1, "J0696", "2024-03-20", claim_frequency_code="7", original_claim_id="C1") | LATER
    assert edits(engine.receive(record(new))) == [
        ("C7", 1, "drug_on_other_claim", "cleared", "return"),
        ("C7", 1, "per_diem_without_drug", "open", "deny"),
        ("C8", 1, "drug_on_other_claim", "open", "return"),
        ("C8", 1, "per_diem_without_drug", "cleared", "deny"),
    ]


def test_a_claim_that_withdraws_its_rival_stands_again_with_all_lines() -> None:
    """C1 gives way to C2; a correction of its first line that replaces C2 brings the second line back too."""
    replacing: dict[str, Any] = {"claim_frequency_code": "7", "original_claim_id": "C0"}
    drug = claim_line("C1", 1, "J0696", "2024-03-01", **replacing)
    rival = claim_line("C2", 1, "99213", "2024-03-01", **replacing) | LATER
    engine, _ = screened(drug, claim_line("C1", 2, "S9500", "2024-03-09", **replacing))
    assert [(one.claim_id, one.line_number) for one in engine.receive(record(rival)).edits] == [("C1", 2)]
    against = {"original_claim_id": "C2", "event_id": "E9", "received_at": "2024-04-04T09:00:00Z"}
    out = engine.receive(record(drug | against))
    assert [(claim, line, status) for claim, line, _, status, _ in edits(out)] == [("C1", 2, "open")]


def test_what_stays_as_it_was_is_not_published_again() -> None:
    """A visit on its date makes an edited line be looked at; the edit and its verdict stand."""
    engine = PolicyEngine(built_in_policy(), tracking=True)
    engine.receive(record(ALONE))
    engine.advance(10**18)
    engine.take_writes()
    fields = {"rendering_provider_npi": "1234567893", "line_count": 1}
    out = engine.receive(record(claim_line("C2", 1, "99601", "2024-03-01") | fields))
    assert (out.edits, [verdict.claim_id for verdict in out.verdicts]) == ([], ["C2"])
    assert b'["M-1","C1",1]' not in engine.take_writes()


def test_exempted_findings_are_counted_when_a_claim_is_screened() -> None:
    """One for each line and rule that lost dates to an exemption."""
    policy = replace(built_in_policy(), exemptions=(Exemption(rule="visit_without_professional"),))
    engine = PolicyEngine(policy)
    for number in (1, 2):
        engine.receive(record(claim_line("C1", number, "99601", f"2024-03-0{number}")))
    assert engine.advance(10**18).counts == {("exempted", "visit_without_professional"): 2}
