"""State entries of claims that replace the same original."""

from __future__ import annotations

from policy import PolicyEngine
from tests.support import Event, built_in_policy, claim_line, records


def replacing(claim: str, original: str, second: int) -> Event:
    """A claim of one line that replaces another."""
    received = f"2024-04-02T09:00:{second:02d}Z"
    fields = {"claim_frequency_code": "7", "original_claim_id": original, "received_at": received}
    return claim_line(claim, 1, "99213", "2024-03-01", **fields)


def test_a_withdrawn_claim_that_is_outrivalled_is_written() -> None:
    """C2 takes the place of C1 for the same original, after C1 itself was replaced: C1's entry changes."""
    engine = PolicyEngine(built_in_policy(), tracking=True)
    kept: dict[bytes, bytes | None] = {}
    for each in records([replacing("C1", "C0", 0), replacing("C0", "C1", 0), replacing("C2", "C0", 1)]):
        engine.receive(each)
        kept |= engine.take_writes()
    assert kept == dict(engine.state())
