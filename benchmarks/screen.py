"""What does screening cost beside reading? Ratios against the same lines read and validated.

Baseline: the same lines parsed and validated into the event model, and nothing else. Baseline and
screening take turns, a batch each, in one process, so that both see the same machine; garbage
collection is at rest for both, as in `dripline screen`. `python -m benchmarks.screen [LINES]`.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.lines import generated, weekly_claims
from benchmarks.memory import bytes_a_line
from benchmarks.profile import busiest
from models.record import Record
from models.wire import Limits, read_event, read_fields, to_json
from policy import PolicyEngine, load_policy
from policy.outputs import Outputs
from streams.collector import Collector

LINES = 200_000
ROUNDS = 5
BATCH = 512
LIMITS = Limits(400)


class Cost(NamedTuple):
    """Processor time in microseconds a line."""

    baseline: float
    screening: float

    @property
    def ratio(self) -> float:
        """How many times the baseline screening costs."""
        return self.screening / self.baseline


def read_all(lines: Sequence[bytes]) -> None:
    """The baseline: parse and validate."""
    for line in lines:
        read_event(read_fields(line), LIMITS)


def written(out: Outputs) -> int:
    """The length of everything published, as JSON."""
    return sum(len(to_json(event.__dict__)) for event in out.publications)


def cost(lines: Sequence[bytes]) -> Cost:
    """Baseline and screening in turns over the same batches."""
    clock = time.process_time
    baseline = screening = 0.0
    engine = PolicyEngine(load_policy())
    rest = enumerate(lines)
    with Collector() as collector:
        while batch := list(islice(rest, BATCH)):
            values = [value for _, value in batch]
            began = clock()
            read_all(values)
            between = clock()
            written(engine.receive_many([Record(value, offset) for offset, value in batch]))
            collector.rest()
            baseline += between - began
            screening += clock() - between
        began = clock()
        written(engine.finish())
        screening += clock() - began
    return Cost(baseline * 1e6 / len(lines), screening * 1e6 / len(lines))


def median_cost(lines: Sequence[bytes]) -> Cost:
    """The round with the median ratio."""
    rounds = sorted((cost(lines) for _ in range(ROUNDS)), key=lambda each: each.ratio)
    return rounds[len(rounds) // 2]


def growth(lines: int, *, together: int = 1) -> float:
    """How much dearer an event is for members of 1,000 lines than for members of 10."""
    few = weekly_claims(lines // 10, 10, together=together)
    many = weekly_claims(max(lines // 1000, 1), 1000, together=together)
    return statistics.median(cost(many).screening / cost(few).screening for _ in range(ROUNDS))


def main() -> None:
    """Run all and print one table, then the busiest functions."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    table = Table("figure", "baseline", "screening", "result", "target", title=f"{count:,} claim lines")
    console = Console()
    for share, target in ((0.0, "<= 4 x"), (0.95, "<= 1.5 x")):
        with console.status(f"screening, {share:.0%} other lines"):
            found = median_cost(generated(count, share))
        table.add_row(
            f"cost, {share:.0%} other lines",
            f"{found.baseline:.1f} us",
            f"{found.screening:.1f} us",
            f"{found.ratio:.2f} x",
            target,
        )
    with console.status("growth"):
        table.add_row("10 to 1,000 lines a member", "", "", f"{growth(count // 4):.2f} x", "<= 2 x")
        crowded = growth(count // 4, together=4)
        table.add_row("the same, 4 claims on the same dates", "", "", f"{crowded:.2f} x", "")
    for share in (0.0, 0.95):
        with console.status("memory"):
            held = bytes_a_line(count, share)
        table.add_row(f"resident, {share:.0%} other lines", "", "", f"{held:,.0f} B a line", "<= 1,024 B")
    console.print(table)
    console.print(busiest(generated(min(count, 50_000), 0.0)))


if __name__ == "__main__":
    main()
