"""What the look at the worker finds: gauges of partitions that come and go, partitions that do not move."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import cast

import pytest
from prometheus_client import generate_latest

from streams.app import WorkerApp
from streams.chain import Holdings
from streams.metrics import sampler as module
from streams.metrics.broker_view import BrokerView
from streams.metrics.sampler import Sampler
from streams.metrics.sheet import Sheet
from streams.ticks import Ticker


@dataclass
class Chain:
    """A chain at rest."""

    partition: int
    quiet_since: float | None = 0.0
    position: int | None = 5
    steps: int = 0
    event_time: int | None = 1_000_000
    next_due: int | None = None

    async def tick(self, event_time: int) -> None:
        """Nothing is due."""

    def holdings(self) -> Holdings:
        """Some claims, one of them open."""
        return Holdings(3, 4, 9, 1, 500_000, 1000)


@dataclass
class App:
    """What is asked of an app."""

    chains: list[Chain]
    fetched: int | None = 5
    unsettled: str | None = None
    rebalancing_count: int = 1
    left: int = 9
    gone: set[int] = field(default_factory=set)

    @property
    def mine(self) -> set[int]:
        """All that are not gone."""
        return {chain.partition for chain in self.chains} - self.gone

    def position_of(self, _: int) -> int | None:
        """The same for all."""
        return self.fetched

    def recovery_left(self) -> dict[int, int]:
        """Nine records of partition 0, or what a test says."""
        return {0: self.left}


class Look:
    """A sampler over a made-up worker, and a clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, app: App) -> None:
        self.app, self.sheet, self.now = app, Sheet(), 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        self.view = BrokerView({}, "app", lambda: app.mine, lambda: None)
        self.view.ends, self.view.committed = {0: 5, 1: 5}, {0: 3, 1: 5}
        ticker = Ticker(lambda: app.chains, 900_000_000, lambda: self.now)
        worker = cast("WorkerApp", app)
        self.sampler = Sampler(worker, self.sheet, self.view, ticker, lambda: app.unsettled)

    def after(self, seconds: float) -> str | None:
        """Look that much later, with fresh answers of the brokers; what is stuck."""
        self.now += seconds
        self.view.asked = self.now
        self.sampler.look()
        return self.sampler.stuck()

    def shows(self, text: str) -> bool:
        """Whether `/metrics` has a line that begins so."""
        return f"\ndripline_{text}" in generate_latest(self.sheet.registry).decode()


def test_gauges_come_and_go_with_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partition that is revoked is not shown any more; the others are."""
    look = Look(monkeypatch, App([Chain(0), Chain(1)]))
    look.after(1)
    assert look.shows('consumer_lag_records{partition="0"} 2.0')
    assert look.shows('open_claims{partition="1"} 1.0')
    assert look.shows('oldest_open_claim_seconds{partition="1"} ')
    assert look.shows("assigned_partitions 2.0")
    look.app.gone = {1}
    look.app.rebalancing_count = 2
    look.after(1)
    assert look.shows('consumer_lag_records{partition="0"} 2.0')
    assert not look.shows('consumer_lag_records{partition="1"}')
    assert not look.shows('state_bytes{partition="1"}')
    assert look.shows("assigned_partitions 1.0")
    assert look.shows("rebalances_total 2.0")


def test_partitions_of_the_input_are_what_the_brokers_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is assigned here; 0 before the first answer."""
    look = Look(monkeypatch, App([Chain(0), Chain(1)]))
    look.after(1)
    assert look.shows("input_partitions 0.0")
    look.view.partitions = 7
    look.after(1)
    assert look.shows("input_partitions 7.0")
    assert look.shows("assigned_partitions 2.0")


def test_recovery_is_shown_while_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left and how long it takes; then how long it took."""
    look = Look(monkeypatch, App([Chain(0)], unsettled="state is being recovered"))
    look.after(2)
    assert look.shows('recovery_remaining_records{partition="0"} 9.0')
    assert look.shows("recovery_seconds 2.0")
    look.app.unsettled = None
    look.after(3)
    look.after(100)
    assert look.shows('recovery_remaining_records{partition="0"} 0.0')
    assert look.shows("recovery_seconds 5.0")


@pytest.mark.parametrize("way", ["the chain is busy", "the brokers have more", "nothing was fetched yet"])
def test_a_partition_that_does_not_move_is_stuck(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """After the limit and not before; a record taken, or a worker that is not ready, ends it."""
    app = App([Chain(0), Chain(1)])
    look = Look(monkeypatch, app)
    if way == "the chain is busy":
        app.chains[0].quiet_since = None
    elif way == "the brokers have more":
        look.view.ends = {0: 6, 1: 5}
    else:
        app.fetched = None
        look.view.ends = {0: 5}
    assert look.after(1) is None
    assert look.after(module.MOVES_WITHIN - 1) is None
    stuck = look.after(2)
    assert stuck == "no progress for 60 s on partitions 0"
    app.chains[0].position = 6
    assert look.after(1) is None
    assert look.after(module.MOVES_WITHIN + 1) is not None
    app.chains[0].steps = 1
    assert look.after(1) is None
    assert look.after(module.MOVES_WITHIN + 1) is not None
    app.unsettled = "partitions are being assigned"
    assert look.after(1) is None


def test_nobody_is_stuck_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without records waiting nothing has to move; nor where the brokers' answers are old."""
    look = Look(monkeypatch, App([Chain(0)]))
    assert [look.after(50) for _ in range(5)] == [None] * 5
    look.view.ends = {0: 6}
    look.now += 500
    look.sampler.look()
    look.now += 500
    look.sampler.look()
    assert look.sampler.stuck() is None


def test_who_stays_stuck_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After twice the time and not before; steps without a record, as time causes them, are a move."""
    app = App([Chain(0, quiet_since=None), Chain(1)])
    look = Look(monkeypatch, app)
    look.after(1)
    look.after(module.STALLED_AFTER - 1)
    assert look.sampler.stalled() is None
    look.after(2)
    assert look.sampler.stalled() == "no progress for 120 s on partitions 0"
    app.chains[0].steps = 1
    look.after(1)
    assert look.sampler.stalled() is None


def test_a_recovery_that_gets_nowhere_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it gets on it may take as long as it needs; a new rebalance begins anew."""
    app = App([Chain(0)], unsettled="state is being recovered")
    look = Look(monkeypatch, app)
    for left in (9, 8, 8):
        app.left = left
        look.after(module.RECOVERS_WITHIN)
        assert look.sampler.stalled() is None
    look.after(1)
    assert look.sampler.stalled() == "state is being recovered, without progress for 600 s"
    app.rebalancing_count += 1
    look.after(1)
    assert look.sampler.stalled() is None
    app.unsettled = None
    look.after(10 * module.RECOVERS_WITHIN)
    assert look.sampler.stalled() is None
