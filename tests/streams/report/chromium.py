"""A headless Chromium that shows one page and tells what the page did, by the DevTools protocol.

The protocol goes over two pipes (`--remote-debugging-pipe`), so neither a port nor a driver is needed.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pytest

PROGRAM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_chromium = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium here")
"""Skips a test where there is none."""

_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
_PATIENCE: Final = 60.0
_PIECE: Final = 1 << 16

Json = dict[str, Any]


def _started(profile: Path, reads: int, writes: int) -> int:
    """A browser, the leader of a session of its own; it speaks the protocol by descriptors 3 and 4."""
    assert PROGRAM is not None
    above = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 10) for each in (reads, writes)]
    silent = (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
    given = [(os.POSIX_SPAWN_DUP2, each, place) for place, each in enumerate(above, start=3)]
    command = [PROGRAM, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
    pid = os.posix_spawn(PROGRAM, command, os.environ, file_actions=[silent, *given], setsid=True)
    for each in above:
        os.close(each)
    return pid


class Page:
    """A page in a browser of its own; a context manager.

    Attributes:
        requests: addresses that the page asked for.
        errors: what its console and its scripts complained of.
    """

    def __init__(self, address: str, profile: Path, *, width: int = 1280, height: int = 900) -> None:
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._number = 0
        self._unread = b""
        theirs, self._out = os.pipe()
        self._in, ours = os.pipe()
        self._browser = _started(profile, theirs, ours)
        os.close(theirs)
        os.close(ours)
        self._session: str | None = None
        self._open(address, width, height)

    def _open(self, address: str, width: int, height: int) -> None:
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for part in ("Page", "Network", "Log", "Runtime"):
            self._ask(f"{part}.enable")
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self._ask("Page.navigate", url=address)
        end = time.monotonic() + _PATIENCE
        while self.run("document.readyState") != "complete" or self.run("location.href") != address:
            assert time.monotonic() < end
            time.sleep(0.05)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        os.close(self._out)
        os.close(self._in)
        os.killpg(self._browser, signal.SIGKILL)
        os.waitpid(self._browser, 0)

    def run(self, script: str) -> Any:  # noqa: ANN401 - any value of the page
        """The value of an expression in the page."""
        answer = self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, path: Path, *, clip: Mapping[str, float] | None = None) -> None:
        """Save the look of the page as PNG: its window, or a rectangle of it (x, y, width, height)."""
        given: Json = {} if clip is None else {"clip": {**clip, "scale": 1}, "captureBeyondViewport": True}
        path.write_bytes(base64.b64decode(self._ask("Page.captureScreenshot", **given)["data"]))

    def _ask(self, method: str, **given: Any) -> Json:  # noqa: ANN401 - as the protocol has it
        self._number += 1
        message: Json = {"id": self._number, "method": method, "params": given}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self._note(answer)
        assert "error" not in answer, answer
        result: Json = answer["result"]
        return result

    def _next(self) -> Json:
        while b"\0" not in self._unread:
            assert select.select([self._in], [], [], _PATIENCE)[0], "the browser says nothing"
            piece = os.read(self._in, _PIECE)
            assert piece, "the browser has ended"
            self._unread += piece
        message, _, self._unread = self._unread.partition(b"\0")
        told: Json = json.loads(message)
        return told

    def _note(self, event: Json) -> None:
        given = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(given["request"]["url"])
            case "Runtime.exceptionThrown":
                self.errors.append(given["exceptionDetails"]["text"])
            case "Log.entryAdded" if given["entry"]["level"] in ("error", "warning"):
                self.errors.append(given["entry"]["text"])
            case "Runtime.consoleAPICalled":
                self.errors.append(f"console.{given['type']}")
            case _:
                pass
