"""The engine: claim-line records in, explained edits and verdicts out.

One engine per input partition. It is a deterministic machine over the partition's records: it never
reads a clock, a file or the environment, and differences are worked out record by record, so nothing
depends on how records are batched. The live worker, a replay, a file and the tests drive the same
engine. Source: screening specification, sections 1, 2 and 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from models.claim_line import ClaimLine
from models.claim_verdict import Settled
from models.member import NEVER, ClaimState, MemberState
from models.record import Record
from models.rejection import Rejection
from models.state import (
    PARTITION_KEY,
    Entry,
    PartitionState,
    StateError,
    member_entries,
    read_members,
    write_partition,
)
from models.wire import Limits, RejectedError, member_of, read_fields, read_line
from policy.document import Policy
from policy.forgetting import Forgetting
from policy.judge import Judge
from policy.outputs import Forward, Outputs
from policy.publish import Moment
from policy.rules import RULES
from policy.settlement import BEFORE_ALL, Settlement
from policy.workspace import Workspace
from policy.writes import Writes

READ_AHEAD: Final = 128
"""So many records are read before they are judged; nothing depends on it."""


class PolicyEngine:
    """Screens the claim lines of one partition.

    Args:
        policy: what decides.
        state: entries as `state()` or `take_writes()` gave them, in any order.
        final: judge each claim once, at `finish`; nothing is published before.
        tracking: collect changed state entries for `take_writes`.

    Raises:
        StateError: an entry cannot be read.
    """

    def __init__(
        self, policy: Policy, state: Iterable[Entry] = (), *, final: bool = False, tracking: bool = False
    ) -> None:
        self._policy = policy
        self._limits = Limits(policy.history_days)
        self._final = final
        self._writes = Writes(tracking=tracking)
        self._settlement = Settlement(policy.settle_after)
        self._forgetting = Forgetting(policy)
        self._judge = Judge(policy, self._forgetting, self._writes)
        self._members, partition = read_members(state)
        self._workspaces: dict[str, Workspace] = {}
        if partition is not None:
            self._settlement.watermark = partition.watermark
        self._written = self._settlement.watermark
        for member in self._members.values():
            for claim in member.claims.values():
                self._restore(member, claim)

    @property
    def event_time(self) -> int | None:
        """The greatest `received_at` accepted, microseconds since 1970, or None before the first."""
        watermark = self._settlement.watermark
        return None if watermark == BEFORE_ALL else watermark

    @property
    def lines(self) -> int:
        """Claim lines in the state."""
        return sum(len(claim.lines) for member in self._members.values() for claim in member.claims.values())

    def receive(self, record: Record) -> Outputs:
        """An event came: settle what fell due before it, then apply it."""
        out = Outputs()
        line = self._read(record, out)
        if line is not None:
            self._accept(line, record, out)
            out.counts["accepted",] += 1
        return out

    def receive_many(self, records: Iterable[Record]) -> Outputs:
        """Several events came; the same as one after the other."""
        out = Outputs()
        rest = iter(records)
        accepted = 0
        # Reading needs no state. A few records read in a row, then judged in a row, keep the
        # processor's caches warm.
        while batch := list(islice(rest, READ_AHEAD)):
            lines = [self._read(record, out) for record in batch]
            for line, record in zip(lines, batch, strict=True):
                if line is not None:
                    self._accept(line, record, out)
                    accepted += 1
        if accepted:
            out.counts["accepted",] = accepted
        return out

    def advance(self, event_time: int) -> Outputs:
        """Time passed: screen the claims that were due by then (microseconds since 1970).

        The watermark stays: the next accepted record makes event time the greatest `received_at` again.
        """
        out = Outputs()
        self._settle_due(event_time, out)
        return out

    def finish(self) -> Outputs:
        """The input ended: screen every claim that is still open."""
        out = Outputs()
        moment = Moment(self._settlement.watermark)
        for member_id in sorted(self._members):
            member = self._members[member_id]
            opened = sorted(c for c, claim in member.claims.items() if claim.settled is None and claim.lines)
            for claim_id in opened:
                claim = member.claims[claim_id]
                settled: Settled = "withdrawn" if claim.withdrawn else "end_of_input"
                self._judge.settle(self._workspace(member_id), claim, settled, moment, out)
            if self._final:
                self._workspaces.pop(member_id, None)
        return out

    def take_writes(self) -> dict[bytes, bytes | None]:
        """State entries changed since the last call, None for those forgotten."""
        entries = self._writes.take()
        if self._settlement.watermark != self._written:
            self._written = self._settlement.watermark
            entries[PARTITION_KEY] = self._partition_entry()
        return entries

    def state(self) -> Iterator[Entry]:
        """All state entries."""
        for member in self._members.values():
            yield from member_entries(member)
        if self.event_time is not None:
            yield PARTITION_KEY, self._partition_entry()

    def _restore(self, member: MemberState, claim: ClaimState) -> None:
        """Take up a claim that was read back."""
        for line in claim.lines.values():
            if line.published and not RULES.keys() >= line.published.keys():
                msg = "a state entry names a rule that this version does not know"
                raise StateError(msg)
        self._forgetting.register(member.member_id, claim)
        if claim.due != NEVER:
            self._settlement.restore(member.member_id, claim)

    def _partition_entry(self) -> bytes:
        policy = self._policy
        return write_partition(
            PartitionState(self._settlement.watermark, policy.policy_id, policy.fingerprint)
        )

    def _read(self, record: Record, out: Outputs) -> ClaimLine | None:
        """The line that a record states; None where it is forwarded or rejected, which `out` then tells."""
        try:
            fields = read_fields(record.value)
            if record.keyed:
                key = member_of(fields)
                if key is not None and key != record.key:
                    out.forwards.append(Forward(record, key))
                    out.counts["forwarded",] += 1
                    return None
            line = read_line(fields, self._limits, record.timestamp)
        except RejectedError as rejected:
            out.rejections.append(Rejection(record, rejected.reasons))
            for code in {reason["code"] for reason in rejected.reasons}:
                out.counts["rejected", code] += 1
            return None
        if line.ndc is None and "ndc" in fields:
            out.counts["ndc_dropped",] += 1
        return line

    def _accept(self, line: ClaimLine, record: Record, out: Outputs) -> None:
        """Move event time by an accepted line, settle what fell due before it, and apply it."""
        settlement = self._settlement
        settlement.move(line)
        watermark = settlement.watermark
        if self._final:
            self._member(line.member_id).accept(line)
            return
        if settlement.earliest <= watermark:
            self._settle_due(watermark, out)
        if watermark >= self._forgetting.tomorrow:
            self._forget(out)
        self._apply(line, record, out)
        if self._policy.settle_after == 0:  # what has just come is due already
            self._settle_due(watermark, out)

    def _apply(self, line: ClaimLine, record: Record, out: Outputs) -> None:
        workspace = self._workspaces.get(line.member_id) or self._workspace(line.member_id)
        member = workspace.state
        accepted = member.accept(line)
        for created in accepted.created:
            self._forgetting.register(member.member_id, created)
        if self._writes.tracking:
            self._writes.accepted(member, accepted)
        self._judge.follow(workspace, accepted, Moment(self._settlement.watermark, line, record), out)
        if accepted.prolongs and accepted.claim.settled is None:
            self._settlement.wait(member.member_id, accepted.claim)

    def _settle_due(self, now: int, out: Outputs) -> None:
        for due, member_id, claim_id in self._settlement.fallen_due(now):
            member = self._members.get(member_id)
            claim = None if member is None else member.claims.get(claim_id)
            if claim is None or claim.due == NEVER:
                continue
            if claim.due > due:
                self._settlement.restore(member_id, claim)
                continue
            self._judge.settle(self._workspace(member_id), claim, "quiet", Moment(due), out)

    def _forget(self, out: Outputs) -> None:
        watermark = self._settlement.watermark
        for member_id, claim_id in self._forgetting.over(watermark):
            workspace = self._workspace(member_id)
            claim = workspace.state.claims[claim_id]
            keep = claim.lines and claim.settled is None
            if keep or self._forgetting.last_day(claim) >= self._forgetting.today:
                self._forgetting.register(member_id, claim)
                continue
            self._writes.forgotten(workspace.state, claim)
            workspace.forget(claim)
            out.counts["forgotten",] += 1
            if not workspace.state.claims:
                del self._members[member_id], self._workspaces[member_id]

    def _member(self, member_id: str) -> MemberState:
        member = self._members.get(member_id)
        if member is None:
            member = self._members[member_id] = MemberState(member_id)
        return member

    def _workspace(self, member_id: str) -> Workspace:
        workspace = self._workspaces.get(member_id)
        if workspace is None:
            workspace = self._workspaces[member_id] = Workspace(self._member(member_id), self._policy)
        return workspace
