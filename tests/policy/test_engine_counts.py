"""What the engine says that it holds, without looking, is what is there."""

from __future__ import annotations

import random

import pytest

from models.member import NEVER
from models.state import read_members
from policy import PolicyEngine
from tests.oracle import random_events
from tests.policy.entry_store import EntryStore
from tests.support import built_in_policy, claim_line, record, records

DAY = 86_400_000_000


def counted(engine: PolicyEngine) -> tuple[int, int, int]:
    """Members, claims and open claims, by its counts."""
    return engine.members, engine.claims, engine.open_claims


def walked(engine: PolicyEngine) -> tuple[int, int, int]:
    """The same by walking through its state."""
    members, _ = read_members(engine.state())
    claims = [claim for member in members.values() for claim in member.claims.values()]
    return len(members), len(claims), sum(claim.due != NEVER for claim in claims)


@pytest.mark.parametrize("seed", range(640, 655))
def test_counts_follow_the_state(seed: int) -> None:
    """After every record, tick and restart: kept counts equal those of a walk."""
    rng = random.Random(seed)
    engine = PolicyEngine(built_in_policy())
    for each in records(random_events(rng, 30)):
        engine.receive(each)
        assert counted(engine) == walked(engine)
        if rng.random() < 0.1 and engine.next_due is not None:
            engine.advance(engine.next_due)
            assert counted(engine) == walked(engine)
        if rng.random() < 0.1:
            engine = PolicyEngine(built_in_policy(), engine.state())
            assert counted(engine) == walked(engine)


def test_what_is_forgotten_is_not_counted() -> None:
    """Years later the claims of the past are gone, and their member with them."""
    engine = PolicyEngine(built_in_policy())
    engine.receive(record(claim_line("C1", 1, "99213", "2024-03-01", line_count=1)))
    late = claim_line("C2", 1, "99213", "2034-03-01", member_id="M-2", received_at="2034-04-01T09:00:00Z")
    engine.receive(record(late, 1))
    assert counted(engine) == walked(engine) == (1, 1, 1)


def test_counts_of_members_that_lie_elsewhere() -> None:
    """An engine over a store counts what lies there, before and after members are let go."""
    store = EntryStore()
    engine = PolicyEngine(built_in_policy(), source=store, tracking=True)
    for number in range(6):
        line = claim_line("C1", 1, "99213", "2024-03-01", member_id=f"M-{number}", line_count=2)
        engine.receive(record(line, number))
        store.keep(engine)
        engine.rest(1)
    assert counted(engine) == (6, 6, 6)
    assert counted(PolicyEngine(built_in_policy(), source=store, tracking=True)) == (6, 6, 6)


def test_since_when_a_claim_waits() -> None:
    """The oldest open claim's last line, or nothing."""
    engine = PolicyEngine(built_in_policy())
    assert engine.waiting_since is None
    engine.receive(record(claim_line("C1", 1, "99213", "2024-03-01", line_count=2)))
    assert engine.waiting_since == engine.event_time
    engine.receive(record(claim_line("C1", 2, "99213", "2024-03-01", line_count=2), 1))
    assert engine.waiting_since is None


def test_verdicts_tell_when_their_line_was_received() -> None:
    """A line's own `received_at`, also where event time is ahead of it; a due time where time settles."""
    engine = PolicyEngine(built_in_policy())
    engine.receive(record(claim_line("C1", 1, "99213", "2024-03-01", received_at="2024-04-05T00:00:00Z")))
    ahead = engine.event_time
    assert ahead is not None
    late = claim_line("C2", 1, "99213", "2024-03-01", line_count=1, received_at="2024-04-04T00:00:00Z")
    assert engine.receive(record(late, 1)).received == [ahead - DAY]
    due = engine.next_due
    assert due is not None
    assert engine.advance(due).received == [due]
