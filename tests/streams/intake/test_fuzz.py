"""Damage to a file costs what it hits and nothing beside it; nothing makes intake fail."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import pytest

from models.wire import Limits, read_event, read_fields, to_json_bytes
from streams.intake import ClaimNumbers, walk
from streams.intake.numbers import REF_D9
from tests.streams.intake.mutations import WAYS, damaged, ruined
from tests.streams.intake.sample import Event, sample, taken_in

NUMBERS = ClaimNumbers(REF_D9)
WHOLE = os.environ.get("DRIPLINE_TEST_FAULTS") == "whole"
FILES = 5_000 if WHOLE else 75
"""Files of each kind of damage: two kinds, so 10,000 with DRIPLINE_TEST_FAULTS=whole."""


@cache
def segments() -> tuple[list[bytes], list[set[str]]]:
    """The sample's segments, and whom each concerns."""
    texts, concerns = sample()
    return [text.encode() for text in texts], concerns


def by_claim(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Events of each claim."""
    found = defaultdict(list)
    for event in events:
        found[event["claim_id"]].append(event)
    return found


@cache
def undamaged() -> dict[str, list[Event]]:
    """The sample's events."""
    events, faults, _ = taken_in(b"".join(segments()[0]), NUMBERS)
    assert not faults
    return by_claim(events)


def changed(data: bytes, concerned: set[str]) -> list[str]:
    """The claims that a file with damage gives differently although none of it concerns them."""
    found = by_claim(taken_in(data, NUMBERS)[0])
    return [
        claim
        for claim, events in undamaged().items()
        if claim not in concerned and found.get(claim) != events
    ]


def borders() -> list[int]:
    """The segments beside which another claim, level or part begins."""
    concerns = segments()[1]
    return [
        at
        for at in range(1, len(concerns) - 1)
        if concerns[at - 1] != concerns[at] or concerns[at] != concerns[at + 1]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("kind", range(3), ids=["837P", "837I, other delimiters", "837P, one line"])
def test_damage_at_a_border_stays_on_its_side(kind: int) -> None:
    """Every way to damage the last or first segment of a claim leaves the claim beside it as it was."""
    parts, concerns = segments()
    begins = [at for at, part in enumerate(parts) if part.startswith(b"ISA")] + [len(parts)]
    for at in [at for at in borders() if begins[kind] <= at < begins[kind + 1]]:
        for number, way in enumerate(WAYS):
            damage = way(random.Random(number), parts[at])
            data = b"".join([*parts[:at], damage, *parts[at + 1 :]])
            assert not changed(data, concerns[at]), (parts[at], damage)


@pytest.mark.slow
def test_damage_costs_no_neighbour() -> None:
    """One damaged segment changes no claim but those that it is about."""
    for seed in range(FILES):
        what, (data, concerned) = damaged(seed, *segments())
        assert not changed(data, concerned), (seed, what)


@pytest.mark.slow
def test_no_ruin_makes_intake_fail() -> None:
    """Files damaged all over and cut off are read to their end, and each event that comes is sound."""
    limits = Limits(100_000)
    for seed in range(FILES):
        events, _, intake = taken_in(ruined(seed, segments()[0]), NUMBERS)
        tally = intake.tally
        assert tally.lines_written == len(events)
        assert tally.claims == tally.claims_written + tally.claims_refused
        for event in events:
            read_event(read_fields(to_json_bytes(event)), limits)


def test_the_law_about_neighbours_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the care for lost terminators a claim is lost to its neighbour's, and the law says so."""
    parts, concerns = segments()
    at = next(at for at in borders() if parts[at + 1].startswith(b"CLM*A5"))
    data = b"".join([*parts[:at], parts[at].rstrip()[:-1], *parts[at + 1 :]])
    assert not changed(data, concerns[at])
    monkeypatch.setattr(walk, "taken_apart", lambda segment: [segment])
    assert changed(data, concerns[at]) == ["A5"]
