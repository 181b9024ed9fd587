"""When open claims fall due: `settle_after` behind the event time of their last event, no sooner."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.reading import microseconds, read_instant
from policy import PolicyEngine
from policy.outputs import Outputs
from tests.support import Event, built_in_policy, claim_line, record

FIRST = claim_line("C1", 1, "S9500", "2024-03-01")
DUE, JUST_BEFORE = "2024-04-02T09:15:00Z", "2024-04-02T09:14:59.999999Z"


def engine(*events: Event, days: int | None = None) -> PolicyEngine:
    """An engine that has received some events, of a policy that waits 15 minutes or some days."""
    policy = built_in_policy()
    if days is not None:
        policy = replace(policy, settle_after=days * 86_400_000_000)
    made = PolicyEngine(policy)
    for each in events:
        assert made.receive(record(each)).rejections == []
    return made


def at(instant: str, claim: str = "C9", **fields: object) -> Event:
    """A line of another member, received at an instant."""
    return claim_line(claim, 1, "99213", "2024-04-01", member_id="M-2", received_at=instant) | fields


def settled(out: Outputs) -> list[tuple[str, str, str]]:
    """Claim, why it was settled and as of when."""
    return [(verdict.claim_id, verdict.settled, verdict.as_of) for verdict in out.verdicts]


def tick(made: PolicyEngine, instant: str) -> list[tuple[str, str, str]]:
    """What settles when time has passed."""
    return settled(made.advance(microseconds(read_instant(instant))))


def test_a_claim_is_quiet_at_its_due_time() -> None:
    """At that very instant, by time alone or by another record, which is applied after it."""
    assert tick(engine(FIRST), JUST_BEFORE) == []
    assert tick(engine(FIRST), DUE) == [("C1", "quiet", DUE)]
    assert settled(engine(FIRST).receive(record(at(JUST_BEFORE)))) == []
    out = engine(FIRST).receive(record(at(DUE, line_count=1)))
    assert settled(out) == [("C1", "quiet", DUE), ("C9", "complete", DUE)]


def test_claims_fall_due_one_after_the_other() -> None:
    """In the order of their due times, each as of its own; those of one instant by member and claim."""
    made = engine(at("2024-04-02T09:00:01Z"), FIRST | {"claim_id": "C8"}, at("2024-04-02T09:00:03Z", "C7"))
    assert tick(made, "2024-04-02T10:00:00Z") == [
        ("C8", "quiet", "2024-04-02T09:15:01Z"),
        ("C9", "quiet", "2024-04-02T09:15:01Z"),
        ("C7", "quiet", "2024-04-02T09:15:03Z"),
    ]


def test_an_event_of_a_claim_puts_it_off() -> None:
    """A new line or version does, by the event time that it came at; a superseded version does not."""
    more = FIRST | {"line_number": 2, "event_id": "E2", "received_at": "2024-04-02T08:00:00Z"}
    old = FIRST | {"event_id": "E0", "received_at": "2024-04-02T08:00:00Z"}
    later = at("2024-04-02T09:05:00Z")
    assert tick(engine(FIRST, later, more), "2024-04-02T09:19:59Z") == []
    assert tick(engine(FIRST, later, more), "2024-04-02T09:20:00Z")[0] == (
        "C1",
        "quiet",
        "2024-04-02T09:20:00Z",
    )
    assert tick(engine(FIRST, later, old), DUE) == [("C1", "quiet", DUE)]


def test_claims_that_wait_no_more_keep_nobody_waiting() -> None:
    """Behind a claim that is settled already, and one that was put off, others fall due."""
    whole = [claim_line("C0", number, "99213", "2024-03-01", line_count=2) for number in (1, 2)]
    put_off = claim_line("C1", 2, "99213", "2024-03-01", received_at="2024-04-02T09:10:00Z")
    last = claim_line("C2", 1, "99213", "2024-03-01")
    made = engine(*whole, FIRST, last, put_off)
    assert tick(made, DUE) == [("C2", "quiet", DUE)]
    assert tick(made, "2024-04-02T09:25:00Z") == [("C1", "quiet", "2024-04-02T09:25:00Z")]


@pytest.mark.parametrize("others", [[], [claim_line("C2", 1, "99213", "2026-08-01")]])
def test_a_claim_that_was_forgotten_does_not_fall_due(others: list[Event]) -> None:
    """A complete claim may be gone before the time it would have waited for, alone or with its member."""
    whole = [claim_line("C1", number, "99213", "2024-03-01", line_count=2) for number in (1, 2)]
    now = {"received_at": "2026-09-01T00:00:00Z"}
    made = engine(*whole, *(each | now for each in others), days=1000)
    made.receive(record(claim_line("C9", 1, "99213", "2026-08-01", member_id="M-2") | now))
    assert made.lines == len(others) + 1
    assert tick(made, "2026-12-29T00:00:00Z") == []
