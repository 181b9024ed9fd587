"""Where the jars and the class archives lie: a folder of the user's cache."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_folder(version: str) -> Path:
    """The folder for one Kafka version: in XDG_CACHE_HOME, else where the system keeps caches."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if Path(given).is_absolute():
        base = Path(given)
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "dripline" / f"kafka-{version}"


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a lock file, so that of two processes that want to do the same work one waits."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back when the file is closed
        yield
