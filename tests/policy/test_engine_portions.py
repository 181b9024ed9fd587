"""However much falls due at once, a step of it changes no more state than there is room for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.record import Record
from policy import PolicyEngine
from policy.outputs import Outputs
from policy.settlement import AFTER_ALL
from tests.policy.claim_strategies import claim_sets
from tests.support import Event, built_in_policy, claim_line, published_bytes, record, records

CLAIMS = 40
ROOM = 5


def quiet_claims() -> list[Record]:
    """Claims that say nothing of their number of lines, so that they wait until they are quiet."""
    lines = [
        claim_line(f"C{number:02}", 1, "S9500", "2024-03-01", member_id=f"M-{number}") | {"line_count": None}
        for number in range(CLAIMS)
    ]
    return [record(line, offset=at) for at, line in enumerate(lines)]


def later(received_at: str, offset: int = CLAIMS) -> Record:
    """A line of another member that comes later, of the same day."""
    line = claim_line("Z", 1, "99213", received_at[:10], member_id="Z")
    return record(line | {"received_at": received_at}, offset=offset)


def in_portions(engine: PolicyEngine, records: list[Record], room: int) -> Iterator[Outputs]:
    """Receive records as a chain does."""
    while records:
        out, received = engine.receive_while(records, room)
        records = records[received:]
        yield out


def engine_with_quiet_claims() -> PolicyEngine:
    """Nothing is published yet, and all is taken."""
    engine = PolicyEngine(built_in_policy(), tracking=True)
    assert published_bytes([engine.receive_many(quiet_claims())]) == []
    engine.take_writes()
    return engine


def test_a_record_waits_for_what_falls_due_before_it() -> None:
    """Each step changes no more entries than there is room, but for those of the last claim of it."""
    engine, record_ = engine_with_quiet_claims(), later("2024-06-01T09:00:00Z")
    sizes, outputs = [], []
    for out in in_portions(engine, [record_], ROOM):
        outputs.append(out)
        sizes.append(len(engine.take_writes()))
    whole = engine_with_quiet_claims().receive(record_)
    assert published_bytes(outputs) == published_bytes([whole])
    assert len(sizes) > CLAIMS // ROOM
    assert max(sizes) <= ROOM + 2
    assert sum(out.counts["accepted",] for out in outputs) == 1


def test_time_settles_by_portions() -> None:
    """`next_due` tells that more is due until all of it is settled."""
    engine, outputs = engine_with_quiet_claims(), []
    while engine.next_due is not None:
        outputs.append(engine.advance(AFTER_ALL - 1, ROOM))
        engine.confirm()
        assert 0 < len(engine.take_writes()) <= ROOM + 2
    assert published_bytes(outputs) == published_bytes([engine_with_quiet_claims().advance(AFTER_ALL - 1)])


@pytest.mark.parametrize("crash_after", [1, 3, 7])
def test_a_crash_between_portions_changes_no_byte(crash_after: int) -> None:
    """The record comes again to another engine, which finds the rest due and publishes it alike."""
    first, record_ = engine_with_quiet_claims(), later("2024-06-01T09:00:00Z")
    outputs = [first.receive_while([record_], ROOM)[0] for _ in range(crash_after)]
    second = PolicyEngine(built_in_policy(), first.state(), tracking=True)
    outputs += in_portions(second, [record_], ROOM)
    whole = engine_with_quiet_claims()
    assert published_bytes(outputs) == published_bytes([whole.receive(record_)])
    assert dict(second.state()) == dict(whole.state())


def test_claims_are_forgotten_by_portions() -> None:
    """A day on which many may be forgotten takes several steps, and a crash between them none back."""
    record_ = later("2034-06-01T09:00:00Z", CLAIMS + 1)
    whole, engine = engine_with_quiet_claims(), engine_with_quiet_claims()
    whole.receive(record_)
    forgotten, steps = 0, 0
    while True:
        out, received = engine.receive_while([record_], ROOM)
        forgotten += out.counts["forgotten",]
        steps += 1
        assert len(engine.take_writes()) <= ROOM + 2
        engine = PolicyEngine(built_in_policy(), engine.state(), tracking=True)
        if received:
            break
    assert forgotten == CLAIMS
    assert steps > CLAIMS // ROOM
    assert dict(engine.state()) == dict(whole.state())


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=80)
@given(claim_sets(), st.integers(1, 4), st.sets(st.integers(0, 30)))
def test_no_room_and_no_restart_changes_a_byte(events: list[Event], room: int, restarts: set[int]) -> None:
    """Whatever room there is, and wherever another engine goes on, the same is published in order."""
    engine, rest = PolicyEngine(built_in_policy(), tracking=True), records(events)
    outputs: list[Outputs] = []
    while rest:
        if len(outputs) in restarts:
            engine = PolicyEngine(built_in_policy(), engine.state(), tracking=True)
        out, received = engine.receive_while(rest, room)
        engine.take_writes()
        outputs.append(out)
        rest = rest[received:]
    outputs.append(engine.finish())
    whole = PolicyEngine(built_in_policy())
    expected = [*map(whole.receive, records(events)), whole.finish()]
    assert published_bytes(outputs) == published_bytes(expected)
