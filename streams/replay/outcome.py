"""Where judgements go: counted, and written into the part's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from policy.outputs import Publication
from streams.replay.figures import (
    Figures,
    StandingEdit,
    StandingVerdict,
    standing_edit,
    standing_verdict,
)
from streams.replay.job import Side
from streams.replay.tables import Table

Claim = tuple[str, str]
"""A member and a claim."""
Known = dict[tuple[str, str | None], tuple[Mapping[str, Any], StandingEdit | StandingVerdict]]
"""What stands of a member: by claim and edit the fields, and what they come to."""


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

    def stands(self, side: Side, contents: Iterable[Mapping[str, Any]], like: Known | None = None) -> Known:
        """Open edits and verdicts that stand at the end, by their fields; all of them are told of.

        Args:
            side: whose.
            contents: publications by their fields.
            like: what the other side comes to: where one is the same, it is not worked out again.

        Returns:
            What each comes to.
        """
        known: Known = {}
        figures, tables = self.figures, self.tables
        for content in contents:
            key = content["claim_id"], content.get("edit_id")
            same = None if like is None else like.get(key)
            if same is not None and same[0] == content:
                known[key] = same
            elif key[1] is None:
                known[key] = content, standing_verdict(content)
            else:
                known[key] = content, standing_edit(content)
            row, standing = known[key]
            if isinstance(standing, StandingVerdict):
                figures.verdict(side, standing)
            else:
                figures.edit(side, standing)
            if tables is not None:
                tables["edits" if key[1] else "verdicts"].add(row, side)
        return known

    def row(self, table: str, row: Mapping[str, Any]) -> None:
        """A row of a comparison."""
        if self.tables is not None:
            self.tables[table].add(row)
