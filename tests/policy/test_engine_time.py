"""Event time: when claims settle, what is forwarded, what is forgotten."""

from __future__ import annotations

import json
from typing import Any

from models.claim_line import LineKey
from models.reading import microseconds, read_instant
from models.record import Record
from policy import PolicyEngine
from tests.support import Event, built_in_policy, claim_line, record


def engine(*events: Event) -> PolicyEngine:
    """An engine that has received some events."""
    made = PolicyEngine(built_in_policy(), tracking=True)
    for offset, event in enumerate(events):
        assert made.receive(record(event, offset)).rejections == []
    return made


def at(text: str) -> int:
    """An instant in microseconds."""
    return microseconds(read_instant(text))


LONE = claim_line("C1", 1, "S9500", "2024-03-01", "2024-03-03", units="3")


def test_an_open_claim_publishes_nothing_until_it_is_quiet() -> None:
    """It settles at its due time, with that time and no cause, and event time stays."""
    made = engine(LONE)
    assert made.advance(at("2024-04-02T09:14:59.999999Z")).publications == []
    out = made.advance(at("2024-04-02T09:20:00Z"))
    assert [edit.rule for edit in out.edits] == ["per_diem_without_drug"]
    assert {event.as_of for event in out.publications} == {"2024-04-02T09:15:00Z"}
    assert out.edits[0].cause is None
    assert out.verdicts[0].settled == "quiet"
    assert made.event_time == at("2024-04-02T09:00:00Z")


def test_a_complete_claim_settles_at_once() -> None:
    """Its verdict comes with the record that completes it."""
    made = engine()
    whole = claim_line("C1", 1, "S9500", "2024-03-01", line_count=2)
    drug = claim_line("C1", 2, "J0696", "2024-03-01", line_count=2)
    assert made.receive(record(whole)).publications == []
    (verdict,) = made.receive(record(drug)).verdicts
    assert (verdict.status, verdict.settled) == ("clean", "complete")


def test_a_full_claim_without_its_drug_waits_for_a_sibling() -> None:
    """It is not complete while something absent could cure it, then the sibling settles it."""
    made = engine(LONE | {"line_count": 1})
    sibling = claim_line("C2", 1, "J0696", "2024-03-01", "2024-03-03", line_count=1)
    out = made.receive(record(sibling, 1))
    assert [verdict.claim_id for verdict in out.verdicts] == ["C2"]
    (edit,) = made.advance(at("2024-04-02T10:00:00Z")).edits
    assert edit.rule == "drug_on_other_claim"


def test_a_change_after_the_verdict_is_a_new_revision() -> None:
    """A late drug clears the edit: revision 2, no dates, the cause is the drug's record."""
    made = engine(LONE)
    (first,) = made.advance(at("2024-04-02T10:00:00Z")).edits
    late = claim_line("C1", 2, "J0696", "2024-03-01", "2024-03-03", received_at="2024-04-03T09:00:00Z")
    out = made.receive(record(late, 7))
    (edit,) = out.edits
    assert (edit.edit_id, edit.status, edit.revision) == (first.edit_id, "cleared", 2)
    assert (edit.dates, edit.units_affected, edit.amount_affected) == ((), "0", "0.00")
    assert (edit.disposition, edit.raised) == (first.disposition, "after_screening")
    assert edit.cause is not None
    assert (edit.cause["event_id"], edit.cause["offset"]) == ("C1-2", 7)
    assert out.verdicts[0].status == "clean"


def test_a_mis_keyed_record_is_forwarded_and_moves_nothing() -> None:
    """Its key becomes the member's id; it is neither judged nor does it move event time."""
    made = engine()
    value = json.dumps(LONE).encode()
    out = made.receive(Record(value, 0, "claim-lines", 1, None, b"other", keyed=True))
    assert [forward.key for forward in out.forwards] == [b"M-1"]
    assert made.event_time is None
    assert made.receive(Record(value, 1, "claim-lines", 1, None, b"M-1", keyed=True)).forwards == []
    assert made.event_time is not None


def test_what_is_long_past_is_forgotten_without_a_word() -> None:
    """After retention and the days behind it a settled claim leaves the state; nothing is published of it."""
    made = engine(LONE)
    made.advance(at("2024-04-03T00:00:00Z"))
    made.take_writes()
    now = {"received_at": "2026-09-01T00:00:00Z", "member_id": "M-2"}
    out = made.receive(record(claim_line("C9", 1, "99213", "2026-08-01", line_count=1) | now, 1))
    assert [verdict.claim_id for verdict in out.verdicts] == ["C9"]
    assert out.counts["forgotten",] == 1
    gone = {key for key, value in made.take_writes().items() if value is None}
    assert gone == {json.dumps(k, separators=(",", ":")).encode() for k in (["M-1", "C1"], ["M-1", "C1", 1])}
    assert LineKey("M-1", "C1", 1) not in {tuple(json.loads(key)) for key, _ in made.state()}


def test_a_voided_winner_brings_its_rival_back() -> None:
    """The earlier replacement is withdrawn by the later, and stands again once that is voided."""
    replacing: dict[str, Any] = {"claim_frequency_code": "7", "original_claim_id": "C0", "line_count": 1}
    early = claim_line("C1", 1, "99213", "2024-03-01", **replacing)
    late = claim_line("C2", 1, "99213", "2024-03-01", received_at="2024-04-03T09:00:00Z", **replacing)
    made = engine(early)
    out = made.receive(record(late, 1))
    assert [(v.claim_id, v.status) for v in out.verdicts] == [("C1", "withdrawn"), ("C2", "clean")]
    void = {"claim_frequency_code": "8", "original_claim_id": "C2", "received_at": "2024-04-04T09:00:00Z"}
    out = made.receive(record(claim_line("C3", 1, "99213", "2024-03-01", **void), 2))
    assert [(v.claim_id, v.status, v.revision) for v in out.verdicts] == [
        ("C1", "clean", 3),
        ("C2", "withdrawn", 2),
    ]


def test_no_line_is_ever_without_its_claim() -> None:
    """Entries come claim first and go claim last, so that any first part of them can be read back."""
    late = {"received_at": "2030-01-01T00:00:00Z", "service_date_to": "2029-12-31"}
    whole = [claim_line("C1", number, "99213", "2024-03-01", line_count=2) for number in (1, 2)]
    made = engine()
    kept: dict[bytes, bytes] = {}
    for each in [*whole, claim_line("C2", 1, "99213", "2029-12-31") | late]:
        made.receive(record(each))
        for key, value in made.take_writes().items():
            if value is None:
                del kept[key]
            else:
                kept[key] = value
            PolicyEngine(built_in_policy(), kept.items())
    assert kept == dict(made.state())
    assert b'["M-1","C1"]' not in kept
