"""Mis-keyed records, set aside on disk by the piece of work that judges their members.

A topic may be mis-keyed as a whole: so they are written as they are met, and read by whoever needs them.
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from models.record import Record
from policy.outputs import Forward

_PREFIX: Final = "forwards-"
_AT_ONCE: Final = 256
"""Records that wait until they are written."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A mis-keyed record: its member, itself, and whether it lies in what is reported."""

    member: bytes
    record: Record
    reported: bool


@dataclass(slots=True)
class Forwards:
    """Sets records aside in a folder, a file for each piece of work that gets some.

    Attributes:
        folder: where.
    """

    folder: Path
    _waiting: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, piece: str, forward: Forward, *, reported: bool) -> None:
        """A record for a piece of work, by its name."""
        record = forward.record
        row = {
            "member": forward.key.decode(),
            "value": base64.b64encode(record.value or b"").decode(),
            "offset": record.offset,
            "topic": record.topic,
            "partition": record.partition,
            "timestamp": record.timestamp,
            "reported": reported,
        }
        waiting = self._waiting[piece]
        waiting.append(json.dumps(row) + "\n")
        if len(waiting) >= _AT_ONCE:
            self._write(piece)

    def close(self) -> None:
        """Write what waits."""
        for piece in self._waiting:
            self._write(piece)

    def _write(self, piece: str) -> None:
        with (self.folder / f"{_PREFIX}{piece}.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(self._waiting[piece])
        self._waiting[piece].clear()


def pieces_of(folder: Path) -> set[str]:
    """The pieces of work for which a folder has records."""
    return {path.stem.removeprefix(_PREFIX) for path in folder.glob(f"{_PREFIX}*.jsonl")}


def read_forwards(folder: Path, piece: str) -> Iterator[Forwarded]:
    """The records of a folder that a piece of work gets."""
    with (folder / f"{_PREFIX}{piece}.jsonl").open(encoding="utf-8") as file:
        for line in file:
            stored = json.loads(line)
            member, reported = stored.pop("member").encode(), stored.pop("reported")
            value = base64.b64decode(stored.pop("value"))
            yield Forwarded(member, Record(value, **stored), reported)
