"""Edit events in full: every field, when edits are raised, cleared and raised again."""

from __future__ import annotations

from typing import Any

from policy.outputs import Outputs
from tests.policy.quiet_claims import DENIED, DRUG, LATER, VOID, edit_id, screened, send

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
