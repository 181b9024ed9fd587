"""Edit events and verdicts in full: every field, when edits are raised, cleared and raised again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from models.record import Record
from policy import PolicyEngine
from policy.document import Policy
from policy.outputs import Outputs
from tests.support import Event, built_in_policy, claim_line

DENIED = claim_line("C1", 1, "S9500", "2024-03-01", "2024-03-03", units="3", plan_id="P-1", modifiers=["RT"])
LATER = {"received_at": "2024-04-03T09:00:00Z"}
DRUG = claim_line("C1", 2, "J0696", "2024-03-01", "2024-03-03") | LATER
VOID = claim_line("C2", 1, "99213", "2024-03-01", claim_frequency_code="8", original_claim_id="C1") | LATER

WITHOUT_DRUG = {
    "rule": "per_diem_without_drug",
    "disposition": "deny",
    "group_code": "CO",
    "carc": "B15",
    "rarc": "N674",
    "claim_id": "C1",
    "line_number": 1,
    "member_id": "M-1",
    "plan_id": "P-1",
    "billing_provider_npi": "1234567893",
    "procedure_code": "S9500",
    "modifiers": ("RT",),
    "policy": {"id": "CPCP019", "version": "2.0", "section": "Reimbursement Information"},
}
"""What an edit event of the line says whether it is open or cleared."""

CURED = "With the lines that have come since, or a correction, this no longer stands."


def edit_id(rule: str, line_number: int = 1) -> str:
    """The id that the specification gives an edit of claim C1."""
    name = json.dumps(["CPCP019", rule, "M-1", "C1", line_number], separators=(",", ":"))
    return str(uuid5(uuid5(NAMESPACE_URL, "dripline:edit"), name))


def send(engine: PolicyEngine, event: Event, offset: int = 7) -> Outputs:
    """Receive an event as a record of partition 3 of a topic."""
    value = json.dumps(event).encode()
    return engine.receive(Record(value, offset, "claim-lines", 3, None, b"M-1", keyed=True))


def screened(*events: Event, policy: Policy | None = None) -> tuple[PolicyEngine, Outputs]:
    """An engine whose claims have fallen quiet, and what was published then."""
    engine = PolicyEngine(policy or built_in_policy())
    for event in events:
        assert send(engine, event).publications == []
    return engine, engine.advance(10**18)


def fields(out: Outputs) -> list[dict[str, Any]]:
    """The edit events, field by field."""
    return [dict(edit.__dict__) for edit in out.edits]


def test_an_open_edit_says_all_there_is_to_know() -> None:
    """At screening, by time: as of the due time, and without a cause."""
    _, out = screened(DENIED)
    assert fields(out) == [
        WITHOUT_DRUG
        | {
            "edit_id": edit_id("per_diem_without_drug"),
            "status": "open",
            "revision": 1,
            "raised": "at_screening",
            "dates": ("2024-03-01", "2024-03-02", "2024-03-03"),
            "units_affected": "3",
            "amount_affected": "100.00",
            "message": "S9500 on 2024-03-01 to 2024-03-03 has no corresponding drug; a per diem is paid for "
            "days of infusion.",
            "evidence": (),
            "as_of": "2024-04-02T09:15:00Z",
            "cause": None,
        }
    ]


def test_a_cleared_edit_keeps_its_codes_and_says_why() -> None:
    """A late drug cures it: no dates, units, amount or evidence; its cause is the drug's record."""
    engine, _ = screened(DENIED)
    assert fields(send(engine, DRUG)) == [
        WITHOUT_DRUG
        | {
            "edit_id": edit_id("per_diem_without_drug"),
            "status": "cleared",
            "revision": 2,
            "raised": "after_screening",
            "dates": (),
            "units_affected": "0",
            "amount_affected": "0.00",
            "message": CURED,
            "evidence": (),
            "as_of": "2024-04-03T09:00:00Z",
            "cause": {"event_id": "C1-2", "topic": "claim-lines", "partition": 3, "offset": 7},
        }
    ]


