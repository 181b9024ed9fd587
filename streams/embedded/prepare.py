"""What must lie ready before a node can start: Java's archives, jars, certificate, settings, storage."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from streams.embedded.archives import Archives, archives
from streams.embedded.cache import cache_folder
from streams.embedded.jars import Progress, fetch_jars, read_list
from streams.embedded.java import properties
from streams.embedded.layout import Layout
from streams.embedded.node import Node
from streams.embedded.security import Security, make_certificate
from streams.embedded.storage import format_storage, formatted, take_storage


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs a node, whatever the cluster."""

    jars: list[Path]
    archives: Archives
    cache: Path
    heap: str

    @classmethod
    def ready(cls, heap: str, progress: Progress | None) -> Self:
        """Fetch the jars that are missing and, meanwhile, make Java's class archive."""
        wanted = read_list()
        cache = cache_folder(wanted.kafka)
        with ThreadPoolExecutor() as pool:
            made = pool.submit(archives, cache)
            jars = fetch_jars(wanted, cache / "jars", progress)
        return cls(jars, made.result(), cache, heap)


def prepare(
    folder: Path, layout: Layout, settings: Mapping[str, str], security: Security | None, runtime: Runtime
) -> dict[int, Node]:
    """The nodes of a cluster, with their settings written and their storage formatted."""
    if security is not None:
        tls = folder / "tls"
        if not tls.is_dir():
            make_certificate(tls)
        settings = {**security.properties(tls), **settings}
    nodes = {}
    for number in layout.ports:
        place = folder / f"node-{number}"
        place.mkdir(exist_ok=True)
        own = {**settings, **layout.properties(number, place / "data")}
        (place / "server.properties").write_text(properties(own), encoding="ascii")
        if not (place / "data").is_dir():
            empty = _formatted(folder, own, security, runtime)
            take_storage(empty, place / "data", number, layout.cluster)
        nodes[number] = Node(place, runtime.jars, runtime.archives, runtime.heap, archiving=number == 1)
    return nodes


def _formatted(
    folder: Path, settings: Mapping[str, str], security: Security | None, runtime: Runtime
) -> Path:
    if security is None:
        return formatted(runtime.jars, settings, runtime.cache)
    place = folder / "formatted"  # a cluster's own, it holds the users
    if not place.is_dir():
        format_storage(runtime.jars, settings, place, security.format_arguments())
    return place
