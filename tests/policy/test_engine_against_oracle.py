"""The engine and the independent oracle decide alike, in any order and with repetitions."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from models.record import Record
from policy import PolicyEngine, load_policy
from policy.document import Policy
from policy.outputs import Outputs
from tests.oracle import own_tables, random_events, random_exemptions, screen
from tests.support import Event, built_in_policy, content, latest, published_bytes, records, run

Rows = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]


def engine_rows(events: list[Event], policy: Policy, *, final: bool = False) -> Rows:
    """What the engine leaves open, as rows that the oracle gives too."""
    edits, verdicts = latest(e for out in run(events, policy, final=final) for e in out.publications)
    return (
        sorted(
            (
                e.member_id,
                e.claim_id,
                e.line_number,
                e.rule,
                list(e.dates),
                e.units_affected,
                e.amount_affected,
                e.disposition,
                e.group_code,
                str(e.carc),
                e.rarc,
            )
            for e in edits.values()
            if e.status == "open"
        ),
        sorted(
            (
                v.claim_id,
                v.member_id,
                v.status,
                str(v.disposition),
                v.open_edits,
                v.charge_total,
                v.amount_affected,
                v.lines_seen,
                str(v.line_count),
                [(x["line_number"], x["disposition"], x["amount_affected"]) for x in v.lines],
            )
            for v in verdicts.values()
        ),
    )


def oracle_rows(events: list[Event], exemptions: list[dict[str, Any]]) -> Rows:
    """The same rows by the oracle."""
    result = screen(events, own_tables(), exemptions)
    names = ("member_id", "claim_id", "line_number", "rule", "dates", "units_affected", "amount_affected")
    return (
        sorted(
            (*(e[n] for n in names), e["disposition"], e["group_code"], str(e["carc"]), e["rarc"])
            for e in result.edits
        ),
        sorted(
            (
                v["claim_id"],
                v["member_id"],
                v["status"],
                str(v["disposition"]),
                v["open_edits"],
                v["charge_total"],
                v["amount_affected"],
                v["lines_seen"],
                str(v["line_count"]),
                [(x["line_number"], x["disposition"], x["amount_affected"]) for x in v["lines"]],
            )
            for v in result.verdicts
        ),
    )


@pytest.mark.parametrize("seed", range(40))
def test_the_engine_decides_as_the_oracle(seed: int) -> None:
    """Every edit and verdict is the oracle's: in order, shuffled with repetitions, and judged at the end."""
    rng = random.Random(seed)
    events = random_events(rng, 20)
    expected = oracle_rows(events, [])
    mixed = rng.sample(events, len(events)) + rng.choices(events, k=4)
    policy = built_in_policy()
    assert engine_rows(events, policy) == expected
    assert engine_rows(mixed, policy) == expected
    assert engine_rows(mixed, policy, final=True) == expected


@pytest.mark.parametrize("seed", range(100, 120))
def test_exemptions_are_taken_off_as_the_oracle_does(seed: int, tmp_path: Path) -> None:
    """With exemptions, too, every edit and verdict is the oracle's."""
    rng = random.Random(seed)
    events = random_events(rng, 20)
    exemptions = random_exemptions(rng, events)
    path = tmp_path / "exemptions.json"
    path.write_text(json.dumps(exemptions))
    assert engine_rows(events, load_policy(exemptions=path)) == oracle_rows(events, exemptions)


@pytest.mark.parametrize("seed", range(200, 215))
def test_a_restart_at_any_point_changes_no_byte(seed: int) -> None:
    """An engine made of another's state goes on with the same publications, byte for byte."""
    rng = random.Random(seed)
    stream = records(random_events(rng, 20))
    whole = PolicyEngine(built_in_policy())
    expected = published_bytes([*(whole.receive(each) for each in stream), whole.finish()])
    engine = PolicyEngine(built_in_policy())
    outputs: list[Outputs] = []
    for each in stream:
        outputs.append(engine.receive(each))
        engine = PolicyEngine(built_in_policy(), rng.sample(list(engine.state()), len(list(engine.state()))))
    assert published_bytes([*outputs, engine.finish()]) == expected


@pytest.mark.parametrize("seed", range(300, 310))
def test_what_comes_again_publishes_nothing(seed: int) -> None:
    """After a whole input, every record of it again publishes nothing."""
    stream = records(random_events(random.Random(seed), 20))
    engine = PolicyEngine(built_in_policy())
    engine.receive_many(stream)
    engine.finish()
    assert engine.receive_many(stream).publications == []


@pytest.mark.parametrize("seed", range(400, 410))
def test_batches_change_no_byte(seed: int) -> None:
    """Records one by one and in batches of any size give the same publications in the same order."""
    rng = random.Random(seed)
    stream = records(random_events(rng, 20))
    single, batched = PolicyEngine(built_in_policy()), PolicyEngine(built_in_policy())
    one = [*(single.receive(each) for each in stream), single.finish()]
    many: list[Outputs] = []
    rest: list[Record] = stream
    while rest:
        cut = rng.randrange(1, 8)
        many.append(batched.receive_many(rest[:cut]))
        rest = rest[cut:]
    many.append(batched.finish())
    assert published_bytes(many) == published_bytes(one)
    assert content(many) == content(one)


@pytest.mark.parametrize("seed", range(500, 510))
def test_the_entries_written_are_the_state(seed: int) -> None:
    """Entries taken step by step add up to the whole state."""
    engine = PolicyEngine(built_in_policy(), tracking=True)
    kept: dict[bytes, bytes] = {}
    for each in records(random_events(random.Random(seed), 20)):
        engine.receive(each)
        for key, value in engine.take_writes().items():
            assert value is not None
            kept[key] = value
    assert kept == dict(engine.state())
