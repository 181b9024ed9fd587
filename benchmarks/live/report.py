"""The figures as tables, each beside its target."""

from __future__ import annotations

import statistics
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.table import Table

from benchmarks.live.contenders import BARE, FAUST, QUIX, Contender
from benchmarks.live.latency import Latency
from benchmarks.live.overhead import Overhead
from benchmarks.live.race import Race
from benchmarks.live.recovery import Recovery

TARGETS = {FAUST: 5.0, QUIX: 1.0, BARE: 0.75}
"""Least ratio of the worker's rate to that of each."""
LEAST_RECOVERY = 5.0
MOST_LATENCY = 250.0
MOST_BYTES = 1024
LEAST_WITH_HISTORY = 0.8
MOST_FOR_METRICS = 1.03
NONE = "-"


class Report:
    """Tells what is being done, and gathers the figures.

    Args:
        console: where.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("starting Kafka")
        self._contenders: Table | None = None
        self._profile = ""
        self._figures = Table("figure", "result", "target", "", title="The worker")

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()

    def tell(self, what: str) -> None:
        """Say what is being done."""
        self._status.update(what)

    def race(self, found: Race) -> None:
        """The contenders, and the worker's ratios to them."""
        table = Table("contender", "lines/s", "CPU us/line", "rounds", title=_title(found))
        for entrant in found.entrants.values():
            if entrant.rounds:
                slowest, fastest = min(r.rate for r in entrant.rounds), max(r.rate for r in entrant.rounds)
                rates = f"{entrant.rate:,.0f} ({slowest:,.0f} to {fastest:,.0f})"
                table.add_row(entrant.contender.name, rates, f"{entrant.cost:.0f}", str(len(entrant.rounds)))
            else:
                table.add_row(entrant.contender.name, "not installed", NONE, "0")
        self._contenders = table
        self._profile = found.profile
        for contender, least in TARGETS.items():
            self._ratio(found, contender, least)

    def latency(self, found: Latency) -> None:
        """Waiting for a verdict."""
        figures = f"p50 {found.median:.0f}, p99 {found.p99:.0f}, p99.9 {found.p999:.0f} ms"
        name = f"line to verdict, {found.rate:,.0f} lines/s, {found.claims:,} claims"
        self._row(name, figures, f"p99 < {MOST_LATENCY:.0f} ms", good=found.p99 < MOST_LATENCY)

    def history(self, rate: float, cost: float) -> None:
        """Ten times the history."""
        result = f"{rate:.2f} x rate, {cost:.2f} x CPU"
        self._row("10 to 100 lines a member", result, ">= 0.80 x rate", good=rate >= LEAST_WITH_HISTORY)

    def recovery(self, found: Recovery) -> None:
        """Starting with an empty store."""
        name = f"recovery, {found.entries:,} entries of {found.bytes // found.entries} B"
        result = f"{found.worker:.1f} s, Faust {found.stock:.1f} s: {found.ratio:.1f} x"
        self._row(name, result, ">= 5 x", good=found.ratio >= LEAST_RECOVERY)

    def overhead(self, found: Overhead) -> None:
        """What metrics cost."""
        ratios = sorted(pair.ratio for pair in found.pairs)
        spread = f"{ratios[0]:.3f} to {ratios[-1]:.3f}, {len(ratios)} pairs"
        without = statistics.median(pair.without for pair in found.pairs)
        result = f"{found.ratio:.3f} x CPU ({spread}); without {without:.0f} us/line"
        name = f"with metrics, {found.load}"
        self._row(name, result, f"<= {MOST_FOR_METRICS:g} x", good=found.ratio <= MOST_FOR_METRICS)

    def memory(self, store: str, found: float, records: int) -> None:
        """What a retained line takes."""
        name = f"resident a line, {store}, {records:,} lines"
        self._row(name, f"{found:,.0f} B", "<= 1,024 B", good=found <= MOST_BYTES)

    def show(self) -> None:
        """Print all."""
        if self._contenders is not None:
            self._console.print(self._contenders)
        self._console.print(self._figures)
        if self._profile:
            self._console.print(self._profile, markup=False, highlight=False)

    def _ratio(self, found: Race, contender: Contender, least: float) -> None:
        ratio = found.ratio(contender)
        if ratio is None:
            self._row(f"rate beside {contender.name}", "not installed", f">= {least:g} x", good=None)
            return
        result = f"{ratio:.2f} x (CPU {found.cheaper(contender):.2f} x)"
        self._row(f"rate beside {contender.name}", result, f">= {least:g} x", good=ratio >= least)

    def _row(self, name: str, result: str, target: str, *, good: bool | None) -> None:
        word = "" if good is None else "met" if good else "[red]missed[/red]"
        self._figures.add_row(name, result, target, word)


def _title(found: Race) -> str:
    return (
        f"Lines of {found.line_bytes:.0f} B, {found.edits:.2f} edits and {found.verdicts:.2f} verdicts a line"
    )
