"""Write `jars.toml` anew: what a Kafka version's broker needs, with hashes as they are now.

    python -m streams.embedded.pin 4.3.1

For a new Kafka version; the difference to the old list is for a person to read.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from streams.embedded.extras import extra
from streams.embedded.jars import LIST, Jar, sha256
from streams.embedded.maven import repositories

_SLF4J: Final = "1.7.36"
"""Version of the logger's binding, the newest that fits the slf4j-api of Kafka 4."""


def closure(kafka: str, folder: Path) -> list[Jar]:
    """The broker's jars: kafka_2.13, what it needs to run, and a logger that writes to standard error."""
    context = extra("jgo.maven").MavenContext(repo_cache=folder, remote_repos=repositories(), timeout=60)
    roots = (f"org.apache.kafka:kafka_2.13:{kafka}", f"org.slf4j:slf4j-simple:{_SLF4J}")
    inputs, behind = context.resolver.resolve([context.create_dependency(root) for root in roots])
    artefacts = [dependency.artifact for dependency in (*inputs, *behind)]
    with ThreadPoolExecutor() as pool:
        paths = list(pool.map(lambda artefact: Path(artefact.resolve()), artefacts))
    jars = [
        Jar(f"{each.groupId}:{each.artifactId}:{each.version}", sha256(path), path.stat().st_size)
        for each, path in zip(artefacts, paths, strict=True)
    ]
    return sorted(jars, key=lambda jar: jar.coordinates)


def as_toml(kafka: str, jars: list[Jar]) -> str:
    """The list as it is kept."""
    lines = ["# The jars of the embedded Kafka: python -m streams.embedded.pin VERSION", f'kafka = "{kafka}"']
    for jar in jars:
        lines += ["", "[[jar]]", f'coordinates = "{jar.coordinates}"']
        lines += [f'sha256 = "{jar.sha256}"', f"size = {jar.size}"]
    return "\n".join(lines) + "\n"


def main(kafka: str) -> None:
    """Write the list of a Kafka version."""
    with tempfile.TemporaryDirectory() as folder:
        LIST.write_text(as_toml(kafka, closure(kafka, Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
