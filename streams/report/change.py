"""One difference between two policies, and values of a policy as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        place: where it is set, as in the policy's files: `rules.drug_dates_unclear.window_days`.
        about: the part of the policy: Settings, Rules, Code table and so on.
        what: what is set, for people.
        before, after: its value under the reference and under the candidate, as text.
        source: the section of the policy or the citation of the row; "" where there is none.
    """

    place: str
    about: str
    what: str
    before: str
    after: str
    source: str


def text(value: object) -> str:
    """A value of a policy for people."""
    if value is None or value == frozenset():
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
