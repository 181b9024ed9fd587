"""Laws of the class archives that make an embedded Kafka start sooner."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.embedded import EmbeddedKafka
from streams.embedded.archives import archives
from streams.embedded.cache import cache_folder
from streams.embedded.extras import EmbeddedKafkaError, java_home
from streams.embedded.jars import fetch_jars, read_list
from streams.embedded.java import run
from tests.kafka.live import whole

pytestmark = pytest.mark.slow

VERSION = read_list().kafka


@pytest.fixture
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache folder with the jars and nothing else."""
    jars = fetch_jars()[0].parent
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache = cache_folder(VERSION)
    cache.mkdir(parents=True)
    (cache / "jars").symlink_to(jars)
    return cache


@whole
def test_the_first_orderly_stop_writes_an_archive(empty_cache: Path, tmp_path: Path) -> None:
    """A first broker leaves an archive unless it is killed, and Java takes that archive the next time."""
    broker = EmbeddedKafka(tmp_path / "broker")
    with broker:
        made = archives(empty_cache)
        assert not (made.folder / "broker.jsa").exists()
        broker.kill(1)
        assert not (made.folder / "broker.jsa").exists()
        broker.start(1)
    archive = made.folder / "broker.jsa"
    assert made.options(None) == [f"-XX:SharedArchiveFile={archive}"]
    written = archive.stat().st_mtime_ns
    with broker:
        pass
    assert archive.stat().st_mtime_ns == written
    assert "[error]" not in broker.log(1).read_text()


def test_archives_of_a_java_that_is_gone_are_deleted(empty_cache: Path) -> None:
    """Archives are kept while their Java is as it was; those of another that is gone are deleted."""
    gone = empty_cache / "java-gone"
    gone.mkdir()
    (gone / "stamp").write_text("/nowhere/lib/modules\n1\n1\n")
    made = archives(empty_cache)
    base = (made.folder / "base.jsa").stat().st_mtime_ns
    assert not gone.exists()
    assert archives(empty_cache) == made
    assert (made.folder / "base.jsa").stat().st_mtime_ns == base
    (made.folder / "stamp").write_text("another state of it")
    archives(empty_cache)
    assert (made.folder / "base.jsa").stat().st_mtime_ns != base


def test_a_failed_java_says_what_for() -> None:
    """When a command of Java fails, the message says what it was for and what Java said."""
    with pytest.raises(EmbeddedKafkaError, match=r"(?s)Trying failed \(1\):.*no-such-flag"):
        run([str(java_home() / "bin" / "java"), "--no-such-flag"], "Trying")
