"""What the live worker has published, as a backtest compares with it: the latest revisions.

The topics are read once, to the offsets of the manifest, and laid down for the piece of work a member is of.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Final

from streams.broker_errors import BrokerError
from streams.replay.job import Job
from streams.replay.manifest import Manifest, Unit
from streams.replay.source_topic import read_topic
from streams.settings import Settings

FOLDER: Final = "live"
DONE: Final = "live.done"


def lay_down(job: Job, settings: Settings, moved: Callable[[], None] = lambda: None) -> None:
    """Read what is published, and put each member's share where its piece of work finds it.

    Raises:
        BrokerError: the topics cannot be read, or hold something else.
    """
    done = job.parts / DONE
    if done.exists():
        return
    folder = job.parts / FOLDER
    folder.mkdir(exist_ok=True)
    units = {(unit.span.partition, unit.shard): unit.name for unit in job.manifest.units}
    with ExitStack() as stack:
        files = {place: stack.enter_context((folder / name).open("wb")) for place, name in units.items()}
        for manifest in job.live:
            for span in manifest.spans:
                for chunk in read_topic(settings, manifest.topic or "", Unit(span, 0, 1)):
                    _sort_in(job.manifest, (record.value for record in chunk.records), files)
                    moved()
    done.touch()


def _sort_in(
    manifest: Manifest,
    values: Iterator[bytes | None],
    files: Mapping[tuple[int | None, int], BinaryIO],
) -> None:
    for value in values:
        if not value:
            continue
        try:
            member = json.loads(value)["member_id"].encode()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BrokerError(
                "refused", "the published topics hold records that are no edits or verdicts"
            ) from error
        file = files.get(manifest.owner(member))
        if file is not None:
            file.write(value + b"\n")


def live_content(job: Job, unit: Unit) -> dict[str, list[Mapping[str, Any]]]:
    """Open edits and verdicts of a piece of work as they are published, by member."""
    return _latest(job.parts / FOLDER / unit.name)


def _latest(file: Path) -> dict[str, list[Mapping[str, Any]]]:
    latest: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    with file.open("rb") as lines:
        for line in lines:
            content = json.loads(line)
            key = content["member_id"], content["claim_id"], content.get("edit_id", "")
            if key not in latest or content["revision"] >= latest[key]["revision"]:
                latest[key] = content
    by_member: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for (member_id, _, _), content in latest.items():
        if content["status"] != "cleared":
            by_member[member_id].append(content)
    return by_member
