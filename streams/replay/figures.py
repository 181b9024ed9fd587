"""What a piece of work comes to, in numbers that add up over pieces, and out again where one is done anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from models.finding import Disposition
from streams.replay.comparable import Standing, edit_digest, verdict_digest
from streams.replay.job import Side
from streams.summary import cents


class StandingEdit(NamedTuple):
    """What counts of an open edit; its amount in cents."""

    digest: int
    disposition: Disposition
    cents: int


class StandingVerdict(NamedTuple):
    """What counts of a verdict; its amount affected in cents."""

    digest: int
    cents: int


def standing_edit(edit: Mapping[str, Any]) -> StandingEdit:
    """What counts of an open edit, given by its fields."""
    return StandingEdit(edit_digest(edit), edit["disposition"], cents(edit["amount_affected"]))


def standing_verdict(verdict: Mapping[str, Any]) -> StandingVerdict:
    """What counts of a verdict, given by its fields."""
    return StandingVerdict(verdict_digest(verdict), cents(verdict["amount_affected"]))


@dataclass(slots=True)
class Figures:
    """Counts by name, and what stands by side.

    Attributes:
        counts: `<side>.edits`, `<side>.claims`, `<side>.<disposition>`, amounts as `<side>.cents` of verdicts
            and `<side>.edit_cents` of edits; of records `records`, `warm_up`, `accepted`, `rejects`; of a
            comparison `added`, `removed`, `changed`, `flips`, `added_cents`, `removed_cents`.
        standing: open edits and verdicts by side.
    """

    counts: Counter[str] = field(default_factory=Counter)
    standing: dict[Side, Standing] = field(default_factory=dict)

    def edit(self, side: Side, edit: StandingEdit) -> None:
        """An edit is open."""
        self.standing.setdefault(side, Standing()).add_edit(edit.digest)
        self.counts[f"{side}.edits"] += 1
        self.counts[f"{side}.{edit.disposition}"] += 1
        self.counts[f"{side}.edit_cents"] += edit.cents

    def verdict(self, side: Side, verdict: StandingVerdict) -> None:
        """A claim has a verdict."""
        self.standing.setdefault(side, Standing()).add_verdict(verdict.digest)
        self.counts[f"{side}.claims"] += 1
        self.counts[f"{side}.cents"] += verdict.cents

    def add(self, other: Figures, times: int = 1) -> None:
        """Take in those of another piece, or with -1 out again."""
        for name, count in other.counts.items():
            self.counts[name] += times * count
        for side, standing in other.standing.items():
            self.standing.setdefault(side, Standing()).add(standing, times)

    def as_json(self) -> dict[str, Any]:
        """For a part's file."""
        standing = {side: [s.edits, s.verdicts, f"{s.total:x}"] for side, s in self.standing.items()}
        return {"counts": dict(self.counts), "standing": standing}

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back."""
        standing = {s: Standing(e, v, int(t, 16)) for s, (e, v, t) in stored["standing"].items()}
        return cls(Counter(stored["counts"]), standing)
