"""A claim explained in a terminal: a calendar, each edit, the verdict and how it settled.

A month is a block with a row for each line and two columns for each day: a letter for what the line is
on the day, and `!` where an edit has it. A block is never wider than its console; a narrow one splits the
month.
"""

from __future__ import annotations

from calendar import month_name, monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from rich.console import Console
from rich.text import Text

from models.claim_line import decimal_text
from policy.screening import UNIT
from streams.edit_view import print_edit, print_heading, print_verdict
from streams.explain.calendar import SYMBOLS, DayKind, Row, months_of
from streams.explain.found import Decision, Explained
from streams.summary_view import counted, dollars, visible

WIDEST: Final = 120
_LABEL: Final = 17
"""Columns of a line's label."""
_MARK: Final = "!"
_GAP: Final = "."

_STYLES: Final[Mapping[DayKind, str]] = {
    "both": "bold green",
    "unbilled": "dim",
    "alone": "bold red",
    "elsewhere": "bold yellow",
    "included": "green",
    "drug": "bold cyan",
    "discarded": "dim cyan",
    "other": "",
    "inactive": "dim",
}
SETTLED: Final[Mapping[str, str]] = {
    "complete": "complete: all its lines are in, and none waits for a partner",
    "quiet": "quiet: no line of it came for as long as a claim is waited for",
    "withdrawn": "withdrawn: another claim replaced or voided it",
    "end_of_input": "at the end of the input",
}
"""How a claim settled, for people."""


def print_explained(out: Console, found: Explained) -> None:
    """Everything there is to say about a claim."""
    out.width = min(out.width, WIDEST)
    print_heading(out, f"Claim {visible(found.claim_id)}")
    if found.note:
        out.print(Text(f"No calendar: {found.note}."))
        out.print()
    else:
        _print_calendar(out, found)
        _print_lines(out, found.rows)
    for decision in found.decisions:
        _print_decision(out, decision)


def _print_decision(out: Console, decision: Decision) -> None:
    print_heading(out, f"Decision of {visible(decision.by)}")
    for edit in decision.edits:
        print_edit(out, edit)
    if decision.verdict is None:
        out.print(Text("No verdict."))
        out.print()
        return
    verdict = decision.verdict
    settled = f"{SETTLED[verdict['settled']]}; revision {verdict['revision']}, as of {verdict['as_of']}"
    print_verdict(out, verdict, (("settled", settled),))


def _print_calendar(out: Console, found: Explained) -> None:
    edited = found.edited
    each = max((out.width - _LABEL) // 2, 1)
    for year, month in months_of(found.rows):
        first = date(year, month, 1).toordinal()
        days = range(first, first + monthrange(year, month)[1])
        for start in range(0, len(days), each):
            _print_block(out, found.rows, days[start : start + each], edited)
    kinds = {kind for row in found.rows for kind in row.days.values()}
    for kind, (letter, meaning) in SYMBOLS.items():
        if kind in kinds:
            out.print(Text.assemble((letter, _STYLES[kind]), f"  {meaning}"))
    if any(edited.values()):
        out.print(Text.assemble((_MARK, "bold red"), "  day with an open edit"))
    out.print()


def _print_block(
    out: Console, rows: Sequence[Row], days: Sequence[int], edited: Mapping[tuple[str, int], set[int]]
) -> None:
    """The lines of some days of one month."""
    shown = [row for row in rows if any(day in row.days for day in days)]
    if not shown:
        return
    begin = date.fromordinal(days[0])
    out.print(_numbers(f"{month_name[begin.month][:9]} {begin.year}", days))
    weekdays = "".join(f"{'MTWTFSS'[(day - 1) % 7]} " for day in days)
    out.print(Text(" " * _LABEL + weekdays.rstrip(), style="dim"))
    other = ""
    for row in shown:
        if not row.own and row.line.claim_id != other:
            other = row.line.claim_id
            out.print(Text(_cut(f"claim {visible(other)}", out.width), style="dim"))
        out.print(_row(row, days, edited.get(row.key, set())))
    out.print()


def _numbers(title: str, days: Sequence[int]) -> Text:
    """The month's name, and the numbers of its first day and of every fifth."""
    heading = Text(title[: _LABEL - 1].ljust(_LABEL), style="bold")
    for day in days:
        number = date.fromordinal(day).day
        heading.append(f"{number:<2}" if number == 1 or number % 5 == 0 else "  ", style="bold")
    heading.rstrip()
    return heading


def _row(row: Row, days: Sequence[int], edited: set[int]) -> Text:
    code = "-".join((row.line.procedure_code, *row.line.modifiers))
    text = Text(_cut(f"{row.line.line_number:>3} {code}", _LABEL - 1).ljust(_LABEL))
    for letter, style in _cells(row, days, edited):
        text.append(letter, style)
    text.rstrip()
    return text


def _cells(row: Row, days: Sequence[int], edited: set[int]) -> Iterator[tuple[str, str]]:
    for day in days:
        kind = row.days.get(day)
        if kind is None:
            yield f"{_GAP} ", "dim"
        else:
            yield SYMBOLS[kind][0], _STYLES[kind]
            yield (_MARK if day in edited else " "), "bold red"


def _print_lines(out: Console, rows: Sequence[Row]) -> None:
    """What each line is, bills and is worth."""
    for row in rows:
        line = row.line
        where = (
            f"line {line.line_number}"
            if row.own
            else f"claim {visible(line.claim_id)} line {line.line_number}"
        )
        facts = (
            where,
            "-".join((line.procedure_code, *line.modifiers)),
            row.role.kind.replace("_", " "),
            row.role.short_name,
            f"{decimal_text(line.units, 3)} {'unit' if line.units == UNIT else 'units'}",
            dollars(line.charge),
            row.why_not and f"does not count: {row.why_not}",
        )
        out.print(Text(", ".join(filter(None, facts))), soft_wrap=not out.is_terminal)
    own = sum(row.own for row in rows)
    out.print(Text(f"{counted(own, 'line')} of the claim, {len(rows) - own} of others near it.", style="dim"))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}\N{HORIZONTAL ELLIPSIS}"
