"""Who is on what, and whose bill is due on a day. Nothing of it is kept: all is worked out again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from streams.generate.calendars import Window
from streams.generate.chance import mix, share_of
from streams.generate.providers import PLANS, SHORTEST_LAG, Provider
from streams.generate.regimens import DECK, Regimen
from streams.generate.therapies import Drug, Therapy

_MODIFIERS: Final = ((), ("SH",), ("SJ",))
LONGEST_WAY_BACK: Final = 20
"""Most days from a claim to its correction or void."""


NEVER: Final = 10_000_000
"""A day (ordinal) that does not come."""


class Course(NamedTuple):
    """One therapy of a member: what is chosen for good, and the modifiers of its rank."""

    therapy: Therapy
    code: str
    drug: Drug | None
    pattern: tuple[int, ...]
    modifiers: tuple[str, ...]


class Member(NamedTuple):
    """A member on home infusion."""

    number: int
    regimen: Regimen
    provider: Provider
    plan_id: str
    courses: tuple[Course, ...]


class Due(NamedTuple):
    """A member on a day on which a bill is sent, or may be sent once more.

    Attributes:
        number: the member's number.
        traits: the mixed number from which all that the member is follows.
        cycle: the number of the billing cycle, from 0.
        first: first day of that cycle (ordinal).
        again: whether this is the second time, for a correction or void of the cycle's claim.
        fate: the mixed number from which it follows what becomes of the claim.
    """

    number: int
    traits: int
    cycle: int
    first: int
    again: bool
    fate: int


class Roster:
    """All members of a run.

    Args:
        seed: the run's seed.
        window: the days of service.
        pharmacies: who treats them.
        again_share: share of claims that are corrected or voided later; those of the lowest fates.
    """

    def __init__(self, seed: int, window: Window, pharmacies: Sequence[Provider], again_share: float) -> None:
        self._salt = mix(seed + 2)
        self._window = window
        self._pharmacies = pharmacies
        self._again_share = again_share
        # so that a look at a member is a look-up
        self._deck = [(each.calendar.cycle, each.calendar.billed, each) for each in DECK]

    def days(self) -> range:
        """The days on which anything may be received (ordinals)."""
        billed = max(billed for _, billed, _ in self._deck)
        latest = self._window.last + billed - 1 + max(each.lag for each in self._pharmacies)
        return range(self._window.first + SHORTEST_LAG, latest + LONGEST_WAY_BACK + 1)

    def look(self, number: int, day: int) -> tuple[Due | None, int]:
        """What the member may send on a day, or None, and the next day on which to look again (ordinals)."""
        traits = mix(self._salt + number * 0x9E3779B97F4A7C15)
        cycle_days, billed, regimen = self._deck[traits % len(self._deck)]
        begun = self._window.first - (traits >> 20) % cycle_days
        lag = self._pharmacies[(traits >> 10) % len(self._pharmacies)].lag
        cycle, since = divmod(day - begun - billed + 1 - lag, cycle_days)
        first = begun + cycle * cycle_days
        if first > self._window.last:
            return None, NEVER
        way_back = 1 + (traits >> 16) % min(cycle_days - 1, LONGEST_WAY_BACK)
        next_day = day + (way_back if since < way_back and self._again_share else cycle_days) - since
        if cycle < 0 or since not in (0, way_back) or not regimen.calendar.given(cycle + (traits >> 30) % 8):
            return None, next_day
        fate = mix(traits ^ (cycle + 1) * 0xD1B54A32D192ED03)
        if since and share_of(fate) >= self._again_share:
            return None, next_day
        return Due(number, traits, cycle, first, again=since > 0, fate=fate), next_day

    def member(self, due: Due) -> Member:
        """The member whose bill is due."""
        traits = due.traits
        regimen = self._deck[traits % len(self._deck)][2]
        provider = self._pharmacies[(traits >> 10) % len(self._pharmacies)]
        return Member(
            due.number,
            regimen,
            provider,
            PLANS[(traits >> 36) % len(PLANS)],
            tuple(
                _course(therapy, traits >> (40 + 4 * place), _MODIFIERS[place])
                for place, therapy in enumerate(regimen.therapies)
            ),
        )


def _course(therapy: Therapy, traits: int, modifiers: tuple[str, ...]) -> Course:
    """The choices that a member's traits make within a therapy."""
    return Course(
        therapy,
        therapy.codes[traits % len(therapy.codes)],
        therapy.drugs[traits % len(therapy.drugs)] if therapy.drugs else None,
        therapy.calendar.patterns[(traits >> 3) % len(therapy.calendar.patterns)],
        modifiers if therapy.is_infusion else (),
    )
