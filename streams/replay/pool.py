"""Pieces of work spread over processes, each started anew, so that none inherits what it should not hold.

A piece goes to whoever is free. A process ends when nobody listens to it any more.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

import click

from models.wire import to_json
from policy.errors import PolicyError
from streams.broker_errors import BrokerError, Kind
from streams.files import InputError
from streams.place import OWN, place_of
from streams.replay.job import policies_of, read_job
from streams.replay.part import Part
from streams.replay.progress import Moved, Progress
from streams.replay.work import Work, do_work
from streams.results import OutputError
from streams.settings import Settings

TELL_EVERY: Final = 0.25
"""Seconds between two messages of a piece of work."""
_CATCHES_UP: Final = 0.05
"""Seconds of its pace that a piece of work may be behind, and takes at once."""
_STEPS_BACK: Final = 10
"""How far a process that keeps a pace steps back behind others on its machine, as of `nice`."""


class WorkerFaultError(Exception):
    """A process of a replay met an exception that nobody expected; names its type and place alone."""


@dataclass(slots=True)
class Teller:
    """Tells how far a piece of work is, and keeps it to its pace.

    Attributes:
        tell: takes each message.
        rate: records a second, or None.
    """

    tell: Callable[[Moved], None]
    rate: float | None = None
    _sent: dict[str, int] = field(default_factory=dict)
    _steps: int = 0
    _judged: int = 0
    _next: float = 0.0
    _due: float = 0.0

    @property
    def most(self) -> int | None:
        """Records to take in at once, so that a slow pace is an even one; None: as they come."""
        return None if self.rate is None else max(int(self.rate * _CATCHES_UP), 1)

    def read(self, part: Part, records: int, steps: int) -> None:
        """Records were read; waits where they came faster than they may."""
        self._steps += steps
        self._perhaps(part)
        if self.rate is not None and records:
            now = time.monotonic()
            self._due = max(self._due, now - _CATCHES_UP) + records / self.rate
            time.sleep(max(self._due - now, 0.0))

    def judged(self, part: Part, members: int) -> None:
        """Members were judged."""
        self._judged = members
        self._perhaps(part)

    def _perhaps(self, part: Part) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + TELL_EVERY
            self.flush(part)

    def flush(self, part: Part) -> None:
        """Tell all there is to tell."""
        counts = dict(part.figures.counts)
        grown = {name: count - self._sent.get(name, 0) for name, count in counts.items()}
        self.tell(Moved(part.name, grown, self._steps, self._judged, part.event_time))
        self._sent, self._steps = counts, 0


def run_all(
    folder: Path,
    works: Sequence[Work],
    settings: Settings | None,
    progress: Progress,
    *,
    processes: int,
    throttle: float | None,
    tick: Callable[[], None],
) -> None:
    """Do all pieces of work.

    Args:
        folder: of the replay.
        works: what is to be done.
        settings: how to reach the brokers.
        progress: is kept in step.
        processes: how many work at once; 1 is this one, but where a pace is kept.
        throttle: records a second of all together; their processes let all others on the machine go first.
        tick: called every now and then.

    Raises:
        BrokerError, InputError, OutputError, PolicyError: as `do_work`.
        WorkerFaultError: something unexpected in another process.
    """
    for work in works:
        progress.units[work.name] = "waiting"
    if not works:
        return
    count = min(processes, len(works))
    rate = None if throttle is None else throttle / count
    if count == 1 and rate is None:
        _alone(folder, works, settings, progress, tick)
        return
    with _processes(folder, settings, count, rate) as connections:
        _hand_out(list(works), connections, progress, tick)


def _alone(
    folder: Path,
    works: Sequence[Work],
    settings: Settings | None,
    progress: Progress,
    tick: Callable[[], None],
) -> None:
    def told(moved: Moved) -> None:
        progress.moved(moved)
        tick()

    job = read_job(folder)
    policies = policies_of(job)
    for work in works:
        progress.began(work.name)
        do_work(job, work, policies, settings, Teller(told))
        progress.ended(work.name)
        tick()


@contextmanager
def _processes(
    folder: Path, settings: Settings | None, count: int, rate: float | None
) -> Iterator[dict[Connection, BaseProcess]]:
    context = get_context("spawn")
    started: dict[Connection, BaseProcess] = {}
    try:
        for number in range(count):
            ours, theirs = context.Pipe()
            process: BaseProcess = context.Process(
                target=_serve, args=(theirs, folder, settings, rate), name=f"replay-{number}", daemon=True
            )
            process.start()
            theirs.close()
            started[ours] = process
        yield started
    finally:
        for connection, ended in started.items():
            connection.close()
            ended.join(1)
            if ended.is_alive():
                ended.terminate()
                ended.join()


def _hand_out(
    works: list[Work],
    connections: dict[Connection, BaseProcess],
    progress: Progress,
    tick: Callable[[], None],
) -> None:
    """Give each process a piece whenever it is free, until all are done."""
    works.reverse()
    at_work: set[Connection] = set()

    def give(connection: Connection) -> None:
        if works:
            work = works.pop()
            progress.began(work.name)
            connection.send(work)
            at_work.add(connection)

    for connection in connections:
        give(connection)
    while at_work:
        for ready in wait(list(at_work), timeout=TELL_EVERY):
            assert isinstance(ready, Connection)  # noqa: S101 - nothing else was waited for
            try:
                message = ready.recv()
            except EOFError:
                raise _gone(connections[ready]) from None
            if isinstance(message, Moved):
                progress.moved(message)
            elif message[0] == "done":
                progress.ended(message[1])
                at_work.remove(ready)
                give(ready)
            else:
                raise _error(*message[1:])
        tick()


def _gone(process: BaseProcess) -> OutputError:
    process.join(5)
    return OutputError(
        f"a process of the replay ended by itself, with exit code {process.exitcode}: "
        "a signal, or no memory left? --resume goes on from what is done"
    )


def _error(kind: str, text: str, detail: str) -> Exception:
    if kind == "broker":
        told: Kind = detail  # type: ignore[assignment]
        return BrokerError(told, text)
    if kind == "input":
        return InputError(text)
    return OutputError(text) if kind == "output" else WorkerFaultError(text)


def _serve(connection: Connection, folder: Path, settings: Settings | None, rate: float | None) -> None:
    """Do what is handed out, until nobody hands out more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if rate is not None:
        os.nice(_STEPS_BACK)  # a pace is for the sake of others: of the brokers, and of who works beside
    try:
        job = read_job(folder)
        policies = policies_of(job)
        while True:
            work = connection.recv()
            do_work(job, work, policies, settings, Teller(connection.send, rate))
            connection.send(("done", work.name))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the replay was ended
    except Exception as error:  # noqa: BLE001 - told, whatever it is
        _tell(connection, error)


def _tell(connection: Connection, error: Exception) -> None:
    told: tuple[Any, ...]
    if isinstance(error, BrokerError):
        told = "broker", str(error), error.kind
    elif isinstance(error, InputError | PolicyError):
        told = "input", str(error), ""
    elif isinstance(error, OutputError):
        told = "output", str(error), ""
    else:
        place = place_of(error, OWN)
        told = "fault", f"{type(error).__name__} at {place}", ""
        fault = {"level": "error", "event": "unexpected exception", "exception": type(error).__name__}
        click.echo(to_json({**fault, "place": place}), err=True)
        if os.environ.get("DRIPLINE_DEBUG") == "1":
            traceback.print_exception(error, file=sys.stderr)
    try:
        connection.send(("failed", *told))
    except OSError:
        return
