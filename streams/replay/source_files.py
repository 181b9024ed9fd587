"""Claim lines from files for a replay: JSON Lines, and dumps of a topic as `kcat -J` writes them.

Every share of the members reads all files, and keeps its own lines; that costs little beside judging them.
A dump's records have partitions, offsets, keys and times of their own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from models.record import Record
from streams.files import (
    GZIP,
    PIECE,
    STDIN,
    Batch,
    InputError,
    beginning_of,
    check_inputs,
    read_batches,
    shown,
)
from streams.intake.batches import is_837
from streams.replay.chunk import Chunk
from streams.replay.manifest import InputFile, Kind, Manifest, Span, Unit
from streams.replay.shards import shard_of_member, shard_of_value

MOST_RECORDS: Final = 4096
_ENVELOPE: Final = frozenset({"topic", "partition", "offset", "payload"})


def freeze_files(inputs: Sequence[str], *, now: int) -> Manifest:
    """What the files hold now.

    Raises:
        InputError: one cannot be read, is standard input or an 837, or is a dump beside one that is none.
    """
    if STDIN in inputs:
        raise InputError("-: a replay reads its input more than once: give files")
    check_inputs(inputs)
    claims = [shown(name) for name in inputs if is_837(beginning_of(name))]
    if claims:
        raise InputError(
            "\n".join(f"{name}: is an 837; make claim lines of it with dripline intake" for name in claims)
        )
    files, lines = [], 0
    for name in inputs:
        file, found = _looked_at(Path(name).absolute())
        files.append(file)
        lines += found
    kinds: set[Kind] = {"dump" if _is_dump(file.name) else "lines" for file in files}
    if len(kinds) > 1:
        raise InputError("dumps of a topic and files of claim lines cannot be replayed together")
    names = tuple(files)
    if kinds == {"dump"}:
        return _freeze_dump(names, now)
    return Manifest("lines", (Span(None, 0, 0, lines),), files=names, now=now)


def check_files(manifest: Manifest) -> None:
    """Refuse files that are not what they were.

    Raises:
        InputError: with each that is gone or holds something else now.
    """
    check_inputs(manifest.names)
    changed = [file.name for file in manifest.files if _looked_at(Path(file.name))[0] != file]
    if changed:
        raise InputError("\n".join(f"{shown(name)}: has changed since the replay began" for name in changed))


def _looked_at(path: Path) -> tuple[InputFile, int]:
    """A file's checksum, and about how many lines it has: for gzip, as many as its bytes often hold."""
    whole, size, lines, last = hashlib.sha256(), 0, 0, b"\n"
    packed = None
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                packed = piece.startswith(GZIP) if packed is None else packed
                whole.update(piece)
                size += len(piece)
                lines += piece.count(b"\n")
                last = piece[-1:]
    except OSError as error:
        raise InputError(f"{shown(str(path))}: cannot be read ({error.strerror})") from error
    if packed:
        lines = _unpacked_lines(str(path))
    return InputFile(str(path), size, whole.hexdigest()), lines + (not packed and last != b"\n")


def _unpacked_lines(name: str) -> int:
    return sum(len(batch.records) for batch in read_batches((name,), now=0, most=MOST_RECORDS))


def _is_dump(name: str) -> bool:
    """Whether the first record is one of a topic, with its partition and offset around the value."""
    for batch in read_batches((name,), now=0, most=1):
        try:
            first = json.loads(batch.records[0].value or b"")
        except (ValueError, RecursionError):
            return False
        return isinstance(first, dict) and first.keys() >= _ENVELOPE
    return False


def _freeze_dump(files: tuple[InputFile, ...], now: int) -> Manifest:
    """The partitions and offsets that are in a dump."""
    spans: dict[int, Span] = {}
    topic = None
    for batch in read_batches([file.name for file in files], now=now, most=MOST_RECORDS):
        for record in _envelopes(batch):
            partition, offset = record.partition or 0, record.offset
            topic = record.topic
            was = spans.get(partition, Span(partition, offset, offset, offset + 1, offset))
            first = min(was.start, offset)
            spans[partition] = Span(partition, first, first, max(was.end, offset + 1), first)
    told = tuple(span for _, span in sorted(spans.items()))
    return Manifest("dump", told, topic=topic, partitions=max(spans, default=0) + 1, files=files, now=now)


def read_files(
    manifest: Manifest, unit: Unit, members: frozenset[bytes] | None = None, *, most: int | None = None
) -> Iterator[Chunk]:
    """The records of a unit, in order.

    Args:
        manifest: names the files.
        unit: whose members.
        members: of a dump, of these alone.
        most: records looked at at once.

    Raises:
        InputError: a file cannot be read, or a line of a dump is no record.
    """
    consumed = 0
    for batch in read_batches(manifest.names, now=manifest.now, most=most or MOST_RECORDS):
        if manifest.kind == "dump":
            mine = [record for record in _envelopes(batch) if _is_of(record, unit, members)]
        elif unit.shards == 1:
            mine = batch.records
        else:
            shard, shards = unit.shard, unit.shards
            mine = [each for each in batch.records if shard_of_value(each.value, shards) == shard]
        yield Chunk(mine, len(batch.records), batch.consumed - consumed, batch)
        consumed = batch.consumed


def _is_of(record: Record, unit: Unit, members: frozenset[bytes] | None) -> bool:
    key = record.key or b""
    return (
        record.partition == unit.span.partition
        and (unit.shards == 1 or shard_of_member(key, unit.shards) == unit.shard)
        and (members is None or key in members)
    )


def _envelopes(batch: Batch) -> Iterator[Record]:
    """The records of a topic that a dump's lines hold."""
    for line, number in zip(batch.records, batch.lines, strict=True):
        try:
            yield _unwrapped(json.loads(line.value or b""), batch, line)
        except (ValueError, TypeError, KeyError, RecursionError):
            place = f"{batch.file}:{number}"
            raise InputError(f"{place}: is no record of a topic as kcat -J writes one") from None


def _unwrapped(record: Mapping[str, Any], batch: Batch, line: Record) -> Record:
    if batch.long_line_of(line) is not None:
        raise ValueError("longer than a line of claim lines may be")
    payload, key, time = record["payload"], record.get("key"), record.get("ts")
    return Record(
        value=None if payload is None else payload.encode(),
        offset=int(record["offset"]),
        topic=record["topic"],
        partition=int(record["partition"]),
        timestamp=time * 1000 if isinstance(time, int) and time >= 0 else None,
        key=None if key is None else key.encode(),
        keyed=True,
    )
