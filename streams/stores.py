"""The stores of a worker, as the settings say."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from streams.settings import Settings, SettingsError, env_name
from streams.store import MemoryStore, Store

_LOCK: Final = "worker.lock"


def new_store_of(settings: Settings) -> Callable[[int], Store]:
    """What opens the store of a partition.

    Raises:
        SettingsError: the package of RocksDB is missing, or the folder is not ours to use.
    """
    if settings.store == "memory://":
        return lambda _: MemoryStore()
    try:
        from streams.rocks import RocksStores  # noqa: PLC0415 - of an extra
    except ImportError:
        raise SettingsError(
            f"{env_name('store')}: rocksdb:// needs the package rocksdict; install dripline[rocksdb]"
        ) from None
    assert settings.data_dir is not None  # noqa: S101 - checked with the settings
    folder = settings.data_dir / settings.app_id
    lock(folder)
    return RocksStores(folder)


def lock(folder: Path) -> int:
    """Keep other workers away from a folder as long as this process lives; the open lock file.

    Raises:
        SettingsError: another worker has the folder, or it cannot be made or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            raise
    except BlockingIOError:
        raise SettingsError(
            f"{env_name('data_dir')}: {folder} is in use by another worker; each needs a folder of its own"
        ) from None
    except OSError as error:
        raise SettingsError(f"{env_name('data_dir')}: {folder}: {error.strerror}") from None
    return file
