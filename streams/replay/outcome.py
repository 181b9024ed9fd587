"""Where judgements go: counted, and written into the part's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from policy.outputs import Publication
from streams.replay.figures import Figures, standing_edit, standing_verdict
from streams.replay.job import Side
from streams.replay.tables import Table

Claim = tuple[str, str]
"""A member and a claim."""


@dataclass(slots=True)
class Outcome:
    """What stands at the end, counted and written.

    Attributes:
        figures: what it comes to.
        tables: by name; None to count alone.
        reported: the claims that are told of; None for all.
    """

    figures: Figures = field(default_factory=Figures)
    tables: Mapping[str, Table] | None = None
    reported: set[Claim] | None = None

    def told(self, publications: Iterable[Publication]) -> list[Mapping[str, Any]]:
        """Those that are told of, by their fields."""
        if self.reported is None:
            return [each.__dict__ for each in publications]
        return [each.__dict__ for each in publications if (each.member_id, each.claim_id) in self.reported]

    def stands(self, side: Side, contents: Iterable[Mapping[str, Any]]) -> None:
        """Open edits and verdicts that stand at the end, by their fields; all of them are told of."""
        for content in contents:
            if "rule" in content:
                self.figures.edit(side, standing_edit(content))
                self.row("edits", {**content, "side": side})
            else:
                self.figures.verdict(side, standing_verdict(content))
                self.row("verdicts", {**content, "side": side})

    def row(self, table: str, row: Mapping[str, Any]) -> None:
        """A row of a table."""
        if self.tables is not None:
            self.tables[table].add(row)
