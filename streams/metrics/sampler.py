"""Looks at the worker once a second: gauges, the event loop, and partitions that do not move."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final

from streams.app import WorkerApp
from streams.chain import Chain
from streams.metrics import declared as the
from streams.metrics.broker_view import BrokerView
from streams.metrics.sheet import Sheet
from streams.ticks import MICROSECONDS, Ticker

EVERY: Final = 1.0
"""Seconds between two looks."""
MOVES_WITHIN: Final = 60.0
"""Seconds within which a partition with lag must move."""

STALLED_AFTER: Final = 120.0
"""Seconds without a move after which the worker gives up."""
RECOVERS_WITHIN: Final = 600.0
"""The same while partitions are assigned and state is recovered, which waits for others."""

Place = tuple[object, ...]
"""How far something is: whoever gets on is elsewhere at the next look."""


class Sampler:
    """Shows what the worker holds.

    Args:
        app: the worker's.
        sheet: where it is shown.
        view: what the brokers say.
        ticker: carries event time on.
        not_ready: why the worker is not ready, or None.
    """

    def __init__(
        self,
        app: WorkerApp,
        sheet: Sheet,
        view: BrokerView,
        ticker: Ticker,
        not_ready: Callable[[], str | None],
    ) -> None:
        self._app = app
        self._sheet = sheet
        self._view = view
        self._ticker = ticker
        self._not_ready = not_ready
        self._shown: set[tuple[the.Metric, int]] = set()
        self._rebalances = 0
        self._unsettled_since: float | None = time.monotonic()
        self._moved: dict[int, tuple[float, Place]] = {}
        self._stuck: tuple[int, ...] = ()
        self._stalled: str | None = None
        self._recovering: tuple[float, Place] = time.monotonic(), ()

    def stuck(self) -> str | None:
        """Which partitions do not move though records wait, or None; asked from the server's thread."""
        return _told(self._stuck, MOVES_WITHIN) if self._stuck else None

    def stalled(self) -> str | None:
        """What has not moved for so long that the worker should give up, or None."""
        return self._stalled

    async def run(self) -> None:
        """Look again and again."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(EVERY)
            self._sheet.observe(the.LOOP_LAG, (max(time.monotonic() - before - EVERY, 0.0),))
            self.look()

    def look(self) -> None:
        """Look once."""
        app, sheet = self._app, self._sheet
        mine = app.mine
        chains = [chain for chain in app.chains if chain.partition in mine]
        shown = {*self._show_offsets(mine), *self._show_recovery(mine), *self._show_chains(chains)}
        for metric, partition in self._shown - shown:
            sheet.drop(metric, str(partition))
        self._shown = shown
        sheet.show(the.ASSIGNED, len(mine))
        sheet.show(the.INPUT_PARTITIONS, self._view.partitions)
        sheet.count(the.REBALANCES, app.rebalancing_count - self._rebalances)
        self._rebalances = app.rebalancing_count
        self._look_for_stuck(chains)

    def _put(self, metric: the.Metric, partition: int, value: float) -> tuple[the.Metric, int]:
        self._sheet.show(metric, value, str(partition))
        return metric, partition

    def _show_offsets(self, mine: set[int]) -> Iterable[tuple[the.Metric, int]]:
        view = self._view
        if view.asked:
            self._sheet.show(the.OFFSETS_TIME, time.time() - (time.monotonic() - view.asked))
        for partition in mine & view.ends.keys() & view.committed.keys():
            end, committed = view.ends[partition], view.committed[partition]
            yield self._put(the.END_OFFSET, partition, end)
            yield self._put(the.COMMITTED_OFFSET, partition, committed)
            yield self._put(the.LAG, partition, max(end - committed, 0))

    def _show_recovery(self, mine: set[int]) -> Iterable[tuple[the.Metric, int]]:
        now = time.monotonic()
        going_on = self._app.unsettled is not None
        if going_on and self._unsettled_since is None:
            self._unsettled_since = now
        if self._unsettled_since is not None:
            self._sheet.show(the.RECOVERY_SECONDS, now - self._unsettled_since)
        if not going_on:
            self._unsettled_since = None
        left = self._app.recovery_left() if going_on else {}
        for partition in mine:
            yield self._put(the.RECOVERY_LEFT, partition, left.get(partition, 0))

    def _show_chains(self, chains: Iterable[Chain]) -> Iterable[tuple[the.Metric, int]]:
        for chain in chains:
            partition, held = chain.partition, chain.holdings()
            yield self._put(the.MEMBERS, partition, held.members)
            yield self._put(the.CLAIMS, partition, held.claims)
            yield self._put(the.STATE_LINES, partition, held.lines)
            yield self._put(the.STATE_BYTES, partition, held.bytes)
            yield self._put(the.OPEN_CLAIMS, partition, held.open_claims)
            event_time = self._ticker.carried(chain) or chain.event_time
            waited = 0
            if event_time is not None and held.waiting_since is not None:
                waited = max(event_time - held.waiting_since, 0)
            yield self._put(the.OLDEST_OPEN, partition, waited / MICROSECONDS)
            if chain.event_time is not None:
                watermark = chain.event_time / MICROSECONDS
                yield self._put(the.WATERMARK, partition, watermark)
                yield self._put(the.EVENT_TIME_LAG, partition, time.time() - watermark)

    def _look_for_stuck(self, chains: Iterable[Chain]) -> None:
        """A partition with records to take must move; none can while the worker is not ready."""
        now = time.monotonic()
        moved: dict[int, tuple[float, Place]] = {}
        if self._not_ready() is None:
            for chain in chains:
                fetched = self._app.position_of(chain.partition)
                place = fetched, chain.position, chain.steps
                since, before = self._moved.get(chain.partition, (now, place))
                waits = self._behind(chain, fetched)
                moved[chain.partition] = (since if waits and place == before else now, place)
        self._moved = moved
        self._stuck = self._unmoved(MOVES_WITHIN)
        stalled = self._unmoved(STALLED_AFTER)
        if stalled:
            self._stalled = _told(stalled, STALLED_AFTER)
        else:
            self._stalled = self._recovery_stalled(now)

    def _unmoved(self, seconds: float) -> tuple[int, ...]:
        now = time.monotonic()
        return tuple(sorted(p for p, (since, _) in self._moved.items() if now - since > seconds))

    def _recovery_stalled(self, now: float) -> str | None:
        """Whether a rebalance with its recovery goes on and gets nowhere."""
        app = self._app
        place: Place = ()
        if app.unsettled is not None:
            place = app.unsettled, app.rebalancing_count, *sorted(app.recovery_left().items())
        since, before = self._recovering
        if not place or place != before:
            self._recovering = now, place
        elif now - since > RECOVERS_WITHIN:
            return f"{app.unsettled}, without progress for {RECOVERS_WITHIN:.0f} s"
        return None

    def _behind(self, chain: Chain, fetched: int | None) -> bool:
        """Whether records of a partition wait, by its chain or by what the brokers say."""
        end = self._view.ends.get(chain.partition) if self._view.fresh else None
        return chain.quiet_since is None or (end is not None and (fetched is None or fetched < end))


def _told(partitions: tuple[int, ...], seconds: float) -> str:
    return f"no progress for {seconds:.0f} s on partitions {', '.join(map(str, partitions))}"
