"""Claims to look at: some of each rule and kind of difference, drawn by a seed, with their lines.

A claim's lot is a checksum of the seed and its names, so that neither the spread over processes nor the order
of the input counts.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from models.claim_line import ClaimLine
from policy.document import Policy
from policy.roles import OTHER, role_of

NEAR: Final = 14
"""Days before and after a claim within which the member's other lines are shown."""
MOST_LINES: Final = 200
"""Lines shown with a claim, its own first."""

Content = Mapping[str, Any]


class Sample:
    """Draws claims of one piece of work.

    Args:
        most: of each stratum.
        seed: another seed draws other claims.
        policy: gives lines their roles.
    """

    def __init__(self, most: int, seed: int, policy: Policy) -> None:
        self._most = most
        self._seed = seed
        self._policy = policy
        self._drawn: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)

    def offer(
        self,
        claim_id: str,
        member_id: str,
        strata: Iterable[tuple[str, str]],
        verdicts: tuple[Content | None, Content | None],
        edits: tuple[Sequence[Content], Sequence[Content]],
        lines: Sequence[ClaimLine],
    ) -> None:
        """A claim that differs, by which rules and kinds; it is kept where its lot is among the least.

        Args:
            claim_id, member_id: the claim.
            strata: rules and kinds.
            verdicts, edits: of the two sides.
            lines: all lines of the member.
        """
        for rule, kind in strata:
            stratum = f"{rule} {kind}"
            drawn = self._drawn[stratum]
            lot = _lot(self._seed, stratum, member_id, claim_id)
            worst = max(drawn, default="")
            if len(drawn) >= self._most:
                if lot >= worst:
                    continue
                del drawn[worst]
            drawn[lot] = {
                "stratum": stratum,
                "claim_id": claim_id,
                "member_id": member_id,
                "verdict_policy": verdicts[0],
                "verdict_against": verdicts[1],
                "edits_policy": list(edits[0]),
                "edits_against": list(edits[1]),
                "lines": self._lines(claim_id, lines),
            }

    def _lines(self, claim_id: str, lines: Sequence[ClaimLine]) -> list[dict[str, Any]]:
        own = [line for line in lines if line.claim_id == claim_id]
        if not own:
            return []
        first = min(line.first for line in own) - NEAR
        last = max(line.last for line in own) + NEAR
        others = [
            line for line in lines if line.claim_id != claim_id and line.first <= last and line.last >= first
        ]
        shown = [*own, *sorted(others, key=lambda line: (line.first, line.claim_id, line.line_number))]
        return [self._shown(line, same_claim=line.claim_id == claim_id) for line in shown[:MOST_LINES]]

    def _shown(self, line: ClaimLine, *, same_claim: bool) -> dict[str, Any]:
        version = self._policy.on(line.first)
        role = OTHER if version is None else role_of(version, line.procedure_code, line.ndc)
        return {**json.loads(line.canonical()), "role": role.kind, "same_claim": same_claim}

    def drawn(self) -> list[dict[str, Any]]:
        """The claims drawn, each with its lot."""
        return [
            {"lot": lot, **claim} for drawn in self._drawn.values() for lot, claim in sorted(drawn.items())
        ]


def _lot(seed: int, stratum: str, member_id: str, claim_id: str) -> str:
    names = json.dumps([seed, stratum, member_id, claim_id])
    return hashlib.sha256(names.encode()).hexdigest()


def merged(drawn: Iterable[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The claims with the least lots of each stratum, by stratum and lot."""
    strata: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for claim in drawn:
        strata[claim["stratum"]].append(claim)
    least = [
        claim
        for _, claims in sorted(strata.items())
        for claim in sorted(claims, key=lambda c: c["lot"])[:most]
    ]
    return [{name: value for name, value in claim.items() if name != "lot"} for claim in least]
