"""What does taking in an 837 cost beside reading it with a library? Claims a second, and peak memory.

The same generated 837P files, of 1,000 and of 100,000 claims, are read by contenders in turns, each in a
process of its own: `dripline intake`'s reader into claim-line events; pyx12's segment reader, which says
nothing of loops; and, over the small file alone, its loop-aware reader, which is the one that finds claims.
Processor time is counted, so that other work on the machine counts little. `python -m benchmarks.intake
[CLAIMS ...]`; `ROUNDS=1` in the environment is shorter.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from streams.generate import GenerateSettings, generate_lines
from streams.generate.x12 import interchanges
from streams.intake import ClaimNumbers, Fault, Intake

SIZES = (1_000, 100_000)
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SMALL = 1_000
"""Claims up to which the loop-aware reader takes part."""


class Run(NamedTuple):
    """Processor seconds, peak resident bytes, and what was counted."""

    seconds: float
    peak: int
    claims: int


def write(path: Path, claims: int) -> None:
    """A file of so many claims, 5,000 to an interchange."""
    settings = GenerateSettings(members=max(claims // 2, 50), seed=1, days=60, other_share=0.3).whole_claims()
    by_claim = groupby(generate_lines(settings), key=lambda event: event["claim_id"])
    events = (
        event | {"received_at": "2026-04-30T12:00:00Z"}
        for _, lines in islice(by_claim, claims)
        for event in lines
    )
    with path.open("wb") as file:
        file.writelines(interchanges(events, "P"))


def dripline(path: Path) -> int:
    """Every claim into its events."""
    intake = Intake(ClaimNumbers("ref-d9"))
    with path.open("rb") as file:
        for found in intake.read(file.read):
            if isinstance(found, Fault):
                raise TypeError(found)
    return intake.tally.claims_written


def pyx12_segments(path: Path) -> int:
    """Every segment, and nothing of it."""
    from pyx12.x12file import X12Reader  # noqa: PLC0415 - others must not load it

    reader: Any = X12Reader(str(path))
    return sum(segment.get_seg_id() == "CLM" for segment in reader)


def pyx12_claims(path: Path) -> int:
    """Every claim with its loops."""
    from pyx12.error_handler import errh_null  # noqa: PLC0415
    from pyx12.params import params  # noqa: PLC0415
    from pyx12.x12context import X12ContextReader  # noqa: PLC0415

    with path.open() as file:
        reader: Any = X12ContextReader(params(), errh_null(), file)
        return sum(claim.id == "2300" for claim in reader.iter_segments("2300"))


CONTENDERS: dict[str, Callable[[Path], int]] = {
    "dripline intake": dripline,
    "pyx12 segments alone": pyx12_segments,
    "pyx12 with loops": pyx12_claims,
}


def measured(name: str, path: Path) -> Run:
    """One contender in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.intake", name, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Run(*json.loads(done.stdout))


def measure(name: str, path: Path) -> Run:
    """The contender in this process."""
    began = time.process_time()
    claims = CONTENDERS[name](path)
    seconds = time.process_time() - began
    return Run(seconds, peak(), claims)


def peak() -> int:
    """The most resident bytes of this program; `ru_maxrss` begins with what its parent had."""
    (line,) = [
        each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM:")
    ]
    return int(line.split()[1]) * 1024


def rows(claims: int, folder: Path) -> Iterator[tuple[str, ...]]:
    """The figures of all contenders over a file of so many claims, each beside the first."""
    path = folder / f"{claims}.837"
    write(path, claims)
    names = [name for name in CONTENDERS if claims <= SMALL or name != "pyx12 with loops"]
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            runs[name].append(measured(name, path))
            if runs[name][-1].claims != claims:
                raise SystemExit(f"{name} found {runs[name][-1].claims} of {claims} claims")
    first = runs[names[0]]
    for name in names:
        seconds = statistics.median(run.seconds for run in runs[name])
        ratio = statistics.median(
            other.seconds / own.seconds for other, own in zip(runs[name], first, strict=True)
        )
        megabytes = max(run.peak for run in runs[name]) / 1e6
        yield f"{claims:,}", name, f"{claims / seconds:,.0f}", f"{ratio:.2f} x", f"{megabytes:,.0f} MB"


def main() -> None:
    """Run all and print one table."""
    console = Console()
    table = Table("claims", "reader", "claims/s of a core", "processor time", "peak resident")
    with tempfile.TemporaryDirectory() as folder:
        for claims in tuple(map(int, sys.argv[1:])) or SIZES:
            with console.status(f"{claims:,} claims"):
                for row in rows(claims, Path(folder)):
                    table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in CONTENDERS:
        print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
    else:
        main()
