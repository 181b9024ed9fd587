"""Nothing the engine lets go of waits for Python's cycle collector, which a worker runs seldom."""

from __future__ import annotations

import gc
import random

from policy import PolicyEngine
from streams.store import MemoryStore, stamped
from tests.oracle import random_events
from tests.support import built_in_policy, record


def test_members_that_are_let_go_are_free_at_once() -> None:
    """Screening, and letting members go, leaves no cycle behind."""
    store = MemoryStore()
    engine = PolicyEngine(built_in_policy(), source=store, tracking=True)
    stream = [each for seed in range(40) for each in random_events(random.Random(seed), 30)]
    gc.collect()
    gc.disable()
    try:
        for offset, event in enumerate(stream):
            engine.receive(record(event, offset=offset))
            store.apply(stamped(engine.take_writes(), offset).items(), offset)
            engine.rest(3)
        assert gc.collect() == 0
    finally:
        gc.enable()
    assert engine.members > 3
