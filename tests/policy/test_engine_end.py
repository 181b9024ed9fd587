"""The end of the input: what is settled then, and how a run that judges once at the end differs."""

from __future__ import annotations

import pytest

from policy import PolicyEngine
from tests.support import Event, built_in_policy, claim_line, records

OPEN = claim_line("C1", 1, "S9500", "2024-03-01", "2024-03-03", units="3")
WHOLE = claim_line("C2", 1, "99213", "2024-03-01", line_count=1)
VOID = claim_line("C3", 1, "99213", "2024-03-01", claim_frequency_code="8", original_claim_id="C4")


def finished(*events: Event, final: bool) -> list[tuple[str, str, str]]:
    """Claim, status and reason of settling of the verdicts that the end of an input gives."""
    engine = PolicyEngine(built_in_policy(), final=final)
    engine.receive_many(records(events))
    return [(one.claim_id, one.status, one.settled) for one in engine.finish().verdicts]


def test_open_claims_are_settled_at_the_end() -> None:
    """In the order of members and claims; what is settled already is not published again."""
    other = OPEN | {"member_id": "M-0", "claim_id": "C9"}
    assert finished(WHOLE, OPEN, other, VOID, final=False) == [
        ("C9", "edited", "end_of_input"),
        ("C1", "edited", "end_of_input"),
        ("C3", "void", "end_of_input"),
    ]


def test_a_final_run_tells_all_at_the_end() -> None:
    """Complete claims wait too, and a claim withdrawn in between says so."""
    voided = WHOLE | {"claim_id": "C4", "event_id": "E4"}
    assert finished(OPEN, WHOLE, voided, VOID, final=True) == [
        ("C1", "edited", "end_of_input"),
        ("C2", "clean", "end_of_input"),
        ("C3", "void", "end_of_input"),
        ("C4", "withdrawn", "withdrawn"),
    ]


def test_a_final_run_publishes_nothing_before_the_end() -> None:
    """Neither completeness nor a withdrawal nor time settles a claim."""
    engine = PolicyEngine(built_in_policy(), final=True)
    late = WHOLE | {"claim_id": "C5", "event_id": "E5", "received_at": "2024-05-02T09:00:00Z"}
    assert engine.receive_many(records([OPEN, WHOLE, VOID, late])).publications == []
    assert len(engine.finish().verdicts) == 4


@pytest.mark.parametrize("final", [False, True])
def test_an_input_ends_once(final: bool) -> None:
    """The end told a second time publishes nothing, with claims and without."""
    engine = PolicyEngine(built_in_policy(), final=final)
    assert engine.finish().publications == []
    engine.receive_many(records([OPEN]))
    assert len(engine.finish().verdicts) == 1
    assert engine.finish().publications == []


@pytest.mark.parametrize("final", [False, True])
def test_the_end_is_as_of_event_time(final: bool) -> None:
    """What is published at the end bears the greatest `received_at` and no cause."""
    engine = PolicyEngine(built_in_policy(), final=final)
    engine.receive_many(records([OPEN, claim_line("C6", 1, "99213", "2024-03-01") | {"received_at": LATEST}]))
    out = engine.finish()
    assert {event.as_of for event in out.publications} == {LATEST}
    assert [edit.cause for edit in out.edits] == [None]


LATEST = "2024-04-02T09:07:00Z"


@pytest.mark.parametrize(("event", "asked"), [(OPEN, True), (WHOLE, False), (VOID, False)])
def test_rules_ask_for_some_members_alone(event: Event, asked: bool) -> None:
    """A member of whom no rule asks for a line gets clean verdicts; asking changes nothing."""
    engine = PolicyEngine(built_in_policy(), final=True)
    engine.receive_many(records([event]))
    (member,) = engine.member_ids()
    assert [engine.asks_for(member), engine.asks_for(member)] == [asked, asked]
    statuses = {verdict.status for verdict in engine.finish().verdicts}
    assert (statuses == {"edited"}) is asked
