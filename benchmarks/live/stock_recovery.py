"""How long Faust by itself takes to recover a table: from the start of the process to ready."""

from __future__ import annotations

import sys
from typing import Any

import faust

from benchmarks.live.meter import own_job
from benchmarks.live.plain_faust import PARTITIONS, RAW
from streams.topics import TABLE


def main() -> None:
    """Recover, say how many entries there are, and wait for the end."""
    job = own_job()
    app = faust.App(
        job.app_id,
        broker=f"kafka://{job.servers}",
        topic_partitions=PARTITIONS,
        web_enabled=False,
        key_serializer="raw",
        value_serializer="raw",
    )
    table = app.Table(TABLE, key_type=bytes, value_type=bytes, partitions=PARTITIONS)

    @app.agent(app.topic(job.topic, **RAW))
    async def screen(stream: Any) -> None:  # noqa: ANN401 - Faust's stream
        async for _ in stream:
            pass

    @table.on_recover
    async def recovered() -> None:
        print(f"RECOVERED {len(table)}", file=sys.__stdout__, flush=True)

    faust.Worker(app, loglevel="ERROR").execute_from_commandline()


if __name__ == "__main__":
    main()
