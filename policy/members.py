"""The members of a partition: their states and workspaces, all of them or those asked for lately.

With a source, members that nobody asked for lately are let go and read back from their entries when
they are needed again, so memory holds the members at work, not all there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from models.member import MemberState
from models.state import Entry, StateError, read_members
from policy.document import Policy
from policy.rules import RULES
from policy.workspace import Workspace


class Source(Protocol):
    """Where the state entries of a partition lie."""

    def member_entries(self, member_id: str) -> Iterable[Entry]:
        """The entries of a member, in any order; none where it is unknown."""

    def claim_entries(self) -> Iterable[Entry]:
        """The entries of all claims, without those of their lines."""

    def partition_entry(self) -> bytes | None:
        """The value of the partition's own entry, if it is there."""


class Members:
    """Finds members by id.

    Args:
        policy: what the workspaces follow.
        states: members that are known already.
        source: where the others are read from; without one, nothing is ever let go.

    Attributes:
        count: how many members are remembered, those in the source included.
    """

    __slots__ = ("_older", "_older_workspaces", "_policy", "_source", "_states", "_workspaces", "count")

    def __init__(
        self, policy: Policy, states: dict[str, MemberState] | None = None, source: Source | None = None
    ) -> None:
        self._policy = policy
        self._source = source
        self._states: dict[str, MemberState] = {} if states is None else states
        self._workspaces: dict[str, Workspace] = {}
        self._older: dict[str, MemberState] = {}
        self._older_workspaces: dict[str, Workspace] = {}
        self.count = len(self._states)
        for state in self._states.values():
            check_rules(state)

    def under(self, policy: Policy) -> Members:
        """The same members, for the workspaces of another policy."""
        return Members(policy, self._states)

    def __iter__(self) -> Iterator[MemberState]:
        yield from self._states.values()

    def known(self, member_id: str) -> MemberState | None:
        """A member, or None where nothing is remembered of it."""
        state = self._states.get(member_id)
        return state if state is not None or self._source is None else self._read(member_id)

    def state(self, member_id: str) -> MemberState:
        """A member, new where nothing is remembered of it."""
        state = self.known(member_id)
        if state is None:
            state = self._states[member_id] = MemberState(member_id)
            self.count += 1
        return state

    def workspace(self, member_id: str) -> Workspace:
        """A member at work, new where nothing is remembered of it."""
        workspace = self._workspaces.get(member_id)
        if workspace is None:
            state = self.state(member_id)
            workspace = self._older_workspaces.pop(member_id, None) or Workspace(state, self._policy)
            self._workspaces[member_id] = workspace
        return workspace

    def put_away(self, member_id: str) -> None:
        """Let a member's workspace go; its state stays."""
        self._workspaces.pop(member_id, None)

    def forget(self, member_id: str) -> None:
        """Drop a member of whom nothing is left to remember."""
        self._states.pop(member_id, None)
        self._workspaces.pop(member_id, None)
        self.count -= 1

    def rest(self, most: int) -> None:
        """Let members go who were not asked for since about `most` others were; only between steps.

        All their changes must lie in the source by now.
        """
        if self._source is not None and len(self._states) >= most:
            self._older, self._states = self._states, {}
            self._older_workspaces, self._workspaces = self._workspaces, {}

    def _read(self, member_id: str) -> MemberState | None:
        """A member asked for before the last rest, or read back from its entries."""
        assert self._source is not None  # noqa: S101 - asked before
        state = self._older.pop(member_id, None)
        if state is None:
            states, _ = read_members(self._source.member_entries(member_id))
            state = states.get(member_id)
            if state is None:
                return None
            check_rules(state)
        self._states[member_id] = state
        return state


def check_rules(member: MemberState) -> None:
    """Raise `StateError` where an edit is of a rule that does not exist."""
    for claim in member.claims.values():
        for line in claim.lines.values():
            if line.published and not RULES.keys() >= line.published.keys():
                msg = "a state entry names a rule that this version does not know"
                raise StateError(msg)
