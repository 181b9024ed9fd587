"""A worker with one of the defects that must never come into the product, and the crash that exposes it.

`DRIPLINE_TEST_DEFECT` names one of `DEFECTS`, or is empty for a sound worker; `DRIPLINE_TEST_CRASH` names
one of `CRASHES`, or is empty. Run as a module in place of the worker.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from aiokafka.errors import KafkaTimeoutError

from policy import PolicyEngine
from policy.outputs import Outputs
from streams import cli
from streams.app import Chains, WorkerApp
from streams.chain import Chain, Step, _no_headers
from streams.headers import Headers
from streams.outbox import Message, Outbox, messages_of
from streams.topics import LINES
from streams.transport import BatchMessage, CommittedThread

CRASHED: Final = 9
"""The exit code of a crash."""
SPLIT_OFF: Final = b'"Z"'
"""The defect `split` writes the entries with this in their keys first."""


def replace(owner: type, method: str, new: Callable[..., Any]) -> None:
    """Put another method in the place of one."""
    setattr(owner, method, new)


# ------------------------------------------------------------------ crashes


def nth(owner: type, method: str, number: int, replaced: Callable[..., Any]) -> None:
    """Have the n-th call of a method go to `replaced`, which is given the real method first."""
    real = getattr(owner, method)
    calls = 0

    async def called(*arguments: Any) -> Any:  # noqa: ANN401 - stands in for any step
        nonlocal calls
        calls += 1
        return await (replaced(real, *arguments) if calls == number else real(*arguments))

    replace(owner, method, called)


async def then_crash(real: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401 - of any step
    """The step, and the end."""
    await real(*arguments)
    os._exit(CRASHED)


async def commit_and_crash(apps: list[WorkerApp], *_: object) -> None:
    """Instead of the step what Faust does each second; then the end."""
    for _each in range(2):  # the first may only wait for one that was at work
        await apps[0].consumer.commit()
    os._exit(CRASHED)


def after_write(number: int) -> None:
    """The process ends once the n-th record batch of the changelog is written."""
    nth(Outbox, "write", number, then_crash)


def after_delivery() -> None:
    """The process ends once the first outputs are acknowledged."""
    nth(Outbox, "_deliver", 1, then_crash)


def commits_first(method: str) -> None:
    """Before the first call of a method of the outbox Faust commits; then the process ends."""
    apps: list[WorkerApp] = []
    connect = WorkerApp.connect

    def connected(app: WorkerApp) -> None:
        apps.append(app)
        connect(app)

    replace(WorkerApp, "connect", connected)
    nth(Outbox, method, 1, lambda _, *arguments: commit_and_crash(apps, *arguments))


def failed_send() -> None:
    """The first outputs cannot be sent; the process ends once an offset is committed."""

    async def fails(*_: object) -> None:
        raise KafkaTimeoutError

    nth(Outbox, "_deliver", 1, fails)
    commit = CommittedThread.commit

    async def committed(self: CommittedThread, offsets: Any) -> None:  # noqa: ANN401 - Faust's own
        await commit(self, offsets)
        if any(tp.topic == LINES for tp in offsets):
            os._exit(CRASHED)

    replace(CommittedThread, "commit", committed)


def step_within_tick() -> None:
    """The first outputs, a tick's, wait for the next step; the process ends with the tick's last write.

    The file `DRIPLINE_TEST_SIGN` is made when the tick's outputs wait. The next step goes on as far as it
    can meanwhile: to the chain's turn, or without one to its outputs, which are not sent any more.
    """
    chains: list[Chain] = []
    arrived = asyncio.Event()
    run = Chain.run

    async def running(chain: Chain) -> None:
        chains.append(chain)
        await run(chain)

    async def of_tick(real: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401 - of any step
        await asyncio.to_thread(Path(os.environ["DRIPLINE_TEST_SIGN"]).touch)
        while not (arrived.is_set() or any(chain._turn._waiters for chain in chains)):  # noqa: ASYNC110 - a lock tells nobody who waits
            await asyncio.sleep(0.01)
        await real(*arguments)

    async def of_step(*_: object) -> None:
        arrived.set()
        await asyncio.Event().wait()

    replace(Chain, "run", running)
    nth(Outbox, "_deliver", 1, of_tick)
    nth(Outbox, "_deliver", 2, of_step)  # counts on its own, before the other
    after_write(3)


def records_first() -> None:
    """No crash: a chain lets no tick through before its first records, however slow the machine starts."""
    tick = Chain.tick

    async def later(self: Chain, event_time: int) -> None:
        if self._next is not None:
            await tick(self, event_time)

    replace(Chain, "tick", later)


CRASHES: Final[Mapping[str, Callable[[], None]]] = {
    "": lambda: None,
    "after_write": partial(after_write, 1),
    "after_delivery": after_delivery,
    "commit_before_write": partial(commits_first, "write"),
    "commit_before_delivery": partial(commits_first, "_deliver"),
    "failed_send": failed_send,
    "step_within_tick": step_within_tick,
    "records_first": records_first,
}

# ------------------------------------------------------------------ defects


def side_by_side() -> None:
    """Outputs and changelog are sent side by side; the outputs take long."""

    async def publish(
        self: Chain,
        outputs: Outputs,
        records: int,
        origin: Callable[[int], tuple[Headers, int]],
        started: float,
    ) -> None:
        async def send() -> None:
            messages = messages_of(outputs, origin)
            if messages:
                await asyncio.Event().wait()
            await self._setting.outbox.send(messages)

        await asyncio.gather(send(), self._remember())
        step = Step(self.partition, outputs, records, origin, again=False, seconds=started, publish_seconds=0)
        self._setting.watcher.stepped(step)

    replace(Chain, "_publish", publish)


def early_acknowledge() -> None:
    """A fetch is acknowledged when its outputs are sent, before its changelog is written."""
    take, remember = Chain._take, Chain._remember
    taken: dict[int, BatchMessage] = {}

    async def taking(self: Chain, message: BatchMessage) -> None:
        taken[self.partition] = message
        await take(self, message)

    async def remembering(self: Chain) -> None:
        if self.partition in taken:
            self._setting.finished(taken.pop(self.partition))
        await remember(self)

    replace(Chain, "_take", taking)
    replace(Chain, "_remember", remembering)


def swallowed_send() -> None:
    """Outputs that cannot be sent are given up, and the chain goes on."""
    send = Outbox.send

    async def sending(self: Outbox, messages: Iterable[Message]) -> int:
        try:
            return await send(self, messages)
        except KafkaTimeoutError:
            return 0

    replace(Outbox, "send", sending)


def commit_at_hand_over() -> None:
    """A fetch counts as finished when the chain is handed it, as in Faust by itself."""
    put = Chains.put

    async def putting(self: Chains, message: BatchMessage) -> None:
        self._setting.finished(message)
        await put(self, message)

    replace(Chains, "put", putting)


def kept_engine() -> None:
    """A partition that comes back is gone on with from what its engine knew when it went."""
    made = Chain.__init__
    kept: dict[int, PolicyEngine] = {}

    def make(self: Chain, partition: int, *arguments: Any) -> None:  # noqa: ANN401 - the chain's own
        made(self, partition, *arguments)
        self._engine = kept.setdefault(partition, self._engine)

    replace(Chain, "__init__", make)


def tick_outside() -> None:
    """A tick does not wait for the chain's turn, and holds up no step."""

    async def tick(self: Chain, event_time: int) -> None:
        due = self._engine.next_due
        if self._open and due is not None and due <= event_time and self.queue.empty():
            await self._publish_marked(self._engine.advance(event_time), 0)

    replace(Chain, "tick", tick)


