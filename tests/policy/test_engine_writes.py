"""The state entries that a step has changed: what is taken to be written, and when."""

from __future__ import annotations

from models.state import PARTITION_KEY
from policy import PolicyEngine
from tests.support import built_in_policy, claim_line, record

LINE = claim_line("C1", 1, "99213", "2024-03-01")
CLAIM_KEY, LINE_KEY = b'["M-1","C1"]', b'["M-1","C1",1]'


def test_what_is_taken_is_not_given_again() -> None:
    """Entries are given once after a change; a record that comes again changes none."""
    engine = PolicyEngine(built_in_policy(), tracking=True)
    assert engine.take_writes() == {}
    engine.receive(record(LINE))
    assert list(engine.take_writes()) == [CLAIM_KEY, LINE_KEY, PARTITION_KEY]
    assert engine.take_writes() == {}
    engine.receive(record(LINE))
    assert engine.take_writes() == {}


def test_a_restored_engine_has_nothing_to_write() -> None:
    """What was read back stands there already, the watermark too."""
    engine = PolicyEngine(built_in_policy(), tracking=True)
    engine.receive(record(LINE))
    assert PolicyEngine(built_in_policy(), engine.state(), tracking=True).take_writes() == {}


def test_without_tracking_no_line_or_claim_is_collected() -> None:
    """A driver that keeps no state gathers none of its entries in memory."""
    engine = PolicyEngine(built_in_policy())
    engine.receive(record(LINE))
    engine.finish()
    assert list(engine.take_writes()) == [PARTITION_KEY]


def test_a_change_of_an_edit_is_written_with_its_line_and_claim() -> None:
    """A drug that clears the edit of another claim's line changes the entries of both claims."""
    engine = PolicyEngine(built_in_policy(), tracking=True)
    engine.receive(record(claim_line("C1", 1, "S9500", "2024-03-01")))
    engine.advance(10**18)
    engine.take_writes()
    engine.receive(record(claim_line("C2", 1, "J0696", "2024-03-01")))
    assert set(engine.take_writes()) == {CLAIM_KEY, LINE_KEY, b'["M-1","C2"]', b'["M-1","C2",1]'}


def test_a_settled_claim_is_written_without_a_change_of_its_lines() -> None:
    """A clean claim's verdict changes its own entry alone, whatever rules looked at its lines."""
    engine = PolicyEngine(built_in_policy(), tracking=True)
    engine.receive(record(claim_line("C1", 1, "J0696", "2024-03-01")))
    engine.take_writes()
    engine.finish()
    assert list(engine.take_writes()) == [CLAIM_KEY]
