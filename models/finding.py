"""Dispositions: what an edit asks of the payer, from the gravest to the mildest."""

from __future__ import annotations

from typing import Final, Literal

Disposition = Literal["deny", "return", "review", "inform"]
"""`deny`: do not pay; `return`: back to the provider; `review`: a person looks; `inform`: pay and say."""

DISPOSITIONS: Final[tuple[Disposition, ...]] = ("deny", "return", "review", "inform")
"""Gravest first (screening specification, section 4)."""

GRAVITY: Final[dict[str, int]] = {name: rank for rank, name in enumerate(DISPOSITIONS)}
"""Rank of a disposition, 0 = gravest."""


def milder(one: Disposition, other: Disposition) -> Disposition:
    """The less grave of two dispositions."""
    return one if GRAVITY[one] >= GRAVITY[other] else other


def graver(one: Disposition, other: Disposition) -> Disposition:
    """The graver of two dispositions."""
    return one if GRAVITY[one] <= GRAVITY[other] else other
