"""The summary of a run as tables: with colours and rules in a terminal, plain columns in a pipe.

Everything fits into 80 columns; claim ids are shortened where they must be. In a pipe nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from models.claim_line import money_text
from models.claim_verdict import VerdictStatus
from models.finding import Disposition
from policy.document import Policy
from streams.intake.faults import COSTS
from streams.intake.tally import Tally as IntakeTally
from streams.results import EDITS, FAULTS, REJECTS, VERDICTS
from streams.summary import Summary, Tally

DISPOSITION_STYLES: Final[dict[Disposition, str]] = {
    "deny": "red",
    "return": "yellow",
    "review": "cyan",
    "inform": "dim",
}
_STATUSES: Final[tuple[VerdictStatus, ...]] = ("edited", "clean", "withdrawn", "void")
_GAP: Final = 3
"""Columns between two tables in one row."""

Cell = str | Text


class Column(NamedTuple):
    """A column: its heading, whether it holds numbers, whether it may be shortened."""

    heading: str
    number: bool = False
    short: bool = False


def visible(text: str) -> str:
    """Text from a claim line for a terminal: what is no printable character becomes a question mark."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def dollars(cents: int) -> str:
    """An amount for people: $1,234.56."""
    whole, decimals = money_text(cents).split(".")
    return f"${int(whole):,}.{decimals}"


def counted(number: int, what: str) -> str:
    """A number of things: `1 line`, `2,000 lines`."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def styled(disposition: Disposition | None) -> Text:
    """A disposition in its colour."""
    return Text("-", "dim") if disposition is None else Text(disposition, DISPOSITION_STYLES[disposition])


def print_summary(out: Console, summary: Summary, policy: Policy, folder: str) -> None:
    """Print what a run came to and where its results lie."""
    out.print(Text(_headline(summary, policy), style="bold"))
    out.print()
    _print_side_by_side(out, _lines(out, summary), _claims(out, summary))
    if summary.intake is not None:
        print_intake(out, summary.intake)
    if summary.edits():
        out.print(_edits(out, summary))
        out.print(Text("Edits can rest on the same dollars; a claim counts each line once.", style="dim"))
        out.print()
    if summary.largest():
        out.print(_largest(out, summary))
        out.print()
    out.print(_results(summary, folder))


def _headline(summary: Summary, policy: Policy) -> str:
    versions = ", ".join(version.version for version in policy.versions)
    return (
        f"Screened {counted(summary.records, 'line')} of {counted(summary.files, 'input')} "
        f"in {summary.seconds:,.1f} s ({summary.lines_a_second:,.0f} lines/s), "
        f"policy {policy.policy_id} {versions}"
    )


def _print_side_by_side(out: Console, left: Table, right: Table) -> None:
    """Two tables in one row where a terminal has room for both, else below each other."""
    if out.is_terminal and sum(out.measure(each).maximum for each in (left, right)) + _GAP <= out.width:
        row = Table.grid(padding=(0, _GAP, 0, 0))
        row.add_row(left, right)
        out.print(row)
    else:
        out.print(left)
        out.print()
        out.print(right)
    out.print()


def table(out: Console, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Table:
    """A table as it fits where it is printed; the first column's heading is its title."""
    made = Table(
        box=box.SIMPLE_HEAD if out.is_terminal else None,
        header_style="bold",
        show_edge=False,
        pad_edge=False,
        padding=(0, 1) if out.is_terminal else (0, 2, 0, 0),
    )
    for heading, number, short in columns:
        made.add_column(
            heading,
            justify="right" if number else "left",
            no_wrap=True,
            overflow="ellipsis" if short else "fold",
        )
    for row in rows:
        made.add_row(*row)
    return made


