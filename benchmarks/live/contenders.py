"""The contenders as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.live.meter import Figures, Job

LONGEST = 300.0
"""Seconds after which a contender is given up."""
QUIX_PYTHON = Path(".venv-bench/bin/python")


class ContenderError(Exception):
    """A contender came to no end; the message says where its log is."""


@dataclass(frozen=True)
class Contender:
    """A program of this folder.

    Attributes:
        name: for the table.
        module: of `benchmarks.live`.
        short: it screens a part of the lines only, as it would take too long.
        python: the interpreter, with what it imports.
    """

    name: str
    module: str
    short: bool = False
    python: Path = Path(sys.executable)


WORKER = Contender("dripline worker", "worker")
BARE = Contender("bare aiokafka loop", "bare")
FAUST = Contender("idiomatic Faust", "plain_faust", short=True)
QUIX = Contender("Quix Streams", "quix", python=QUIX_PYTHON)


def missing(contender: Contender) -> bool:
    """Whether it cannot be run here."""
    return not contender.python.exists()


class Process:
    """A contender at work; what it prints is read line by line."""

    def __init__(self, contender: Contender, job: Job) -> None:
        self._log = Path(job.folder) / "log"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(contender.python), "-m", f"benchmarks.live.{contender.module}", json.dumps(asdict(job))],
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONPATH": str(Path.cwd())},
            )

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def said(self, word: str, seconds: float = LONGEST) -> str:
        """Wait for a line with a word; what follows it."""
        with self._log.open() as log:
            return self._found(log, word + " ", time.monotonic() + seconds)

    def wait_until(self, done: Callable[[], bool], seconds: float = LONGEST) -> None:
        """Wait until something is so, as long as the process lives."""
        end = time.monotonic() + seconds
        while not done():
            self._check(end)
            time.sleep(0.02)

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _found(self, log: IO[str], word: str, end: float) -> str:
        line = ""
        while True:
            line += log.readline()
            if line.endswith("\n"):
                if word in line:  # Faust's spinner may stand before it
                    return line.partition(word)[2]
                line = ""
            else:
                self._check(end)
                time.sleep(0.02)

    def _check(self, end: float) -> None:
        code = self._process.poll()
        if time.monotonic() > end or code:
            raise ContenderError(f"no end after {code=}; {self._log}:\n{self._log.read_text()[-2000:]}")


@contextmanager
def running(contender: Contender, job: Job) -> Iterator[Process]:
    """A contender, ended when the block is left."""
    process = Process(contender, job)
    try:
        yield process
    finally:
        process.stop()


def figures_of(contender: Contender, job: Job) -> Figures:
    """Let a contender screen its topic to the end."""
    with running(contender, job) as process:
        return Figures(**json.loads(process.said("FIGURES")))


def ready(port: int) -> bool:
    """Whether the worker at this port says that it is ready."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
    except (URLError, OSError):
        return False
