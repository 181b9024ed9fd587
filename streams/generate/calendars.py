"""When a therapy is given and when it is billed. Days are ordinals, spans inclusive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Window(NamedTuple):
    """Days of service from `first` to `last`, both included (ordinals)."""

    first: int
    last: int

    def clip(self, first: int, last: int) -> Window:
        """The part of this window from `first` to `last`; empty when first is above last."""
        return Window(max(self.first, first), min(self.last, last))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of infusion of a therapy, in cycles that are billed one by one.

    Attributes:
        cycle: days from the first day of one bill to the first day of the next.
        patterns: infusion days of a cycle, counted from 0; each member follows one of the patterns.
        whole: True where a per diem line states the whole cycle and its units count the infusions.
        on, off: cycles with therapy and then without, over and over.
        billed: days of a cycle after which it is billed.
    """

    cycle: int
    patterns: tuple[tuple[int, ...], ...]
    whole: bool = False
    on: int = 1
    off: int = 0
    billed: int = field(init=False)

    def __post_init__(self) -> None:
        last = max(pattern[-1] for pattern in self.patterns)
        object.__setattr__(self, "billed", self.cycle if self.whole else last + 1)

    def given(self, cycle: int) -> bool:
        """Whether the therapy is given in a cycle, or paused."""
        return not self.off or cycle % (self.on + self.off) < self.on


def infusion_days(first: int, pattern: Sequence[int], window: Window) -> list[int]:
    """The infusion days of the cycle that begins on `first`, as far as they lie in the window."""
    return [first + day for day in pattern if window.first <= first + day <= window.last]


def days_in_a_row(days: Sequence[int]) -> bool:
    """Whether no day between the first and the last is left out."""
    return days[-1] - days[0] + 1 == len(days)


DAILY = tuple(range(7))

ACUTE_WEEK = Calendar(cycle=7, patterns=(DAILY,), on=5, off=2)
"""Every day, billed each week, for five weeks; then two weeks without."""
WEEK = Calendar(cycle=7, patterns=(DAILY,))
"""Every day, billed each week, for good."""
FORTNIGHT = Calendar(cycle=14, patterns=(tuple(range(14)),))
"""Every day, billed every two weeks."""
THREE_A_WEEK = Calendar(cycle=7, patterns=((0, 2, 4), (0, 3, 5), (0, 2, 4, 6)))
"""Three or four days a week, billed each week."""
MONTHLY_COURSE = Calendar(cycle=28, patterns=((0, 1, 2), (0, 1, 2, 3), (0, 1, 2, 3, 4), (0, 1, 3)))
"""Three to five days every four weeks, billed after the last of them."""
MONTHLY_COURSE_WHOLE = Calendar(cycle=28, patterns=((0, 1, 2), (0, 1, 2, 3), (0, 1, 14, 15)), whole=True)
"""The same, billed at the end of the four weeks with one span over all of them."""
WEEKLY_DOSE = Calendar(cycle=28, patterns=((0, 7, 14, 21),))
"""One day a week, billed every four weeks."""
EVERY_TWO_WEEKS = Calendar(cycle=14, patterns=((0,),))
"""One day every two weeks."""
PUMP_EVERY_TWO_WEEKS = Calendar(cycle=14, patterns=((0, 1), (0, 1, 2)))
"""Two or three days with a pump, every two weeks."""
EVERY_EIGHT_WEEKS = Calendar(cycle=56, patterns=((0,),))
"""One day every eight weeks."""
SHORT_COURSE = Calendar(cycle=28, patterns=((0, 1, 2), (0, 1, 2, 3, 4)), on=2, off=1)
"""Three or five days once in four weeks, for two months out of three."""
