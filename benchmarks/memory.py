"""How much memory does a retained claim line take? Resident, in a process of its own.

`python -m benchmarks.memory LINES SHARE` prints bytes a line.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from pathlib import Path

from benchmarks.lines import stream
from models.record import Record
from policy import PolicyEngine, load_policy

WARM = 5_000
"""Lines screened before the first look, so that caches and code are not counted."""
BATCH = 512
PAGE = 4096


def bytes_a_line(count: int, other_share: float) -> float:
    """Resident bytes a retained line, measured in a new process."""
    command = [sys.executable, "-m", "benchmarks.memory", str(count), str(other_share)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def measure(count: int, other_share: float) -> float:
    """Screen a generated stream that nobody keeps, and see how this process grows."""
    engine = PolicyEngine(load_policy())
    lines = enumerate(stream(count, other_share))
    before, warm = 0, 0
    while batch := list(islice(lines, BATCH)):
        engine.receive_many([Record(value, offset) for offset, value in batch])
        if not before and batch[-1][0] >= WARM:
            before, warm = _resident(), engine.lines
    engine.finish()
    return (_resident() - before) / (engine.lines - warm)


if __name__ == "__main__":
    print(measure(int(sys.argv[1]), float(sys.argv[2])))
