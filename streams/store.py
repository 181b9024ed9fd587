"""The local copy of a partition's state entries, in memory; `streams.rocks` has one on disk.

Entries are kept as the bytes of the changelog and decoded a member at a time, by the engine. Each value
begins with the offset of the last input record it takes in, so that an entry of a worker that was
frozen, and wrote after its partition had moved on, is told from a newer one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Protocol

from models.state import PARTITION_KEY, Entry
from models.wire import to_json_bytes

_MEMBER: Final = re.compile(rb'\["(?:[^"\\]|\\.)*"')
"""The beginning of a key: everything up to the end of the member's id."""


def stamped(entries: Mapping[bytes, bytes | None], as_of: int) -> dict[bytes, bytes | None]:
    """Entries as they stand in the changelog: each value behind the offset it is as of."""
    stamp = b"%d " % as_of
    return {key: None if value is None else stamp + value for key, value in entries.items()}


class StoreError(Exception):
    """A store cannot be read or written; the text names its place and holds no values."""


class StoreRefusedError(StoreError):
    """A store must not be used as it is: a person has to see to it."""


class Size(NamedTuple):
    """How much a store holds: entries of claims and lines, and bytes."""

    entries: int
    bytes: int


class Store(Protocol):
    """Keeps the changelog's entries of one partition; a source for its engine.

    Attributes:
        place: where it keeps them, for messages.
    """

    place: str

    def apply(self, entries: Iterable[tuple[bytes, bytes | None]], offset: int) -> None:
        """Take in entries of the changelog up to an offset of it."""

    def offset(self) -> int | None:
        """The changelog offset up to which entries were taken in, or None."""

    def as_of(self) -> int:
        """The greatest offset of the input that an entry is as of; -1 where there is none."""

    def member_ids(self) -> list[str]:
        """All members there are, sorted."""

    def member_entries(self, member_id: str) -> Iterable[Entry]:
        """The entries of a member."""

    def claim_entries(self) -> Iterable[Entry]:
        """The entries of all claims."""

    def partition_entry(self) -> bytes | None:
        """The value of the partition's own entry."""

    def size(self) -> Size:
        """How much is held, as far as that is known without looking through it."""

    def close(self) -> None:
        """Let go of what the store holds."""


class MemoryStore:
    """Keeps entries in dictionaries, one a member."""

    place = "memory"

    def __init__(self) -> None:
        self._members: dict[bytes, dict[bytes, bytes]] = {}
        self._entries = self._bytes = 0
        self._partition: bytes | None = None
        self._offset: int | None = None
        self._as_of = -1

    def __len__(self) -> int:
        return self._entries

    def apply(self, entries: Iterable[tuple[bytes, bytes | None]], offset: int) -> None:
        """Take in entries of the changelog up to an offset of it; older ones than those held are left."""
        for key, value in entries:
            if value is not None:
                self._as_of = max(self._as_of, as_of(value))
            if key == PARTITION_KEY:
                if value is not None and newer(value, self._partition):
                    self._partition = value
                continue
            group = member_of_key(key)
            held = self._members.get(group)
            if value is None:
                if held is not None:
                    self._drop(group, held, key)
            elif held is None:
                self._members[group] = {key: value}
                self._entries += 1
                self._bytes += len(key) + len(value)
            elif (before := held.get(key)) is None:
                held[key] = value
                self._entries += 1
                self._bytes += len(key) + len(value)
            elif newer(value, before):
                held[key] = value
                self._bytes += len(value) - len(before)
        self._offset = offset

    def _drop(self, group: bytes, held: dict[bytes, bytes], key: bytes) -> None:
        value = held.pop(key, None)
        if value is not None:
            self._entries -= 1
            self._bytes -= len(key) + len(value)
        if not held:
            del self._members[group]

    def offset(self) -> int | None:
        """The changelog offset up to which entries were taken in, or None."""
        return self._offset

    def as_of(self) -> int:
        """The greatest offset of the input that an entry is as of; -1 where there is none."""
        return self._as_of

    def member_ids(self) -> list[str]:
        """All members there are, sorted."""
        return sorted(decode_member(group) for group in self._members)

    def member_entries(self, member_id: str) -> Iterable[Entry]:
        """The entries of a member."""
        held = self._members.get(encode_member(member_id), {})
        return [(key, unstamped(value)) for key, value in held.items()]

    def claim_entries(self) -> Iterable[Entry]:
        """The entries of all claims."""
        for held in self._members.values():
            for key, value in held.items():
                if key.endswith(b'"]'):  # a line's key ends with a number
                    yield key, unstamped(value)

    def partition_entry(self) -> bytes | None:
        """The value of the partition's own entry."""
        return None if self._partition is None else unstamped(self._partition)

    def size(self) -> Size:
        """How much is held: keys and values, without what Python needs to keep them."""
        return Size(self._entries, self._bytes)

    def close(self) -> None:
        """Let go of everything."""
        self._members.clear()
        self._entries = self._bytes = 0
        self._partition = self._offset = None


def newer(value: bytes, held: bytes | None) -> bool:
    """Whether a value is as of the same or a later offset than the one that is held."""
    return held is None or as_of(value) >= as_of(held)


def as_of(value: bytes) -> int:
    """The offset of the input that a value is as of."""
    return int(value[: value.index(b" ")])


def unstamped(value: bytes) -> bytes:
    """A value without the offset it is as of."""
    return value[value.index(b" ") + 1 :]


def member_of_key(key: bytes) -> bytes:
    """The part of a key that names its member."""
    match = _MEMBER.match(key)
    if match is None:
        msg = "a state key names no member"
        raise ValueError(msg)
    return match[0]


def encode_member(member_id: str) -> bytes:
    """The part of all keys of a member that names it."""
    return to_json_bytes([member_id])[:-1]


def decode_member(group: bytes) -> str:
    """The member that the beginning of a key names."""
    (member_id,) = json.loads(group + b"]")
    return str(member_id)
