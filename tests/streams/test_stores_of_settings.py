"""Laws of the stores that settings name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from streams.settings import Settings, SettingsError
from streams.store import MemoryStore
from streams.stores import lock, new_store_of


def on_disk(folder: Path) -> Settings:
    """Settings of a worker with its state in a folder."""
    return Settings(bootstrap_servers="localhost:9092", store="rocksdb://", data_dir=folder)


def test_state_is_kept_in_memory_unless_told_otherwise() -> None:
    """The default needs no folder and no package."""
    assert isinstance(new_store_of(Settings(bootstrap_servers="localhost:9092"))(0), MemoryStore)


def test_each_partition_has_its_folder(tmp_path: Path) -> None:
    """`DATA_DIR/<app id>/<partition>`, for nobody else to read."""
    store = new_store_of(on_disk(tmp_path / "data"))(7)
    assert store.place == str(tmp_path / "data" / "dripline" / "7")
    assert (tmp_path / "data" / "dripline").stat().st_mode & 0o777 == 0o700
    store.close()


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says which setting needs it and how to get it; nothing is made."""
    monkeypatch.setitem(sys.modules, "streams.rocks", None)
    with pytest.raises(SettingsError, match=r"^DRIPLINE_STORE: .* install dripline\[rocksdb\]$"):
        new_store_of(on_disk(tmp_path / "data"))
    assert not (tmp_path / "data").exists()


def test_a_folder_is_locked_once(tmp_path: Path) -> None:
    """A second lock is refused with the folder's name; it is free when the first process has gone."""
    first = lock(tmp_path / "a")
    with pytest.raises(SettingsError, match=f"^DRIPLINE_DATA_DIR: {tmp_path / 'a'} is in use"):
        lock(tmp_path / "a")
    os.close(first)
    os.close(lock(tmp_path / "a"))


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """The message names the folder and says why."""
    (tmp_path / "a").write_text("x")
    with pytest.raises(SettingsError, match=r"^DRIPLINE_DATA_DIR: .*/a/b: Not a directory$"):
        lock(tmp_path / "a" / "b")
