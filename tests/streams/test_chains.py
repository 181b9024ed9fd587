"""Chains come and go with their partitions."""

from __future__ import annotations

import asyncio

from streams.app import Chains
from streams.store import MemoryStore, Store
from tests.streams.chains import Box, Seen, setting_of


async def test_the_chain_of_a_lost_partition_is_gone_at_once() -> None:
    """Whoever looks at the chains does not meet one whose store is closed; the others go on."""
    errors: list[BaseException] = []
    chains = Chains(setting_of(Seen(), Box()), lambda error, **_: errors.append(error))
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
