"""Two therapies of a claim on one day, and one drug between them.

**Finds** the dates on which a per diem line is left without a drug when every per diem line of its
claim that is paired on the date is given one of the claim's distinct drugs in turn: first therapies
before those marked SH and SJ, specific codes before codes that take any drug, then the order of lines;
earlier ones are re-arranged where that helps (a maximum matching by augmenting paths).
**Why**: each therapy is paid for its own drug (policy, *Reimbursement Information*).
**Aside**: catheter care, codes whose drug is inside or needs none, and lines taken for a mistake on the
date by the exclusive, conflicting or duplicate rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from policy.history import ActiveLine, ordinals
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, corresponds, drug_identity, of_any_family, per_diem, settings


def _contending(line: ActiveLine, screening: Screening) -> int:
    """The dates on which a per diem line asks for a drug of its own."""
    mine = settings(line, RULE.name)
    its = per_diem(line)
    if its.therapy_name in mine.words("therapies_aside") or its.missing_drug in mine.words(
        "missing_drug_aside"
    ):
        return 0
    return screening.paired(line) & ~screening.displaced(line)


def _in_turn(line: ActiveLine) -> tuple[object, ...]:
    return line.rank, of_any_family(line), line.order


def _left_without(per_diems: Sequence[ActiveLine], drugs: Sequence[ActiveLine]) -> list[ActiveLine]:
    """The per diem lines, in turn, for which no drug is left."""
    kinds: dict[object, list[ActiveLine]] = {}
    for drug in drugs:
        kinds.setdefault(drug_identity(drug), []).append(drug)
    wanted = {
        id(line): [key for key, same in kinds.items() if any(corresponds(drug, line) for drug in same)]
        for line in per_diems
    }
    holder: dict[object, ActiveLine] = {}
    return [line for line in per_diems if not _give(line, wanted, holder, set())]


def _give(
    line: ActiveLine, wanted: dict[int, list[object]], holder: dict[object, ActiveLine], tried: set[object]
) -> bool:
    """Give a line a drug it wants, and those who held one another; whether that could be done."""
    for key in wanted[id(line)]:
        if key in tried:
            continue
        tried.add(key)
        if key not in holder or _give(holder[key], wanted, holder, tried):
            holder[key] = line
            return True
    return False


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """The dates on which the line is left without a drug of its own."""
    if len(screening.near_per_diems(line)) == 1:
        return None
    mine = _contending(line, screening)
    rivals = [
        (other, _contending(other, screening) & mine)
        for other in screening.near_per_diems(line)
        if mine and other.claim is line.claim and other is not line
    ]
    rivals = [(other, days) for other, days in rivals if days]
    drugs = [drug for drug in screening.near_drugs(line) if drug.claim is line.claim] if rivals else []
    contested = 0
    for _, days in rivals:
        contested |= days
    dates = 0
    evidence: set[ActiveLine] = set()
    known: dict[tuple[int | None, ...], bool] = {}
    for day in ordinals(contested, 0):
        bit = 1 << day
        present = [other for other, days in rivals if days & bit]
        given = [drug for drug in drugs if screening.given_days(drug) & bit]
        picture = (*map(id, present), None, *map(id, given))
        if picture not in known:
            turns = sorted([line, *present], key=_in_turn)
            known[picture] = line in _left_without(turns, given)
        if known[picture]:
            dates |= bit
            evidence.update(present, given)
    return Finding(dates, settings(line, RULE.name).disposition, tuple(evidence)) if dates else None


RULE = Rule(
    name="therapy_without_own_drug",
    kind="per_diem",
    find=find,
    message=(
        "{code} on {dates} has no drug of its own: the claim's drugs ({others}) serve its other per diems."
    ),
    parameters={"therapies_aside": "words", "missing_drug_aside": "words"},
)
