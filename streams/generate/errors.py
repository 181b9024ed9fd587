"""The kinds of billing error, how often each is made, and which rule finds it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate
from types import MappingProxyType
from typing import Final, NamedTuple

from streams.generate import claim_mistakes as claim
from streams.generate import drug_mistakes as drug
from streams.generate.bills import Bill
from streams.generate.chance import Chance


class ErrorKind(NamedTuple):
    """A kind of billing error.

    Attributes:
        rate: its share of the claims on which it can be made, unless settings say otherwise.
        rule: the rule that finds it.
        make: makes it on a bill; False where it cannot be made there.
    """

    rate: float
    rule: str
    make: Callable[[Bill, Chance], bool]

    @property
    def name(self) -> str:
        """The name by which settings know it."""
        return self.make.__name__


_KINDS: Final = (
    ErrorKind(0.060, "supply_never_payable", drug.flush_billed),
    ErrorKind(0.100, "included_in_per_diem", claim.supplies_billed),
    ErrorKind(0.025, "per_diem_without_drug", drug.no_drug),
    ErrorKind(0.020, "drug_on_other_claim", drug.drug_on_other_claim),
    ErrorKind(0.010, "drug_not_corresponding", drug.wrong_drug),
    ErrorKind(0.030, "drug_dates_unclear", drug.dispensing_date),
    ErrorKind(0.005, "drug_dates_unclear", drug.discarded_drug_only),
    ErrorKind(0.030, "per_diem_for_flush", drug.flush_as_anticoagulant),
    ErrorKind(0.005, "therapy_without_own_drug", drug.shared_drug),
    ErrorKind(0.010, "noc_per_diem", drug.unspecified_infusion),
    ErrorKind(0.010, "drug_without_per_diem", drug.no_per_diem),
    ErrorKind(0.015, "solution_incidental", drug.diluent_billed),
    ErrorKind(0.025, "units_exceed_days", claim.units_over_days),
    ErrorKind(0.030, "units_implausible", claim.too_many_days),
    ErrorKind(0.010, "duplicate_per_diem", claim.sent_twice),
    ErrorKind(0.100, "concurrent_modifier", claim.no_modifier),
    ErrorKind(0.005, "modifier_without_primary", claim.needless_modifier),
    ErrorKind(0.010, "exclusive_per_diem", claim.unspecified_beside_specific),
    ErrorKind(0.015, "conflicting_per_diem", claim.two_volumes),
    ErrorKind(0.010, "catheter_care_in_per_diem", claim.catheter_care_beside),
    ErrorKind(0.040, "formula_in_per_diem", claim.formula_billed),
    ErrorKind(0.010, "visit_addon_without_primary", claim.addon_visit_alone),
    ErrorKind(0.015, "visit_without_professional", claim.visit_by_nobody),
)

ERROR_KINDS: Final[Mapping[str, ErrorKind]] = MappingProxyType({kind.name: kind for kind in _KINDS})
"""Every kind of billing error by its name."""

DEFAULT_ERROR_RATES: Final[Mapping[str, float]] = MappingProxyType({k.name: k.rate for k in _KINDS})
"""How often each kind is made where settings do not say."""


class ErrorMaker:
    """Makes billing errors, at most one on a bill.

    Args:
        rates: kind -> its share (0 to 1) of the claims on which it can be made. Shares that add up to
            more than 1 are scaled down to 1 together.
    """

    def __init__(self, rates: Mapping[str, float]) -> None:
        asked = [(kind, rates[kind.name]) for kind in _KINDS if rates.get(kind.name)]
        whole = max(1.0, sum(rate for _, rate in asked))
        self._kinds = [kind for kind, _ in asked]
        self._thresholds = list(accumulate(rate / whole for _, rate in asked))

    def spoil(self, bill: Bill, chance: Chance) -> None:
        """Make an error on a bill, or none, as chance decides."""
        place = bisect_right(self._thresholds, chance.random())
        if place < len(self._kinds) and self._kinds[place].make(bill, chance):
            bill.error = self._kinds[place].name