def print_intake(out: Console, tally: IntakeTally) -> None:
    """Print what was read of 837 files, and the reasons for what could not be."""
    rows: list[tuple[Cell, Cell]] = [
        ("interchanges", f"{tally.interchanges:,}"),
        ("transactions", f"{tally.transactions:,}"),
        ("claims", f"{tally.claims:,}"),
        ("claims with lines", f"{tally.claims_written:,}"),
        ("claims refused", f"{tally.claims_refused:,}"),
        ("lines", f"{tally.lines_written:,}"),
        ("lines refused", f"{tally.lines_refused:,}"),
        ("corrections of unknown claims", f"{tally.originals_unmapped:,}"),
    ]
    reasons = [
        (Text(code), Text(COSTS[code][0], "dim"), f"{number:,}")
        for code, number in sorted(tally.reasons.items(), key=lambda each: (-each[1], each[0]))
    ]
    counts = table(out, (Column("837 files"), Column("number", number=True)), rows)
    if not reasons:
        out.print(counts)
        out.print()
        return
    columns = (Column("Faults"), Column("costs"), Column("number", number=True))
    _print_side_by_side(out, counts, table(out, columns, reasons))


def _lines(out: Console, summary: Summary) -> Table:
    rows: list[tuple[Cell, Cell]] = [
        ("accepted", f"{summary.accepted:,}"),
        ("rejected", f"{summary.rejected:,}"),
        *((Text("  " + reason, "dim"), Text(f"{n:,}", "dim")) for reason, n in summary.reject_reasons()),
        ("NDC read as null", f"{summary.ndc_dropped:,}"),
    ]
    exempted = summary.exempted()
    if exempted:
        rows.append(("findings exempted", f"{sum(number for _, number in exempted):,}"))
        rows.extend((Text("  " + rule, "dim"), Text(f"{n:,}", "dim")) for rule, n in exempted)
    return table(out, (Column("Lines"), Column("number", number=True)), rows)


def _claims(out: Console, summary: Summary) -> Table:
    tallies = summary.claims()
    rows = [_claims_row(status, tallies[status]) for status in _STATUSES if status in tallies]
    columns = (
        Column("Claims"),
        Column("number", number=True),
        Column("charges", number=True),
        Column("affected", number=True),
    )
    made = table(out, columns, rows)
    made.add_section()
    made.add_row(*_claims_row("all", summary.claims_in_all()))
    return made


def _claims_row(name: str, tally: Tally) -> tuple[str, str, str, str]:
    return name, f"{tally.count:,}", dollars(tally.charge), dollars(tally.affected)


def _edits(out: Console, summary: Summary) -> Table:
    columns = (
        Column("Open edits"),
        Column("disposition"),
        Column("edits", number=True),
        Column("affected", number=True),
    )
    rows = [
        (rule, styled(disposition), f"{tally.count:,}", dollars(tally.affected))
        for rule, disposition, tally in summary.edits()
    ]
    return table(out, columns, rows)


def _largest(out: Console, summary: Summary) -> Table:
    columns = (
        Column("Largest claims", short=True),
        Column("disposition"),
        Column("edits", number=True),
        Column("affected", number=True),
        Column("of charges", number=True),
    )
    rows = [
        (
            visible(claim.claim_id),
            styled(claim.standing.disposition),
            f"{claim.standing.open_edits:,}",
            dollars(claim.standing.affected),
            dollars(claim.standing.charge),
        )
        for claim in summary.largest()
    ]
    return table(out, columns, rows)


def _results(summary: Summary, folder: str) -> RenderableType:
    parts: tuple[str, ...] = (
        f"{EDITS} ({counted(summary.edit_events, 'record')})",
        f"{VERDICTS} ({counted(summary.verdict_events, 'record')})",
        f"{REJECTS} ({counted(summary.rejected, 'line')})",
    )
    if summary.intake is not None and summary.intake.reasons:
        parts += (f"{FAULTS} ({counted(summary.intake.reasons.total(), 'fault')})",)
    return Text(f"Results in {visible(folder)}: {', '.join(parts)}")
