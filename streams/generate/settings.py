"""The settings of a run. The same settings give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from typing import Final, Self

from streams.generate.errors import DEFAULT_ERROR_RATES, ERROR_KINDS

DEFAULT_START: Final = date(2026, 1, 1)
DEFAULT_DAYS: Final = 31
MOST_OF_OTHERS: Final = 0.99
MOST_MEMBERS: Final = 10_000_000
_FIRST_DAY: Final = date(1900, 1, 1)
_LAST_RECEIPT: Final = date(2100, 12, 31)
_LONGEST_WAY: Final = timedelta(days=120)
"""No line is received later than this after the last day of service."""


@dataclass(frozen=True, slots=True)
class GenerateSettings:
    """What to generate. Shares are from 0 to 1.

    Attributes:
        members: members on home infusion.
        seed: the same seed gives the same bytes.
        start: first day of service.
        days: days of service from the start on.
        other_share: share of lines that are no home infusion; at most 0.99.
        error_rates: kind of billing error -> its share of the claims on which it can be made.
        late_share: share of claims whose drug comes about an hour late, on the claim or on a second one.
        correction_share: share of claims that are replaced later (frequency 7).
        void_share: share of claims that are voided later (frequency 8).
        split_share: share of claims that are split in two, each with its own drug.
        version_share: share of claims of which one line comes again, hours later, with another charge.
        redelivery_share: share of claims of which one line is delivered twice.
        lines: stop after so many lines; None goes on until all members are billed.

    Raises:
        ValueError: a value is out of range; the message names the setting.
    """

    members: int
    seed: int = 0
    start: date = DEFAULT_START
    days: int = DEFAULT_DAYS
    other_share: float = 0.0
    error_rates: Mapping[str, float] = field(default_factory=lambda: DEFAULT_ERROR_RATES)
    late_share: float = 0.02
    correction_share: float = 0.02
    void_share: float = 0.01
    split_share: float = 0.02
    version_share: float = 0.01
    redelivery_share: float = 0.01
    lines: int | None = None

    def whole_claims(self) -> Self:
        """The same run with whole claims alone, as an 837 has them: no late lines, newer versions or copies.

        A claim whose drug comes late comes whole instead.
        """
        return replace(self, late_share=0.0, version_share=0.0, redelivery_share=0.0)

    def __post_init__(self) -> None:
        _require(1 <= self.members <= MOST_MEMBERS, f"members must be from 1 to {MOST_MEMBERS}")
        _require(self.days >= 1, "days must be at least 1")
        _require(self.lines is None or self.lines >= 0, "lines must not be negative")
        last = (_LAST_RECEIPT - _LONGEST_WAY - self.start).days
        _require(self.start >= _FIRST_DAY and self.days <= last, "start and days must lie in 1900 to 2100")
        shares = [each.name for each in fields(self) if each.name.endswith("_share")]
        for name in shares:
            _require(0 <= getattr(self, name) <= 1, f"{name} must be from 0 to 1")
        fates = self.late_share + self.correction_share + self.void_share + self.split_share
        _require(fates + self.version_share <= 1, "late, corrected, void, split and version shares exceed 1")
        _require(self.other_share <= MOST_OF_OTHERS, f"other_share must be at most {MOST_OF_OTHERS}")
        unknown = sorted(set(self.error_rates) - set(ERROR_KINDS))
        _require(not unknown, f"error_rates knows no kind named {', '.join(unknown)}")
        _require(all(0 <= rate <= 1 for rate in self.error_rates.values()), "error_rates must be from 0 to 1")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)
