"""A member at work: its state and, beside it, the history of its active lines.

The history is derived from the state and the policy, so it is never stored: it is built when the
member is first needed and kept in step by `refresh`. Source: screening specification, sections 2, 3.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.member import ClaimState, LineState, MemberState
from policy.document import Policy
from policy.history import ActiveLine, History
from policy.roles import role_of


class Workspace:
    """One member's state and history.

    Attributes:
        state: what is remembered.
        history: the active, in-policy lines of every role but `other`.
    """

    __slots__ = ("_policy", "history", "state")

    def __init__(self, state: MemberState, policy: Policy) -> None:
        self.state = state
        self.history = History()
        self._policy = policy
        for claim in state.claims.values():
            if not claim.withdrawn:
                self.refresh(claim, claim.lines.values())

    def refresh(self, claim: ClaimState, lines: Iterable[LineState]) -> list[ActiveLine]:
        """Bring the history in step with lines of a claim; the lines that left it or came."""
        changed: list[ActiveLine] = []
        for line in lines:
            old = self.history.of(claim, line)
            if old is not None:
                same = old.line is line.current and old.arrival == line.first_arrival
                if same and not claim.withdrawn:
                    continue
                self.history.remove(old)
                changed.append(old)
            new = self._file(claim, line)
            if new is not None:
                changed.append(new)
        return changed

    def forget(self, claim: ClaimState) -> None:
        """Drop a claim and its lines."""
        self.history.forget(claim)
        self.state.forget(claim)

    def _file(self, claim: ClaimState, line: LineState) -> ActiveLine | None:
        """File a line that is active, in policy and of a role that some rule asks for."""
        its = line.current
        if claim.withdrawn or its.voids:
            return None
        version = self._policy.on(its.first)
        if version is None:
            return None
        role = role_of(version, its.procedure_code, its.ndc)
        if role.kind == "other":
            return None
        return self.history.add(line, claim, version, role)
