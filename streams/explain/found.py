"""What there is to say about a claim: its lines by date, and what a policy or a live worker decided on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.claim_line import ClaimLine
from models.claim_verdict import ClaimVerdict
from models.edit_event import EditEvent
from models.record import Record
from policy import PolicyEngine
from policy.document import Policy
from policy.outputs import Publication
from streams.explain.calendar import Row, calendar_rows, edited_days, named_lines
from streams.explain.lines import lines_of_records

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a claim.

    Attributes:
        by: who decided, for people.
        verdict: as it is published; None where there is none yet.
        edits: the open ones, as they are published, by line and rule.
    """

    by: str
    verdict: Json | None
    edits: Sequence[Json]


@dataclass(frozen=True, slots=True)
class Explained:
    """A claim of one member.

    Attributes:
        claim_id, member_id: whose it is.
        policy: gives the lines their roles.
        rows: its lines by date, then those that bear on it; none where its lines cannot be read any more.
        decisions: of a backtest both sides', else one.
        note: why there is no calendar, "" where there is one.
    """

    claim_id: str
    member_id: str
    policy: Policy
    rows: Sequence[Row]
    decisions: Sequence[Decision]
    note: str = ""

    @property
    def edited(self) -> Mapping[tuple[str, int], set[int]]:
        """The dates of open edits of any decision, by line."""
        return edited_days(edit for decision in self.decisions for edit in decision.edits)


def explained(
    claim_id: str, member_id: str, lines: Iterable[ClaimLine], policy: Policy, decisions: Sequence[Decision]
) -> Explained:
    """A claim of a member, from the member's lines and what was decided."""
    named = named_lines(edit for decision in decisions for edit in decision.edits)
    return Explained(claim_id, member_id, policy, calendar_rows(lines, claim_id, policy, named), decisions)


def judged(records: Sequence[Record], claim_id: str, policy: Policy, by: str) -> list[Explained]:
    """The claim of each member that has it, as an engine decides on these records alone.

    Args:
        records: all of the members who have the claim.
        claim_id: the claim.
        policy: what decides.
        by: how its decision is told.
    """
    engine = PolicyEngine(policy)
    published = [*engine.receive_many(records).publications, *engine.finish().publications]
    of_claim = [decided(event) for event in published if event.claim_id == claim_id]
    found = []
    for member_id, lines in sorted(lines_of_records(records, policy).items()):
        mine = [each for each in of_claim if each["member_id"] == member_id]
        if any(line.claim_id == claim_id for line in lines):
            found.append(explained(claim_id, member_id, lines, policy, [standing(mine, by)]))
    return found


def decided(event: Publication) -> Json:
    """An edit event or a verdict as it is published."""
    return event.model_dump(mode="json")


def standing(published: Iterable[Json], by: str) -> Decision:
    """What stands of a claim's publications: of each the greatest revision, of edits the open ones.

    Args:
        published: edit events and verdicts of one claim of one member, in the order of their publication.
        by: how the decision is told.
    """
    edits: dict[str, Json] = {}
    verdict: Json | None = None
    for event in published:
        if "edit_id" in event:
            known = edits.get(event["edit_id"])
            if known is None or event["revision"] >= known["revision"]:
                edits[event["edit_id"]] = event
        elif verdict is None or event["revision"] >= verdict["revision"]:
            verdict = event
    opened = [edit for edit in edits.values() if edit["status"] == "open"]
    return Decision(by, verdict, sorted(opened, key=lambda edit: (edit["line_number"], edit["rule"])))


FIELDS = (frozenset(EditEvent.model_fields), frozenset(ClaimVerdict.model_fields))
"""The fields of an edit event and of a verdict, as they are published."""
