"""Sees to it that no broker outlives the process that started it, however that process ends."""

from __future__ import annotations

import subprocess
from typing import Final

_WATCH: Final = "read -r line; kill -KILL 0"
"""`read` returns when the pipe's other end is closed, which the kernel does for a killed process too."""


class Guard:
    """A process group whose first process kills the whole group as soon as ours is gone.

    The broker processes are put into this group. It also keeps a Ctrl-C at the terminal from them, so that
    they can be stopped in order.
    """

    def __init__(self) -> None:
        self._watch = subprocess.Popen(  # noqa: S603 - a constant
            ["/bin/sh", "-c", _WATCH],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )

    @property
    def group(self) -> int:
        """Number of the process group."""
        return self._watch.pid

    def close(self) -> None:
        """Kill what is left in the group."""
        if self._watch.stdin is not None:
            self._watch.stdin.close()
        self._watch.wait()
