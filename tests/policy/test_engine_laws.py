"""Laws of the engine over drawn sets of claim lines (specification, section 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.reading import microseconds
from models.record import Record
from policy import PolicyEngine
from policy.outputs import Outputs
from policy.rules import RULES
from tests.policy.claim_strategies import FIRST_INSTANT, claim_sets
from tests.policy.test_engine_against_oracle import engine_rows, oracle_rows
from tests.support import Content, Event, built_in_policy, content, published_bytes, records, run

pytestmark = pytest.mark.slow  # every law about a second

law = settings(derandomize=True, deadline=None, max_examples=80)


def receive_all(engine: PolicyEngine, stream: Sequence[Record]) -> list[Outputs]:
    """Records one by one, then the end of the input."""
    return [*(engine.receive(each) for each in stream), engine.finish()]


def bytes_of(events: Sequence[Event]) -> list[str]:
    """All that one engine publishes of a finite input, in order."""
    return published_bytes(receive_all(PolicyEngine(built_in_policy()), records(events)))


def content_of(events: Sequence[Event]) -> Content:
    """The comparable content of a finite input."""
    return content(run(events))


def of_member(whole: Content, member: str) -> Content:
    """The part of comparable content that is one member's."""
    quoted = f'"{member}"'
    return Content(
        tuple(edit for edit in whole.edits if edit[0] == member),
        tuple(verdict for verdict in whole.verdicts if verdict[1] == quoted),
    )


def test_the_drawn_sets_are_accepted_and_reach_nearly_every_rule() -> None:
    """The laws below are about something: drawn sets raise most rules, and no line is rejected."""
    raised: Counter[str] = Counter()

    @settings(law, max_examples=250)
    @given(claim_sets())
    def collect(events: list[Event]) -> None:
        outputs = run(events)
        assert not any(out.rejections for out in outputs)
        raised.update(edit.rule for out in outputs for edit in out.edits)

    collect()
    assert len(raised) >= len(RULES) * 2 / 3


@law
@given(claim_sets())
def test_the_engine_finds_what_the_oracle_finds(events: list[Event]) -> None:
    """Every open edit and every verdict is the one that the independent reading of the page gives."""
    assert engine_rows(events, built_in_policy()) == oracle_rows(events, [])


@law
@given(claim_sets(), st.randoms(use_true_random=False))
def test_order_does_not_matter(events: list[Event], rng: Random) -> None:
    """Any order of the records leaves the same comparable content."""
    assert content_of(rng.sample(events, len(events))) == content_of(events)


@law
@given(claim_sets(), st.data())
def test_what_comes_twice_changes_nothing(events: list[Event], data: st.DataObject) -> None:
    """Records delivered again, anywhere behind the first time, publish nothing of their own."""
    stream = records(events)
    repeated: list[Record] = []
    for at, each in enumerate(stream):
        again = data.draw(st.lists(st.sampled_from(stream[: at + 1]), max_size=2))
        repeated += [each, *again]
    once = receive_all(PolicyEngine(built_in_policy()), stream)
    assert published_bytes(receive_all(PolicyEngine(built_in_policy()), repeated)) == published_bytes(once)


@law
@given(claim_sets(), st.data())
def test_a_duplicate_anywhere_leaves_the_same_content(events: list[Event], data: st.DataObject) -> None:
    """Where a copy comes before its original, the comparable content is still the same."""
    copies = data.draw(st.lists(st.sampled_from(events), min_size=1, max_size=4))
    mixed = data.draw(st.permutations([*events, *copies]))
    assert content_of(mixed) == content_of(events)


@law
@given(claim_sets())
def test_a_whole_input_again_publishes_nothing(events: list[Event]) -> None:
    """After the end of the input, every record of it is old news, in either order."""
    engine = PolicyEngine(built_in_policy())
    receive_all(engine, records(events))
    again = [*records(events), *records(events[::-1])]
    assert published_bytes(receive_all(engine, again)) == []


@law
@given(claim_sets(), st.lists(st.integers(0, 12), max_size=4))
def test_cuts_between_batches_change_no_byte(events: list[Event], cuts: list[int]) -> None:
    """Records one by one and in any batches, empty ones too, publish the same in the same order."""
    stream, engine = records(events), PolicyEngine(built_in_policy())
    bounds = [0, *sorted(cuts), len(stream)]
    outputs = [engine.receive_many(stream[first:last]) for first, last in pairwise(bounds)]
    assert published_bytes([*outputs, engine.finish()]) == bytes_of(events)


@law
@given(claim_sets(), st.sets(st.integers(0, 12)), st.randoms(use_true_random=False))
def test_a_restart_changes_no_byte(events: list[Event], restarts: set[int], rng: Random) -> None:
    """An engine made of another's state, in any order of its entries, goes on where that one stopped."""
    engine = PolicyEngine(built_in_policy())
    outputs: list[Outputs] = []
    for at, each in enumerate(records(events)):
        if at in restarts:
            entries = list(engine.state())
            rng.shuffle(entries)
            engine = PolicyEngine(built_in_policy(), entries)
        outputs.append(engine.receive(each))
    if len(events) in restarts:
        engine = PolicyEngine(built_in_policy(), engine.state())
    assert published_bytes([*outputs, engine.finish()]) == bytes_of(events)


@law
@given(claim_sets(), st.sets(st.integers(0, 12)))
def test_entries_taken_add_up_to_the_state(events: list[Event], takes: set[int]) -> None:
    """Changed entries, taken at any steps and laid over each other, are the whole state."""
    engine = PolicyEngine(built_in_policy(), tracking=True)
    kept: dict[bytes, bytes | None] = {}
    for at, each in enumerate(records(events)):
        engine.receive(each)
        if at in takes:
            kept |= engine.take_writes()
            assert kept == dict(engine.state())
    engine.finish()
    kept |= engine.take_writes()
    assert kept == dict(engine.state())
    assert engine.take_writes() == {}


@law
@given(claim_sets())
def test_two_runs_give_the_same_bytes(events: list[Event]) -> None:
    """The same records in the same order publish the same bytes in the same order."""
    assert bytes_of(events) == bytes_of(events)


@law
@given(claim_sets())
def test_judging_once_at_the_end_leaves_the_same_content(events: list[Event]) -> None:
    """A final run publishes nothing before the end, each key once, and the content of a run as it comes."""
    *before, end = run(events, final=True)
    assert published_bytes(before) == []
    assert {publication.revision for publication in end.publications} <= {1}
    assert content([end]) == content_of(events)


@law
@given(claim_sets())
def test_members_are_apart(events: list[Event]) -> None:
    """A member's edits and verdicts are those of its own events, whoever else's come between them."""
    whole = content_of(events)
    for member in ("M-1", "M-2"):
        alone = content_of([event for event in events if event["member_id"] == member])
        assert of_member(whole, member) == alone


@law
@given(claim_sets(), st.dictionaries(st.integers(0, 12), st.integers(-100, 300_000)))
def test_time_that_passes_in_between_changes_no_content(events: list[Event], ticks: dict[int, int]) -> None:
    """Ticks settle claims sooner; what stands at the end is the same."""
    start, engine = microseconds(FIRST_INSTANT), PolicyEngine(built_in_policy())
    outputs: list[Outputs] = []
    for at, each in enumerate(records(events)):
        if at in ticks:
            outputs.append(engine.advance(start + ticks[at] * 1_000_000))
        outputs.append(engine.receive(each))
    outputs.append(engine.finish())
    assert content(outputs) == content_of(events)
