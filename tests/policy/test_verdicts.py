"""Verdicts in full: how the edits of a claim's lines add up."""

from __future__ import annotations

from typing import Any

from tests.policy.quiet_claims import DENIED, VOID, edit_id, screened, send
from tests.support import claim_line


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
