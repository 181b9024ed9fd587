"""An engine is made of a state: what it takes up, and what it refuses."""

from __future__ import annotations

import pytest

from models.state import StateError
from policy import PolicyEngine
from tests.support import built_in_policy, claim_line, record


def test_an_edit_of_an_unknown_rule_is_refused() -> None:
    """A line's entry with an edit of a rule that does not exist stops the engine before it decides."""
    made = PolicyEngine(built_in_policy())
    made.receive(record(claim_line("C1", 1, "S9500", "2024-03-01")))
    made.finish()
    known = dict(made.state())
    entries = {key: value.replace(b"per_diem_without_drug", b"no_such_rule") for key, value in known.items()}
    assert entries != known
    with pytest.raises(StateError, match=r"^a state entry names a rule that this version does not know$"):
        PolicyEngine(built_in_policy(), entries.items())
