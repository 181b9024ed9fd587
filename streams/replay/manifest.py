"""The manifest: what exactly a replay reads, frozen before the first record is looked at.

Offsets of partitions of a topic, or files with their checksums. It is printed, stored with the result, and
enough to read the same records again. Offsets and times are half open: the end is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, NamedTuple, Self

from streams.replay.shards import partition_of, shard_of_member

Kind = Literal["topic", "dump", "lines"]
"""A topic on a broker; records of a topic as `kcat -J` writes them; claim lines as JSON Lines."""

MOST_OF_UNIT: Final = 4_000_000
"""Records of one piece of work, about: their lines are in memory together."""


@dataclass(frozen=True, slots=True)
class Span:
    """The records of one partition.

    Attributes:
        partition: its number; None for claim lines in files, which are one partition.
        start: the first offset that is read.
        reported: the first offset whose claims are reported; those before are the warm-up.
        end: the offset behind the last.
        first_kept: the log's start when the range was frozen.
    """

    partition: int | None
    start: int
    reported: int
    end: int
    first_kept: int = 0

    @property
    def records(self) -> int:
        """Offsets from start to end."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file: its absolute path, its bytes on disk and their SHA-256 (hex)."""

    name: str
    size: int
    sha256: str


class Unit(NamedTuple):
    """One piece of work: a share of the members of a partition."""

    span: Span
    shard: int
    shards: int

    @property
    def name(self) -> str:
        """Names it, also as a folder."""
        where = "files" if self.span.partition is None else f"p{self.span.partition:05d}"
        return f"{where}-{self.shard:04d}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is read.

    Attributes:
        kind: where from.
        spans: of each partition, by number.
        shards: into how many shares the members of a partition are divided.
        topic: its name; None for claim lines in files.
        partitions: how many the topic has in all.
        files: in the order in which they are read.
        now: the time of every record that has none of its own, microseconds since 1970.
    """

    kind: Kind
    spans: tuple[Span, ...]
    shards: int = 1
    topic: str | None = None
    partitions: int = 0
    files: tuple[InputFile, ...] = ()
    now: int = 0

    @property
    def units(self) -> list[Unit]:
        """The pieces of work."""
        return [Unit(span, shard, self.shards) for span in self.spans for shard in range(self.shards)]

    @property
    def records(self) -> int:
        """Records planned; in a topic, offsets, of which marks of transactions are some."""
        return sum(span.records for span in self.spans)

    @property
    def warm_up(self) -> bool:
        """Whether some of it is read as evidence alone."""
        return any(span.reported > span.start for span in self.spans)

    @property
    def names(self) -> list[str]:
        """The files' paths."""
        return [file.name for file in self.files]

    def unit_of(self, member_id: bytes) -> Unit | None:
        """The piece of work that judges a member; None where its partition is not replayed."""
        partition = partition_of(member_id, self.partitions) if self.partitions else None
        for span in self.spans:
            if span.partition == partition:
                return Unit(span, shard_of_member(member_id, self.shards), self.shards)
        return None

    def as_json(self) -> dict[str, Any]:
        """As it stands in `manifest.json`."""
        return asdict(self)

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back."""
        spans = tuple(Span(**each) for each in stored["spans"])
        files = tuple(InputFile(**each) for each in stored["files"])
        return cls(**{**stored, "spans": spans, "files": files})

    def told(self) -> Iterator[tuple[str, str]]:
        """What it says, for people: a label and a text for each partition and file."""
        for file in self.files:
            yield file.name, f"{file.size:,} bytes, SHA-256 {file.sha256[:16]}"
        for span in self.spans:
            where = "records" if span.partition is None else f"{self.topic or 'partition'} {span.partition}"
            warm = f", of which {span.reported - span.start:,} warm up" if span.reported > span.start else ""
            yield where, f"{span.start:,} to {span.end:,}: {span.records:,}{warm}"
