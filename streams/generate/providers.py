"""The providers of a synthetic plan: identifiers that nobody has, and each provider's own habits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from streams.generate.chance import Chance, mix

PLANS: Final = ("SYN-PLAN-HMO", "SYN-PLAN-PPO", "SYN-PLAN-EPO", "SYN-PLAN-MA", "SYN-PLAN-MCD")
PHARMACIES: Final = 36
"""How many providers bill home infusion."""
OTHERS: Final = 60
"""How many providers bill everything else."""
NURSES: Final = 40

SHORTEST_LAG: Final = 3
LONGEST_LAG: Final = 30
"""Days from the last day that a claim bills to the day it is received."""

UnitsStyle = Literal["number", "text", "decimals"]
NdcStyle = Literal["none", "digits", "hyphens", "short"]

_LUHN_OF_80840: Final = 24
_TOP_DIGIT: Final = 9


class Provider(NamedTuple):
    """A provider and how it bills.

    Attributes:
        npi: ten digits with a valid check digit; the first is 9, with which no real one begins.
        factor: its charges, in per cent of the plain ones.
        lag: days from the last billed day to receipt.
        offset, zone: the clock of its clearing house: seconds from UTC, and how that is written.
        units_style: how a number of units is written.
        charge_as_text: whether a charge is a JSON string.
        ndc_style: how NDCs are written; `short` is the ten-digit form.
        drug_by_day: one drug line a day instead of one over the days it was infused on.
        per_diem_by_day: one per diem line a day where infusion days are not in a row.
        by_ndc: drugs are billed as S5000 and an NDC.
        counts_lines: whether its claims say how many lines they have.
        nurses: the clinicians whom it sends; empty where an agency bills the visits elsewhere.
    """

    npi: str
    factor: int
    lag: int
    offset: int
    zone: str
    units_style: UnitsStyle
    charge_as_text: bool
    ndc_style: NdcStyle
    drug_by_day: bool
    per_diem_by_day: bool
    by_ndc: bool
    counts_lines: bool
    nurses: tuple[str, ...]


def npi_with(digits: str) -> str:
    """Nine digits with their check digit (Luhn, prefix 80840)."""
    total = _LUHN_OF_80840
    for place, digit in enumerate(digits):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - _TOP_DIGIT if value > _TOP_DIGIT else value
    return digits + str(-total % 10)


def _npis(chance: Chance, count: int) -> list[str]:
    """Different identifiers, as many as asked for."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[npi_with(f"9{chance.below(10**8):08d}")] = None
    return list(found)


_CLOCKS: Final = ((0, "Z"), (0, "Z"), (0, "Z"), (0, "+00:00"), (-21_600, "-06:00"))
_UNITS_STYLES: Final[Sequence[UnitsStyle]] = ("number", "number", "text", "text", "decimals")
_NDC_STYLES: Final[Sequence[NdcStyle]] = ("digits", "digits", "hyphens", "short", "none")


def _provider(npi: str, chance: Chance, nurses: Sequence[str]) -> Provider:
    ndc_style = chance.pick(_NDC_STYLES)
    offset, zone = chance.pick(_CLOCKS)
    return Provider(
        npi=npi,
        factor=chance.between(80, 160),
        lag=SHORTEST_LAG + int((LONGEST_LAG - SHORTEST_LAG + 1) * chance.random() ** 2),
        offset=offset,
        zone=zone,
        units_style=chance.pick(_UNITS_STYLES),
        charge_as_text=chance.happens(0.6),
        ndc_style=ndc_style,
        drug_by_day=chance.happens(0.25),
        per_diem_by_day=chance.happens(0.3),
        by_ndc=ndc_style != "none" and chance.happens(0.2),
        counts_lines=chance.happens(0.92),
        nurses=tuple(chance.pick(nurses) for _ in range(3)) if chance.happens(0.55) else (),
    )


class Directory(NamedTuple):
    """All providers of a run."""

    pharmacies: tuple[Provider, ...]
    others: tuple[Provider, ...]
    nurses: tuple[str, ...]


def directory(seed: int) -> Directory:
    """The providers that a seed stands for."""
    chance = Chance(mix(seed + 1))
    npis = _npis(chance, PHARMACIES + OTHERS + NURSES)
    nurses = tuple(npis[:NURSES])
    providers = [_provider(npi, chance, nurses) for npi in npis[NURSES:]]
    return Directory(tuple(providers[:PHARMACIES]), tuple(providers[PHARMACIES:]), nurses)


@lru_cache(maxsize=1024)
def ndc_of(code: str, style: NdcStyle) -> str | None:
    """An invented NDC for a drug code: its labeler is none that was ever given out."""
    if style == "none":
        return None
    number = mix(int.from_bytes(code.encode(), "big"))
    labeler, product, package = 99_000 + number % 1000, number // 1000 % 1000, number // 1_000_000 % 100
    if style == "short":
        return f"{labeler}-{product:03d}-{package:02d}"
    hyphen = "-" if style == "hyphens" else ""
    return f"{labeler}{hyphen}{product:04d}{hyphen}{package:02d}"
