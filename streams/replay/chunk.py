"""Some records of one piece of work, as their source gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.record import Record
from streams.files import Batch


@dataclass(slots=True)
class Chunk:
    """Consecutive records of a unit.

    Attributes:
        records: those of the unit's own members, in order.
        seen: how many were looked at to find them.
        steps: how far reading went on: offsets of a topic, bytes of files.
        batch: where files' records stand.
    """

    records: Sequence[Record]
    seen: int
    steps: int
    batch: Batch | None = None
