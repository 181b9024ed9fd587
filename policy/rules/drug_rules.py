"""The five drug rules: per diem days on which no drug of the claim was infused.

The dates of a per diem line that no corresponding drug line of the same claim covers are shared out,
each date to the first rule that claims it, in the order that the policy data gives:

* `drug_on_other_claim`: a corresponding drug line of another claim covers the date. The per diem must
  be on the same claim as its drug (policy, *Home Infusion Modifiers*), so the provider bills again.
* `per_diem_for_flush`: an injection per diem billed for a heparin lock flush (policy, *Home Infusion
  Codes*, the note on S9372).
* `drug_not_corresponding`: a drug that serves no per diem of the member stands beside it.
* `drug_dates_unclear`: drug lines near the per diem may carry dispensing dates; a person looks.
* `per_diem_without_drug`: nothing was infused. A per diem is paid only for days of actual infusion
  (policy, *Reimbursement Information*).

**Units**: the payable units are the paired dates. What the line bills beyond them is shared out in the
same order; each rule takes at most one unit a date, and a rule that takes nothing is not raised.
None of them is graver than what the code's day without a drug deserves, unless the data says so.
"""

from __future__ import annotations

from collections.abc import Callable

from models.finding import Disposition, milder
from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import UNIT, Finding, Screening, corresponds, per_diem, settings

Claim = tuple[int, tuple[ActiveLine, ...], Disposition]
"""The dates a drug rule claims, the lines it rests on, its disposition."""

_Claimer = Callable[[ActiveLine, Screening, int], Claim]


def _on_other_claim(line: ActiveLine, screening: Screening, unpaired: int) -> Claim:
    mine = settings(line, "drug_on_other_claim")
    dates, evidence, disposition = 0, [], mine.disposition
    for drug in screening.near_drugs(line):
        if drug.claim is line.claim or not corresponds(drug, line):
            continue
        covered = screening.given_days(drug) & unpaired
        if covered:
            dates |= covered
            evidence.append(drug)
            if drug.line.npi == line.line.npi:
                disposition = mine.other_disposition("same_provider_disposition")
    return dates, tuple(evidence), disposition


def _for_flush(line: ActiveLine, screening: Screening, unpaired: int) -> Claim:
    mine = settings(line, "per_diem_for_flush")
    dates, evidence = 0, []
    if line.line.procedure_code in mine.words("per_diem_codes"):
        codes = mine.words("flush_codes")
        for other in screening.near(line):
            if other.line.procedure_code in codes and other.beside(line) and other.days & unpaired:
                dates |= other.days & unpaired
                evidence.append(other)
    return dates, tuple(evidence), mine.disposition


def _not_corresponding(line: ActiveLine, screening: Screening, unpaired: int) -> Claim:
    mine = settings(line, "drug_not_corresponding")
    aside = mine.words("missing_drug_aside")
    dates, evidence = 0, []
    for drug in screening.near_drugs(line):
        if not drug.beside(line):
            continue
        stray = screening.given_days(drug) & unpaired
        for other in screening.near_per_diems(drug) if stray else ():
            if per_diem(other).missing_drug not in aside and corresponds(drug, other):
                stray &= ~other.days
        if stray:
            dates |= stray
            evidence.append(drug)
    return dates, tuple(evidence), mine.disposition


def near_in_claim(line: ActiveLine, screening: Screening) -> list[tuple[ActiveLine, int]]:
    """The set S of a per diem line (section 4.1, drug rule 4).

    Corresponding drug lines of its claim, discarded amounts included, with a day in the window; and
    those days.
    """
    facts = screening.facts(line)
    if facts.in_window is None:
        facts.in_window = _near_in_claim(line, screening)
    return facts.in_window


def _near_in_claim(line: ActiveLine, screening: Screening) -> list[tuple[ActiveLine, int]]:
    window = screening.history.span(
        line.line.first - settings(line, "drug_dates_unclear").count("window_days"), line.line.last
    )
    found = []
    for drug in screening.history.of_claim(line.claim):
        days = screening.drug_days(drug) & window
        if days and corresponds(drug, line):
            found.append((drug, days))
    return found


