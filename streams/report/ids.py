"""Ids on a page that goes round: short hashes, unless the reader of the page may see the ids.

A hash is no cloak for whoever knows the ids: it keeps them from being read, passed on and searched for,
and is the same in every report, so that two reports can be compared. The page says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

DIGITS: Final = 10
"""Hexadecimal digits of a hash: of a million ids, any two share one with a chance below a half, and a
report names a few hundred."""


@dataclass(frozen=True, slots=True)
class Ids:
    """How ids are written.

    Attributes:
        shown: True where they are written as they are.
    """

    shown: bool = False

    def claim(self, claim_id: str) -> str:
        """A claim's id."""
        return self._of("claim", claim_id)

    def provider(self, npi: str) -> str:
        """A billing provider's id."""
        return self._of("provider", npi)

    def _of(self, kind: Literal["claim", "provider"], value: str) -> str:
        return value if self.shown else hashed(kind, value)

    def message(self, text: str, claim_ids: Iterable[str]) -> str:
        """An edit's message, with the ids of other claims as this report writes them.

        Args:
            text: the message; it names another claim as in `on claim ID line 2`.
            claim_ids: the claims that the edit rests on.
        """
        for claim_id in sorted(set(claim_ids), key=len, reverse=True):
            text = text.replace(f"on claim {claim_id} line ", f"on claim {self.claim(claim_id)} line ")
        return text


def hashed(kind: str, value: str) -> str:
    """The first ten hexadecimal digits of the SHA-256 of `kind:value` in UTF-8."""
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()[:DIGITS]
