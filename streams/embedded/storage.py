"""The storage of a node, formatted by Kafka's own tool."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from streams.embedded.cache import locked
from streams.embedded.java import command, properties, run
from streams.embedded.layout import identifier


def format_storage(
    jars: Sequence[Path], settings: Mapping[str, str], place: Path, extra: Sequence[str]
) -> None:
    """Format a node's storage at `place`, with Kafka's own tool; for identifiers see `take_storage`."""
    with tempfile.TemporaryDirectory(dir=place.parent) as work:
        file, made = Path(work) / "server.properties", Path(work) / "data"
        file.write_text(properties({**settings, "log.dirs": str(made)}), encoding="utf-8")
        main = ["kafka.tools.StorageTool", "format", "-t", identifier(), "-c", str(file), *extra]
        run(command(jars, main, ["-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]), "Formatting the storage")
        made.rename(place)


def formatted(jars: Sequence[Path], settings: Mapping[str, str], cache: Path) -> Path:
    """Formatted storage from the cache, which saves starting Java for it.

    The format writes the minimum of in-sync replicas down for good, so there is one for each.
    """
    place = cache / f"formatted-{settings['min.insync.replicas']}"
    with locked(cache / "format.lock"):
        if not place.is_dir():
            format_storage(jars, settings, place, ())
    return place


def take_storage(formatted_at: Path, place: Path, node: int, cluster: str) -> None:
    """Copy formatted storage for one node and write its identifiers."""
    own = {"cluster.id": cluster, "node.id": str(node), "directory.id": identifier(), "version": "1"}
    with tempfile.TemporaryDirectory(dir=place.parent) as work:
        copy = Path(work) / "data"
        shutil.copytree(formatted_at, copy)
        (copy / "meta.properties").write_text(properties(own), encoding="utf-8")
        copy.rename(place)
