"""What the live worker has published, as a backtest compares with it: the latest revisions.

The topics are read once, to the offsets of the manifest, and laid down for the piece of work a member is of.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
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
    names = [unit.name for unit in job.manifest.units]
    with ExitStack() as stack:
        files = {name: stack.enter_context((folder / name).open("wb")) for name in names}
        for manifest in job.live:
            for span in manifest.spans:
                for chunk in read_topic(settings, manifest.topic or "", Unit(span, 0, 1)):
                    _sort_in(job.manifest, (record.value for record in chunk.records), files)
                    moved()
    done.touch()


def _sort_in(manifest: Manifest, values: Iterator[bytes | None], files: Mapping[str, BinaryIO]) -> None:
    for value in values:
        if not value:
            continue
        try:
            member = json.loads(value)["member_id"].encode()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BrokerError(
                "refused", "the published topics hold records that are no edits or verdicts"
            ) from error
        unit = manifest.unit_of(member)
        if unit is not None:
            files[unit.name].write(value + b"\n")


class Published:
    """What is published of the members of one piece of work, as bytes until it is asked for.

    Args:
        job, unit: the piece of work, for which `lay_down` has laid it down.
    """

    def __init__(self, job: Job, unit: Unit) -> None:
        self._latest: dict[str, dict[tuple[str, str], tuple[int, bytes]]] = defaultdict(dict)
        with (job.parts / FOLDER / unit.name).open("rb") as lines:
            for line in lines:
                content = json.loads(line)
                of_member = self._latest[content["member_id"]]
                key = content["claim_id"], content.get("edit_id", "")
                if key not in of_member or content["revision"] >= of_member[key][0]:
                    of_member[key] = content["revision"], line

    def of(self, member_id: str) -> list[Mapping[str, Any]]:
        """A member's open edits and verdicts."""
        latest = (json.loads(line) for _, line in self._latest.get(member_id, {}).values())
        return [content for content in latest if content["status"] != "cleared"]
