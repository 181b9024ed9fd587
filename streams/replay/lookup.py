"""A claim's lines and its member's other ones: in what a replay read, in files, or on the live topic."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from models.claim_line import ClaimLine
from models.record import Record
from models.wire import RejectedError, member_of, read_fields
from policy import PolicyEngine, load_policy
from policy.document import Policy
from policy.outputs import Outputs
from streams.replay.job import MANIFEST, read_job
from streams.replay.manifest import Manifest, Unit
from streams.replay.shards import member_in
from streams.replay.source_files import freeze_files
from streams.replay.sources import read_unit
from streams.replay.topic_range import Wanted, freeze_topic
from streams.settings import Settings

Place = Path | Sequence[str] | None
"""A result folder, whose records are read again; files of claim lines or dumps; None: the live topic."""


def lines_of_claim(
    source: Place, claim_id: str, *, settings: Settings | None = None, policy: Policy | None = None
) -> list[ClaimLine]:
    """The current versions of all lines of the members who have a claim, by member, claim and line number.

    Args:
        source: where to look.
        claim_id: the claim.
        settings: how to reach the brokers, where the records lie on a topic.
        policy: whose `history_days` says what is accepted; None is the built-in one.

    Returns:
        The claim's own lines and the member's other ones, of every date; none where the claim is unknown.

    Raises:
        BrokerError, InputError: the source cannot be read.
    """
    engine = PolicyEngine(policy or load_policy(), final=True)
    records = records_of_claim(source, claim_id, settings=settings)
    engine.take(engine.read(records, Outputs()), records, Outputs())
    return [line for member_id in engine.member_ids() for line in engine.lines_of(member_id)]


def records_of_claim(source: Place, claim_id: str, *, settings: Settings | None = None) -> list[Record]:
    """All records of the members who have a claim, mis-keyed ones included, in their order.

    An engine that receives them comes to what the source's comes to for these members. They are not `keyed`:
    each is judged by the member it names.

    Args:
        source, claim_id, settings: as in `lines_of_claim`.

    Raises:
        BrokerError, InputError: the source cannot be read.
    """
    manifest = _manifest(source, settings)
    sought = claim_id.encode()
    members = set()
    for record in _records(manifest, settings):
        value = record.value or b""
        if sought in value or b"\\" in value:
            fields = _fields(record)
            if fields.get("claim_id") == claim_id:
                members.add(member_of(fields))
    members.discard(None)
    if not members:
        return []
    found = [each for each in _records(manifest, settings) if member_in(each.value or b"") in members]
    return sorted(found, key=lambda each: (each.partition or 0, each.offset))


def _records(manifest: Manifest, settings: Settings | None) -> Iterator[Record]:
    for span in manifest.spans:
        for chunk in read_unit(manifest, Unit(span, 0, 1), settings):
            yield from (record._replace(keyed=False) for record in chunk.records)


def _fields(record: Record) -> dict[str, Any]:
    try:
        return read_fields(record.value)
    except RejectedError:
        return {}


def _manifest(source: Place, settings: Settings | None) -> Manifest:
    if isinstance(source, Path) and (source / MANIFEST).is_file():
        return read_job(source).manifest
    if source is None:
        if settings is None:
            raise ValueError("a topic is reached by settings")
        return asyncio.run(freeze_topic(settings, Wanted()))
    return freeze_files([str(source)] if isinstance(source, Path) else list(source), now=_LATE)


_LATE = 4_102_444_800_000_000
"""2100: looked up in a file, no line is received in the future."""
