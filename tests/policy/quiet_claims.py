"""A claim line that is denied, what cures it, and engines whose claims have fallen quiet."""

from __future__ import annotations

import json
from uuid import NAMESPACE_URL, uuid5

from models.record import Record
from policy import PolicyEngine
from policy.document import Policy
from policy.outputs import Outputs
from tests.support import Event, built_in_policy, claim_line

DENIED = claim_line("C1", 1, "S9500", "2024-03-01", "2024-03-03", units="3", plan_id="P-1", modifiers=["RT"])
LATER = {"received_at": "2024-04-03T09:00:00Z"}
DRUG = claim_line("C1", 2, "J0696", "2024-03-01", "2024-03-03") | LATER
VOID = claim_line("C2", 1, "99213", "2024-03-01", claim_frequency_code="8", original_claim_id="C1") | LATER


def edit_id(rule: str, line_number: int = 1) -> str:
    """The id that the specification gives an edit of claim C1."""
    name = json.dumps(["CPCP019", rule, "M-1", "C1", line_number], separators=(",", ":"))
    return str(uuid5(uuid5(NAMESPACE_URL, "dripline:edit"), name))


def send(engine: PolicyEngine, event: Event, offset: int = 7) -> Outputs:
    """Receive an event as a record of partition 3 of a topic."""
    value = json.dumps(event).encode()
    return engine.receive(Record(value, offset, "claim-lines", 3, None, b"M-1", keyed=True))


def screened(*events: Event, policy: Policy | None = None) -> tuple[PolicyEngine, Outputs]:
    """An engine whose claims have fallen quiet, and what was published then."""
    engine = PolicyEngine(policy or built_in_policy())
    for event in events:
        assert send(engine, event).publications == []
    return engine, engine.advance(10**18)
