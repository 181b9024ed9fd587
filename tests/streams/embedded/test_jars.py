"""Laws of the jars that the embedded Kafka is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from streams.embedded import jars as module
from streams.embedded.cache import cache_folder
from streams.embedded.extras import EmbeddedKafkaError
from streams.embedded.jars import LIST, Jar, JarList, fetch_jars, read_list
from streams.embedded.pin import as_toml

CONTENT = {f"org.example:part-{number}:1.{number}": b"class %d" % number for number in range(3)}


def jar_of(coordinates: str, content: bytes) -> Jar:
    """The jar as it would be pinned."""
    return Jar(coordinates, hashlib.sha256(content).hexdigest(), len(content))


WANTED = JarList("1.0", tuple(jar_of(*entry) for entry in CONTENT.items()))


class Repository:
    """Stands for Maven Central."""

    def __init__(self) -> None:
        self.content = dict(CONTENT)
        self.asked: list[str] = []

    def download(self, coordinates: str, folder: Path, remote: Mapping[str, str]) -> Path:
        """Give the jar, as jgo does."""
        assert remote == {"central": "https://repository.example"}
        self.asked.append(coordinates)
        path = folder / "downloaded.jar"
        path.write_bytes(self.content[coordinates])
        return path


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Repository:
    """The only source of jars, unless a test fills the folder `local`."""
    made = Repository()
    monkeypatch.setattr(module, "download", made.download)
    monkeypatch.setattr(module, "repositories", lambda: {"central": "https://repository.example"})
    monkeypatch.setattr(module, "local_copy", lambda name: tmp_path / "local" / name.replace(":", "-"))
    return made


def test_missing_jars_are_fetched_once(repository: Repository, tmp_path: Path) -> None:
    """Every jar is fetched the first time and none the second; nothing else is left in the folder."""
    folder = tmp_path / "cache" / "jars"
    paths = fetch_jars(WANTED, folder)
    assert fetch_jars(WANTED, folder) == paths
    assert [path.read_bytes() for path in paths] == list(CONTENT.values())
    assert sorted(repository.asked) == sorted(CONTENT)
    assert sorted(folder.iterdir()) == sorted(paths)


def test_a_jar_with_a_wrong_hash_is_refused(repository: Repository, tmp_path: Path) -> None:
    """A jar of the right size and another content is named, refused, and not kept."""
    name = "org.example:part-1:1.1"
    repository.content[name] = b"klass 1"
    with pytest.raises(
        EmbeddedKafkaError, match=r"part-1:1\.1 .* refused: its sha256 is [0-9a-f]{64}, wanted"
    ):
        fetch_jars(WANTED, tmp_path / "cache" / "jars")
    assert not (tmp_path / "cache" / "jars" / "part-1-1.1.jar").exists()


@pytest.mark.parametrize("damaged", [b"", b"klass 1", b"class 1 and more"])
def test_a_damaged_jar_is_fetched_again(repository: Repository, tmp_path: Path, damaged: bytes) -> None:
    """What lies damaged in the cache is replaced, and nothing but that is fetched."""
    paths = fetch_jars(WANTED, tmp_path / "cache" / "jars")
    repository.asked.clear()
    paths[1].write_bytes(damaged)
    assert fetch_jars(WANTED, tmp_path / "cache" / "jars")[1].read_bytes() == b"class 1"
    assert repository.asked == ["org.example:part-1:1.1"]


@pytest.mark.parametrize(("local", "fetched"), [(b"class 0", 2), (b"klass 0", 3)])
def test_a_whole_local_copy_is_taken(
    repository: Repository, tmp_path: Path, local: bytes, fetched: int
) -> None:
    """A jar in the user's Maven repository is copied when it is the right one, and only then."""
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "org.example-part-0-1.0").write_bytes(local)
    assert fetch_jars(WANTED, tmp_path / "cache" / "jars")[0].read_bytes() == b"class 0"
    assert len(repository.asked) == fetched


@pytest.mark.usefixtures("repository")
def test_progress_ends_with_everything(tmp_path: Path) -> None:
    """The bytes in place grow with each jar up to all of them."""
    seen: list[tuple[int, int]] = []
    fetch_jars(WANTED, tmp_path / "cache" / "jars", lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == [7, 14, 21]
    assert {total for _, total in seen} == {21}


def test_every_jar_of_the_broker_is_pinned() -> None:
    """The list that comes with Dripline names each jar once and is as `pin` writes it."""
    pinned = read_list()
    assert len({jar.name for jar in pinned.jars}) == len(pinned.jars) > 40
    assert f"org.apache.kafka:kafka_2.13:{pinned.kafka}" in {jar.coordinates for jar in pinned.jars}
    assert as_toml(pinned.kafka, sorted(pinned.jars, key=lambda jar: jar.coordinates)) == LIST.read_text()
    assert all(len(bytes.fromhex(jar.sha256)) == 32 and jar.size > 0 for jar in pinned.jars)


@pytest.mark.parametrize(
    ("given", "system", "wanted"),
    [
        ("/caches", "linux", "/caches"),
        ("caches", "linux", "~/.cache"),
        ("", "linux", "~/.cache"),
        ("", "darwin", "~/Library/Caches"),
        ("/caches", "darwin", "/caches"),
    ],
)
def test_the_cache_is_where_the_system_keeps_caches(
    monkeypatch: pytest.MonkeyPatch, given: str, system: str, wanted: str
) -> None:
    """XDG_CACHE_HOME decides when it is absolute, as its specification says, else the system."""
    monkeypatch.setenv("XDG_CACHE_HOME", given)
    monkeypatch.setattr("sys.platform", system)
    assert cache_folder("4.3.1") == Path(wanted).expanduser() / "dripline" / "kafka-4.3.1"
