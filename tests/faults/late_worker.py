"""A worker in which something comes late, as where much is queued before it.

`DRIPLINE_TEST_LATE` names one of `THINGS`. Run as a module in place of the worker.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any, Final

from faust.types import TP

from streams import app, cli
from streams.app import Chains
from streams.chain import Chain
from streams.transport import BatchConsumer, BatchMessage

LATE: Final = 10.0
"""Seconds between the client that has fetched and the chain that takes."""


SEEKS_LATE: Final = 4.0
"""Seconds between the client that went back to the committed offsets and Faust that hears of it."""
FETCH: Final = 5
"""Records of a fetch where that is late; each takes a while to be taken."""


def deliver_late() -> None:
    """Hold the second fetch."""
    put = Chains.put
    came = 0

    async def late(self: Chains, message: BatchMessage) -> None:
        nonlocal came
        came += 1
        if came == 2:
            await asyncio.sleep(LATE)
        await put(self, message)

    Chains.put = late  # type: ignore[method-assign]


def seek_late() -> None:
    """Hold the word that positions were set; meanwhile small fetches come, that chains take slowly."""
    seek, take, conf = BatchConsumer.seek_to_committed, Chain._take, app._conf

    async def late(self: BatchConsumer) -> Mapping[TP, int]:
        committed = await seek(self)
        await asyncio.sleep(SEEKS_LATE)
        return committed

    async def slow(self: Chain, message: BatchMessage) -> None:
        await asyncio.sleep(0.2)
        await take(self, message)

    def small(connection: app.Connection) -> dict[str, Any]:
        return conf(connection) | {"broker_max_poll_records": FETCH}

    BatchConsumer.seek_to_committed = late  # type: ignore[method-assign, assignment]
    Chain._take = slow  # type: ignore[method-assign]
    vars(app)["_conf"] = small


THINGS: Final = {"delivery": deliver_late, "seek": seek_late}


if __name__ == "__main__":
    THINGS[os.environ["DRIPLINE_TEST_LATE"]]()
    cli.main()
