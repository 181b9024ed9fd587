"""What the state forgets, and when: frozen 60 days after the last service date here, gone 10 days later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.edit_event import EditEvent
from policy import PolicyEngine
from policy.document import Policy
from policy.outputs import Outputs
from tests.support import Event, built_in_policy, claim_line, record

DENIED = claim_line("C1", 1, "S9500", "2024-03-01", "2024-03-03", units="3")
FROZEN, GONE = "2024-05-03T00:00:00Z", "2024-05-13T00:00:00Z"
"""The first instants at which the line is frozen and may be forgotten."""


def short() -> Policy:
    """The built-in policy with a short memory."""
    return replace(built_in_policy(), history_days=10_000, retention_days=60, forget_after_days=10)


def engine(*events: Event, settle_after: int = 900_000_000) -> PolicyEngine:
    """An engine of a short memory that has received some events."""
    made = PolicyEngine(replace(short(), settle_after=settle_after), tracking=True)
    for each in events:
        assert made.receive(record(each)).rejections == []
    return made


def just_before(instant: str) -> str:
    """The last instant of the day before midnight."""
    day = int(instant[8:10]) - 1
    return f"{instant[:8]}{day:02d}T23:59:59.999999Z"


def pass_to(made: PolicyEngine, instant: str) -> Outputs:
    """Another member's claim of one line moves event time."""
    fields = {"member_id": "M-2", "received_at": instant, "line_count": 1}
    out = made.receive(record(claim_line(instant, 1, "99213", instant[:10]) | fields))
    assert out.rejections == []
    return out


def known(made: PolicyEngine) -> set[bytes]:
    """The keys of the member's entries."""
    return {key for key, _ in made.state() if key.startswith(b'["M-1"')}


def of_first(out: Outputs) -> list[EditEvent]:
    """The edits of the denied claim."""
    return [edit for edit in out.edits if edit.claim_id == "C1"]


@pytest.mark.parametrize(("instant", "cleared"), [(just_before(FROZEN), True), (FROZEN, False)])
def test_a_frozen_line_is_not_judged_again(instant: str, *, cleared: bool) -> None:
    """A late drug clears the edit up to the line's last day of retention, not from the next day on."""
    made = engine(DENIED)
    out = made.receive(record(claim_line("C1", 2, "J0696", "2024-03-01", "2024-03-03", received_at=instant)))
    assert [edit.status for edit in of_first(out)][-1:] == (["cleared"] if cleared else ["open"])
    assert len(of_first(out)) == 1 + cleared


def test_a_line_past_retention_is_screened_like_any_other() -> None:
    """What arrives late is applied: its claim gets edits and a verdict."""
    made = engine()
    pass_to(made, "2025-01-01T00:00:00Z")
    made.receive(record(DENIED | {"line_count": 1}))
    out = made.finish()
    assert [edit.rule for edit in out.edits] == ["per_diem_without_drug"]
    assert [verdict.claim_id for verdict in out.verdicts] == ["C1"]


def test_a_settled_claim_is_forgotten_when_its_last_day_has_passed() -> None:
    """To the end of that day it is remembered; then all its entries go, counted, without a word."""
    made = engine(DENIED)
    out = pass_to(made, just_before(GONE))
    assert out.counts["forgotten",] == 0
    keys = known(made)
    assert len(keys) == 2
    made.take_writes()
    out = pass_to(made, GONE)
    assert (out.counts["forgotten",], known(made)) == (1, set())
    assert {verdict.member_id for verdict in out.verdicts} == {"M-2"}
    assert {key for key, value in made.take_writes().items() if value is None} == keys


def test_the_longest_line_of_a_claim_keeps_it() -> None:
    """All lines of a claim stay while the one with the latest service date does."""
    longer = claim_line("C1", 2, "S9500", "2024-03-01", "2024-03-04")
    made = engine(longer, DENIED)
    assert pass_to(made, GONE).counts["forgotten",] == 0
    assert pass_to(made, "2024-05-14T00:00:00Z").counts["forgotten",] == 1


