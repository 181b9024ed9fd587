"""The local copy of a partition's state entries, on disk: a RocksDB database a partition.

Layout, form 1; the keys of the changelog behind one letter, so that claims are read without the lines:

    m            form, changelog offset, greatest as_of, time of writing (seconds since 1970)
    p            the partition's own entry
    c["M","C"]   a claim of a member
    l["M","C",1] a line of a claim

What a step changes and the offset of it are one write batch: whole or not at all after a crash. A batch
survives the death of the process; after a power failure the newest may be missing, and the changelog is read
from the offset that is left.

Memory: blocks, indexes and write buffers of all partitions of a worker share `CACHE_BYTES`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rocksdict import (
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    WriteBatch,
    WriteBufferManager,
)

from models.state import PARTITION_KEY, Entry
from streams.store import (
    Size,
    StoreError,
    StoreRefusedError,
    as_of,
    decode_member,
    encode_member,
    member_of_key,
    newer,
    unstamped,
)

FORM: Final = 1
"""The number of the layout."""
CACHE_BYTES: Final = 64 * 1024 * 1024
"""Memory that all stores of a worker share."""
BUFFERS_BYTES: Final = 32 * 1024 * 1024
"""The part of it that holds what is not yet in files."""
BUFFER_BYTES: Final = 4 * 1024 * 1024
"""What one partition writes into a file at once."""
KEPT_SECONDS: Final = 12 * 3600
"""A database that was not written for so long is made anew from the changelog. Kafka forgets deletions, by
default after a day; who reads on from an older offset would keep what was deleted."""

_META: Final = b"m"
_PARTITION: Final = b"p"
_CLAIM: Final = b"c"
_LINE: Final = b"l"
_BEHIND_ALL: Final = b"-"
"""Behind the comma that follows a member in all its keys."""
_REBUILD: Final = "delete the folder, it is made anew from the changelog"


class RocksStores:
    """Opens the stores of a worker, which share their memory.

    Args:
        folder: of the databases, each named by its partition's number.
        now: the time, seconds since 1970.
    """

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._now = now
        self._options = _options()

    def __call__(self, partition: int) -> RocksStore:
        """The store of a partition.

        Raises:
            StoreRefusedError: another process has it open, it is damaged, or of another form.
        """
        return RocksStore(self._folder / str(partition), self._options, self._now)


class RocksStore:
    """Keeps entries in a database.

    Args:
        folder: of the database.
        options: of `RocksStores`.
        now: the time, seconds since 1970.

    Raises:
        StoreRefusedError: another process has it open, it is damaged, or of another form.
    """

    def __init__(self, folder: Path, options: Options, now: Callable[[], float]) -> None:
        self.place = str(folder)
        self._now = now
        self._offset: int | None = None
        self._as_of = -1
        self._db = _open(folder, options)
        try:
            written = self._read_meta()
            if written is not None and written < now() - KEPT_SECONDS:
                self._db.close()
                Rdict.destroy(self.place, options)
                self._db = _open(folder, options)
                self._offset, self._as_of = None, -1
        except BaseException:
            self._db.close()
            raise

    def apply(self, entries: Iterable[tuple[bytes, bytes | None]], offset: int) -> None:
        """Take in entries of the changelog up to an offset of it; older ones than those held are left."""
        changes: dict[bytes, bytes | None] = {}
        newest = self._as_of
        for key, value in entries:
            where = _where(key)
            if value is None:
                if where != _PARTITION:
                    changes[where] = None
                continue
            when = as_of(value)
            if when >= newest:  # than all that are held: no need to look
                newest = when
            elif not newer(value, changes[where] if where in changes else self._get(where)):
                continue
            changes[where] = value
        batch = WriteBatch(raw_mode=True)
        for where, value in changes.items():
            if value is None:
                batch.delete(where)
            else:
                batch.put(where, value)
        batch.put(_META, b"%d %d %d %d" % (FORM, offset, newest, self._now()))
        with self._telling():
            self._db.write(batch)
        self._offset, self._as_of = offset, newest

    def offset(self) -> int | None:
        """The changelog offset up to which entries were taken in, or None."""
        return self._offset

    def as_of(self) -> int:
        """The greatest offset of the input that an entry is as of; -1 where there is none."""
        return self._as_of

    def member_ids(self) -> list[str]:
        """All members there are, sorted."""
        return sorted({decode_member(group) for kind in (_CLAIM, _LINE) for group in self._groups(kind)})

    def member_entries(self, member_id: str) -> Iterable[Entry]:
        """The entries of a member."""
        group = encode_member(member_id) + b","
        return [entry for kind in (_CLAIM, _LINE) for entry in self._entries(kind + group)]

    def claim_entries(self) -> Iterable[Entry]:
        """The entries of all claims."""
        return self._entries(_CLAIM)

    def partition_entry(self) -> bytes | None:
        """The value of the partition's own entry."""
        value = self._get(_PARTITION)
        return None if value is None else unstamped(value)

    def size(self) -> Size:
        """How much is held, as the database reckons: what was written anew may count twice for a while."""
        with self._telling():
            entries = int(self._db.property_int_value("rocksdb.estimate-num-keys") or 0)
            files = int(self._db.property_int_value("rocksdb.live-sst-files-size") or 0)
            buffers = int(self._db.property_int_value("rocksdb.cur-size-all-mem-tables") or 0)
        return Size(max(entries - len((_META, _PARTITION)), 0), files + buffers)

    def close(self) -> None:
        """Let go of the database; it stays on disk."""
        with self._telling():
            self._db.close()

    def _get(self, where: bytes) -> bytes | None:
        with self._telling():
            value: bytes | None = self._db.get(where)
        return value

    def _entries(self, start: bytes) -> Iterator[Entry]:
        """The entries whose keys here have this start."""
        with self._telling():
            found = self._db.iter()  # without an upper bound: rocksdict reads one that is freed by then
            found.seek(start)
            while found.valid() and (where := found.key()).startswith(start):
                yield where[1:], unstamped(found.value())
                found.next()
            found.status()  # raises where it ended by damage

    def _groups(self, kind: bytes) -> Iterator[bytes]:
        """The starts of keys that name a member, each once: one search a member."""
        with self._telling():
            found = self._db.iter()
            found.seek(kind)
            while found.valid() and (where := found.key()).startswith(kind):
                group = member_of_key(where[1:])
                yield group
                found.seek(kind + group + _BEHIND_ALL)
            found.status()

    def _read_meta(self) -> float | None:
        """Take over what a database says of itself; when it was written, None where it is new."""
        meta = self._get(_META)
        if meta is None:
            with self._telling():
                found = self._db.iter()
                found.seek_to_first()
                empty = not found.valid()
                found.status()
            if empty:
                return None
        form, _, rest = (meta or b"").partition(b" ")
        if form != b"%d" % FORM:
            told = form.decode() if form.isdigit() else "unknown"
            raise StoreRefusedError(f"{self.place} is of form {told}, this version reads {FORM}: {_REBUILD}")
        self._offset, self._as_of, written = map(int, rest.split())
        return written

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say of which database an error of RocksDB is."""
        try:
            yield
        except (StoreError, ValueError):
            raise
        except Exception as error:
            raise StoreError(f"{self.place}: {error}") from error


def _open(folder: Path, options: Options) -> Rdict:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Rdict(str(folder), options)
    except Exception as error:
        told = str(error)
        if "/LOCK: " in told:
            raise StoreRefusedError(f"{folder} is in use by another process: one for each worker") from error
        advice = "" if isinstance(error, OSError) or told.startswith("IO error") else f"; {_REBUILD}"
        raise StoreRefusedError(f"{folder} cannot be opened: {told}{advice}") from error


def _where(key: bytes) -> bytes:
    """The key here of a key of the changelog."""
    if key == PARTITION_KEY:
        return _PARTITION
    member_of_key(key)  # raises where it is none
    return (_CLAIM if key.endswith(b'"]') else _LINE) + key


def _options() -> Options:
    cache = Cache(CACHE_BYTES)
    blocks = BlockBasedOptions()
    blocks.set_block_cache(cache)
    blocks.set_cache_index_and_filter_blocks(v=True)
    blocks.set_block_size(16 * 1024)
    options = Options(raw_mode=True)
    options.create_if_missing(create_if_missing=True)
    options.set_block_based_table_factory(blocks)
    options.set_compression_type(DBCompressionType.lz4())
    buffers = WriteBufferManager.new_write_buffer_manager_with_cache(
        BUFFERS_BYTES, allow_stall=False, cache=cache
    )
    options.set_write_buffer_manager(buffers)
    options.set_write_buffer_size(BUFFER_BYTES)
    options.set_arena_block_size(64 * 1024)
    options.set_max_bytes_for_level_base(8 * BUFFER_BYTES)
    options.set_target_file_size_base(2 * BUFFER_BYTES)
    options.set_max_open_files(256)
    options.set_keep_log_file_num(2)
    options.set_max_log_file_size(1024 * 1024)
    return options
