"""Random sets of events for topics that several drivers must agree on."""

from __future__ import annotations

import random

from tests.oracle import random_events
from tests.support import Event


def sets_of_one_year(rng: random.Random, count: int) -> list[list[Event]]:
    """Sets of events of one year, each of members of its own.

    Years apart, retention would be over for the older ones, and what is frozen depends on the order then
    (specification, section 5).
    """
    sets: list[list[Event]] = []
    while len(sets) < count:
        events = random_events(rng, 60)
        if all(event["received_at"].startswith("2024") for event in events):
            sets.append([event | {"member_id": f"{event['member_id']}-{len(sets)}"} for event in events])
    return sets
