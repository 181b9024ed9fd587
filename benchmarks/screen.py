"""How much dearer is screening than reading? Ratios against reading and validating the same lines.

Baseline: the same lines parsed and validated into the event model, and nothing else. Each figure is the
median of alternating runs in one process. `python -m benchmarks.screen [LINES]`.
"""

from __future__ import annotations

import cProfile
import gc
import io
import pstats
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial

from rich.console import Console
from rich.table import Table

from models.record import Record
from models.wire import Limits, read_event, read_fields, to_json
from policy import PolicyEngine, load_policy
from streams.generate import GenerateSettings, encode_line, generate_lines

LINES = 200_000
ROUNDS = 3
BATCH = 512
LIMITS = Limits(400)


def lines_of(count: int, other_share: float, seed: int = 1) -> list[bytes]:
    """Generated claim lines, encoded."""
    settings = GenerateSettings(members=max(count // 15, 50), seed=seed, other_share=other_share, lines=count)
    return [encode_line(event) for event in generate_lines(settings)]


def read_all(lines: Sequence[bytes]) -> None:
    """The baseline: parse and validate."""
    for line in lines:
        read_event(read_fields(line), LIMITS)


def screen_all(lines: Sequence[bytes]) -> PolicyEngine:
    """Screen and serialise everything that is published."""
    engine = PolicyEngine(load_policy())
    sink = io.StringIO()
    for start in range(0, len(lines), BATCH):
        batch = [Record(line, start + i) for i, line in enumerate(lines[start : start + BATCH])]
        for event in engine.receive_many(batch).publications:
            sink.write(to_json(event.__dict__))
    for event in engine.finish().publications:
        sink.write(to_json(event.__dict__))
    return engine


def seconds(work: Callable[[], object]) -> float:
    """Processor time of a call."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def ratio(lines: Sequence[bytes]) -> tuple[float, float, float]:
    """Median cost of the baseline and of screening in microseconds a line, and their median ratio."""
    base, screened = [], []
    for _ in range(ROUNDS):
        base.append(seconds(lambda: read_all(lines)))
        screened.append(seconds(lambda: screen_all(lines)))
    scale = 1e6 / len(lines)
    ratios = [s / b for s, b in zip(screened, base, strict=True)]
    return statistics.median(base) * scale, statistics.median(screened) * scale, statistics.median(ratios)


def member_lines(members: int, lines_each: int) -> list[bytes]:
    """The same number of weekly antibiotic claims for few or many members."""
    made = []
    for member in range(members):
        for number in range(lines_each):
            week, drug = divmod(number, 2)
            day = time.strftime("%Y-%m-%d", time.gmtime(1_700_000_000 + (week % 50) * 7 * 86_400))
            event = {
                "event_id": f"e{member}-{number}",
                "claim_id": f"c{member}-{week}",
                "line_number": drug + 1,
                "line_count": 2,
                "member_id": f"m{member}",
                "billing_provider_npi": "1234567893",
                "procedure_code": "J0696" if drug else "S9500",
                "service_date_from": day,
                "units": "1",
                "charge_amount": "100.00",
                "received_at": "2024-12-01T00:00:00Z",
            }
            made.append(to_json(event).encode())
    return made


def profile_top(lines: Sequence[bytes], count: int = 5) -> str:
    """The functions in which screening spends most of its own time."""
    profile = cProfile.Profile()
    profile.runcall(screen_all, lines)
    text = io.StringIO()
    pstats.Stats(profile, stream=text).sort_stats("tottime").print_stats(count)
    return "\n".join(text.getvalue().splitlines()[6:])


def main() -> None:
    """Run all and print one table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    console = Console()
    table = Table(
        "what", "baseline us", "screening us", "figure", "target", title=f"{count:,} generated lines"
    )
    for share, target in ((0.0, "<= 4"), (0.95, "<= 1.5")):
        base, screened, figure = ratio(lines_of(count, share))
        table.add_row(f"{share:.0%} other lines", f"{base:.1f}", f"{screened:.1f}", f"{figure:.2f} x", target)
    small, large = member_lines(count // 100, 10), member_lines(count // 10_000 or 1, 1000)
    costs = [
        statistics.median(seconds(partial(screen_all, lines)) / len(lines) for _ in range(ROUNDS))
        for lines in (small, large)
    ]
    growth = f"{costs[1] / costs[0]:.2f} x"
    table.add_row("10 to 1,000 lines a member", "", "", growth, "<= 2")
    sample = lines_of(min(count, 40_000), 0.5)
    tracemalloc.start()
    engine = screen_all(sample)
    held = tracemalloc.get_traced_memory()[0] / len(sample)
    tracemalloc.stop()
    del engine
    table.add_row("bytes held a line", "", "", f"{held:,.0f} B", "<= 1,024")
    console.print(table)
    console.print(profile_top(lines_of(min(count, 20_000), 0.0)))


if __name__ == "__main__":
    main()
