"""Judging: which lines and claims an event concerns, and what is published of them.

Open claims are not judged at all until they are full or fall due; from then on a claim is screened for
good and every change of its edits is published at once. Source: screening specification, section 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from models.claim_verdict import Settled
from models.member import Accepted, ClaimState, LineState
from policy.assess import Assessment, assess
from policy.document import Policy
from policy.forgetting import Forgetting
from policy.history import ActiveLine
from policy.outputs import Outputs
from policy.publish import Moment, Publisher
from policy.rules import RULES
from policy.screening import Screening
from policy.settlement import Settlement
from policy.touch import touched
from policy.workspace import Workspace
from policy.writes import Writes

NOTHING: Final[Mapping[int, Assessment]] = MappingProxyType({})
"""The edits of a claim without an active line that some rule asks for."""


class Judge:
    """Decides on claims of one member at a time."""

    __slots__ = ("_forgetting", "_policy", "_settlement", "_writes")

    def __init__(
        self, policy: Policy, settlement: Settlement, forgetting: Forgetting, writes: Writes
    ) -> None:
        self._policy = policy
        self._settlement = settlement
        self._forgetting = forgetting
        self._writes = writes

    def follow(self, workspace: Workspace, accepted: Accepted, moment: Moment, out: Outputs) -> None:
        """Judge what an accepted event touched, and publish what changed."""
        claim = accepted.claim
        changed = workspace.refresh(claim, (accepted.line,)) if accepted.touched_line else []
        if accepted.stirred:
            for stirred in accepted.stirred:
                changed += workspace.refresh(stirred, stirred.lines.values())
        elif claim.settled is None and (not changed or workspace.history.alone(claim)):
            if claim.full or claim.withdrawn:
                self._consider(workspace, claim, None, moment, out)
            return  # nothing else can be touched
        concerned = self._concerned(workspace, accepted, changed, moment.as_of)
        if concerned:
            self._look(workspace, concerned, moment, out)

    def _look(
        self, workspace: Workspace, concerned: dict[str, set[int]], moment: Moment, out: Outputs
    ) -> None:
        """Judge the concerned claims, in the order of their ids."""
        screening = Screening(workspace.history, RULES)
        for claim_id in sorted(concerned):
            claim = workspace.state.claims[claim_id]
            if claim.settled is not None:
                lines = concerned[claim_id]
                found = {n: self._assess(workspace, screening, claim, claim.lines[n]) for n in sorted(lines)}
                self._publish(workspace, claim, found, moment, out)
            else:
                self._consider(workspace, claim, screening, moment, out)

    def _consider(
        self,
        workspace: Workspace,
        claim: ClaimState,
        screening: Screening | None,
        moment: Moment,
        out: Outputs,
    ) -> None:
        """Settle an open claim if it is withdrawn, or complete and without an edit for something absent."""
        if claim.withdrawn:
            self.settle(workspace, claim, "withdrawn", moment, out)
        elif claim.full:
            every = self._every(workspace, screening, claim)
            if every and any(assessment.absence for assessment in every.values()):
                return
            self._settle(workspace, claim, "complete", every, moment, out)

    def _concerned(
        self, workspace: Workspace, accepted: Accepted, changed: list[ActiveLine], watermark: int
    ) -> dict[str, set[int]]:
        """The claims to look at, each with the line numbers whose findings may differ."""
        concerned: dict[str, set[int]] = {}

        def add(claim: ClaimState, numbers: Iterable[int]) -> None:
            if claim.settled is not None or claim.full or claim.withdrawn:
                concerned.setdefault(claim.claim_id, set()).update(numbers)

        if accepted.touched_line:
            add(accepted.claim, (accepted.line.current.line_number,))
        if accepted.prolongs:
            add(accepted.claim, accepted.claim.lines if accepted.missing_changed else ())
        for claim in accepted.stirred:
            if claim.lines:
                add(claim, claim.lines)
        for line in touched(workspace.history, changed) if changed else ():
            if not (line.claim.settled and self._forgetting.frozen(line.line, watermark)):
                add(line.claim, (line.line.line_number,))
        return concerned

    def settle(
        self, workspace: Workspace, claim: ClaimState, settled: Settled, moment: Moment, out: Outputs
    ) -> None:
        """Screen an open claim, for good, and publish its edits and its verdict."""
        self._settle(workspace, claim, settled, self._every(workspace, None, claim), moment, out)

    def publish_again(self, workspace: Workspace, claim: ClaimState, out: Outputs, *, changed: bool) -> None:
        """Publish the first screening of a claim again, which may have been published or not.

        As it was, since the state is still what it was then. Where the policy has changed, it would come to
        something else, and a revision must not have two contents: it goes on from those there may be.
        """
        assert claim.settled is not None  # noqa: S101 - what is unpublished was settled
        claim.verdict = None
        if changed:
            for line in claim.lines.values():
                for edit in (line.published or {}).values():
                    edit.digest = ""
        else:
            for line in claim.lines.values():
                line.published = None
            claim.verdict_revision = 0
        self.settle(workspace, claim, claim.settled, Moment(claim.unpublished), out)

    def again(self, workspace: Workspace, moment: Moment, out: Outputs) -> None:
        """Judge all claims of a member that are screened or full, in the order of their ids."""
        concerned = {
            claim.claim_id: {
                number
                for number, line in claim.lines.items()
                if not self._forgetting.frozen(line.current, moment.as_of)
            }
            for claim in workspace.state.claims.values()
            if claim.lines and (claim.settled is not None or claim.full or claim.withdrawn)
        }
        self._look(workspace, concerned, moment, out)

    def _settle(
        self,
        workspace: Workspace,
        claim: ClaimState,
        settled: Settled,
        found: Mapping[int, Assessment],
        moment: Moment,
        out: Outputs,
    ) -> None:
        claim.settled = settled
        self._settlement.settled(claim)
        if self._policy.exemptions:
            for assessment in found.values():
                for rule in assessment.exempted:
                    out.counts["exempted", rule] += 1
        self._publish(workspace, claim, found, moment, out)

    def _publish(
        self,
        workspace: Workspace,
        claim: ClaimState,
        found: Mapping[int, Assessment],
        moment: Moment,
        out: Outputs,
    ) -> None:
        publisher = Publisher(self._policy, out)
        member = workspace.state
        if found:
            for number, assessment in found.items():
                line = claim.lines[number]
                if publisher.edits(member, claim, line, assessment.edits, workspace.history, moment):
                    self._writes.line(member, claim, number)
        if publisher.verdict(member, claim, moment):
            self._writes.claim(member, claim)

    def _every(
        self, workspace: Workspace, screening: Screening | None, claim: ClaimState
    ) -> Mapping[int, Assessment]:
        """The edits of every active line of an open claim; the other lines have none."""
        active = workspace.history.of_claim(claim)
        if not active:
            return NOTHING
        if screening is None:
            screening = Screening(workspace.history, RULES)
        found = {line.line.line_number: assess(line, screening, self._policy) for line in active}
        return dict(sorted(found.items()))

    def _assess(
        self, workspace: Workspace, screening: Screening, claim: ClaimState, line: LineState
    ) -> Assessment:
        active = workspace.history.of(claim, line)
        return Assessment({}, []) if active is None else assess(active, screening, self._policy)
