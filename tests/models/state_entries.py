"""State entries for tests: those of an engine, and those of a member with all that a state can hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache

from models.member import MemberState
from models.state import (
    PARTITION_KEY,
    Entry,
    PartitionState,
    StateError,
    member_entries,
    read_members,
    write_partition,
)
from policy import PolicyEngine
from tests.support import Event, built_in_policy, claim_line, records

DAMAGED = "a state entry is damaged"
MEMBER = 'Me\u00ef, "7" \\ \u0001\'\U0001f600'
"""An id with all that JSON must escape or spell in several bytes."""


def state_of(events: Sequence[Event], ticks: int | None = None) -> dict[bytes, bytes]:
    """All entries of an engine that has received events, and was told the time (microseconds)."""
    engine = PolicyEngine(built_in_policy())
    engine.receive_many(records(events))
    if ticks is not None:
        engine.advance(ticks)
    return dict(engine.state())


@lru_cache
def full_state() -> dict[bytes, bytes]:
    """A member with edits open and cleared, a replacement, a claim only named, open and screened claims."""
    said = {"member_id": MEMBER, "plan_id": "PLAN-SECRET", "rendering_provider_npi": "1245319599"}
    replacing = {"claim_frequency_code": "7", "original_claim_id": "GONE-SECRET"}
    later = {"received_at": "2024-04-03T09:00:00Z"}
    events = [
        claim_line("C-SECRET", 1, "S9500", "2024-03-01", "2024-03-03", units="5", modifiers=["SH"]),
        claim_line("C-SECRET", 2, "J3370", "2024-03-02", "2024-03-05", line_count=2, place_of_service="12"),
        claim_line("D-SECRET", 1, "J0696", "2024-03-01", "2024-03-03", ndc="00409123401", **replacing),
        claim_line(
            "C-SECRET",
            1,
            "S9500",
            "2024-03-01",
            "2024-03-03",
            units="3",
            event_id="E",
            modifiers=["SH", "RT"],
        )
        | later,
        claim_line("F-SECRET", 1, "99213", "2024-03-01", line_count=3) | later,
    ]
    return state_of([said | {k: v for k, v in event.items() if k != "member_id"} for event in events])


def entries_of(members: dict[str, MemberState], partition: PartitionState | None) -> dict[bytes, bytes]:
    """What was read, written again."""
    entries: list[Entry] = [entry for member in members.values() for entry in member_entries(member)]
    if partition is not None:
        entries.append((PARTITION_KEY, write_partition(partition)))
    return dict(entries)


OWN_KEY: dict[str, bytes] = {
    "claim": next(key for key in full_state() if b"C-SECRET" in key),
    "line": next(key for key in full_state() if key.endswith(b'"C-SECRET",1]')),
    "partition": PARTITION_KEY,
}
"""The key of one entry of each kind."""


def refusal(entries: Iterable[Entry]) -> str | None:
    """Why entries are refused; None where they are read, and then what is read can be written again."""
    try:
        read = read_members(entries)
    except StateError as refused:
        return str(refused)
    written = entries_of(*read)
    assert entries_of(*read_members(written.items())) == written
    return None


def with_value(key: bytes, value: object) -> list[Entry]:
    """The full state with one other value."""
    return list((full_state() | {key: json.dumps(value, ensure_ascii=False).encode()}).items())
