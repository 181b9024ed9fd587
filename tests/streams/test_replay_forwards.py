"""Mis-keyed records of a replay: set aside on disk, and looked at again at the same pace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.record import Record
from policy.outputs import Forward
from streams.generate import GenerateSettings, generate_lines
from streams.replay import forwards as module
from streams.replay.forwards import Forwards, pieces_of, read_forwards
from streams.replay.job import Job, Mode, PolicyChoice, policies_of, prepare
from streams.replay.part import Part, kept_part
from streams.replay.source_files import freeze_files
from streams.replay.work import Work, do_work
from tests.streams.replays import result_of

RECORDS = 120
TOPIC = "claim-lines"
SENT_AT = 1_790_000_000_000
MOST = 7


class Pace:
    """A watch that counts what it is told."""

    most = MOST

    def __init__(self) -> None:
        self.records: list[int] = []

    def read(self, part: Part, records: int, steps: int) -> None:
        """Reading went on."""
        del part, steps
        self.records.append(records)

    def judged(self, part: Part, members: int) -> None:
        """Members were judged."""

    def flush(self, part: Part) -> None:
        """All is done."""


def unkeyed(folder: Path) -> Path:
    """A dump of one partition whose records have no keys."""
    events = generate_lines(GenerateSettings(members=20, seed=4, lines=RECORDS))
    file = folder / "dump.jsonl"
    rows: Iterator[dict[str, object]] = (
        {
            "topic": "claim-lines",
            "partition": 0,
            "offset": n,
            "ts": SENT_AT,
            "key": None,
            "payload": json.dumps(event),
        }
        for n, event in enumerate(events)
    )
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def job_of(folder: Path, mode: Mode) -> Job:
    """A replay of such a dump."""
    manifest = freeze_files([str(unkeyed(folder))], now=1_900_000_000_000_000)
    return prepare(folder / "out", manifest, mode, {"policy": PolicyChoice()})


@pytest.mark.parametrize("mode", ["final", "as_published"])
def test_the_second_round_keeps_the_pace(tmp_path: Path, mode: Mode) -> None:
    """All of a partition is read again for its mis-keyed records, and each of its records counts."""
    job, first, second = job_of(tmp_path, mode), Pace(), Pace()
    (unit,) = job.manifest.units
    do_work(job, Work(unit), policies_of(job), None, first)
    part = kept_part(job, unit.name)
    assert part is not None
    assert pieces_of(part.folder) == {unit.name}
    do_work(job, Work(unit, (unit.name,)), policies_of(job), None, second)
    assert sum(first.records) == sum(second.records) == RECORDS
    assert max(first.records + second.records) <= MOST


def test_a_replay_leaves_no_record_behind(tmp_path: Path) -> None:
    """What was set aside is gone when the result is there; each record counts once and is judged."""
    told = result_of(tmp_path / "out", unkeyed(tmp_path))
    assert told["records"] == RECORDS
    assert told["rows"]["verdicts"] > 0
    assert not list((tmp_path / "out").rglob("forwards-*"))


def test_what_is_set_aside_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Record by record in its order, for the piece of work it belongs to, however many wait for the disk."""
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    kept = Forwards(tmp_path)
    records = [Record(b"\xff%d" % n, n, "claim-lines", 1, 5_000, None, keyed=True) for n in range(10)]
    for record in records:
        kept.add(f"p{record.offset % 2}", Forward(record, b"M-1"), reported=record.offset > 4)
    kept.close()
    assert pieces_of(tmp_path) == {"p0", "p1"}
    for piece in (0, 1):
        found = list(read_forwards(tmp_path, f"p{piece}"))
        mine = records[piece::2]
        assert [(each.record.value, each.record.offset) for each in found] == [
            (r.value, r.offset) for r in mine
        ]
        assert [each.reported for each in found] == [record.offset > 4 for record in mine]
        assert {each.member for each in found} == {b"M-1"}
