"""The results of one piece of work: a folder that is there whole, or not at all.

It is written beside its place and renamed at the end. What a kill leaves behind is thrown away, and the piece
is done anew, with the same bytes.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from models.rejection import Rejection
from policy.outputs import Forward
from streams.files import Batch
from streams.replay.comparable import reject_digest
from streams.replay.figures import Figures
from streams.replay.forwards import Forwards
from streams.replay.job import Job, cannot_write, write_whole
from streams.replay.tables import OF_A_BACKTEST, OF_A_REPLAY, Table, keep_claims

UNIT: Final = "unit.json"
LONGEST_RAW: Final = 1 << 20
"""Bytes of a rejected record that are kept; of a longer one, its beginning."""


@dataclass(slots=True)
class Part:
    """Writes the results of one piece of work: a context, `keep` at its end.

    Attributes:
        job: whose.
        name: of the piece.
        figures: what it comes to.
        tables: by name.
        rejects: digests of rejected records.
        samples: claims drawn, each with what it is drawn by.
        event_time: the greatest `received_at` accepted (microseconds since 1970), or None.
        members: those whose rows of an earlier part this one replaces; None where it replaces none.
        reported: claims of which rows are kept; None for all.
    """

    job: Job
    name: str
    figures: Figures = field(default_factory=Figures)
    tables: dict[str, Table] = field(default_factory=dict)
    rejects: set[bytes] = field(default_factory=set)
    samples: list[dict[str, Any]] = field(default_factory=list)
    event_time: int | None = None
    members: list[str] | None = None
    reported: set[tuple[str, str]] | None = None
    _folder: Path = field(default_factory=Path)
    _forwards: Forwards = field(default_factory=lambda: Forwards(Path()))

    def __enter__(self) -> Self:
        self._folder = self.job.parts / f".{self.name}.{secrets.token_hex(4)}"
        try:
            self._folder.mkdir()
        except OSError as error:
            raise cannot_write(self._folder, error) from error
        self._forwards = Forwards(self._folder)
        for table in OF_A_REPLAY if self.job.against is None else OF_A_BACKTEST:
            self.tables[table] = Table(self._folder / f"{table}.parquet", table)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def reject(self, rejection: Rejection, batch: Batch | None) -> None:
        """A record was rejected."""
        record = rejection.record
        long = None if batch is None else batch.long_line_of(record)
        raw = record.value or b""
        digest = reject_digest(raw if long is None else long.pieces(), rejection.reasons)
        self.rejects.add(digest)
        self.figures.counts["rejects"] += 1
        from_file = batch is not None and record.topic is None
        self.tables["rejects"].add(
            {
                "file": batch.file if batch is not None and from_file else None,
                "line": batch.line_of(record) if batch is not None and from_file else None,
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "reasons": rejection.reasons,
                "size": len(raw) if long is None else long.size,
                "raw": raw if long is None else long.head(LONGEST_RAW),
                "digest": digest,
            }
        )

    def forward(self, forward: Forward, *, reported: bool) -> None:
        """A record lies under another key than its member's; it is set aside for who judges the member."""
        piece = self.job.manifest.unit_of(forward.key)
        if piece is not None:
            self._forwards.add(piece.name, forward, reported=reported)

    def keep(self) -> None:
        """All of it is there: give the folder its name."""
        try:
            for table in self.tables.values():
                table.close()
            if self.reported is not None:
                for name in ("edits", "verdicts"):
                    keep_claims(self._folder / f"{name}.parquet", self.reported)
            self._forwards.close()
            write_whole(self._folder / UNIT, self._told())
            for path in self._folder.iterdir():
                _sync(path)
            _sync(self._folder)
            place = self.job.parts / self.name
            if not place.exists():  # else a process whose replay was killed has ended after all
                self._folder.rename(place)
                _sync(self.job.parts)
        except OSError as error:
            raise cannot_write(self._folder, error) from error

    def _told(self) -> dict[str, Any]:
        return {
            "figures": self.figures.as_json(),
            "rejects": sorted(digest.hex() for digest in self.rejects),
            "samples": self.samples,
            "event_time": self.event_time,
            "members": self.members,
        }


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part that is there.

    Attributes:
        folder: where.
        told: what its file says.
    """

    folder: Path
    told: Mapping[str, Any]

    @property
    def figures(self) -> Figures:
        """What it comes to."""
        return Figures.of_json(self.told["figures"])

    @property
    def rejects(self) -> set[bytes]:
        """Digests of rejected records."""
        return {bytes.fromhex(each) for each in self.told["rejects"]}

    def table(self, name: str) -> Path:
        """The file of a table."""
        return self.folder / f"{name}.parquet"


def kept_part(job: Job, name: str) -> KeptPart | None:
    """A part, or None where it is not there yet."""
    folder = job.parts / name
    try:
        return KeptPart(folder, json.loads((folder / UNIT).read_text("utf-8")))
    except FileNotFoundError:
        return None


def throw_away_unfinished(job: Job) -> None:
    """Delete what a kill has left of unfinished parts."""
    for folder in job.parts.glob(".*"):
        shutil.rmtree(folder, ignore_errors=True)
