"""Where a claim is looked up: files of claim lines, the results of a replay or backtest, the live topics."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from models.claim_line import ClaimLine
from models.record import Record
from policy.document import Policy
from streams.broker_errors import BrokerError
from streams.explain.found import Explained, explained, judged, standing
from streams.explain.lines import lines_of_records
from streams.files import InputError, shown
from streams.replay.job import kept_policy, read_job
from streams.replay.lookup import records_of_claim
from streams.replay.manifest import Unit
from streams.replay.sources import read_unit
from streams.replay.topic_range import Wanted, freeze_topic
from streams.settings import Settings
from streams.topics import EDITS, VERDICTS

Json = dict[str, Any]

_LIVE: Final = "the live worker, as published"


def in_files(names: Sequence[str], claim_id: str, policy: Policy) -> list[Explained]:
    """The claim as the policy decides on the files' lines of its member.

    Raises:
        InputError: a file cannot be read.
    """
    return judged(records_of_claim(names, claim_id), claim_id, policy, f"{_named(policy)}, on these lines")


def in_results(folder: Path, claim_id: str, settings: Settings) -> list[Explained]:
    """The claim as a replay or a backtest has decided on it; its lines are read again where they were read.

    Raises:
        InputError: the folder holds no results.
        PolicyError: its policy cannot be used.
    """
    job = read_job(folder)
    policy = kept_policy(folder)
    published = [_published(row) for table in ("edits", "verdicts") for row in _rows(folder, table, claim_id)]
    records, note = _records(folder, claim_id, settings)
    lines = lines_of_records(records, policy)
    sides = [kept.side for kept in job.policies]
    parts = {"policy": ", the candidate", "against": ", the reference"} if job.against else {}
    names = {
        kept.side: f"{kept.policy_id} {kept.policy_version}{parts.get(kept.side, '')}"
        for kept in job.policies
    }
    if job.against == "live":
        sides.append("against")
        names["against"] = _LIVE
    members = {event["member_id"] for event in published} | _having(lines, claim_id)
    found = []
    for member in sorted(members):
        decisions = [
            standing([e for e in published if (e["side"], e["member_id"]) == (side, member)], names[side])
            for side in sides
        ]
        made = explained(claim_id, member, lines.get(member, ()), policy, decisions)
        found.append(made if made.rows else Explained(claim_id, member, policy, (), decisions, note))
    return found


def topic_behind(folder: Path) -> bool:
    """Whether the lines behind a result lie on a topic.

    Raises:
        InputError: the folder holds no results.
    """
    return read_job(folder).manifest.kind == "topic"


def _records(folder: Path, claim_id: str, settings: Settings) -> tuple[list[Record], str]:
    """The records behind a result, or none and why."""
    try:
        return records_of_claim(
            folder, claim_id, settings=settings
        ), "its lines are not in the input any more"
    except (BrokerError, InputError) as error:
        return [], f"its lines cannot be read: {error}"


def _rows(folder: Path, table: str, claim_id: str) -> Iterator[Json]:
    """The rows of a claim in a table of results."""
    try:
        import pyarrow.parquet as pq  # noqa: PLC0415 - takes a while to load, and belongs to an extra
    except ImportError:
        raise InputError("results are read by pyarrow: pip install 'dripline[replay]'") from None
    path = folder / f"{table}.parquet"
    if not path.is_file():
        raise InputError(f"{shown(str(path))}: there is no such file; the replay has not ended")
    yield from pq.read_table(path, filters=[("claim_id", "=", claim_id)]).to_pylist()


def _published(row: Mapping[str, Any]) -> Json:
    """A row of results as the event that it was."""
    event = {name: _as_text(value) for name, value in row.items()}
    if "units_affected" in event:
        units = event["units_affected"]
        event["units_affected"] = units.rstrip("0").rstrip(".") if "." in units else units
    return event


def _as_text(value: Any) -> Any:  # noqa: ANN401 - any value of a table
    """A value of a table as it is published: dates, times and amounts as text."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    if isinstance(value, dict):
        return {name: _as_text(each) for name, each in value.items()}
    return value


def on_topics(claim_id: str, policy: Policy, settings: Settings) -> list[Explained]:
    """The claim as the live topics have it: its lines as far as they are retained, what is published of it.

    Of a claim that is not screened yet, what the policy would say of its lines so far.

    Raises:
        BrokerError: the brokers cannot be used, or a topic is missing.
    """
    records = records_of_claim(None, claim_id, settings=settings)
    lines = lines_of_records(records, policy)
    verdicts = [event for event in _events(VERDICTS, settings, claim_id) if event["claim_id"] == claim_id]
    members = {event["member_id"] for event in verdicts}
    edits = [event for event in _events(EDITS, settings, claim_id) if event["claim_id"] == claim_id]
    found = []
    for member in sorted(members):
        mine = [event for event in (*edits, *verdicts) if event["member_id"] == member]
        decision = standing(mine, _LIVE)
        made = explained(claim_id, member, lines.get(member, ()), policy, [decision])
        note = "its lines are not retained any more"
        found.append(made if made.rows else Explained(claim_id, member, policy, (), [decision], note))
    by = f"{_named(policy)}, if no other line came: it is not screened yet"
    return found + [one for one in judged(records, claim_id, policy, by) if one.member_id not in members]


def _events(topic: str, settings: Settings, claim_id: str) -> Iterator[Json]:
    """Events of an output topic that may be about a claim, in the order of their publication."""
    sought = json.dumps(claim_id, ensure_ascii=False).encode()
    manifest = asyncio.run(freeze_topic(settings, Wanted(what_is_left=True), topic))
    for span in manifest.spans:
        for chunk in read_unit(manifest, Unit(span, 0, 1), settings):
            for record in chunk.records:
                if record.value and sought in record.value:
                    yield json.loads(record.value)


def _having(lines: Mapping[str, Iterable[ClaimLine]], claim_id: str) -> set[str]:
    return {member for member, each in lines.items() if any(line.claim_id == claim_id for line in each)}


def _named(policy: Policy) -> str:
    return f"{policy.policy_id} {policy.versions[-1].version}"
