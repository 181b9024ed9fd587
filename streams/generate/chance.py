"""Chance that repeats itself: the same seed gives the same draws on every machine and Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

_WORD: Final = 0xFFFF_FFFF_FFFF_FFFF
SHARE_BITS: Final = 24
"""How many low bits of a mixed number make a share; the others are free for other choices."""
_SHARES: Final = 1 << SHARE_BITS


class Chance(random.Random):
    """Draws that rest on `random()` alone, the one method whose values Python promises to keep."""

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        return int(self.random() * count)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self.random() * len(items))]

    def happens(self, share: float) -> bool:
        """True in this share (0 to 1) of the draws."""
        return self.random() < share


def mix(number: int) -> int:
    """A number of 64 bits that looks drawn at random and depends on `number` alone (splitmix64).

    So what a member is and what becomes of a claim need not be remembered: it is worked out again.
    """
    number &= _WORD
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 & _WORD
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB & _WORD
    return number ^ (number >> 31)


def share_of(mixed: int) -> float:
    """A share from 0 to below 1, from the low bits of a mixed number."""
    return (mixed & (_SHARES - 1)) / _SHARES
