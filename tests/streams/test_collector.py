"""The cycle collector at rest during a screening."""

from __future__ import annotations

import gc
import weakref

from streams.collector import Collector


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
