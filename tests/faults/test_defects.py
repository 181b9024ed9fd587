"""The common invariant notices each defect it is there for; without the defect the same run keeps it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.defective_worker import CRASHED, DEFECTS
from tests.faults.rig import whole
from tests.kafka.live import Live, Topics, Worker, member_key
from tests.support import Event, built_in_policy, claim_line

pytestmark = pytest.mark.slow

both = pytest.mark.parametrize(
    "defective", [pytest.param(False, marks=whole, id="sound"), pytest.param(True, id="defective")]
)
"""The run without the defect is the control of the run with it; what it shows, other tests show as well."""

MODULE = "tests.faults.defective_worker"
LOOK_SECONDS = 4.0
"""So long a broken run may come right; a lost claim falls due in two."""


def pair(claim: str, units: str, **fields: object) -> list[Event]:
    """A per diem of a week, and its drug, dated each day: full with both, and too much from 8 units on."""
    first, last = "2024-03-01", "2024-03-07"
    return [
        claim_line(claim, 1, "S9500", first, last, line_count=2, units=units, **fields),
        claim_line(claim, 2, "J0696", first, last, line_count=2, units="28", **fields),
    ]


COMPLETE = pair("C", "21")
OPEN, REST = pair("Q", "21")
LATER = pair("A", "7", received_at="2024-04-03T09:00:00Z")
EARLIER = pair("Z", "7", received_at="2024-04-01T09:00:00Z")


@dataclass(frozen=True)
class Case:
    """A run that exposes a defect.

    Attributes:
        crash: where the first worker ends.
        first: fed before it starts.
        wrong: what the defect breaks in the topics, among others, as `wrong_in` says it.
        within: fed once the first worker has given a sign.
        later: fed before the second worker, a sound one, starts.
        code: how the first worker ends without the defect.
    """

    crash: str
    first: list[Event]
    wrong: set[str]
    within: tuple[Event, ...] = ()
    later: tuple[Event, ...] = ()
    code: int = CRASHED


CASES = {
    # Of the outputs nothing was sent; judged again, the line changes nothing that the state does not say.
    "side_by_side": Case("after_write", COMPLETE, {"C differs"}),
    # The first line of a claim is forgotten, and its second line stays alone.
    "early_acknowledge": Case("commit_before_write", [OPEN], {"Q differs"}, later=(REST,)),
    # The state says published, and the record does not come again. A sound worker stops by itself.
    "swallowed_send": Case("failed_send", COMPLETE, {"C differs"}, code=1),
    # The records of the fetch do not come again.
    "commit_at_hand_over": Case("commit_before_delivery", COMPLETE, {"C differs"}),
    # The tick's last write takes the step's entries along, before the step's outputs are sent.
    "tick_outside": Case("step_within_tick", [OPEN], {"C differs"}, within=tuple(COMPLETE)),
    # Nobody knows of the published verdict of one line; the next revision 1 is of two.
    "unmarked_tick": Case("after_delivery", [OPEN], {"Q repeated otherwise"}, later=(REST,)),
    # A comes again and is judged beside Z, of which its revision 1 knew nothing.
    "split": Case("after_write", LATER + EARLIER, {"A repeated otherwise"}),
}


async def feed(live: Live, events: list[Event] | tuple[Event, ...]) -> None:
    """Events under their keys."""
    await live.feed([(member_key(event), json.dumps(event).encode()) for event in events])


def wrong_in(topics: Topics) -> set[str]:
    """Claims whose latest verdict is missing or another one, or of which a revision has two contents."""
    expected, found = (
        {row[0]: row for row in each.verdicts}
        for each in (topics.expected(built_in_policy())[0], topics.content())
    )
    differ = {f"{json.loads(claim)} differs" for claim, row in expected.items() if found.get(claim) != row}
    repeated = {
        f"{key.decode()} repeated otherwise"
        for topic, _, key, _ in topics.unequal_repeats()
        if "verdict" in topic
    }
    return differ | repeated


async def assert_broken(live: Live, wrong: set[str]) -> None:
    """The invariant does not hold, and not only because something is still under way."""
    await committed(live)
    with pytest.raises(AssertionError):
        await live.check(LOOK_SECONDS)
    topics = await live.read()
    assert await live.lag() == 0
    assert wrong <= wrong_in(topics)


async def committed(live: Live) -> None:
    """Wait until all that was fed is committed."""
    async with asyncio.timeout(60):
        while await live._lag_or_none() != 0:  # noqa: ASYNC110 - the broker sends no event
            await asyncio.sleep(0.1)


async def exists(sign: Path, worker: Worker) -> None:
    """Wait until a worker has made a file."""
    assert worker.process is not None
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(sign.exists):
            assert worker.process.poll() is None, worker.log.read_text()[-2000:]
            await asyncio.sleep(0.05)


async def first_worker(live: Live, case: Case, defect: str, sign: Path) -> Worker:
    """Run a worker until it ends."""
    await feed(live, case.first)
    worker = live.add_worker(
        module=MODULE, INSTANCE_ID="w", TEST_DEFECT=defect, TEST_CRASH=case.crash, TEST_SIGN=str(sign)
    )
    if case.within:
        await exists(sign, worker)
        await feed(live, case.within)
    assert worker.process is not None
    code = await asyncio.to_thread(worker.process.wait, 60)
    assert code == (CRASHED if defect else case.code), worker.log.read_text()[-2000:]
    return worker


@both
@pytest.mark.parametrize("name", CASES)
async def test_a_crash_exposes_the_defect(live: Live, tmp_path: Path, name: str, *, defective: bool) -> None:
    """A worker ends where it hurts, a sound one goes on: with the defect the invariant is broken."""
    case = CASES[name]
    await first_worker(live, case, name if defective else "", tmp_path / "sign")
    await feed(live, case.later)
    live.add_worker(module=MODULE, INSTANCE_ID="w", TEST_CRASH="records_first" if case.later else "")
    if defective:
        await assert_broken(live, case.wrong)
    else:
        await live.check()


MEMBERS = [f"M-{number}" for number in range(16)]
"""Members of all partitions."""


@both
async def test_a_partition_that_comes_back_exposes_a_kept_engine(live: Live, *, defective: bool) -> None:
    """First lines to one worker, second lines beside another, corrections after that one has gone."""
    claims = [pair(f"C-{each}", "21", member_id=each) for each in MEMBERS]
    worker = live.add_worker(
        static=False, module=MODULE, TEST_DEFECT="kept_engine" if defective else "", SETTLE_AFTER="1h"
    )
    await feed(live, [first for first, _ in claims])
    await committed(live)
    other = live.add_worker(static=False, SETTLE_AFTER="1h")
    await asyncio.to_thread(other.wait_ready)
    await feed(live, [second for _, second in claims])
    await committed(live)
    assert await asyncio.to_thread(other.stop) == 0
    corrected = {"units": "14", "received_at": "2024-04-02T10:00:00Z"}
    await feed(live, [first | corrected | {"event_id": "corrected"} for first, _ in claims])
    await committed(live)
    assert worker.process is not None
    assert worker.process.poll() is None, worker.log.read_text()[-2000:]
    if not defective:
        await live.check()
        return
    with pytest.raises(AssertionError):
        await live.check(LOOK_SECONDS)
    wrong = wrong_in(await live.read())
    assert any(each.endswith(" differs") for each in wrong)


def test_every_defect_is_exposed() -> None:
    """No defect of the worker is without a run."""
    assert {"", "kept_engine", *CASES} == set(DEFECTS)
