"""Faults of a running plant: what Overview shows of each, how soon, and what each worker's /readyz says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.grafana.ask import View
from deploy.grafana.drawing.canvas import Mark
from deploy.grafana.overview import not_ready, orphans, rejects_ratio, waiting
from deploy.grafana.picture import board_of, picture
from deploy.grafana.promql import quantile, rate
from streams.metrics import declared as the
from tests.deploy.plant import WORKERS, Plant
from tests.deploy.readiness import READY_HEIGHT, Answers, draw_answers
from tests.deploy.stack import EVERY

LASTS = 60
BEFORE = 60
AFTER = 75
LIMIT = 180
"""Seconds of a fault, before it, after it is over, and until it must be over."""
RUBBISH = 0.3
USUAL = 0.003


@dataclass(frozen=True)
class Fault:
    """Something that breaks.

    Attributes:
        name: of its picture.
        title: what is done.
        begin: breaks it.
        end: repairs it.
        shown: a query of Overview, and whether its value, and what it was before, show the fault.
    """

    name: str
    title: str
    begin: Callable[[Plant], Awaitable[None]]
    end: Callable[[Plant], Awaitable[None]]
    shown: tuple[str, Callable[[float, float], bool]]


async def _kill_broker(running: Plant) -> None:
    await asyncio.to_thread(running.rig.broker.kill, 1)


async def _start_broker(running: Plant) -> None:
    await asyncio.to_thread(running.rig.broker.start, 1)


async def _kill_worker(running: Plant) -> None:
    running.rig.keep_up = False
    running.rig.live.workers[0].kill()


async def _start_worker(running: Plant) -> None:
    running.rig.live.workers[0].start()
    running.rig.keep_up = True


async def _rubbish(running: Plant, share: float) -> None:
    running.sender.rubbish = share


FAULTS = (
    Fault(
        "rubbish",
        "30 % rubbish for 60 s",
        partial(_rubbish, share=RUBBISH),
        partial(_rubbish, share=USUAL),
        (rejects_ratio(), lambda now, usual: now > usual + 0.02),
    ),
    Fault(
        "worker",
        "worker-1 killed for 60 s",
        _kill_worker,
        _start_worker,
        (not_ready(), lambda now, _: now > 0),
    ),
    Fault(
        "broker",
        "broker killed for 60 s",
        _kill_broker,
        _start_broker,
        (rate(the.EVENTS), lambda now, usual: now < 0.9 * usual),
    ),
)
"""One after the other; what costs most of the error budget comes last."""
NORMAL = (
    (not_ready(), 0.0),
    (orphans(), 0.0),
    (waiting(), 2_000.0),
    (quantile(0.99, the.KAFKA_TO_VERDICT, settled="complete"), 5.0),
    (rejects_ratio(), 0.05),
)
"""What the numbers of Overview's second row, and of its rejects, are at most when all is well."""


@dataclass(frozen=True)
class Run:
    """A fault that is over: when, what was seen of it, and the answers of the workers meanwhile."""

    fault: Fault
    began: float
    ended: float
    seen: float | None
    normal: float | None
    answers: Answers

    @property
    def well(self) -> bool:
        """Whether it was seen at the next scrape and all became normal again.

        A second more than between two scrapes, for the scrape itself.
        """
        return self.seen is not None and self.seen - self.began <= EVERY + 1 and self.normal is not None

    def row(self) -> str:
        """A line of the table of docs/operations.md."""
        seen = "not seen" if self.seen is None else f"{self.seen - self.began:.1f}"
        normal = "not over" if self.normal is None else f"{max(self.normal - self.ended, 0):.0f}"
        told = [self.answers.told(name, self.began, self.normal or self.ended + LIMIT) for name in WORKERS]
        return f"| {self.fault.title} | {seen} | {normal} | {' | '.join(told)} |"


async def run_fault(running: Plant, fault: Fault, folder: Path) -> Run:
    """Break it, repair it, wait until all is normal, draw what Overview showed."""
    answers = Answers()
    asking = asyncio.create_task(answers.ask(dict(zip(WORKERS, running.rig.live.workers, strict=True))))
    try:
        await asyncio.sleep(BEFORE)
        began = time.time()
        await fault.begin(running)
        await asyncio.sleep(LASTS)
        ended = time.time()
        await fault.end(running)
        view = View.of(board_of("overview"), running.prometheus, began - BEFORE, ended)
        seen = await asyncio.to_thread(_first_seen, view, fault, began, ended)
        normal = await _normal_again(view, ended)
        await asyncio.sleep(max(0, AFTER - (time.time() - ended)))
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
    done = Run(fault, began, ended, seen, normal, answers)
    await asyncio.to_thread(_draw, running, done, folder)
    return done


def _first_seen(view: View, fault: Fault, began: float, ended: float) -> float | None:
    """When a reader of Overview could have seen it, to the second."""
    query, differs = fault.shown
    before = view.prometheus.instant(view.filled(query), began)
    usual = before[0].points[0][1] if before else 0.0
    found = view.prometheus.over(view.filled(query), began, ended, 0.5)
    points = found[0].points if found else ()
    return next((at for at, value in points if differs(value, usual)), None)


async def _normal_again(view: View, ended: float) -> float | None:
    """When all numbers were as they should be; None where they are not within the limit."""
    while time.time() < ended + LIMIT:
        now = time.time()
        values = [
            (await asyncio.to_thread(view.prometheus.instant, view.filled(query), now), most)
            for query, most in NORMAL
        ]
        if all(found and found[0].points[0][1] <= most for found, most in values):
            return now
        await asyncio.sleep(1)
    return None


def _draw(running: Plant, done: Run, folder: Path) -> None:
    now = time.time()
    view = View.of(board_of("overview"), running.prometheus, done.began - BEFORE, now)
    marks = [Mark(done.began, "begins"), Mark(done.ended, "ends")]
    below = (READY_HEIGHT, partial(draw_answers, answers=done.answers, view=view, marks=marks))
    note = f"{done.fault.title}; dashed lines: when it began and ended"
    picture(view, folder / f"fault-{done.fault.name}.png", note, marks, below)
