"""The topics of Dripline and the settings they are made with.

Settings are those on which nothing is lost and old data goes when it should. What is not written here,
`min.insync.replicas` above all, is left to the broker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

TABLE: Final = "lines"
"""The Faust table that holds the state."""

LINES: Final = "claim-lines"
EDITS: Final = "claim-edits"
VERDICTS: Final = "claim-verdicts"
REJECTED: Final = "claim-lines-rejected"

_MIB: Final = 1 << 20
_DAY_MS: Final = 24 * 60 * 60 * 1000

DEFAULT_LIMIT: Final = _MIB + 12
"""A broker's own `max.message.bytes`: 1 MiB and the head of a record batch."""

ROOM: Final = 8 * _MIB
"""Bytes of one record batch for the state of a whole step, and for what is rejected."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic.

    Attributes:
        name: its name.
        cleanup: what the broker does with old records.
        limit: the least `max.message.bytes` that is enough, or None where the payer decides.
        configs: the settings it is made with; none for the input, whose retention is the payer's.
        follows: it must have as many partitions as the input.
    """

    name: str
    cleanup: Literal["compact", "delete"]
    limit: int | None
    configs: Mapping[str, str]
    follows: bool = False

    @property
    def made_with(self) -> dict[str, str]:
        """All settings for its creation."""
        limit = {} if self.limit is None else {"max.message.bytes": str(self.limit)}
        return {"cleanup.policy": self.cleanup, **limit, **self.configs}


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics of an app, the input first, as the others are measured by it."""

    lines: Topic
    edits: Topic
    verdicts: Topic
    rejected: Topic
    changelog: Topic

    def __iter__(self) -> Iterator[Topic]:
        return iter((self.lines, self.edits, self.verdicts, self.rejected, self.changelog))


_PUBLISHED: Final = {
    "min.compaction.lag.ms": str(_DAY_MS),  # a reader who is less than a day behind sees every revision
    "max.compaction.lag.ms": str(7 * _DAY_MS),  # and after a week nobody does
    "segment.ms": str(_DAY_MS),  # the newest segment is never compacted: it must not stay the newest
}
_STATE: Final = {
    "segment.bytes": str(64 * _MIB),  # recovery reads what is not compacted yet: small segments,
    "min.cleanable.dirty.ratio": "0.3",  # compacted early
    "max.compaction.lag.ms": str(_DAY_MS),  # what was forgotten is gone a day later
    "delete.retention.ms": str(_DAY_MS),  # a store on disk may sleep for half of it and miss no deletion
    "segment.ms": str(_DAY_MS),
}
_REJECTS: Final = {
    "retention.ms": str(7 * _DAY_MS),  # original bytes of claim lines: long enough to repair, no longer
    "segment.ms": str(_DAY_MS),
}


def topics_of(app_id: str, input_limit: int = DEFAULT_LIMIT) -> Topics:
    """The topics of an app.

    Args:
        app_id: the setting `APP_ID`; the changelog is named as Faust names that of a table.
        input_limit: `max.message.bytes` of the input. A rejected record needs more, as it comes with its
            reasons and may be larger unpacked than it came.
    """
    return Topics(
        lines=Topic(LINES, "delete", None, {}),
        edits=Topic(EDITS, "compact", DEFAULT_LIMIT, _PUBLISHED),
        verdicts=Topic(VERDICTS, "compact", DEFAULT_LIMIT, _PUBLISHED),
        rejected=Topic(REJECTED, "delete", max(ROOM, 2 * input_limit), _REJECTS),
        changelog=Topic(f"{app_id}-{TABLE}-changelog", "compact", ROOM, _STATE, follows=True),
    )
