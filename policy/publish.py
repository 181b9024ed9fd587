"""The difference between what is found and what was published, as edit events and verdicts.

Revisions count what was published for one key. No field depends on a clock or the machine.
Source: screening specification, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.claim_line import ClaimLine, LineKey, decimal_text, money_text
from models.claim_verdict import ClaimVerdict, VerdictLine, VerdictStatus
from models.edit_event import Cause, EditEvent, PolicyRef, edit_id
from models.finding import GRAVITY, Disposition, graver
from models.member import ClaimState, LineState, MemberState, PublishedEdit, VerdictContent
from models.reading import instant_text
from models.record import Record
from models.trusted import trusted
from policy.assess import Edit
from policy.document import Policy, PolicyVersion
from policy.history import History
from policy.message import message
from policy.outputs import Outputs


@dataclass(slots=True)
class Moment:
    """When and why something is published.

    Attributes:
        as_of: event time, microseconds since 1970.
        line, record: what caused it; None where time or the end of the input did.
    """

    as_of: int
    line: ClaimLine | None = None
    record: Record | None = None

    def cause(self) -> Cause | None:
        """The record that caused it, as it stands in an edit event."""
        if self.line is None or self.record is None:
            return None
        return Cause(
            event_id=self.line.event_id,
            topic=self.record.topic,
            partition=self.record.partition,
            offset=self.record.offset,
        )

    @property
    def offset(self) -> int | None:
        """The offset of the record that caused it, or None."""
        return None if self.record is None else self.record.offset


class Publisher:
    """Publishes changes of edits and verdicts, and remembers them in the state.

    Attributes:
        policy: gives codes and the policy id.
        out: where publications go.
    """

    __slots__ = ("out", "policy")

    def __init__(self, policy: Policy, out: Outputs) -> None:
        self.policy = policy
        self.out = out

    def edits(
        self,
        member: MemberState,
        claim: ClaimState,
        line: LineState,
        found: Mapping[str, Edit],
        history: History,
        moment: Moment,
    ) -> bool:
        """Publish what changed in the edits of one line; True where anything did."""
        published = line.published
        if not found and not published:
            return False
        if published is None:
            published = line.published = {}
        changed = False
        for rule in sorted({*found, *published}):
            edit, before = found.get(rule), published.get(rule)
            if edit is None:
                if before is not None and before.is_open:
                    self._clear(member, claim, line, rule, moment)
                    changed = True
            elif before is None or not before.is_open or before.digest != edit.digest:
                self._open(member, edit, before, history, moment)
                changed = True
        return changed

    def _open(
        self,
        member: MemberState,
        edit: Edit,
        before: PublishedEdit | None,
        history: History,
        moment: Moment,
    ) -> None:
        claim, line, version = edit.line.claim, edit.line.state, edit.line.version
        revision = 1 if before is None else before.revision + 1
        assert line.published is not None  # noqa: S101 - made by edits()
        line.published[edit.rule.name] = PublishedEdit(
            revision,
            is_open=True,
            disposition=edit.disposition,
            amount=edit.amount,
            version=version.version,
            digest=edit.digest,
        )
        self._emit(
            member,
            claim,
            line,
            version,
            edit.rule.name,
            moment,
            status="open",
            revision=revision,
            disposition=edit.disposition,
            dates=tuple(day.isoformat() for day in history.dates(edit.dates)),
            units_affected=decimal_text(edit.units, 3),
            amount_affected=money_text(edit.amount),
            message=message(edit, history.base),
            evidence=edit.evidence_lines(),
        )

    def _clear(
        self, member: MemberState, claim: ClaimState, line: LineState, rule: str, moment: Moment
    ) -> None:
        assert line.published is not None  # noqa: S101 - something is open
        before = line.published[rule]
        before.revision += 1
        before.is_open = False
        before.amount = 0
        self._emit(
            member,
            claim,
            line,
            self._version(before.version),
            rule,
            moment,
            status="cleared",
            revision=before.revision,
            disposition=before.disposition,
            dates=(),
            units_affected="0",
            amount_affected="0.00",
            message=_why_cleared(claim, line),
            evidence=(),
        )

    def _version(self, name: str) -> PolicyVersion:
        """The version that gave an edit its codes; the latest where it is no longer loaded."""
        for version in self.policy.versions:
            if version.version == name:
                return version
        return self.policy.versions[-1]

    def _emit(
        self,
        member: MemberState,
        claim: ClaimState,
        line: LineState,
        version: PolicyVersion,
        rule: str,
        moment: Moment,
        **content: Any,  # noqa: ANN401 - the fields of an edit event, typed there
    ) -> None:
        settings, its = version.rules[rule], line.current
        policy_id = self.policy.policy_id
        self.out.publications.append(
            trusted(
                EditEvent,
                {
                    "edit_id": edit_id(policy_id, rule, its.key),
                    "status": content["status"],
                    "revision": content["revision"],
                    "rule": rule,
                    "disposition": content["disposition"],
                    "raised": "after_screening" if claim.verdict_revision else "at_screening",
                    "group_code": settings.group_code,
                    "carc": settings.carc,
                    "rarc": settings.rarc,
                    "claim_id": claim.claim_id,
                    "line_number": its.line_number,
                    "member_id": member.member_id,
                    "plan_id": its.plan_id,
                    "billing_provider_npi": its.npi,
                    "procedure_code": its.procedure_code,
                    "modifiers": its.modifiers,
                    "dates": content["dates"],
                    "units_affected": content["units_affected"],
                    "amount_affected": content["amount_affected"],
                    "message": content["message"],
                    "evidence": content["evidence"],
                    "policy": PolicyRef(id=policy_id, version=version.version, section=settings.section),
                    "as_of": instant_text(moment.as_of),
                    "cause": moment.cause(),
                },
            )
        )
        self.out.causes.append(moment.offset)

    def verdict(self, member: MemberState, claim: ClaimState, moment: Moment) -> bool:
        """Publish the verdict of a screened claim if any of it changed; True where it did."""
        content = _content(claim)
        if content == claim.verdict:
            return False
        claim.verdict = content
        claim.verdict_revision += 1
        status, worst, open_edits, lines, charges, affected, seen, count, settled = content
        self.out.publications.append(
            trusted(
                ClaimVerdict,
                {
                    "claim_id": claim.claim_id,
                    "member_id": member.member_id,
                    "status": status,
                    "disposition": worst,
                    "open_edits": open_edits,
                    "lines": tuple([_line(self.policy.policy_id, member, claim, line) for line in lines])
                    if lines
                    else (),
                    "charge_total": money_text(charges),
                    "amount_affected": money_text(affected) if affected else "0.00",
                    "lines_seen": seen,
                    "line_count": count,
                    "settled": settled,
                    "revision": claim.verdict_revision,
                    "as_of": instant_text(moment.as_of),
                },
            )
        )
        self.out.causes.append(moment.offset)
        self.out.received.append(moment.as_of if moment.line is None else moment.line.received)
        return True


def _why_cleared(claim: ClaimState, line: LineState) -> str:
    """Why an edit no longer stands."""
    if claim.withdrawn:
        return "The claim was replaced or voided."
    if line.current.voids:
        return "The line was corrected to a void."
    return "With the lines that have come since, or a correction, this no longer stands."


_VerdictLineContent = tuple[int, Disposition, int, tuple[str, ...]]
"""Line number, gravest disposition, amount in cents, rules of the open edits."""


def _line(
    policy_id: str, member: MemberState, claim: ClaimState, content: _VerdictLineContent
) -> VerdictLine:
    number, gravest, amount, rules = content
    key = LineKey(member.member_id, claim.claim_id, number)
    return VerdictLine(
        line_number=number,
        disposition=gravest,
        amount_affected=money_text(amount),
        edit_ids=sorted(edit_id(policy_id, rule, key) for rule in rules),
    )


def _content(claim: ClaimState) -> VerdictContent:
    """All of a verdict but its revision and time, and the ids, which never change."""
    lines: list[_VerdictLineContent] = []
    charges = affected = open_edits = 0
    worst: Disposition | None = None
    void = True
    for number, line in claim.lines.items():
        if not line.current.voids:
            void = False
            charges += line.current.charge
        if line.published is None:
            continue
        raised = sorted((rule, edit) for rule, edit in line.published.items() if edit.is_open)
        if raised:
            gravest = min((edit.disposition for _, edit in raised), key=GRAVITY.__getitem__)
            amount = max(edit.amount for _, edit in raised if edit.disposition == gravest)
            amount = 0 if gravest == "inform" else amount
            lines.append((number, gravest, amount, tuple(rule for rule, _ in raised)))
            open_edits += len(raised)
            affected += amount
            worst = gravest if worst is None else graver(worst, gravest)
    lines.sort()
    status: VerdictStatus
    if claim.withdrawn:
        status, charges = "withdrawn", 0
    elif void:
        status = "void"
    else:
        status = "edited" if open_edits else "clean"
    seen = len(claim.lines)
    return status, worst, open_edits, tuple(lines), charges, affected, seen, claim.line_count, claim.settled
