"""Who ends a worker whose event loop hangs."""

from __future__ import annotations

import threading
import time

from prometheus_client import CollectorRegistry

from streams.failing import StalledError
from streams.health import Health
from streams.watch import watched_loop

EVERY = 0.01


class Ended:
    """Takes the place of the end of a worker."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.errors: list[BaseException] = []

    def __call__(
        self, error: BaseException, *, partition: int | None = None, offset: int | None = None
    ) -> None:
        """The worker would end."""
        assert partition is offset is None
        self.errors.append(error)
        self.event.set()


def test_a_loop_that_hangs_ends_the_worker() -> None:
    """After as many looks without a turn as the limit says; not while it turns, however slowly."""
    health, ended = Health(lambda: None, lambda: None, CollectorRegistry()), Ended()
    with watched_loop(health, ended, limit=20, every=EVERY):
        for _ in range(30):
            health.turned()
            time.sleep(5 * EVERY)
            assert not ended.errors
        assert ended.event.wait(10)
    (error,) = ended.errors
    assert isinstance(error, StalledError)
    assert "the event loop has not turned" in str(error)


def test_nobody_is_ended_when_the_work_is_over() -> None:
    """The watch goes with the worker, not with the process."""
    health, ended = Health(lambda: None, lambda: None, CollectorRegistry()), Ended()
    with watched_loop(health, ended, limit=3, every=EVERY):
        health.turned()
    assert not ended.event.wait(20 * EVERY)
    assert not [thread for thread in threading.enumerate() if thread.name == "loop-watch"]