def test_a_correction_to_later_dates_keeps_a_claim() -> None:
    """The day on which a claim may go is that of its lines as they are then, and is looked at again."""
    corrected = DENIED | {"event_id": "E2", "received_at": "2024-04-03T09:00:00Z"}
    made = engine(DENIED, corrected | {"service_date_to": "2024-03-13"})
    for day in (13, 14, 22):
        assert pass_to(made, f"2024-05-{day}T12:00:00Z").counts["forgotten",] == 0
    assert pass_to(made, "2024-05-23T00:00:00Z").counts["forgotten",] == 1


def test_an_open_claim_is_not_forgotten() -> None:
    """A claim with lines stays until it is screened, and may go the day after."""
    made = engine(DENIED, settle_after=10**15)
    for instant in (GONE, "2024-06-13T00:00:00Z"):
        assert pass_to(made, instant).counts["forgotten",] == 0
    assert [verdict.claim_id for verdict in made.finish().verdicts][:1] == ["C1"]
    assert pass_to(made, "2024-06-13T12:00:00Z").counts["forgotten",] == 0
    assert pass_to(made, "2024-06-14T00:00:00Z").counts["forgotten",] == 1


def test_a_claim_that_stays_keeps_no_other() -> None:
    """Behind an open claim, a settled one of the same day is forgotten."""
    whole = DENIED | {"claim_id": "C2", "procedure_code": "99213", "line_count": 1}
    made = engine(DENIED, whole, settle_after=10**15)
    assert pass_to(made, GONE).counts["forgotten",] == 1
    assert known(made) == {b'["M-1","C1"]', b'["M-1","C1",1]'}


def test_a_withdrawal_of_an_unseen_claim_is_remembered_for_the_retention() -> None:
    """60 days after the withdrawing event was received, to the end of that day."""
    void = claim_line("C9", 1, "99213", "2024-04-02", claim_frequency_code="8", original_claim_id="C0")
    made = engine(void | {"service_date_to": "2024-04-30"})
    pass_to(made, "2024-06-01T23:59:59.999999Z")
    assert b'["M-1","C0"]' in known(made)
    assert pass_to(made, "2024-06-02T00:00:00Z").counts["forgotten",] == 1
    assert known(made) == {b'["M-1","C9"]', b'["M-1","C9",1]'}


def test_a_withdrawn_claim_stays_for_its_lines_and_its_withdrawal() -> None:
    """Of the two days the later counts."""
    void = claim_line("C9", 1, "99213", "2024-03-01", claim_frequency_code="8", original_claim_id="C1")
    made = engine(DENIED, void | {"received_at": "2024-04-12T09:00:00Z"})
    assert pass_to(made, "2024-06-11T12:00:00Z").counts["forgotten",] == 1
    assert known(made) == {b'["M-1","C1"]', b'["M-1","C1",1]'}
    assert pass_to(made, "2024-06-12T00:00:00Z").counts["forgotten",] == 1
    assert known(made) == set()


def test_a_restored_engine_forgets_as_well() -> None:
    """What was read back goes on its day, once, whether or not event time moved in between."""
    made = engine(DENIED)
    pass_to(made, "2024-05-01T00:00:00Z")
    again = PolicyEngine(short(), made.state(), tracking=True)
    assert pass_to(again, just_before(GONE)).counts["forgotten",] == 0
    assert pass_to(again, GONE).counts["forgotten",] == 1
    assert known(again) == set()


def test_claims_are_forgotten_one_by_one() -> None:
    """A member goes with its last claim; others of the same day go with it."""
    later = DENIED | {"claim_id": "C2", "service_date_to": "2024-03-05"}
    made = engine(DENIED, later, DENIED | {"member_id": "M-3"}, DENIED | {"member_id": "M-0"})
    assert pass_to(made, GONE).counts["forgotten",] == 3
    assert {key for key, _ in made.state() if b"M-2" not in key} == {
        b'["M-1","C2"]',
        b'["M-1","C2",1]',
        b"[]",
    }
    assert pass_to(made, "2024-05-15T00:00:00Z").counts["forgotten",] == 1
    assert known(made) == set()


def test_what_was_forgotten_may_come_anew() -> None:
    """A claim that returns after it was forgotten is a new one: revision 1."""
    made = engine(DENIED)
    pass_to(made, GONE)
    assert made.receive(record(DENIED)).publications == []
    out = made.finish()
    assert [(edit.claim_id, edit.revision) for edit in out.edits] == [("C1", 1)]
