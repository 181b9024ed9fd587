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
from models.member import NEVER, ClaimState
from models.record import Record
from models.rejection import Rejection
from models.state import (
    PARTITION_KEY,
    Entry,
    PartitionState,
    StateError,
    member_entries,
    read_claim,
    read_members,
    read_partition,
    write_partition,
)
from models.wire import Limits, RejectedError, member_of, read_fields, read_line
from policy.document import Policy
from policy.forgetting import Forgetting
from policy.judge import Judge
from policy.members import Members, Source
from policy.outputs import Forward, Outputs
from policy.publish import Moment
from policy.settlement import AFTER_ALL, BEFORE_ALL, Settlement
from policy.workspace import Workspace
from policy.writes import Writes

BOUNDLESS: Final = 2**63
"""Room for all changes of state."""
READ_AHEAD: Final = 128
"""So many records are read before they are judged; nothing depends on it."""


class PolicyEngine:
    """Screens the claim lines of one partition.

    Args:
        policy: what decides.
        state: entries as `state()` or `take_writes()` gave them, in any order.
        source: where the entries lie instead, to be read a member at a time; `recover` comes first then.
        final: judge each claim once, at `finish`; nothing is published before.
        tracking: collect changed state entries for `take_writes`.

    Raises:
        StateError: an entry cannot be read, or another policy wrote it.
    """

    def __init__(
        self,
        policy: Policy,
        state: Iterable[Entry] = (),
        *,
        source: Source | None = None,
        final: bool = False,
        tracking: bool = False,
    ) -> None:
        self._policy = policy
        self._limits = Limits(policy.history_days)
        self._final = final
        self._writes = Writes(tracking=tracking)
        self._settlement = Settlement(policy.settle_after)
        self._forgetting = Forgetting(policy)
        self._judge = Judge(policy, self._settlement, self._forgetting, self._writes)
        self._claims = 0
        self._held: tuple[Record, ClaimLine] | None = None
        self._unpublished: list[tuple[str, str]] = []
        self._fingerprint = policy.fingerprint
        members, partition = read_members(state)
        self._members = Members(policy, members, source)
        if source is not None:
            value = source.partition_entry()
            partition = None if value is None else read_partition(value)
            self._members.count = self._restore_all(source)
        self._adopt(partition)
        for member in self._members:
            for claim in member.claims.values():
                self._restore(member.member_id, claim)

    @property
    def event_time(self) -> int | None:
        """The greatest `received_at` accepted, microseconds since 1970, or None before the first."""
        watermark = self._settlement.watermark
        return None if watermark == BEFORE_ALL else watermark

    @property
    def lines(self) -> int:
        """Claim lines in the state."""
        return sum(len(claim.lines) for member in self._members for claim in member.claims.values())

    @property
    def members(self) -> int:
        """Members in the state."""
        return self._members.count

    @property
    def claims(self) -> int:
        """Claims in the state, those of which only a withdrawal was seen included."""
        return self._claims

    @property
    def open_claims(self) -> int:
        """Claims that wait: not screened yet."""
        return self._settlement.waiting

    @property
    def waiting_since(self) -> int | None:
        """Since when an open claim may have been waiting (microseconds since 1970, event time), or None.

        The earliest there can be: a claim that was screened or prolonged since is still reckoned with.
        """
        return self._settlement.waiting_since

    @property
    def outdated(self) -> bool:
        """Whether other policy data wrote the state: `judge_again` then, before anything is received."""
        return self._fingerprint != self._policy.fingerprint

    def receive(self, record: Record) -> Outputs:
        """An event came: settle what fell due before it, then apply it."""
        return self.receive_while((record,), BOUNDLESS)[0]

    def receive_many(self, records: Iterable[Record]) -> Outputs:
        """Several events came; the same as one after the other."""
        out = Outputs()
        rest = iter(records)
        # Reading needs no state. A few records read in a row, then judged in a row, keep the
        # processor's caches warm.
        while batch := list(islice(rest, READ_AHEAD)):
            self.take(self.read(batch, out), batch, out)
        return out

    def read(self, records: Iterable[Record], out: Outputs) -> list[ClaimLine | None]:
        """The lines that records state, not taken in yet; None where one is forwarded or rejected.

        For callers that look at the lines themselves, or give them to engines of several policies with the
        same `history_days`: `receive_many` is this and `take`.

        Args:
            records: raw records.
            out: is told what is forwarded and rejected.
        """
        return [self._read(record, out) for record in records]

    def take(self, lines: Iterable[ClaimLine | None], records: Iterable[Record], out: Outputs) -> None:
        """Take in lines that were read of records; None where a record states none."""
        accepted = 0
        for line, record in zip(lines, records, strict=True):
            if line is not None:
                self._accept(line, record, out)
                accepted += 1
        if accepted:
            out.counts["accepted",] += accepted

    def receive_while(self, records: Iterable[Record], room: int) -> tuple[Outputs, int]:
        """Several events came, as many as change fewer than `room` state entries before the last of them.

        Much may fall due before one event, after a weekend say. Where that alone changes `room` entries,
        it is told without the event, which is to be given again: a record that is not done with comes
        again after a crash, and finds the rest due.

        Returns:
            The outputs, and how many of the records were received; 0 where more falls due before the first.
        """
        out = Outputs()
        received = 0
        for record in records:
            line = self._read_once(record, out)
            if line is not None:
                if not self._accept(line, record, out, room):
                    self._held = record, line
                    break
                out.counts["accepted",] += 1
            received += 1
            if len(self._writes) >= room:
                break
        return out, received

    def _read_once(self, record: Record, out: Outputs) -> ClaimLine | None:
        """As `_read`, which tells `out` of a record; no second time where it was held back."""
        held, self._held = self._held, None
        return held[1] if held is not None and held[0] is record else self._read(record, out)

    @property
    def next_due(self) -> int | None:
        """When a claim may fall due, at the earliest (microseconds since 1970), or None."""
        return None if self._settlement.earliest == AFTER_ALL else self._settlement.earliest

    def advance(self, event_time: int, room: int = BOUNDLESS) -> Outputs:
        """Time passed: screen the claims that were due by then (microseconds since 1970).

        No more of them than change `room` state entries; `next_due` says whether others are left.

        The watermark stays: the next accepted record makes event time the greatest `received_at` again.

        No record comes again to repeat this after a crash. So each claim screened here is marked as
        unpublished: write the state, publish, `confirm`, write the state again.
        """
        out = Outputs()
        self._settle_due(event_time, out, room, marked=True)
        return out

    def recover(self) -> Outputs:
        """Publish again what was marked as unpublished when the state was written.

        With the same bytes; under changed policy data, as revisions that come behind what may stand there.
        """
        out = Outputs()
        for member_id, claim_id in sorted(self._unpublished):
            workspace = self._members.workspace(member_id)
            claim = workspace.state.claims[claim_id]
            self._judge.publish_again(workspace, claim, out, changed=self.outdated)
        return out

    def confirm(self) -> None:
        """All that was marked as unpublished is published now."""
        for member_id, claim_id in self._unpublished:
            member = self._members.state(member_id)
            claim = member.claims[claim_id]
            claim.unpublished = NEVER
            self._writes.claim(member, claim)
        self._unpublished.clear()

    def judge_again(self, member_ids: Iterable[str]) -> Outputs:
        """Judge members again under changed policy data; in the order given, without a cause."""
        out = Outputs()
        for member_id in member_ids:
            if self._members.known(member_id) is not None:
                workspace = self._members.workspace(member_id)
                self._judge.again(workspace, Moment(self._settlement.watermark), out)
        return out

    def adopt(self) -> None:
        """All members were judged again: the state is this policy's from now on."""
        self._fingerprint = self._policy.fingerprint
        self._written = BEFORE_ALL

    def rest(self, most: int) -> None:
        """Let members go who were not needed since about `most` others were.

        Only with a source, and only when all that `take_writes` gave lies there.
        """
        self._members.rest(most)

    def finish(self) -> Outputs:
        """The input ended: screen every claim that is still open."""
        out = Outputs()
        for member_id in self.member_ids():
            self.finish_member(member_id, out)
        return out

    def member_ids(self) -> list[str]:
        """The members in memory, sorted: all of them where there is no source."""
        return sorted(member.member_id for member in self._members)

    def finish_member(self, member_id: str, out: Outputs) -> None:
        """The input ended: screen every claim of a member that is still open."""
        moment = Moment(self._settlement.watermark)
        member = self._members.state(member_id)
        opened = sorted(c for c, claim in member.claims.items() if claim.settled is None and claim.lines)
        for claim_id in opened:
            claim = member.claims[claim_id]
            settled: Settled = "withdrawn" if claim.withdrawn else "end_of_input"
            self._judge.settle(self._members.workspace(member_id), claim, settled, moment, out)
        if self._final:
            self._members.put_away(member_id)

    def lines_of(self, member_id: str) -> list[ClaimLine]:
        """The current version of each of a member's lines, by claim and line number."""
        member = self._members.known(member_id)
        claims = () if member is None else sorted(member.claims.items())
        return [line.current for _, claim in claims for _, line in sorted(claim.lines.items())]

    def beside(self, policy: Policy) -> PolicyEngine:
        """An engine of another policy over the same lines: what one takes in, both have.

        Both judge once, at the end: of each member first one, by `finish_member`, then the other, after
        `reopen_member`.

        Raises:
            ValueError: this engine does not judge once, or the policies accept other lines.
        """
        if not self._final or policy.history_days != self._policy.history_days:
            raise ValueError("engines share lines that are judged once, and that both policies accept")
        other = PolicyEngine(policy, final=True)
        other._members = self._members.under(policy)
        other._settlement = self._settlement
        return other

    def asks_for(self, member_id: str) -> bool:
        """Whether any rule may ask for a line of a member.

        Where none does, there are no edits, and the verdicts are those of any policy that asks for none.
        """
        if self._members.workspace(member_id).history.empty:
            self._members.put_away(member_id)
            return False
        return True

    def reopen_member(self, member_id: str) -> None:
        """Forget what was published of a member, so that it can be judged anew."""
        for claim in self._members.state(member_id).claims.values():
            claim.settled = None
            claim.verdict, claim.verdict_revision = None, 0
            for line in claim.lines.values():
                line.published = None

    def drop_member(self, member_id: str) -> None:
        """Let a member go for good: the input ended and everything is told of it."""
        self._members.forget(member_id)

    def take_writes(self) -> dict[bytes, bytes | None]:
        """State entries changed since the last call, None for those forgotten."""
        entries = self._writes.take()
        if self._settlement.watermark != self._written:
            self._written = self._settlement.watermark
            entries[PARTITION_KEY] = self._partition_entry()
        return entries

    def state(self) -> Iterator[Entry]:
        """All state entries."""
        for member in self._members:
            yield from member_entries(member)
        if self.event_time is not None:
            yield PARTITION_KEY, self._partition_entry()

    def _adopt(self, partition: PartitionState | None) -> None:
        """Go on from the partition's own entry."""
        if partition is not None:
            if partition.policy_id != self._policy.policy_id:
                msg = (
                    f"the state was written under another policy, {partition.policy_id}: give each policy an "
                    "APP_ID of its own, which has a state of its own"
                )
                raise StateError(msg)
            self._settlement.watermark = partition.watermark
            self._fingerprint = partition.fingerprint
        self._written = self._settlement.watermark

    def _restore_all(self, source: Source) -> int:
        """Take up all claims of a source; how many members they are of."""
        member_ids = set()
        for entry in source.claim_entries():
            member_id, claim = read_claim(entry)
            self._restore(member_id, claim)
            member_ids.add(member_id)
        return len(member_ids)

    def _restore(self, member_id: str, claim: ClaimState) -> None:
        """Take up a claim that was read back."""
        self._claims += 1
        self._forgetting.restore(member_id, claim)
        if claim.due != NEVER:
            self._settlement.waiting += 1
            self._settlement.restore(member_id, claim)
        if claim.unpublished != NEVER:
            self._unpublished.append((member_id, claim.claim_id))

    def _partition_entry(self) -> bytes:
        policy = self._policy
        return write_partition(
            PartitionState(self._settlement.watermark, policy.policy_id, self._fingerprint)
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

    def _accept(self, line: ClaimLine, record: Record, out: Outputs, room: int = BOUNDLESS) -> bool:
        """Settle what fell due before an accepted line, and apply it; False where there is no room yet."""
        if self._final:
            self._settlement.move(line)
            self._members.state(line.member_id).accept(line)
            return True
        if not self._make_way(line, out, room):
            return False
        self._apply(line, record, out)
        return True

    def _make_way(self, line: ClaimLine, out: Outputs, room: int) -> bool:
        """Settle and forget what fell due before a line; False where that changes more than there is room."""
        settlement = self._settlement
        watermark = max(settlement.watermark, line.received)
        if settlement.earliest <= watermark and not self._settle_due(watermark, out, room):
            return False
        return watermark < self._forgetting.tomorrow or self._forget(watermark, out, room)

    def _apply(self, line: ClaimLine, record: Record, out: Outputs) -> None:
        """Move event time by an accepted line, take it in, and judge what it touches."""
        self._settlement.move(line)
        workspace = self._members.workspace(line.member_id)
        member = workspace.state
        accepted = member.accept(line)
        for created in accepted.created:
            self._claims += 1
            self._forgetting.register(member.member_id, created)
        if self._writes.tracking:
            self._writes.accepted(member, accepted)
        self._judge.follow(workspace, accepted, Moment(self._settlement.watermark, line, record), out)
        if accepted.prolongs and accepted.claim.settled is None:
            self._settlement.wait(member.member_id, accepted.claim)

    def _settle_due(self, now: int, out: Outputs, room: int, *, marked: bool = False) -> bool:
        """Screen the claims that are due by then; False where there was no room for all of them."""
        for due, member_id, claim_id in self._settlement.fallen_due(now):
            member = self._members.known(member_id)
            claim = None if member is None else member.claims.get(claim_id)
            if claim is None or claim.due == NEVER:
                continue
            if claim.due > due:
                self._settlement.restore(member_id, claim)
                continue
            if marked:
                claim.unpublished = due
                self._unpublished.append((member_id, claim_id))
            self._judge.settle(self._members.workspace(member_id), claim, "quiet", Moment(due), out)
            if len(self._writes) >= room:
                return self._settlement.earliest > now
        return True

    def _forget(self, watermark: int, out: Outputs, room: int) -> bool:
        """Forget the claims whose day has passed; False where there was no room for all of them."""
        for day, member_id in self._forgetting.over(watermark):
            workspace = self._members.workspace(member_id)
            claims = workspace.state.claims.values()
            for claim in sorted((each for each in claims if each.keep_until == day), key=_claim_id):
                self._forget_claim(workspace, claim, out)
            if not workspace.state.claims:
                self._members.forget(member_id)
            if len(self._writes) >= room:
                return False
        return True

    def _forget_claim(self, workspace: Workspace, claim: ClaimState, out: Outputs) -> None:
        """Forget a claim whose day has passed, or note it anew where it must still be remembered."""
        keep = claim.lines and claim.settled is None
        if keep or self._forgetting.last_day(claim) >= self._forgetting.today:
            self._forgetting.register(workspace.state.member_id, claim)
            self._writes.claim(workspace.state, claim)
            return
        self._writes.forgotten(workspace.state, claim)
        workspace.forget(claim)
        self._claims -= 1
        out.counts["forgotten",] += 1


def _claim_id(claim: ClaimState) -> str:
    return claim.claim_id
