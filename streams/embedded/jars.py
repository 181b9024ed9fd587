"""The jars of the broker: which they are, and how they come to lie in the cache folder."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streams.embedded.cache import cache_folder, locked
from streams.embedded.extras import EmbeddedKafkaError
from streams.embedded.maven import download, local_copy, repositories

Progress = Callable[[int, int], None]
"""Told the bytes that are in place and the bytes wanted, after each jar."""

LIST: Final = Path(__file__).with_name("jars.toml")
_THREADS: Final = 6


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar, as it is pinned."""

    coordinates: str
    """group:artefact:version."""
    sha256: str
    size: int
    """Bytes."""

    @property
    def name(self) -> str:
        """File name in the cache folder."""
        _, artefact, version = self.coordinates.split(":")
        return f"{artefact}-{version}.jar"


@dataclass(frozen=True, slots=True)
class JarList:
    """The pinned jars of one Kafka version."""

    kafka: str
    """Version of Kafka."""
    jars: tuple[Jar, ...]


def read_list(path: Path = LIST) -> JarList:
    """Read a list of pinned jars; `python -m streams.embedded.pin` writes it."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return JarList(document["kafka"], tuple(Jar(**entry) for entry in document["jar"]))


def sha256(path: Path) -> str:
    """Hash of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(jar: Jar, path: Path) -> bool:
    """Whether this file is that jar."""
    return path.is_file() and path.stat().st_size == jar.size and sha256(path) == jar.sha256


def fetch_jars(
    wanted: JarList | None = None, folder: Path | None = None, progress: Progress | None = None
) -> list[Path]:
    """Every jar of the list, checked; those that are missing or damaged are fetched first.

    Safe from several processes at once: one fetches, the others wait for it.

    Args:
        wanted: None is the list that comes with Dripline.
        folder: where the jars lie; None is the user's cache folder.
        progress: told how far it is.

    Raises:
        EmbeddedKafkaError: a jar cannot be had, or has another hash than the list says.
    """
    wanted = wanted or read_list()
    folder = folder or cache_folder(wanted.kafka) / "jars"
    paths = {jar: folder / jar.name for jar in wanted.jars}
    if not all(is_whole(jar, path) for jar, path in paths.items()):
        with locked(folder.parent / "jars.lock"):
            folder.mkdir(exist_ok=True)
            _fetch(
                {jar: path for jar, path in paths.items() if not is_whole(jar, path)}, wanted.jars, progress
            )
    return list(paths.values())


def _fetch(missing: Mapping[Jar, Path], all_jars: Sequence[Jar], progress: Progress | None) -> None:
    total = sum(jar.size for jar in all_jars)
    done = total - sum(jar.size for jar in missing)
    remote = repositories() if missing else {}
    with ThreadPoolExecutor(_THREADS) as pool:
        tasks = {pool.submit(_fetch_one, jar, path, remote): jar for jar, path in missing.items()}
        try:
            for task in as_completed(tasks):
                task.result()
                done += tasks[task].size
                if progress is not None:
                    progress(done, total)
        finally:
            pool.shutdown(cancel_futures=True)


def _fetch_one(jar: Jar, path: Path, remote: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="fetch-") as place:
        ready = Path(place) / jar.name
        local = local_copy(jar.coordinates)
        if is_whole(jar, local):
            shutil.copyfile(local, ready)
        else:
            ready = download(jar.coordinates, Path(place), remote)
            if (found := sha256(ready)) != jar.sha256:
                raise EmbeddedKafkaError(
                    f"{jar.coordinates} is not the file that Dripline was tested with and is refused: "
                    f"its sha256 is {found}, wanted is {jar.sha256}."
                )
        ready.replace(path)
