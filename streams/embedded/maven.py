"""One jar from a Maven repository, through jgo and the user's own Maven settings."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from streams.embedded.extras import EmbeddedKafkaError, extra

_CENTRAL: Final = "central"
_TRIES: Final = 3
_TIMEOUT: Final = 60
"""Seconds without a byte."""


def mirror_of_central(settings: str) -> str | None:
    """The address that Maven's settings put in the place of Maven Central, or None.

    Args:
        settings: the text of a settings.xml.

    Raises:
        ET.ParseError: it is no XML.
    """
    for mirror in ET.fromstring(settings).iterfind("{*}mirrors/{*}mirror"):  # noqa: S314 - the user's own file
        patterns = [each.strip() for each in (mirror.findtext("{*}mirrorOf") or "").split(",")]
        url = (mirror.findtext("{*}url") or "").strip().rstrip("/")
        wanted = {"*", "external:*", _CENTRAL} & set(patterns)
        if wanted and f"!{_CENTRAL}" not in patterns and url and "${" not in url:
            return url
    return None


def repositories() -> dict[str, str]:
    """Name and address of the Maven repositories to ask, in this order.

    Maven Central, or its mirror in ~/.m2/settings.xml; then those of jgo's own configuration. Proxies and
    certificates are what the environment says (HTTPS_PROXY, REQUESTS_CA_BUNDLE).
    """
    found: dict[str, str] = {_CENTRAL: extra("jgo.constants").MAVEN_CENTRAL_URL}
    found.update(extra("jgo.config").GlobalSettings.load().repositories)
    settings = Path.home() / ".m2" / "settings.xml"
    if settings.is_file():
        try:
            mirror = mirror_of_central(settings.read_text(encoding="utf-8"))
        except (ET.ParseError, UnicodeDecodeError) as broken:
            raise EmbeddedKafkaError(f"{settings} cannot be read as XML") from broken
        found[_CENTRAL] = mirror or found[_CENTRAL]
    return found


def local_copy(coordinates: str) -> Path:
    """Where the user's local Maven repository has this artefact, if it has it."""
    group, artefact, version = coordinates.split(":")
    local: Path = extra("jgo.constants").default_maven_repo()
    return local.joinpath(*group.split("."), artefact, version, f"{artefact}-{version}.jar")


def download(coordinates: str, folder: Path, remote: Mapping[str, str]) -> Path:
    """Fetch one jar, without what it depends on, to somewhere below a folder.

    Args:
        coordinates: group:artefact:version.
        folder: a folder of its own; laid out like a local Maven repository.
        remote: the repositories to ask.

    Raises:
        EmbeddedKafkaError: no repository gave it.
    """
    maven = extra("jgo.maven")
    refused = extra("requests").RequestException
    cause: Exception | None = None
    for attempt in range(_TRIES):
        place = folder / str(attempt)  # jgo takes a half-written file for a whole one
        context = maven.MavenContext(repo_cache=place, remote_repos=dict(remote), timeout=_TIMEOUT)
        try:
            return Path(context.create_dependency(coordinates).artifact.resolve())
        except (RuntimeError, OSError, refused) as failed:
            cause = failed
            time.sleep(attempt)
    raise EmbeddedKafkaError(
        f"Could not fetch {coordinates} from {', '.join(remote.values())}: "
        "check the network, or the mirror in ~/.m2/settings.xml."
    ) from cause
