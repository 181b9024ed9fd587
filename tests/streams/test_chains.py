"""Chains come and go with their partitions."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from streams.app import Chains
from streams.chain import Setting
from streams.outbox import Outbox
from streams.store import MemoryStore, Store
from tests.support import built_in_policy


class Nobody:
    """Takes what a chain sends and tells."""

    async def send(self, messages: Any) -> None:  # noqa: ANN401 - whatever there is
        """Nothing is sent: the chains have nothing to do."""
        assert not list(messages)

    def stepped(self, _: object) -> None:
        """Nobody counts."""


def setting() -> Setting:
    """What chains need that take no record."""
    nobody: Any = Nobody()
    nothing: Any = None
    return Setting(
        policy=built_in_policy(),
        outbox=cast("Outbox", nobody),
        changelog="changelog",
        written=nothing,
        finished=nothing,
        dropped=nothing,
        at_end=lambda _partition, _done: True,
        start_of=nothing,
        check_hole=nothing,
        watcher=nobody,
    )


async def test_the_chain_of_a_lost_partition_is_gone_at_once() -> None:
    """Whoever looks at the chains does not meet one whose store is closed; the others go on."""
    errors: list[BaseException] = []
    chains = Chains(setting(), lambda error, **_: errors.append(error))
    stores: dict[int, Store] = {partition: MemoryStore() for partition in range(3)}
    chains.start(stores)
    await asyncio.sleep(0)
    chains.drop({1, 7})
    assert [chain.partition for chain in chains] == [0, 2]
    await asyncio.sleep(0.01)
    chains.stop()
    await asyncio.sleep(0)
    assert not list(chains)
    assert not errors
