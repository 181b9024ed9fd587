"""Alerts of a running plant: something real breaks, the alert fires, it is repaired, the alert is gone.

    python -m tests.deploy.alert_runs [ALERT...]

prints for each, or for some, after how many seconds it fired, how many seconds after the repair it was gone,
and what else fired (10 minutes for all; needs prometheus, and a machine that has little else to do).
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from policy.load import BUILT_IN
from tests.deploy.fault_runs import RUBBISH
from tests.deploy.hurried import hurried
from tests.deploy.plant import Plant, plant
from tests.faults.rig import ready
from tests.policy.policy_folder import TOML, write

FACTOR = 20
"""How much shorter all times of the rules are: 5 minutes are 15 seconds."""
RATE = 60
CALM, BEFORE = 45, 300
"""Seconds in a row in which no alert fires before anything is broken, and within which they must come."""
FIRES, RESOLVES = 180, 300
"""Seconds within which an alert must fire, and be gone once all is well."""
KILLS, DOWN, WORKS = 5, 1, 3
"""How often a worker is killed, and seconds until it is looked for and until it is killed again."""
CONFIG = {"global": {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "1s"}}
Act = Callable[[Plant, Path], Awaitable[None]]


@dataclass(frozen=True)
class Breach:
    """Something that breaks.

    Attributes:
        title: what is done.
        alert: that must fire.
        begin: breaks it.
        end: repairs it.
    """

    title: str
    alert: str
    begin: Act
    end: Act


async def _kill_worker(running: Plant, _: Path) -> None:
    running.rig.keep_up = False
    running.rig.live.workers[1].kill()


async def _start_worker(running: Plant, _: Path) -> None:
    running.rig.live.workers[1].start()
    running.rig.keep_up = True


async def _rubbish(running: Plant, _: Path) -> None:
    running.sender.rubbish = RUBBISH


async def _no_rubbish(running: Plant, _: Path) -> None:
    running.sender.rubbish = 0


async def _again_with(running: Plant, policy: Path | None) -> None:
    """Start worker-2 again, by another policy or by the built-in one."""
    running.rig.keep_up = False
    worker = running.rig.live.workers[1]
    await asyncio.to_thread(worker.stop)
    worker.env.pop("DRIPLINE_POLICY", None)
    worker.env |= {} if policy is None else {"DRIPLINE_POLICY": str(policy)}
    worker.start()
    await ready(worker)
    running.rig.keep_up = True


async def _other_policy(running: Plant, folder: Path) -> None:
    files = {file.name: file.read_text() for file in BUILT_IN.iterdir() if file.suffix in {".csv", ".toml"}}
    changed = files | {TOML: files[TOML].replace('disposition = "return"', 'disposition = "review"')}
    assert changed != files
    await _again_with(running, write(folder / "policy", changed))


async def _same_policy(running: Plant, _: Path) -> None:
    await _again_with(running, None)


async def _kill_again(running: Plant, _folder: Path) -> None:
    """As where a node has no memory left: it works for a while each time."""
    worker = running.rig.live.workers[1]
    for _ in range(KILLS):
        worker.kill()
        await asyncio.sleep(DOWN)
        await ready(worker)
        await asyncio.sleep(WORKS)


async def _leave(_running: Plant, _folder: Path) -> None:
    """It is over by itself."""


async def _send_nothing(running: Plant, _: Path) -> None:
    running.sender.rate = 0


async def _send(running: Plant, _: Path) -> None:
    running.sender.rate = RATE


async def _kill_broker(running: Plant, _: Path) -> None:
    await asyncio.to_thread(running.rig.broker.kill, 1)


async def _start_broker(running: Plant, _: Path) -> None:
    await asyncio.to_thread(running.rig.broker.start, 1)


BREACHES = (
    Breach("a worker is killed and stays away", "DriplineWorkerDown", _kill_worker, _start_worker),
    Breach("30 % of all records are rubbish", "DriplineRejectsJump", _rubbish, _no_rubbish),
    Breach("one worker has another policy", "DriplinePoliciesDiffer", _other_policy, _same_policy),
    Breach("nothing is sent", "DriplineNothingReceived", _send_nothing, _send),
    Breach("a worker is killed again and again", "DriplineWorkerRestarting", _kill_again, _leave),
    Breach("the only broker is killed", "DriplineAvailabilityBudgetBurning", _kill_broker, _start_broker),
)
"""One after the other; what the objectives remember longest comes last."""


class Firing:
    """Which alerts fire, twice a second.

    Attributes:
        now: those that fire.
        seen: all that fired since this was emptied.
    """

    def __init__(self, running: Plant) -> None:
        self._running = running
        self.now: set[str] = set()
        self.seen: set[str] = set()

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            told = await asyncio.to_thread(self._running.prometheus.get, "alerts")
            firing = [each["labels"] for each in told["alerts"] if each["state"] == "firing"]
            assert all(labels["severity"] in {"page", "ticket"} for labels in firing)
            self.now = {labels["alertname"] for labels in firing}
            self.seen |= self.now
            await asyncio.sleep(0.5)

    async def wait_calm(self) -> None:
        """Wait until nothing has fired for a while."""
        async with asyncio.timeout(BEFORE):
            self.seen = {"not yet"}
            while self.seen:
                self.seen.clear()
                await asyncio.sleep(CALM)

    async def wait(self, alert: str, *, fires: bool, seconds: float) -> float | None:
        """Seconds until an alert fires, or until it does no more; None where that takes longer."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            if (alert in self.now) == fires:
                return time.monotonic() - begun
            await asyncio.sleep(0.2)
        return None


