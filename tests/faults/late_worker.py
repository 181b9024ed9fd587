"""A worker to whose chains the second fetch comes late, as where much is queued before it.

Run as a module in place of the worker.
"""

from __future__ import annotations

import asyncio
from typing import Final

from streams import cli
from streams.app import Chains
from streams.transport import BatchMessage

LATE: Final = 10.0
"""Seconds between the client that has fetched and the chain that takes."""


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


if __name__ == "__main__":
    deliver_late()
    cli.main()
