"""Laws of the stores: what is in memory and what is on disk give the same answers."""

from __future__ import annotations

import json
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.claim_line import LineKey
from models.state import PARTITION_KEY, claim_key, line_key
from streams.rocks import KEPT_SECONDS, RocksStores
from streams.store import MemoryStore, Store, StoreError, StoreRefusedError, stamped

Batch = list[tuple[bytes, bytes | None]]
IDS = [
    "M",
    "M-1",
    "M-10",
    "M-",
    'M"',
    'M",',
    "M\\",
    'M\\"',
    "Mü",
    "M\N{SNOWMAN}",
    "",
    "[]",
    "\x7f",
    "\U0010ffff",
]


@pytest.fixture(params=["memory", "rocks"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    made: Store = MemoryStore() if request.param == "memory" else RocksStores(tmp_path)(0)
    yield made
    made.close()


def keys() -> st.SearchStrategy[bytes]:
    """Keys of a claim, a line, or the partition, of members whose ids begin alike or need escapes."""
    some = st.sampled_from(IDS)
    numbers = st.integers(1, 12)
    return st.one_of(
        st.builds(claim_key, some, some),
        st.builds(lambda m, c, n: line_key(LineKey(m, c, n)), some, some, numbers),
        st.just(PARTITION_KEY),
    )


def batches() -> st.SearchStrategy[list[Batch]]:
    """Batches of entries, some gone, some older than those before."""
    values = st.none() | st.builds(
        lambda when, rest: b"%d %d" % (when, rest), st.integers(0, 9), st.integers(0, 99)
    )
    return st.lists(st.lists(st.tuples(keys(), values), max_size=12), max_size=8)


class Plain:
    """What a store holds, by the newer-wins rule and nothing else."""

    def __init__(self) -> None:
        self.entries: dict[bytes, bytes] = {}
        self.as_of = -1

    def apply(self, batch: Batch) -> None:
        """Take a batch in."""
        for key, value in batch:
            if value is None:
                if key != PARTITION_KEY:
                    self.entries.pop(key, None)
                continue
            when = int(value.split()[0])
            self.as_of = max(self.as_of, when)
            if key not in self.entries or when >= int(self.entries[key].split()[0]):
                self.entries[key] = value

    def check(self, store: Store) -> None:
        """A store gives exactly these entries."""
        held = {key: value.split()[1] for key, value in self.entries.items()}
        named = {key: json.loads(key) for key in held if key != PARTITION_KEY}
        assert store.as_of() == self.as_of
        assert store.partition_entry() == held.get(PARTITION_KEY)
        assert store.member_ids() == sorted({name[0] for name in named.values()})
        assert sorted(store.claim_entries()) == sorted(
            (k, held[k]) for k, name in named.items() if len(name) == 2
        )
        for member in IDS:
            mine = sorted((key, held[key]) for key, name in named.items() if name[0] == member)
            assert sorted(store.member_entries(member)) == mine


@given(batches())
def test_in_memory_the_newest_value_of_each_key_is_held(applied: list[Batch]) -> None:
    """Any batches leave the entries of a plain dictionary in which newer values win."""
    store, plain = MemoryStore(), Plain()
    for offset, batch in enumerate(applied):
        store.apply(batch, offset)
        plain.apply(batch)
    plain.check(store)
    assert store.offset() == (len(applied) - 1 if applied else None)
    held = {key: value for key, value in plain.entries.items() if key != PARTITION_KEY}
    assert store.size() == (len(held), sum(len(key) + len(value) for key, value in held.items()))


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(batches(), st.sets(st.integers(0, 7)))
def test_on_disk_the_newest_value_of_each_key_is_held(applied: list[Batch], reopened: set[int]) -> None:
    """The same on disk, however often the database is closed and opened in between."""
    with TemporaryDirectory() as folder:
        stores, plain = RocksStores(Path(folder)), Plain()
        store = stores(3)
        for offset, batch in enumerate(applied):
            if offset in reopened:
                store.close()
                store = stores(3)
            store.apply(batch, offset)
            plain.apply(batch)
        plain.check(store)
        store.close()
        store = stores(3)
        plain.check(store)
        assert store.offset() == (len(applied) - 1 if applied else None)
        store.close()


def test_a_store_tells_its_size(store: Store) -> None:
    """A hundred lines are about a hundred entries, and some bytes."""
    store.apply([(line_key(LineKey("M", "C", number)), b"1 line") for number in range(1, 101)], 0)
    assert store.size().entries in {99, 100}  # a database reckons with an entry of the partition
    assert store.size().bytes > 1000


def test_a_new_store_is_empty(store: Store) -> None:
    """Nothing is held, and the changelog is read from its start."""
    assert store.offset() is None
    assert store.as_of() == -1
    assert store.member_ids() == []
    assert store.partition_entry() is None


def test_a_late_write_of_a_frozen_worker_is_left(store: Store) -> None:
    """An entry as of an earlier offset than the held one changes nothing but the changelog's offset."""
    key = claim_key("M-1", "C1")
    store.apply(stamped({key: b"new", PARTITION_KEY: b"new"}, 9).items(), 0)
    store.apply(stamped({key: b"old", PARTITION_KEY: b"old"}, 8).items(), 1)
    assert list(store.member_entries("M-1")) == [(key, b"new")]
    assert store.partition_entry() == b"new"
    assert (store.offset(), store.as_of()) == (1, 9)


def test_a_key_that_names_no_member_is_refused(store: Store) -> None:
    """A damaged key of the changelog stops recovery, and nothing of its batch is taken in."""
    with pytest.raises(ValueError, match="names no member"):
        store.apply([(b"{}", b"1 x")], 0)
    assert store.offset() is None


def test_partitions_have_databases_of_their_own(tmp_path: Path) -> None:
    """What one partition holds is not seen by another."""
    stores = RocksStores(tmp_path)
    one, other = stores(1), stores(2)
    one.apply([(claim_key("M", "C"), b"1 x")], 7)
    assert other.offset() is None
    assert other.member_ids() == []
    one.close()
    other.close()


def test_an_open_database_is_refused_and_named(tmp_path: Path) -> None:
    """Who opens a database that is in use is told which; once it is closed, it opens."""
    first = RocksStores(tmp_path)(0)
    with pytest.raises(StoreRefusedError, match=f"{tmp_path / '0'} is in use by another process"):
        RocksStores(tmp_path)(0)
    first.close()
    RocksStores(tmp_path)(0).close()


@pytest.mark.parametrize("meta", [b"2 7 7 7", b"nonsense", None])
def test_a_database_of_another_form_is_refused(tmp_path: Path, meta: bytes | None) -> None:
    """The message says that the folder may be deleted, as the changelog has all of it."""
    made = RocksStores(tmp_path)(0)
    made._db[b"other"] = b"x"
    if meta is not None:
        made._db[b"m"] = meta
    made.close()
    with pytest.raises(
        StoreRefusedError, match=r"form.*delete the folder, it is made anew from the changelog"
    ):
        RocksStores(tmp_path)(0)
    shutil.rmtree(tmp_path / "0")
    RocksStores(tmp_path)(0).close()


@pytest.mark.parametrize(("age", "kept"), [(KEPT_SECONDS, True), (KEPT_SECONDS + 1, False)])
def test_a_database_that_slept_too_long_is_made_anew(tmp_path: Path, age: int, kept: bool) -> None:
    """Deletions that Kafka has forgotten are not missed: the changelog is read from its start."""
    made = RocksStores(tmp_path, lambda: 1000.9)(0)
    made.apply([(claim_key("M", "C"), b"1 x")], 7)
    made.close()
    again = RocksStores(tmp_path, lambda: 1000.0 + age)(0)
    assert again.offset() == (7 if kept else None)
    assert again.member_ids() == (["M"] if kept else [])
    again.close()


def damage_blocks(folder: Path) -> None:
    """Overwrite the middle of each file of entries."""
    for file in folder.glob("*.sst"):
        middle = file.stat().st_size // 2
        with file.open("r+b") as opened:
            opened.seek(middle)
            opened.write(b"\xff" * 64)


@pytest.mark.parametrize(
    "read",
    [
        lambda store: list(store.claim_entries()),
        lambda store: store.member_ids(),
        lambda store: [store.member_entries(f"M-{number}") for number in range(20_000)],
    ],
    ids=["claims", "members", "entries"],
)
def test_damage_is_never_taken_for_the_end(tmp_path: Path, read: Callable[[Store], object]) -> None:
    """A damaged file raises whichever way it is read, and the message names the folder."""
    stores = RocksStores(tmp_path)
    store = stores(0)
    store.apply([(claim_key(f"M-{number}", "C"), b"1 %d" % hash(number)) for number in range(20_000)], 1)
    store.close()
    damage_blocks(tmp_path / "0")
    store = stores(0)
    with pytest.raises(StoreError, match=f"{tmp_path / '0'}: Corruption"):
        read(store)
    store.close()


def test_a_write_that_the_disk_refuses_raises(tmp_path: Path) -> None:
    """It is named, nothing of it counts, and what was written before is there after a restart."""
    stores = RocksStores(tmp_path)
    store = stores(0)
    store.apply([(claim_key("M", "C1"), b"1 x")], 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(StoreError, match="File too large"):
            store.apply([(claim_key("M", "C2"), b"2 " + os.urandom(200_000))], 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (store.offset(), store.as_of()) == (1, 1)
    with pytest.raises(StoreError, match="previous error"):  # it takes no more
        store.close()
    store = stores(0)
    assert (store.offset(), store.as_of()) == (1, 1)
    assert store.member_entries("M") == [(claim_key("M", "C1"), b"x")]
    store.close()


def test_a_folder_that_is_no_database_any_more_is_refused(tmp_path: Path) -> None:
    """Where RocksDB cannot open it, the message says why and what to do."""
    RocksStores(tmp_path)(0).close()
    (tmp_path / "0" / "CURRENT").write_text("rubbish")
    with pytest.raises(StoreRefusedError, match=r"cannot be opened: Corruption.*delete the folder"):
        RocksStores(tmp_path)(0)


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    """Nothing that is not ours is deleted or advised to be."""
    (tmp_path / "0").write_text("x")
    with pytest.raises(StoreRefusedError, match=r"0 cannot be opened: [^;]*$"):
        RocksStores(tmp_path)(0)
