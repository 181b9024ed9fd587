"""The random event sets are valid, repeatable and reach every rule."""

import json
import random
from collections import Counter

import pytest

from tests.oracle import own_tables
from tests.oracle.accept import judge_bytes
from tests.oracle.random_events import random_events, random_exemptions
from tests.oracle.screen import screen
from tests.oracle.tables import RULES, Tables

SEEDS = range(120)


@pytest.fixture(scope="module")
def tables() -> Tables:
    """The policy's reference tables."""
    return own_tables()


def test_every_event_is_accepted() -> None:
    """Random events are valid, also where they are spelled in unusual ways."""
    for seed in SEEDS:
        for event in random_events(random.Random(seed)):
            assert judge_bytes(json.dumps(event).encode()) == []


def test_one_seed_gives_one_set() -> None:
    """The same seed gives the same events and exemptions."""
    for seed in SEEDS:
        one, other = random.Random(seed), random.Random(seed)
        events = random_events(one)
        assert random_events(other) == events
        assert random_exemptions(one, events) == random_exemptions(other, events)


def test_every_rule_is_reached(tables: Tables) -> None:
    """Among the random sets every rule finds something at least three times."""
    raised: Counter[str] = Counter()
    for seed in SEEDS:
        raised.update(edit["rule"] for edit in screen(random_events(random.Random(seed), 30), tables).edits)
    assert {rule: raised[rule] for rule in RULES if raised[rule] < 3} == {}


def test_order_and_redelivery_do_not_matter(tables: Tables) -> None:
    """Reversed events with some of them delivered twice give the same edits and verdicts."""
    for seed in SEEDS:
        events = random_events(random.Random(seed), 15)
        assert screen([*events[::-1], *events[:4]], tables) == screen(events, tables)


def test_exemptions_only_take_away(tables: Tables) -> None:
    """An exempted run has no edit and no date that the full run lacks, and never another disposition."""
    taken = 0
    for seed in SEEDS:
        rng = random.Random(seed)
        events = random_events(rng, 15)
        exemptions = random_exemptions(rng, events)
        full = {
            (e["claim_id"], e["member_id"], e["line_number"], e["rule"]): e
            for e in screen(events, tables).edits
        }
        for edit in screen(events, tables, exemptions).edits:
            whole = full[edit["claim_id"], edit["member_id"], edit["line_number"], edit["rule"]]
            assert set(edit["dates"]) <= set(whole["dates"])
            assert edit["disposition"] == whole["disposition"]
            taken += len(whole["dates"]) - len(edit["dates"])
    assert taken > 0