def test_an_edit_is_cleared_for_a_reason() -> None:
    """Withdrawn, corrected to a void, or otherwise cured: the message says which; withdrawal first."""
    to_void = DENIED | LATER | {"claim_frequency_code": "8", "original_claim_id": "C0"}
    withdrawn, voided = "The claim was replaced or voided.", "The line was corrected to a void."
    for events, message in (([DRUG], CURED), ([VOID], withdrawn), ([to_void], voided)):
        engine, _ = screened(DENIED)
        (edit,) = [edit for event in events for edit in send(engine, event).edits]
        assert (edit.status, edit.message) == ("cleared", message)


def test_an_edit_raised_again_counts_on() -> None:
    """Cleared by a drug, raised anew when the drug's line is voided: revisions 2 and 3."""
    engine, _ = screened(DENIED)
    gone = DRUG | {"event_id": "E3", "received_at": "2024-04-03T10:00:00Z"}
    gone |= {"claim_frequency_code": "8", "original_claim_id": "C0"}
    outs = [send(engine, DRUG), send(engine, DRUG), send(engine, gone), send(engine, gone)]
    seen = [(edit.status, edit.revision, edit.raised) for out in outs for edit in out.edits]
    assert seen == [("cleared", 2, "after_screening"), ("open", 3, "after_screening")]
    revisions = [verdict.revision for out in outs for verdict in out.verdicts if verdict.claim_id == "C1"]
    assert revisions == [2, 3]


def line(number: int, disposition: str, amount: str, *rules: str) -> dict[str, Any]:
    """A line of a verdict."""
    ids = sorted(edit_id(rule, number) for rule in rules)
    return {"line_number": number, "disposition": disposition, "amount_affected": amount, "edit_ids": ids}


def test_a_verdict_sums_up_its_claim() -> None:
    """Of each line the gravest disposition and its greatest amount; voided lines are not charged."""
    lines = [
        DENIED | {"units": "5"},
        claim_line("C1", 2, "S9500", "2024-03-01", modifiers=["SH"], charge_amount="50.00"),
        claim_line("C1", 3, "99602", "2024-03-01", charge_amount="30.00"),
        claim_line("C1", 4, "99601", "2024-03-02", charge_amount="20.00"),
        claim_line("C1", 5, "99213", "2024-03-02", charge_amount="7.00"),
        claim_line("C1", 6, "99213", "2024-03-02", claim_frequency_code="8", original_claim_id="C0"),
    ]
    _, out = screened(*lines)
    (verdict,) = out.verdicts
    assert verdict.__dict__ == {
        "claim_id": "C1",
        "member_id": "M-1",
        "status": "edited",
        "disposition": "deny",
        "open_edits": 6,
        "lines": (
            line(1, "deny", "60.00", "per_diem_without_drug", "units_exceed_days"),
            line(2, "deny", "50.00", "per_diem_without_drug"),
            line(3, "deny", "30.00", "visit_addon_without_primary", "visit_without_professional"),
            line(4, "inform", "0.00", "visit_without_professional"),
        ),
        "charge_total": "207.00",
        "amount_affected": "140.00",
        "lines_seen": 6,
        "line_count": None,
        "settled": "quiet",
        "revision": 1,
        "as_of": "2024-04-02T09:15:00Z",
    }


def test_a_withdrawn_claim_charges_nothing() -> None:
    """Its verdict says withdrawn, without edits and amounts, and as of the withdrawal."""
    engine, _ = screened(DENIED)
    verdict, *_ = send(engine, VOID).verdicts
    assert (verdict.claim_id, verdict.status, verdict.disposition, verdict.open_edits) == (
        "C1",
        "withdrawn",
        None,
        0,
    )
    assert (verdict.charge_total, verdict.amount_affected, verdict.lines) == ("0.00", "0.00", ())
    assert (verdict.lines_seen, verdict.settled, verdict.revision, verdict.as_of) == (
        1,
        "quiet",
        2,
        "2024-04-03T09:00:00Z",
    )


def versions(*names: str) -> Policy:
    """The built-in policy as versions of these names, the first to 2024-03-10, with other remark codes."""
    policy = built_in_policy()
    (only,) = policy.versions
    rule = only.rules["per_diem_without_drug"]
    made = [
        replace(only, version=name, rules=dict(only.rules) | {rule.name: replace(rule, rarc=f"N{number}")})
        for number, name in enumerate(names, start=1)
    ]
    border = 738_955  # 2024-03-10
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
