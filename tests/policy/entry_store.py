"""State entries in a dictionary, as a source for an engine."""

from __future__ import annotations

import json
from collections.abc import Iterable

from models.state import PARTITION_KEY, Entry
from policy import PolicyEngine


class EntryStore:
    """Keeps what an engine writes and gives it back a member at a time."""

    def __init__(self) -> None:
        self.entries: dict[bytes, bytes] = {}

    def keep(self, engine: PolicyEngine) -> None:
        """Take over what an engine has changed."""
        for key, value in engine.take_writes().items():
            if value is None:
                self.entries.pop(key, None)
            else:
                self.entries[key] = value

    def member_entries(self, member_id: str) -> Iterable[Entry]:
        """The entries of a member."""
        return [
            (key, value)
            for key, value in self.entries.items()
            if key != PARTITION_KEY and json.loads(key)[0] == member_id
        ]

    def claim_entries(self) -> Iterable[Entry]:
        """The entries of all claims."""
        return [(key, value) for key, value in self.entries.items() if len(json.loads(key)) == 2]

    def partition_entry(self) -> bytes | None:
        """The partition's own entry."""
        return self.entries.get(PARTITION_KEY)
