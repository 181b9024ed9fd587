"""The tables of the page: cells with what they show, and what they are sorted by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from streams.report.numbers import Figures, Move, shortened
from streams.report.wording import counted, dollars, signed


class Heading(NamedTuple):
    """A column's heading, and whether it holds numbers."""

    text: str
    number: bool = True


class Cell(NamedTuple):
    """A cell.

    Attributes:
        text: what is shown.
        order: what it is sorted by; for a number its digits.
        tone: a change for more or less, for its colour; the sign in `text` says the same.
    """

    text: str
    order: str = ""
    tone: Literal["", "more", "less"] = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A sortable table: rows of cells, the first of them the row's heading.

    Attributes:
        caption: what it tells, for those who read it alone.
        foot: rows that stay at the end: the others summed up, the total.
    """

    caption: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Sequence[Cell]] = ()


def money(amount: Decimal) -> Cell:
    """An amount."""
    return Cell(dollars(amount), str(amount))


def change(amount: Decimal) -> Cell:
    """A change of an amount."""
    return Cell(signed(amount), str(amount), "more" if amount > 0 else "less" if amount < 0 else "")


def number(value: int) -> Cell:
    """A count."""
    return Cell(f"{value:,}", str(value))


def figures_table(
    caption: str, first: str, rows: Sequence[Figures], total: Figures, missing: str = "none"
) -> Table:
    """Edits by group: dollars held under B, what is added, removed and changed, dollars held under A.

    Args:
        caption: of the table.
        first: heading of the groups.
        rows: the groups in their order; of many the first are shown, the rest is summed up.
        total: all of them.
        missing: stands for a group without a name.
    """
    shown, rest = shortened(rows)
    foot = [] if rest is None else [_cells(rest, missing)]
    return Table(
        caption,
        (
            Heading(first, number=False),
            Heading("Held under B"),
            Heading("Added"),
            Heading("Removed"),
            Heading("Changed"),
            Heading("Held under A"),
            Heading("Difference"),
            Heading("Edits under B"),
            Heading("Edits under A"),
        ),
        [_cells(row, missing) for row in shown],
        [*foot, _cells(total, missing, "All")],
    )


def _cells(row: Figures, missing: str, name: str | None = None) -> list[Cell]:
    label = name or row.name or missing
    return [
        Cell(label, label),
        money(row.before),
        _part(row.by_added, row.added),
        _part(row.by_removed, row.removed),
        _part(row.by_changed, row.changed),
        money(row.after),
        change(row.delta),
        number(row.edits_before),
        number(row.edits_after),
    ]


def _part(amount: Decimal, edits: int) -> Cell:
    """What some edits add to the dollars held, and how many they are."""
    return Cell(f"{signed(amount)} ({edits:,})" if edits else "", str(amount))


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Things that go from one state to another: how many, a note on their amount, whether the state stays."""

    count: int
    note: str
    stays: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """From which state to which: a row for each state under B, a column for each under A."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[MatrixCell | None], int]]
    totals: Sequence[int]


def matrix(caption: str, moves: Sequence[Move], order: Sequence[str]) -> Matrix:
    """The moves as a matrix of the states that occur, in the given order."""
    found = {(move.before, move.after): move for move in moves}
    states = [state for state in order if any(state in pair for pair in found)]
    rows = []
    for before in states:
        cells = [_matrix_cell(found.get((before, after))) for after in states]
        rows.append((before, cells, sum(cell.count for cell in cells if cell is not None)))
    totals = [
        sum(found[before, after].count for before in states if (before, after) in found) for after in states
    ]
    return Matrix(caption, states, rows, totals)


def _matrix_cell(move: Move | None) -> MatrixCell | None:
    if move is None:
        return None
    before, after = dollars(move.amount_before), dollars(move.amount_after)
    if not (move.amount_before or move.amount_after):
        note = ""
    else:
        note = before if before == after else f"{before} to {after}"
    return MatrixCell(move.count, note, move.before == move.after)


def flipped(moves: Sequence[Move]) -> list[Move]:
    """Those that change their state, the most frequent first."""
    return sorted((move for move in moves if move.before != move.after), key=lambda move: -move.count)


def moves_in_words(moves: Sequence[Move], most: int = 4) -> str:
    """The most frequent changes of state in a sentence: `25 from clean to review, 3 from ...`."""
    named = [f"{move.count:,} from {move.before} to {move.after}" for move in moves[:most]]
    rest = sum(move.count for move in moves[most:])
    return ", ".join([*named, *([f"{counted(rest, 'other')}"] if rest else [])])
