"""What all contenders share: the rules, and the bytes of what is published."""

from __future__ import annotations

from typing import NamedTuple

from models.edit_event import EditEvent
from models.wire import to_json_bytes
from policy import PolicyEngine, load_policy
from policy.outputs import Publication
from streams.topics import EDITS, VERDICTS


class Sent(NamedTuple):
    """A record of a topic of outputs."""

    topic: str
    key: bytes
    value: bytes


def encoded(event: Publication) -> Sent:
    """An edit event or a verdict as it lies on its topic."""
    value = to_json_bytes(event.__dict__)
    if isinstance(event, EditEvent):
        return Sent(EDITS, event.edit_id.encode(), value)
    return Sent(VERDICTS, event.claim_id.encode(), value)


class Engines:
    """An engine for each partition, with the built-in policy."""

    def __init__(self, *, tracking: bool = True) -> None:
        self._policy = load_policy()
        self._tracking = tracking
        self._engines: dict[int, PolicyEngine] = {}

    def of(self, partition: int) -> PolicyEngine:
        """The engine of a partition."""
        engine = self._engines.get(partition)
        if engine is None:
            engine = self._engines[partition] = PolicyEngine(self._policy, tracking=self._tracking)
        return engine
