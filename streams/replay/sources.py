"""Reads a piece of work from wherever its manifest says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from streams.replay.chunk import Chunk
from streams.replay.manifest import Manifest, Unit
from streams.replay.source_files import read_files

if TYPE_CHECKING:
    from streams.settings import Settings


def read_unit(
    manifest: Manifest,
    unit: Unit,
    settings: Settings | None,
    members: frozenset[bytes] | None = None,
    *,
    most: int | None = None,
) -> Iterator[Chunk]:
    """The records of a unit, in order.

    Args:
        manifest: says where from.
        unit: the partition and the share of its members.
        settings: how to reach the brokers, for a topic.
        members: records with these keys alone.
        most: records given at once; None: as many as come.

    Raises:
        BrokerError, InputError: the records cannot be read.
        ValueError: a topic without settings.
    """
    if manifest.kind != "topic":
        return read_files(manifest, unit, members, most=most)
    if settings is None or manifest.topic is None:
        raise ValueError("a topic is reached by settings")
    from streams.replay.source_topic import read_topic  # noqa: PLC0415 - loads a client of Kafka

    return read_topic(settings, manifest.topic, unit, members, most=most)
