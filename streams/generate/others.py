"""Claims that have nothing to do with home infusion: what most of a payer's lines are."""

from __future__ import annotations

from typing import Final, NamedTuple

from streams.generate.chance import Chance, mix
from streams.generate.events import DAY, Event, day_text, stamp, written_charge, written_units
from streams.generate.providers import PLANS, Directory, Provider

_SAME_PEOPLE: Final = 0.3
"""Share of these claims that are for members on home infusion."""
_OTHER_PEOPLE: Final = 9
"""For each member on home infusion, so many others."""
_LONGEST_WAY: Final = 30
_SHORTEST_WAY: Final = 2
LINES_PER_CLAIM: Final = 2.5
"""Lines of such a claim, on average."""


class Setting(NamedTuple):
    """A kind of care: where it is given, and what is billed there as (code, charge in cents)."""

    place: str
    items: tuple[tuple[str, int], ...]


_OFFICE: Final = Setting(
    "11", (("99213", 14_200), ("99214", 20_100), ("90471", 3_100), ("36415", 1_200), ("81003", 900))
)
_LABORATORY: Final = Setting(
    "81", (("80053", 3_900), ("85025", 2_800), ("83036", 3_400), ("80061", 4_600), ("84443", 5_700))
)
_IMAGING: Final = Setting("22", (("71046", 11_800), ("73030", 9_600), ("74177", 98_000), ("76700", 31_500)))
_PHARMACY: Final = Setting("01", (("J8499", 2_600), ("J8540", 1_400), ("G0333", 5_700), ("Q0513", 3_300)))
_DENTAL: Final = Setting("11", (("D0120", 6_200), ("D1110", 11_400), ("D0274", 7_800), ("D2391", 21_900)))
_THERAPY: Final = Setting("11", (("97110", 6_900), ("97140", 6_300), ("97530", 7_400), ("97161", 13_800)))
_MIND: Final = Setting("10", (("90834", 16_500), ("90837", 22_400), ("96127", 1_500)))
_EMERGENCY: Final = Setting("23", (("99284", 68_000), ("93005", 9_100), ("71045", 10_400), ("A0429", 84_000)))

SETTINGS: Final = (
    *[_OFFICE] * 7,
    *[_LABORATORY] * 5,
    *[_IMAGING] * 2,
    *[_PHARMACY] * 3,
    _DENTAL,
    _THERAPY,
    _MIND,
    _EMERGENCY,
)
"""Each kind of care as often as it is met."""


class OtherClaims:
    """Makes ordinary claims of one to four lines, one after the other.

    Args:
        seed: the run's seed.
        members: how many members are on home infusion.
        start: the first day of service (ordinal); nothing is billed for earlier days.
        directory: the providers of the run.
    """

    def __init__(self, seed: int, members: int, start: int, directory: Directory) -> None:
        self._chance = Chance(mix(seed + 3))
        self._members = members
        self._start = start
        self._directory = directory
        self._made = 0

    def next(self, instant: int) -> list[Event]:
        """The lines of the next claim, received at an instant (seconds)."""
        chance = self._chance
        self._made += 1
        provider = chance.pick(self._directory.others)
        care = chance.pick(SETTINGS)
        day = max(self._start, instant // DAY - chance.between(_SHORTEST_WAY, _LONGEST_WAY))
        count = chance.between(1, min(4, len(care.items)))
        first = chance.below(len(care.items))
        items = (care.items + care.items)[first : first + count]
        base = {
            "event_id": "",
            "claim_id": f"SYN-N{self._made:09d}",
            "line_number": 0,
            "line_count": count if provider.counts_lines else None,
            "claim_frequency_code": "1",
            "original_claim_id": None,
            "member_id": self._member_id(),
            "plan_id": chance.pick(PLANS),
            "billing_provider_npi": provider.npi,
            "rendering_provider_npi": chance.pick(self._directory.nurses) if chance.happens(0.5) else None,
            "procedure_code": "",
            "modifiers": [],
            "ndc": None,
            "service_date_from": day_text(day),
            "service_date_to": day_text(day),
            "units": written_units(1, provider.units_style),
            "charge_amount": "0",
            "place_of_service": care.place,
            "received_at": stamp(instant, provider),
        }
        return [_line(base, number, item, provider) for number, item in enumerate(items, 1)]

    def _member_id(self) -> str:
        chance = self._chance
        if chance.happens(_SAME_PEOPLE):
            return member_id(chance.below(self._members))
        return member_id(self._members + chance.below(_OTHER_PEOPLE * self._members))


def _line(base: Event, number: int, item: tuple[str, int], provider: Provider) -> Event:
    code, cents = item
    line = base.copy()
    line["event_id"] = f"{base['claim_id']}-{number}"
    line["line_number"] = number
    line["procedure_code"] = code
    line["modifiers"] = []
    line["charge_amount"] = written_charge(cents * provider.factor // 100, as_text=provider.charge_as_text)
    return line


def member_id(number: int) -> str:
    """The id of a member: plainly a synthetic one."""
    return f"SYN-M{number:08d}"
