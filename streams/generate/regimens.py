"""What a member is on: one therapy, or two or three at once, and how often each is met.

The therapies of a regimen are billed together, so they have calendars of the same length.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from streams.generate import therapies as t
from streams.generate.calendars import Calendar
from streams.generate.therapies import Therapy


class Regimen(NamedTuple):
    """Therapies given at the same time; the first one is the primary."""

    therapies: tuple[Therapy, ...]

    @property
    def calendar(self) -> Calendar:
        """The calendar by which all of it is billed."""
        return self.therapies[0].calendar

    @property
    def alone(self) -> Therapy | None:
        """The therapy, where it is the only one."""
        return self.therapies[0] if len(self.therapies) == 1 else None


_MET: Final[tuple[tuple[int, tuple[Therapy, ...]], ...]] = (
    (18, (t.Q24H,)),
    (10, (t.Q12H,)),
    (8, (t.Q8H,)),
    (5, (t.Q6H,)),
    (3, (t.Q4H,)),
    (7, (t.GLOBULIN,)),
    (3, (t.GLOBULIN_BY_MONTH,)),
    (6, (t.ANTI_TNF,)),
    (3, (t.ALPHA1,)),
    (2, (t.ENZYME,)),
    (8, (t.NUTRITION,)),
    (6, (t.ENTERAL,)),
    (4, (t.PAIN_PUMP,)),
    (5, (t.HYDRATION,)),
    (4, (t.CHEMOTHERAPY,)),
    (3, (t.FACTOR,)),
    (3, (t.INOTROPE,)),
    (2, (t.STEROID,)),
    (3, (t.ANTICOAGULANT,)),
    (4, (t.CATHETER_CARE,)),
    (3, (t.Q24H, t.HYDRATION)),
    (2, (t.Q8H, t.Q24H)),
    (2, (t.NUTRITION, t.INOTROPE)),
    (2, (t.PAIN_PUMP, t.INOTROPE)),
    (2, (t.Q12H, t.HYDRATION, t.Q24H)),
    (1, (t.NUTRITION, t.PAIN_PUMP, t.INOTROPE)),
)
"""Of 119 members, how many are on which regimen."""

DECK: Final = tuple(Regimen(therapies) for count, therapies in _MET for _ in range(count))
"""Each regimen as often as it is met."""
