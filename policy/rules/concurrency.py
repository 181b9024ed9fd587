"""What the two modifier rules share: a provider's infusion therapies on the dates of a line."""

from __future__ import annotations

from dataclasses import dataclass

from policy.history import PLAIN, SECOND, THIRD, ActiveLine
from policy.screening import Screening, per_diem


@dataclass(frozen=True, slots=True)
class Therapies:
    """A provider's infusion therapies beside one line (section 4.1: P, H and J).

    Attributes:
        mine: the dates on which the line itself is one of them.
        others: the other lines, each with its dates.
        primary, second: dates with a line of rank PLAIN, SECOND.
        two_primaries: dates with more than one line of rank PLAIN.
        earlier: dates with an earlier line of the line's own rank.
        two_earlier: dates with two of them.
    """

    mine: int
    others: list[tuple[ActiveLine, int]]
    primary: int
    second: int
    two_primaries: int
    earlier: int
    two_earlier: int


def _counted(line: ActiveLine, screening: Screening) -> int:
    """The dates on which a per diem line counts as an infusion therapy."""
    if not per_diem(line).infusion:
        return 0
    return screening.billed(line) & ~screening.displaced(line)


def therapies(line: ActiveLine, screening: Screening) -> Therapies:
    """The therapies of the line's billing provider on its dates, worked out once."""
    facts = screening.facts(line)
    if facts.therapies is None:
        facts.therapies = _therapies(line, screening)
    return facts.therapies


def _therapies(line: ActiveLine, screening: Screening) -> Therapies:
    mine = _counted(line, screening)
    others = []
    primary = second = two_primaries = earlier = two_earlier = 0
    for other in screening.near_per_diems(line) if mine else ():
        if other.line.npi != line.line.npi:
            continue
        days = _counted(other, screening)
        if other.rank == PLAIN:
            two_primaries |= primary & days
            primary |= days
        elif other.rank == SECOND:
            second |= days
        if other is not line:
            others.append((other, days))
        if other.rank == line.rank and other.order < line.order:
            two_earlier |= earlier & days
            earlier |= days
    return Therapies(mine, others, primary, second, two_primaries, earlier, two_earlier)


__all__ = ["PLAIN", "SECOND", "THIRD", "Therapies", "therapies"]
