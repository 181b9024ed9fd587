"""The product's worker, unchanged but for a meter at both ends of its chains."""

from __future__ import annotations

import asyncio
import cProfile
import io
import pstats

from benchmarks.live.meter import Job, Meter, own_job
from benchmarks.live.unwatched import stop_watching
from streams import app as streams_app
from streams import rocks, worker
from streams.app import WorkerApp
from streams.log import set_up_logging
from streams.settings import read_settings
from streams.transport import BatchMessage

BUSIEST = 10
SMALL_CACHE = 8 * 1024 * 1024
"""Bytes of RocksDB's cache, an eighth of what it is, so that it is full when the memory is looked at."""


class MeteredApp(WorkerApp):
    """A worker's app that notes the first fetch and the last."""

    meter: Meter
    profile: cProfile.Profile | None = None

    def connect(self) -> None:
        """Listen in on what is handed to the chains."""
        super().connect()
        put = self.chains.put

        async def noted(message: BatchMessage) -> None:
            self._begin()
            await put(message)

        self.chains.put = noted  # type: ignore[method-assign]

    def finished(self, message: BatchMessage) -> None:
        """A fetch is published and remembered."""
        super().finished(message)
        if self.meter.add(len(message.records)):
            self._ending = asyncio.ensure_future(self._end())

    def _begin(self) -> None:
        if self.profile is not None and not self.meter.done:
            self.profile.enable()
        self.meter.begin()

    async def _end(self) -> None:
        await self.consumer.commit()
        if self.profile is not None:
            self.profile.disable()
        self.meter.end(busiest(self.profile) if self.profile is not None else "")


def busiest(profile: cProfile.Profile) -> str:
    """The functions that took most time of their own, as a table."""
    text = io.StringIO()
    pstats.Stats(profile, stream=text).strip_dirs().sort_stats("tottime").print_stats(BUSIEST)
    return "\n".join(line for line in text.getvalue().splitlines()[2:] if line.strip())


def run(job: Job) -> None:
    """Work until it is told to stop."""
    MeteredApp.meter = Meter(job)
    MeteredApp.profile = cProfile.Profile() if job.profile else None
    vars(streams_app)["WorkerApp"] = MeteredApp
    vars(streams_app)["LINES"] = job.topic
    given = {"bootstrap_servers": job.servers, "app_id": job.app_id, "http_port": str(job.port)}
    if not job.metrics:
        stop_watching()
    if job.store != "memory://":
        given |= {"store": job.store, "data_dir": job.folder}
        vars(rocks).update(CACHE_BYTES=SMALL_CACHE, BUFFERS_BYTES=SMALL_CACHE // 2)
    set_up_logging("INFO")
    asyncio.run(worker.run(read_settings(given)))


if __name__ == "__main__":
    run(own_job())
