"""A member's history filled by hand, without an engine."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from models.member import ClaimState, LineState
from models.wire import Limits, read_fields, read_line
from policy.history import ActiveLine, History
from policy.roles import role_of
from tests.support import Event, built_in_policy

_LIMITS: Final = Limits(built_in_policy().history_days)


class Filed:
    """A history and the active lines that were filed in it, by claim and number."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.history = History()
        self.claims: dict[str, ClaimState] = {}
        self.lines: dict[tuple[str, int], ActiveLine] = {}
        for event in events:
            self.file(event)

    def file(self, event: Event) -> ActiveLine | None:
        """File a line as the engine does, in the place of its earlier version; None where no rule asks."""
        line = read_line(read_fields(json.dumps(event).encode()), _LIMITS)
        version = built_in_policy().on(line.first)
        if version is None or line.voids:
            return None
        role = role_of(version, line.procedure_code, line.ndc)
        if role.kind == "other":
            return None
        self.take_out(line.claim_id, line.line_number)
        claim = self.claims.setdefault(line.claim_id, ClaimState(line.claim_id))
        state = LineState(line, line.received)
        claim.lines[line.line_number] = state
        active = self.history.add(state, claim, version, role)
        self.lines[line.claim_id, line.line_number] = active
        return active

    def take_out(self, claim: str, number: int) -> ActiveLine | None:
        """Take a line out, where it is there."""
        line = self.lines.pop((claim, number), None)
        if line is not None:
            self.history.remove(line)
        return line

    def put_back(self, line: ActiveLine) -> ActiveLine:
        """File a line again that was taken out."""
        key = line.line.claim_id, line.line.line_number
        self.lines[key] = self.history.add(line.state, line.claim, line.version, line.role)
        return self.lines[key]