@dataclass(frozen=True)
class Course:
    """What came of a breach: seconds until its alert fired and was gone, and what else fired."""

    breach: Breach
    fired: float | None
    gone: float | None
    others: frozenset[str]

    @property
    def well(self) -> bool:
        """Whether the alert fired and went."""
        return self.fired is not None and self.gone is not None

    def row(self) -> str:
        """A line of the table."""
        cells = [
            self.breach.title,
            f"`{self.breach.alert}`",
            *("never" if took is None else f"{took:.0f}" for took in (self.fired, self.gone)),
            ", ".join(f"`{name}`" for name in sorted(self.others)) or "none",
        ]
        return f"| {' | '.join(cells)} |"


async def _follow(running: Plant, firing: Firing, breach: Breach, folder: Path) -> Course:
    firing.seen.clear()
    began = time.monotonic()
    await breach.begin(running, folder)
    fired = await firing.wait(breach.alert, fires=True, seconds=FIRES)
    total = None if fired is None else time.monotonic() - began
    ended = time.monotonic()
    await breach.end(running, folder)
    gone = await firing.wait(breach.alert, fires=False, seconds=RESOLVES)
    gone = None if gone is None else time.monotonic() - ended
    return Course(breach, total, gone, frozenset(firing.seen - {breach.alert}))


async def courses(
    folder: Path, told: Callable[[str], object], breaches: Sequence[Breach] = BREACHES
) -> list[Course]:
    """Break what can be broken, each in turn.

    Args:
        folder: for all that is written.
        told: gets each line of the table as it is known.
        breaches: what is broken.

    Raises:
        TimeoutError: alerts fire though nothing is broken.
    """
    config = CONFIG | {"rule_files": hurried(folder / "rules", FACTOR)}
    done = []
    async with plant(folder, partitions=8, rate=RATE, config=config) as running:
        firing = Firing(running)
        watching = asyncio.create_task(firing.watch())
        try:
            await firing.wait_calm()
            for breach in breaches:
                course = await _follow(running, firing, breach, folder)
                told(course.row())
                done.append(course)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
    return done


def failed(done: list[Course]) -> Iterator[str]:
    """The alerts that did not fire, or did not go."""
    return (course.breach.alert for course in done if not course.well)


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 where an alert did not fire or did not go."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers go away on purpose

    def told(row: str) -> None:
        sys.stdout.write(row + "\n")
        sys.stdout.flush()

    chosen = [breach for breach in BREACHES if not arguments or breach.alert in arguments]
    with tempfile.TemporaryDirectory() as work:
        return 1 if list(failed(asyncio.run(courses(Path(work), told, chosen)))) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
