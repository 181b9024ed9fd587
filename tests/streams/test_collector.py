"""The cycle collector at rest during a screening."""

from __future__ import annotations

import asyncio
import gc
import weakref
from contextlib import suppress

import pytest

from streams import collector as collector_module
from streams.collector import NEVER, Collector, collect_seldom


class Knot:
    """Refers to itself, so that counting references alone never frees it."""

    def __init__(self) -> None:
        self.itself = self


def test_young_cycles_go_at_a_rest() -> None:
    """A cycle that is out of use by the next rest is freed by it."""
    with Collector() as collector:
        collector.rest()
        knot = weakref.ref(Knot())
        assert knot() is not None
        collector.rest()
        assert knot() is None


def test_what_was_kept_is_collected_afterwards() -> None:
    """A cycle that falls out of use after a rest is freed once the collector works as before."""
    assert gc.isenabled()
    with Collector() as collector:
        assert not gc.isenabled()
        kept = Knot()
        collector.rest()
        knot = weakref.ref(kept)
        del kept
        collector.rest()
        assert knot() is not None
    assert gc.isenabled()
    gc.collect()
    assert knot() is None


def test_a_collector_that_was_off_stays_off() -> None:
    """Whoever switched collection off gets it back that way."""
    gc.disable()
    try:
        with Collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


async def test_a_worker_looks_through_everything_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old cycles are not looked for when many objects came, but when the time has come."""
    monkeypatch.setattr(collector_module, "WHOLE_EVERY", 0.05)
    before, knot_in_time = gc.get_threshold(), asyncio.Event()
    kept = Knot()
    gc.collect()  # it is old now
    knot = weakref.ref(kept, lambda _: knot_in_time.set())
    task = asyncio.ensure_future(collect_seldom())
    await asyncio.sleep(0)
    assert gc.get_threshold()[2] == NEVER
    del kept
    assert knot() is not None
    await asyncio.wait_for(knot_in_time.wait(), 10)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert gc.get_threshold() == before
