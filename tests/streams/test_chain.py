"""Laws of a chain that need no broker: who waits for whom, what stays in memory, what is dropped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from policy import load_policy
from policy.document import Policy
from streams import chain as module
from streams.chain import Chain
from streams.store import MemoryStore
from tests.streams.chains import Box, Seen, chain_of, fetch
from tests.support import Event, claim_line

AFTER_ALL = 2**62
MEMBERS = 60


def line(member: int, **fields: object) -> Event:
    """A per diem line without a drug; of a claim of two lines, so that it waits."""
    event = claim_line(f"C{member}", 1, "S9500", "2024-03-01", "2024-03-03", units="3", line_count=2)
    return event | {"member_id": f"M{member}"} | fields


LINES = [line(member) for member in range(MEMBERS)]


@asynccontextmanager
async def running(chain: Chain) -> AsyncIterator[asyncio.Task[None]]:
    """The chain at work."""
    task = asyncio.ensure_future(chain.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(told: Callable[[], bool]) -> None:
    """Let the event loop turn until something is so."""
    async with asyncio.timeout(30):
        while not told():  # noqa: ASYNC110 - each turn is looked at
            await asyncio.sleep(0)


async def until_done(seen: Seen, fetches: int) -> None:
    """Wait until so many fetches are done."""
    await until(lambda: len(seen.finished) == fetches)


async def filled() -> MemoryStore:
    """The state after all lines came."""
    store, seen = MemoryStore(), Seen()
    chain = chain_of(store, seen)
    async with running(chain):
        await chain.queue.put(fetch(LINES))
        await until_done(seen, 1)
    return store


@pytest.fixture
def other_policy(tmp_path: Path) -> Policy:
    """The built-in policy with an exemption that concerns nobody."""
    path = tmp_path / "exemptions.json"
    path.write_text(json.dumps([{"plan_id": "NO-PLAN"}]))
    return load_policy(exemptions=path)


def decoded(chain: Chain) -> int:
    """How many members lie decoded in memory."""
    members = chain._engine._members
    return len(members._states) + len(members._older)


async def test_redelivered_records_keep_no_more_members_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that changes nothing lets members go as one that does."""
    monkeypatch.setattr(module, "MEMBERS", 5)
    monkeypatch.setattr(module, "STEP_RECORDS", 5)
    store, seen = await filled(), Seen()
    chain = chain_of(store, seen)
    async with running(chain):
        await chain.queue.put(fetch(LINES))
        await until_done(seen, 1)
    assert sum(step.records for step in seen.steps) == MEMBERS
    assert decoded(chain) <= 3 * 5


async def test_judging_again_keeps_no_more_members_in_memory(
    monkeypatch: pytest.MonkeyPatch, other_policy: Policy
) -> None:
    """Nor does judging everybody under a policy that comes to the same."""
    monkeypatch.setattr(module, "MEMBERS", 5)
    monkeypatch.setattr(module, "MEMBERS_JUDGED_AGAIN", 5)
    store, seen = await filled(), Seen()
    chain = chain_of(store, seen, policy=other_policy)
    async with running(chain):
        await chain.queue.put(fetch([line(MEMBERS)], MEMBERS))
        await until_done(seen, 1)
    assert sum(step.again for step in seen.steps) == MEMBERS / 5
    assert decoded(chain) <= 3 * 5


async def test_others_come_on_while_members_are_judged_again(
    monkeypatch: pytest.MonkeyPatch, other_policy: Policy
) -> None:
    """The event loop turns after each batch also where nothing is sent; each batch is a step."""
    monkeypatch.setattr(module, "MEMBERS_JUDGED_AGAIN", 1)
    store, seen = await filled(), Seen()
    chain = chain_of(store, seen, policy=other_policy)
    async with running(chain):
        turns, steps = 0, set()
        while chain.quiet_since is None:
            await asyncio.sleep(0)
            turns += 1
            steps.add(chain.steps)
    assert turns >= MEMBERS
    assert len(steps) >= MEMBERS


async def test_a_partition_is_given_away_while_members_are_judged_again(
    monkeypatch: pytest.MonkeyPatch, other_policy: Policy
) -> None:
    """After the batch at work; whoever gets it judges all of them anew."""
    monkeypatch.setattr(module, "MEMBERS_JUDGED_AGAIN", 1)
    store, seen = await filled(), Seen()
    chain = chain_of(store, seen, policy=other_policy)
    async with running(chain):
        await until(lambda: bool(seen.steps))
        await chain.close()
        done = len(seen.steps)
        assert done < MEMBERS / 2
        await asyncio.sleep(0.01)
        assert len(seen.steps) == done
    next_owner = Seen()
    async with running(chain_of(store, next_owner, policy=other_policy)):
        await until(lambda: len(next_owner.steps) > MEMBERS)
    assert sum(step.again for step in next_owner.steps) == MEMBERS


async def test_a_fetch_does_not_wait_for_all_that_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time settles claims a step at a time, and lets a fetch pass that came meanwhile."""
    monkeypatch.setattr(module, "STEP_ENTRIES", 2)
    store, seen = await filled(), Seen()
    chain = chain_of(store, seen, Box(0.001))
    async with running(chain):
        await until(lambda: chain.quiet_since is not None)
        tick = asyncio.ensure_future(chain.tick(AFTER_ALL))
        await until(lambda: len(seen.steps) >= 3)
        await chain.queue.put(fetch([line(0)], MEMBERS))
        await until_done(seen, 1)
        await tick
    assert len(seen.steps) < MEMBERS / 2


async def test_a_partition_is_given_away_between_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a fetch is dropped and not committed, and the next owner has all of it once."""
    monkeypatch.setattr(module, "STEP_RECORDS", 5)
    store, seen = MemoryStore(), Seen()
    chain = chain_of(store, seen, Box(0.001))
    message = fetch(LINES)
    async with running(chain):
        await chain.queue.put(message)
        await until(lambda: len(seen.steps) >= 3)
        await chain.close()
        assert seen.dropped == [message]
    assert not seen.finished
    assert sum(step.records for step in seen.steps) < MEMBERS
    next_owner = Seen()
    chain = chain_of(store, next_owner)
    async with running(chain):
        await chain.queue.put(message)
        await until_done(next_owner, 1)
        await chain.tick(AFTER_ALL)
    verdicts = [each for step in next_owner.steps for each in step.outputs.verdicts]
    assert sorted(each.claim_id for each in verdicts) == sorted(str(each["claim_id"]) for each in LINES)
