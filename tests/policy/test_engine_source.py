"""An engine whose members lie elsewhere: let go, read back, recovered, judged again."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from models.state import StateError
from policy import PolicyEngine, load_policy
from policy.outputs import Outputs
from tests.oracle import random_events, random_exemptions
from tests.policy.entry_store import EntryStore
from tests.support import built_in_policy, claim_line, content, published_bytes, record, records, run

AFTER_ALL = 2**62
LONE = claim_line("C1", 1, "S9500", "2024-03-01", "2024-03-03", units="3")


def over(store: EntryStore) -> PolicyEngine:
    """An engine over a store, as a worker makes it after recovery."""
    return PolicyEngine(built_in_policy(), source=store, tracking=True)


@pytest.mark.parametrize("seed", range(600, 615))
def test_members_let_go_and_read_back_change_no_byte(seed: int) -> None:
    """An engine that keeps hardly any member decoded publishes what one that keeps all does."""
    rng = random.Random(seed)
    stream = records(random_events(rng, 25))
    whole = PolicyEngine(built_in_policy())
    expected = published_bytes([*(whole.receive(each) for each in stream), whole.advance(AFTER_ALL)])
    store = EntryStore()
    engine = over(store)
    outputs: list[Outputs] = []
    for each in stream:
        outputs.append(engine.receive(each))
        store.keep(engine)
        engine.rest(1)
        if rng.random() < 0.2:
            engine = over(store)
    outputs.append(engine.advance(AFTER_ALL))
    assert published_bytes(outputs) == expected


def test_without_a_source_no_member_is_let_go() -> None:
    """A rest of an engine that could not read its members back changes nothing."""
    stream = records(random_events(random.Random(616), 25))
    whole, resting = PolicyEngine(built_in_policy()), PolicyEngine(built_in_policy())
    expected = published_bytes([*(whole.receive(each) for each in stream), whole.advance(AFTER_ALL)])
    outputs: list[Outputs] = []
    for each in stream:
        outputs.append(resting.receive(each))
        resting.rest(0)
    outputs.append(resting.advance(AFTER_ALL))
    assert published_bytes(outputs) == expected


def test_what_a_tick_settled_is_published_again_after_a_crash() -> None:
    """A crash before `confirm` repeats the same bytes; after it nothing is repeated."""
    store = EntryStore()
    engine = over(store)
    engine.receive(record(LONE))
    store.keep(engine)
    engine.receive(record(claim_line("C2", 1, "J0696", "2024-03-02", units="1"), 1))
    store.keep(engine)
    first = published_bytes([engine.advance(AFTER_ALL)])
    assert first
    store.keep(engine)
    again = over(store)
    assert published_bytes([again.recover()]) == first
    again.confirm()
    store.keep(again)
    assert over(store).recover().publications == []


def test_after_a_crash_another_policy_goes_on_from_what_may_be_published(tmp_path: Path) -> None:
    """A tick's outputs and a crash before `confirm`, then a policy that finds nothing: no revision of two
    contents, and no edit that stays open, whether they were published or not, however often it crashes.
    """
    path = tmp_path / "exemptions.json"
    path.write_text(json.dumps([{"rule": "per_diem_without_drug"}]))
    changed = load_policy(exemptions=path)
    store = EntryStore()
    engine = over(store)
    engine.receive(record(LONE))
    store.keep(engine)
    outputs = [engine.advance(AFTER_ALL)]
    assert [edit.rule for edit in outputs[0].edits] == ["per_diem_without_drug"]
    store.keep(engine)
    crashes = PolicyEngine(changed, source=store, tracking=True)
    outputs.append(crashes.recover())
    store.keep(crashes)
    again = PolicyEngine(changed, source=store, tracking=True)
    outputs.append(again.recover())
    again.confirm()
    store.keep(again)
    outputs.append(again.judge_again(["M1"]))
    again.adopt()
    assert [[edit.status for edit in out.edits] for out in outputs] == [["open"], ["cleared"], [], []]
    assert [[each.revision for each in out.verdicts] for out in outputs] == [[1], [2], [3], []]
    assert {each.status for out in outputs[1:] for each in out.verdicts} == {"clean"}
    assert content(outputs) == content(run([LONE], changed))


def test_a_tick_repeats_nothing_that_a_record_settled() -> None:
    """A claim that a record settles comes again with its record, so it is not marked."""
    store = EntryStore()
    engine = over(store)
    engine.receive_many(records([LONE | {"line_count": 1, "procedure_code": "99213"}]))
    store.keep(engine)
    assert over(store).recover().publications == []


@pytest.mark.parametrize("seed", range(700, 710))
def test_judging_again_leaves_what_the_new_policy_finds(seed: int, tmp_path: Path) -> None:
    """State written without exemptions, judged again with them, holds what a run with them holds."""
    rng = random.Random(seed)
    events = random_events(rng, 25)
    path = tmp_path / "exemptions.json"
    path.write_text(json.dumps(random_exemptions(rng, events)))
    changed = load_policy(exemptions=path)
    store = EntryStore()
    engine = over(store)
    outputs = [engine.receive_many(records(events)), engine.advance(AFTER_ALL)]
    engine.confirm()
    store.keep(engine)
    new = PolicyEngine(changed, source=store, tracking=True)
    assert [over(store).outdated, new.outdated] == [
        False,
        changed.fingerprint != built_in_policy().fingerprint,
    ]
    members = sorted({json.loads(key)[0] for key in store.entries if key != b"[]"})
    outputs.append(new.judge_again(members))
    assert all(edit.cause is None for edit in outputs[-1].edits)
    new.adopt()
    store.keep(new)
    assert [new.outdated, PolicyEngine(changed, source=store).outdated] == [False, False]
    assert content(outputs) == content(run(events, changed))
    assert new.judge_again(members).publications == []


def test_judging_an_unknown_member_is_nothing() -> None:
    """A member of whom nothing is remembered has nothing to judge."""
    assert over(EntryStore()).judge_again(["nobody"]).publications == []


def test_the_state_of_another_policy_is_refused() -> None:
    """Edits of two policies do not mix: the id in the state must be the policy's."""
    store = EntryStore()
    engine = over(store)
    engine.receive(record(LONE))
    store.keep(engine)
    store.entries[b"[]"] = store.entries[b"[]"].replace(b'"CPCP019"', b'"OTHER"')
    with pytest.raises(StateError, match="written under another policy"):
        over(store)
