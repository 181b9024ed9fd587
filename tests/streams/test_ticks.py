"""How event time runs on over idle partitions."""

from __future__ import annotations

from dataclasses import dataclass, field

from streams.ticks import MICROSECONDS, Ticker

SECOND = MICROSECONDS


@dataclass
class Partition:
    """What a chain tells of itself."""

    event_time: int | None = 1_000 * SECOND
    next_due: int | None = None
    quiet_since: float | None = 50.0
    ticks: list[int] = field(default_factory=list)

    async def tick(self, event_time: int) -> None:
        """Note the tick."""
        self.ticks.append(event_time)


def ticker(now: float, settle_after: int = 900 * SECOND) -> Ticker:
    """A ticker at a moment."""
    return Ticker(list, settle_after, lambda: now)


def test_a_partition_with_records_left_is_not_idle() -> None:
    """Nothing is carried while something is to be taken."""
    assert ticker(500.0).carried(Partition(quiet_since=None)) is None


def test_a_partition_without_an_accepted_record_has_no_event_time() -> None:
    """There is nothing to carry on from."""
    assert ticker(500.0).carried(Partition(event_time=None)) is None


def test_a_pause_shorter_than_ten_seconds_is_no_idleness() -> None:
    """Event time stands still until nothing came for ten seconds."""
    assert ticker(59.99).carried(Partition()) is None
    assert ticker(60.0).carried(Partition()) == 1_000 * SECOND


def test_a_short_window_is_a_short_pause() -> None:
    """Where claims settle after two seconds, so long is the pause."""
    assert ticker(51.99, 2 * SECOND).carried(Partition()) is None
    assert ticker(52.0, 2 * SECOND).carried(Partition()) == 1_000 * SECOND


def test_event_time_runs_at_the_speed_of_the_clock() -> None:
    """A second of the clock is a second of event time, from its last value."""
    assert ticker(60.0 + 7.5).carried(Partition()) == 1_000 * SECOND + 7_500_000