def _dates_unclear(line: ActiveLine, screening: Screening, unpaired: int) -> Claim:
    mine = settings(line, "drug_dates_unclear")
    drugs = near_in_claim(line, screening)
    if not drugs or (screening.paired(line) and not _looks_dispensed(line, drugs)):
        return 0, (), mine.disposition
    return unpaired, tuple(drug for drug, _ in drugs), mine.disposition


def _looks_dispensed(line: ActiveLine, drugs: list[tuple[ActiveLine, int]]) -> bool:
    """Whether single-dated drug lines may carry dispensing dates instead of infusion days."""
    days = 0
    for drug, dates in drugs:
        if drug.count > 1:
            return False
        days |= dates
    apart = not days & (days << 1)
    return days.bit_count() == 1 or (per_diem(line).daily and apart)


def _without_drug(line: ActiveLine, screening: Screening, unpaired: int) -> Claim:
    del screening  # the rest is the rest
    return unpaired, (), settings(line, "per_diem_without_drug").disposition


_CLAIMERS: dict[str, _Claimer] = {
    "drug_on_other_claim": _on_other_claim,
    "per_diem_for_flush": _for_flush,
    "drug_not_corresponding": _not_corresponding,
    "drug_dates_unclear": _dates_unclear,
    "per_diem_without_drug": _without_drug,
}


def shares(line: ActiveLine, screening: Screening) -> dict[str, Finding]:
    """The findings of the five drug rules on a per diem line."""
    facts = screening.facts(line)
    if facts.shares is None:
        facts.shares = _shares(line, screening)
    return facts.shares


def _shares(line: ActiveLine, screening: Screening) -> dict[str, Finding]:
    policy = line.version.drug_rules
    missing_drug = per_diem(line).missing_drug
    if missing_drug in policy.drug_inside:
        return {}
    paired = screening.paired(line)
    rest = min(line.line.units, line.count * UNIT) - paired.bit_count() * UNIT
    unpaired = line.days & ~paired
    found: dict[str, Finding] = {}
    for name in policy.order:
        if rest <= 0:
            break
        dates, evidence, disposition = _CLAIMERS[name](line, screening, unpaired)
        unpaired &= ~dates
        taken = min(rest, dates.bit_count() * UNIT)
        if taken:
            rest -= taken
            if name not in policy.uncapped:
                disposition = milder(disposition, missing_drug)  # type: ignore[arg-type]
            found[name] = Finding(dates, disposition, evidence, taken)
    return found


RULES = (
    Rule(
        name="drug_on_other_claim",
        kind="per_diem",
        find=lambda line, screening: shares(line, screening).get("drug_on_other_claim"),
        message=(
            "The drug for {code} on {dates} is on another claim ({others}); a per diem "
            "must be on the claim of its drug."
        ),
        parameters={"same_provider_disposition": "disposition"},
    ),
    Rule(
        name="per_diem_for_flush",
        kind="per_diem",
        find=lambda line, screening: shares(line, screening).get("per_diem_for_flush"),
        message=(
            "{code} on {dates} is billed beside a line flush ({others}); this per diem is not for flushing."
        ),
        parameters={"per_diem_codes": "codes", "flush_codes": "codes"},
    ),
    Rule(
        name="drug_not_corresponding",
        kind="per_diem",
        find=lambda line, screening: shares(line, screening).get("drug_not_corresponding"),
        message="The drug beside {code} on {dates} belongs to another therapy ({others}).",
        parameters={"missing_drug_aside": "words"},
    ),
    Rule(
        name="drug_dates_unclear",
        kind="per_diem",
        find=lambda line, screening: shares(line, screening).get("drug_dates_unclear"),
        message=(
            "The claim has a drug for {code} ({others}), but not on {dates}; its date "
            "may be the day of dispensing."
        ),
        parameters={"window_days": "count"},
    ),
    Rule(
        name="per_diem_without_drug",
        kind="per_diem",
        find=lambda line, screening: shares(line, screening).get("per_diem_without_drug"),
        message="{code} on {dates} has no corresponding drug; a per diem is paid for days of infusion.",
    ),
)
