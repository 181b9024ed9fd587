"""The state of all assigned partitions as a Faust table: recovered from its changelog, kept in stores.

Faust assigns the changelog's partitions beside the input's and says when to recover; the entries lie in
one store a partition. Nothing is written through Faust's table interface: a chain writes a step's
entries to the changelog as one record batch, then takes them into the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import faust
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.types import TP, EventT

from streams.store import Store, StoreRefusedError
from streams.transport import Records


class StateTable(faust.Table[bytes, bytes]):
    """Holds one store for each assigned partition.

    Args:
        new_store: makes the store of a partition.
        ready: told, after recovery, which partitions have all their state.
        lost: told which went to another worker, before their stores are closed.
        fail: told of an error after which nothing must go on; Faust keeps those of its callbacks to itself.

    Attributes:
        assigned: whether the group has told which partitions are ours, since the last rebalance began.
    """

    def __init__(
        self,
        app: faust.App,
        *,
        new_store: Callable[[int], Store],
        ready: Callable[[dict[int, Store]], None],
        lost: Callable[[set[int]], None],
        fail: Callable[[BaseException], None],
        **options: Any,  # noqa: ANN401 - Faust's own
    ) -> None:
        super().__init__(app, **options)
        self._new_stores = new_store
        self._ready = ready
        self._lost = lost
        self._fail = fail
        self._stores: dict[int, Store] = {}
        self._checks: list[asyncio.Future[None]] = []
        self.assigned = False

    def store_of(self, partition: int) -> Store:
        """The store of a partition, opened where it is not."""
        store = self._stores.get(partition)
        if store is None:
            store = self._stores[partition] = self._new_stores(partition)
        return store

    def recover(self, tp: TP, records: Records) -> None:
        """Take in a fetch of a changelog partition, and tell Faust all but its last record."""
        store = self.store_of(tp.partition)
        held = store.offset()
        fresh = [record for record in records if held is None or record.offset > held]
        if fresh:
            store.apply(
                [(record.key, record.value) for record in fresh if record.key is not None], fresh[-1].offset
            )
        offsets = self._recovery.active_offsets
        offsets[tp] = max(offsets.get(tp) or -1, records[-1].offset - 1)

    def written(self, partition: int, offset: int) -> None:
        """A step was written: the changelog of a partition is known up to an offset."""
        tp = TP(self.changelog_topic_name, partition)
        self._recovery.active_offsets[tp] = offset

    def left(self) -> dict[TP, int]:
        """Records that are still to be taken in, by changelog partition."""
        return {tp: max(left, 0) for tp, left in self._recovery.active_remaining().items()}

    @property
    def _recovery(self) -> Recovery:
        tables = self.app.tables
        assert isinstance(tables, TableManager)  # noqa: S101 - Faust's only one
        return tables.recovery

    # ------------------------------------------------------------------ what Faust asks of a table

    async def on_start(self) -> None:
        """Nothing to declare: `dripline topics create` makes the changelog."""

    def persisted_offset(self, tp: TP) -> int:
        """The changelog offset that a store already has; never None, for which Faust takes an older one."""
        offset = self.store_of(tp.partition).offset()
        return -1 if offset is None else offset

    async def need_active_standby_for(self, tp: TP) -> bool:  # noqa: ARG002
        """No standbys are used."""
        return False

    def reset_state(self) -> None:
        """Forget all stores."""
        self._close(set(self._stores))

    async def on_changelog_event(self, event: EventT[Any]) -> None:
        """Taken in by `recover` already."""

    def apply_changelog_batch(self, batch: Iterable[EventT[Any]]) -> None:
        """Taken in by `recover` already."""

    async def on_rebalance(
        self,
        assigned: set[TP],
        revoked: set[TP],
        newly_assigned: set[TP],
        generation_id: int = 0,
    ) -> None:
        """Let go of partitions that went to another worker."""
        del revoked, generation_id
        self.assigned = True
        mine = {tp for tp in assigned if tp.topic == self.changelog_topic_name}
        lost = self._stores.keys() - {tp.partition for tp in mine}
        self._lost(lost)
        self._close(lost)
        held = {tp: self.persisted_offset(tp) for tp in mine & newly_assigned}
        self._checks.append(asyncio.ensure_future(self._check_starts(held)))

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """All state of the assigned partitions is there, and none that the changelog does not have."""
        del standby_tps
        try:
            checks, self._checks = self._checks, []
            await asyncio.gather(*checks)
            for tp in active_tps:
                self._check_end(tp, self._recovery.active_highwaters[tp])
            self._ready({tp.partition: self.store_of(tp.partition) for tp in active_tps})
        except Exception as error:  # noqa: BLE001 - every error stops the worker
            self._fail(error)

    async def _check_starts(self, held: dict[TP, int]) -> None:
        """Beside the recovery, which would wait for ever where nothing of a changelog is left."""
        try:
            starts = await self.app.consumer.earliest_offsets(*held)
            for tp, start in starts.items():
                self._check_start(tp, start, held[tp])
        except Exception as error:  # noqa: BLE001 - every error stops the worker
            self._fail(error)

    def _check_start(self, tp: TP, start: int, held: int) -> None:
        """A changelog must begin at offset 0, or not behind what the store has.

        Compaction never moves the start of a log; only somebody who deletes records does, or a retention
        that should not be there.

        Raises:
            StoreRefusedError: entries were deleted that the store does not have.
        """
        if start > held + 1:
            raise StoreRefusedError(
                f"{tp.topic}-{tp.partition} starts at offset {start}: state before it was deleted, and "
                f"{self.store_of(tp.partition).place} does not have it. Bring back the records or the folder "
                "of a store that has them, or make the state anew: docs/architecture.md, When state is lost"
            )

    def _check_end(self, tp: TP, last: int) -> None:
        """A store must not be ahead of its changelog.

        What a store holds was acknowledged by the broker before. So the topic was made anew, or it lost
        records, of which this store may be the only copy: to throw it away is for a person to decide.

        Raises:
            StoreRefusedError: it is.
        """
        store = self.store_of(tp.partition)
        held = store.offset()
        if held is not None and held > last:
            raise StoreRefusedError(
                f"{store.place} has the state up to offset {held} of {tp.topic}-{tp.partition}, which ends "
                f"at {last}: the topic was made anew or has lost records. Was it made anew on purpose, "
                "delete the folder"
            )

    def _close(self, partitions: set[int]) -> None:
        for partition in partitions:
            self._stores.pop(partition).close()