def unmarked_tick() -> None:
    """A tick is published as a step is: its outputs go before its changelog."""

    async def publish(self: Chain, outputs: Outputs, started: float) -> None:
        await self._publish(outputs, 0, _no_headers, started)
        self._engine.confirm()
        await self._remember()

    replace(Chain, "_publish_marked", publish)


def split() -> None:
    """The changelog of a step goes out in two record batches, one claim's entries first."""
    write = Outbox.write

    async def writing(self: Outbox, topic: str, number: int, entries: Mapping[bytes, bytes | None]) -> int:
        first = {key: value for key, value in entries.items() if SPLIT_OFF in key}
        rest = {key: value for key, value in entries.items() if SPLIT_OFF not in key}
        offsets = [await write(self, topic, number, part) for part in (first, rest) if part]
        return offsets[-1]

    replace(Outbox, "write", writing)


DEFECTS: Final[Mapping[str, Callable[[], None]]] = {
    "": lambda: None,
    "side_by_side": side_by_side,
    "early_acknowledge": early_acknowledge,
    "swallowed_send": swallowed_send,
    "commit_at_hand_over": commit_at_hand_over,
    "kept_engine": kept_engine,
    "tick_outside": tick_outside,
    "unmarked_tick": unmarked_tick,
    "split": split,
}


if __name__ == "__main__":
    CRASHES[os.environ.get("DRIPLINE_TEST_CRASH", "")]()
    DEFECTS[os.environ.get("DRIPLINE_TEST_DEFECT", "")]()
    cli.main()
