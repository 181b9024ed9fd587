"""Laws of replays from files: the same result however it is come by."""

from __future__ import annotations

import gzip
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from models.record import Record
from policy import PolicyEngine
from policy.outputs import Outputs
from streams.cli import dripline as command
from streams.files import InputError
from streams.generate import GenerateSettings, encode_line, generate_lines
from streams.replay.comparable import Standing, result_hash
from streams.replay.job import PolicyChoice, kept_policy, prepare
from streams.replay.lookup import lines_of_claim, records_of_claim
from streams.replay.pool import run_all
from streams.replay.progress import Progress
from streams.replay.shards import member_in, partition_of, shard_of_value
from streams.replay.source_files import freeze_files
from streams.replay.work import Work
from tests.oracle import random_events
from tests.streams.intake.sample import sample
from tests.streams.replays import dripline, result_of, screened
from tests.support import built_in_policy, claim_line

NOW = "2026-12-01"
RUBBISH = [b"no json", b"\xff\xfe", b"[1]", b'{"member_id": "M-1"}', b" " * 70_000 + b"x", b"no json"]


def written(folder: Path, lines: Sequence[bytes], name: str = "lines.jsonl") -> Path:
    """Lines as a file."""
    file = folder / name
    file.write_bytes(b"\n".join(lines) + b"\n")
    return file


def generated(folder: Path, lines: int = 1500, seed: int = 3) -> Path:
    """A file of generated claim lines."""
    settings = GenerateSettings(members=lines // 15, seed=seed, lines=lines, other_share=0.3)
    return written(folder, [encode_line(event) for event in generate_lines(settings)])


def invoke(name: str, *arguments: str | Path) -> dict[str, Any]:
    """Run the command; what its `result.json` says."""
    place = list(arguments).index("--out")
    return result_of(Path(arguments[place + 1]), *arguments[:place], *arguments[place + 2 :], name=name)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_screen_and_both_modes_agree(tmp_path: Path, seed: int) -> None:
    """Shuffled and repeated events with rubbish among them: three ways, one hash."""
    rng = random.Random(seed)
    lines = [json.dumps(event).encode() for _ in range(4) for event in random_events(rng, 60)] + RUBBISH
    lines += rng.choices(lines, k=20)
    rng.shuffle(lines)
    file = written(tmp_path, lines)
    final = invoke("replay", file, "--out", tmp_path / "final", "--now", NOW)
    stepwise = invoke("replay", file, "--out", tmp_path / "step", "--now", NOW, "--mode", "as-published")
    assert (
        final["hash"] == stepwise["hash"] == screened(tmp_path / "screen", file, "--now", f"{NOW}T00:00:00Z")
    )
    assert final["rejects"] == stepwise["rejects"] >= len(RUBBISH)


@pytest.mark.slow
def test_neither_processes_nor_pace_count(tmp_path: Path) -> None:
    """1, 2 and 4 processes, and a throttle, come to one hash and the same numbers."""
    file = generated(tmp_path)
    results = [
        result_of(tmp_path / f"out{place}", file, "--now", NOW, *options)
        for place, options in enumerate(
            [("--processes", "1"), ("--processes", "2"), ("--processes", "4", "--throttle", "2000")]
        )
    ]
    told = [
        {name: result[name] for name in ("hash", "sides", "records", "members", "as_of")}
        for result in results
    ]
    assert told[1:] == told[:-1]


@pytest.mark.slow
def test_a_killed_replay_is_resumed(tmp_path: Path) -> None:
    """SIGKILL at three moments, each time resumed: the hash of a run that nobody killed."""
    file = generated(tmp_path, 4000)
    whole = invoke("replay", file, "--out", tmp_path / "whole", "--now", NOW, "--processes", "1")
    folder = tmp_path / "killed"
    begin = [str(file), "--out", str(folder), "--now", NOW]
    rng = random.Random(7)
    for arguments in (begin, ["--resume", str(folder)], ["--resume", str(folder)]):
        options = ["--processes", "4", "--throttle", "1500", "--status", "none"]
        process = subprocess.Popen([sys.executable, "-m", "streams.cli", "replay", *arguments, *options])
        wait_until_read(process, folder, rng.uniform(0.1, 0.9))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not (folder / "result.json").exists()
    done = dripline("replay", "--resume", folder, "--processes", "2")
    assert done.exit_code == 0, done.output
    result = json.loads((folder / "result.json").read_text("utf-8"))
    assert {**result, "range": {}} == {**whole, "range": {}}
    assert not (folder / "parts").exists()


def wait_until_read(process: subprocess.Popen[bytes], folder: Path, share: float) -> None:
    """Wait until a part of the records is read."""
    while True:
        assert process.poll() is None, "it ended before it could be killed"
        try:
            if json.loads((folder / "status.json").read_text("utf-8"))["share"] >= share:
                return
        except FileNotFoundError:
            pass
        time.sleep(0.02)


def test_a_finished_replay_is_not_done_again(tmp_path: Path) -> None:
    """Resuming it tells the same result; a new one there is refused."""
    file = generated(tmp_path, 60)
    folder = tmp_path / "out"
    invoke("replay", file, "--out", folder, "--now", NOW)
    before = (folder / "result.json").read_bytes()
    file.unlink()
    again = CliRunner().invoke(command, ["replay", "--resume", str(folder)])
    assert again.exit_code == 0, again.output
    assert (folder / "result.json").read_bytes() == before
    file = generated(tmp_path, 60)
    refused = CliRunner().invoke(command, ["replay", str(file), "--out", str(folder)])
    assert refused.exit_code == 2
    assert "--resume" in refused.output


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--policy", "nowhere"), "--policy"),
        (("--settle-after", "1h", "--now", "2026-01-01"), "--now, --settle-after"),
        (("--mode", "final"), "--mode"),
        (("--topic", "--last-days", "3"), "--topic, --last-days"),
        (("lines.jsonl",), "INPUT"),
    ],
)
def test_what_was_fixed_is_not_taken_again(tmp_path: Path, arguments: tuple[str, ...], named: str) -> None:
    """Resuming refuses by name what the replay began with, and takes what says how it is done and shown."""
    folder = tmp_path / "out"
    invoke("replay", generated(tmp_path, 60), "--out", folder, "--now", NOW)
    refused = dripline("replay", "--resume", folder, *arguments, DRIPLINE_POLICY="elsewhere")
    assert refused.exit_code == 2
    assert f"Error: {named}: fixed when the replay began" in refused.output
    taken = (
        "--processes",
        "1",
        "--throttle",
        "9e9",
        "--status",
        "none",
        "--bootstrap-servers",
        "localhost:1",
    )
    done = dripline("replay", "--resume", folder, *taken, DRIPLINE_POLICY="elsewhere")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["replay", "backtest", "explain"])
def test_an_837_is_not_read_as_lines(tmp_path: Path, name: str, packed: bool) -> None:
    """It is refused with the command that makes lines of it, and nothing is written."""
    data = "".join(sample()[0]).encode()
    file = tmp_path / "claims"
    file.write_bytes(gzip.compress(data) if packed else data)
    out = ("--out", tmp_path / "out")
    arguments: dict[str, tuple[str | Path, ...]] = {
        "replay": (file, *out),
        "backtest": (file, "--policy", "built-in", "--against", "built-in", *out),
        "explain": ("C1", file),
    }
    refused = dripline(name, *arguments[name])
    assert refused.exit_code == 2
    assert f"{file}: is an 837; make claim lines of it with dripline intake" in refused.output
    assert not (tmp_path / "out").exists()


def test_a_changed_input_is_refused(tmp_path: Path) -> None:
    """What is resumed must be what was begun."""
    file = generated(tmp_path, 60)
    folder = tmp_path / "out"
    invoke("replay", file, "--out", folder, "--now", NOW)
    (folder / "result.json").unlink()
    file.write_bytes(file.read_bytes() + b"{}\n")
    refused = CliRunner().invoke(command, ["replay", "--resume", str(folder)])
    assert refused.exit_code == 2
    assert "has changed since the replay began" in refused.output


def test_the_status_is_told_as_json(tmp_path: Path) -> None:
    """One object a line on standard output, the last one done; the file holds the same."""
    file = generated(tmp_path, 60)
    done = CliRunner(catch_exceptions=False).invoke(
        command, ["replay", str(file), "--out", str(tmp_path / "out"), "--now", NOW, "--status", "json"]
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert told[0]["state"] == "reading"
    assert told[-1] == json.loads((tmp_path / "out" / "status.json").read_text("utf-8"))
    assert [told[-1][name] for name in ("state", "records", "share")] == ["done", 60, 1.0]


def test_rejects_keep_their_bytes_and_place(tmp_path: Path) -> None:
    """File, line, reasons, and all bytes of a rejected record."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - of the extra

    file = written(tmp_path, [b"", *RUBBISH])
    result = invoke("replay", file, "--out", tmp_path / "out", "--now", NOW)
    rows = pq.read_table(tmp_path / "out" / "rejects.parquet").to_pylist()
    assert [(row["file"], row["line"]) for row in rows] == [(str(file), line) for line in range(2, 8)]
    assert [row["raw"] for row in rows] == RUBBISH
    assert rows[0]["reasons"][0]["code"] == "not_json"
    assert result["rejects"] == len(RUBBISH)
    once = written(tmp_path, RUBBISH[:-1], "once.jsonl")
    assert invoke("replay", once, "--out", tmp_path / "once", "--now", NOW)["hash"] == result["hash"]


def test_a_dump_of_the_topic_is_read(tmp_path: Path) -> None:
    """As `kcat -J` writes it: by partitions, mis-keyed originals beside their copies or without them."""
    events = [
        claim_line("C1", 1, "S9500", "2024-03-01", line_count=1),
        claim_line("C2", 1, "S9500", "2024-03-02", line_count=1, member_id="M-2"),
    ]
    values = [json.dumps(event) for event in events]

    home = {key: partition_of(key.encode(), 2) for key in ("M-1", "M-2")}
    assert set(home.values()) == {0, 1}

    def dumped(*records: tuple[int, int, str | None, str]) -> Path:
        names = ("topic", "partition", "offset", "ts", "key", "payload")
        rows = (("claim-lines", *place, 1_712_048_400_000, key, value) for *place, key, value in records)
        lines = [json.dumps(dict(zip(names, row, strict=True))).encode() for row in rows]
        return written(tmp_path, lines, f"dump{len(list(tmp_path.iterdir()))}.jsonl")

    plain = invoke(
        "replay", written(tmp_path, [v.encode() for v in values]), "--out", tmp_path / "o0", "--now", NOW
    )
    hashes = {plain["hash"]}
    one, two = home["M-1"], home["M-2"]
    dumps = [
        dumped((one, 5, "M-1", values[0]), (two, 7, "M-2", values[1])),
        dumped((two, 5, None, values[0]), (two, 7, "M-2", values[1]), (one, 9, "M-1", values[0])),
        dumped((two, 5, None, values[0]), (one, 7, "M-1", values[1])),
    ]
    for number, dump in enumerate(dumps):
        for mode in ("final", "as-published"):
            folder = tmp_path / f"out-{mode}-{number}"
            hashes.add(invoke("replay", dump, "--out", folder, "--mode", mode)["hash"])
    assert len(hashes) == 1


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_failure_of_a_process_is_told(tmp_path: Path, processes: int) -> None:
    """What a piece of work cannot read ends the replay with its words, wherever it is done."""
    file = generated(tmp_path, 60)
    manifest = replace(freeze_files([str(file)], now=1), shards=2)
    job = prepare(tmp_path / "out", manifest, "final", {"policy": PolicyChoice()})
    file.unlink()
    works = [Work(unit) for unit in manifest.units]
    with pytest.raises(InputError, match="no such file"):
        run_all(
            job.folder,
            works,
            None,
            Progress(job, 60, 1),
            processes=processes,
            throttle=None,
            tick=lambda: None,
        )


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--topic", "lines.jsonl"),
        ("lines.jsonl", "--since", "2026-01-01"),
        ("--topic", "--offsets", "0:5-2"),
        ("--topic", "--offsets", "0:1-2", "--partitions", "0"),
        ("--topic", "--last-days", "3", "--since", "2026-01-01"),
        ("--topic", "--warm-up", "3"),
        ("--topic", "--since", "yesterday"),
        ("-",),
        ("nothing-here.jsonl",),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """With exit code 2, before anything is written."""
    done = CliRunner().invoke(command, ["replay", *arguments, "--out", str(tmp_path / "out")])
    assert done.exit_code == 2, done.output
    assert not (tmp_path / "out").exists()


def test_the_kept_policy_decides(tmp_path: Path) -> None:
    """A changed copy is refused; the copy with its exemptions is what was given."""
    exemptions = tmp_path / "exempt.json"
    exemptions.write_text('[{"rule": "per_diem_without_drug"}]')
    file = generated(tmp_path, 60)
    folder = tmp_path / "out"
    invoke("replay", file, "--out", folder, "--now", NOW, "--exemptions", exemptions)
    policy = kept_policy(folder)
    assert policy.exemptions
    assert policy.fingerprint != built_in_policy().fingerprint
    toml = folder / "policies" / "policy" / "policy.toml"
    toml.write_text(toml.read_text("utf-8").replace("window_days = 14", "window_days = 13"), "utf-8")
    (folder / "result.json").unlink()
    refused = CliRunner().invoke(command, ["replay", "--resume", str(folder)])
    assert refused.exit_code == 2
    assert "is not the policy" in refused.output


def test_a_claim_is_found_with_its_members_lines(tmp_path: Path) -> None:
    """In files and in what a replay read: all lines of the members who have it, and no others."""
    events = [
        claim_line("C1", 1, "S9500", "2024-03-01"),
        claim_line("C2", 1, "J0696", "2024-05-01"),
        claim_line("C1", 1, "S9501", "2024-03-01", event_id="later", received_at="2024-04-03T09:00:00Z"),
        claim_line("C3", 1, "S9500", "2024-03-01", member_id="M-2"),
    ]
    file = written(tmp_path, [json.dumps(event).encode() for event in events])
    invoke("replay", file, "--out", tmp_path / "out", "--now", NOW)
    for source in ([str(file)], file, tmp_path / "out"):
        lines = lines_of_claim(source, "C1")
        assert [(line.claim_id, line.procedure_code) for line in lines] == [("C1", "S9501"), ("C2", "J0696")]
        assert len(records_of_claim(source, "C1")) == 3
    engine = PolicyEngine(built_in_policy(), final=True)
    engine.receive_many(records_of_claim(file, "C1"))
    assert {edit.claim_id for edit in engine.finish().edits} <= {"C1", "C2"}
    assert lines_of_claim(file, "C9") == []


@pytest.mark.parametrize(
    ("value", "member"),
    [
        (b'{"member_id":"M-1"}', b"M-1"),
        (b'{"member_id" : " M-1 "}', b"M-1"),
        (b'{"x":{"member_id":"A"},"member\\u005fid":"B"}', b"B"),
        (b'{"member_id":"A","member_id":"B"}', b"B"),
        (b'{"note":"member_id","member_id":"B"}', b"B"),
        (b'{"member_id":"M\\u002d1"}', b"M-1"),
        ('{"member_id":"Å"}'.encode(), "Å".encode()),
        (b'{"note":1}', None),
        (b"rubbish", None),
    ],
)
def test_a_member_is_read_off_the_bytes(value: bytes, member: bytes | None) -> None:
    """As the JSON says it, also where the name stands twice or is written in escapes."""
    assert member_in(value) == member


def test_an_event_twice_is_of_one_share() -> None:
    """However its JSON is written, a member's lines come to one share."""
    for member in ("M-1", "Å", 'a"b'):
        event = claim_line("C1", 1, "S9500", "2024-03-01", member_id=member)
        ways = [
            json.dumps(event),
            json.dumps(event, ensure_ascii=False, indent=1),
            json.dumps(event | {"x": "\\"}),
        ]
        assert len({shard_of_value(way.encode(), 7) for way in ways}) == 1


def test_the_hash_depends_on_content_alone() -> None:
    """Neither order nor the spread over parts counts; one more edit, another verdict or a reject does."""
    one, other, both = Standing(), Standing(), Standing()
    one.add_edit(5)
    other.add_verdict(7)
    both.add_verdict(7)
    both.add_edit(5)
    one.add(other)
    assert result_hash(one, [b"r", b"r"]) == result_hash(both, [b"r"])
    both.add_edit(1)
    assert result_hash(one, [b"r"]) != result_hash(both, [b"r"])
    assert result_hash(one, []) != result_hash(one, [b"r"])
    one.add(other, -1)
    assert (one.edits, one.verdicts) == (1, 0)


def test_final_is_what_screen_final_writes(tmp_path: Path) -> None:
    """Every field of every edit and verdict, the time of the end included, whatever the shares."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - of the extra

    file = generated(tmp_path, 400)
    done = CliRunner().invoke(
        command,
        [
            "screen",
            str(file),
            "--final",
            "--quiet",
            "--out",
            str(tmp_path / "screen"),
            "--now",
            f"{NOW}T00:00:00Z",
        ],
    )
    assert done.exit_code == 0
    invoke("replay", file, "--out", tmp_path / "out", "--now", NOW)
    for name, key in (("edits", "edit_id"), ("verdicts", "claim_id")):
        lines = (tmp_path / "screen" / f"{name}.jsonl").read_text("utf-8").splitlines()
        said = {each[key]: each for each in map(json.loads, lines)}
        rows = {row[key]: row for row in pq.read_table(tmp_path / "out" / f"{name}.parquet").to_pylist()}
        assert rows.keys() == said.keys()
        for each, row in rows.items():
            assert row.keys() - {"side"} == said[each].keys()
            for field in ("revision", "disposition", "lines_seen", "rule", "message", "cause", "settled"):
                assert row.get(field) == said[each].get(field)
            assert str(row["amount_affected"]) == said[each]["amount_affected"]
            assert row["as_of"].strftime("%Y-%m-%dT%H:%M:%S") in said[each]["as_of"]


def test_an_engine_beside_another_needs_the_same_lines() -> None:
    """Engines share what they took in where they judge at the end and accept the same lines."""
    policy = built_in_policy()
    with pytest.raises(ValueError, match="judged once"):
        PolicyEngine(policy).beside(policy)


def test_two_engines_over_the_same_lines_judge_as_two() -> None:
    """What the second one says is what it says alone, and the first one's word stays the same."""
    rng = random.Random(5)
    values = [json.dumps(event).encode() for _ in range(5) for event in random_events(rng, 40)]
    records = [Record(value, offset) for offset, value in enumerate(values)]
    policy = built_in_policy()
    alone = PolicyEngine(policy, final=True)
    alone.receive_many(records)
    expected = [each.__dict__ for each in alone.finish().publications]
    one = PolicyEngine(policy, final=True)
    other = one.beside(policy)
    one.receive_many(records)
    found: list[list[Any]] = [[], []]
    for member_id in one.member_ids():
        for engine, said in zip((one, other), found, strict=True):
            out = Outputs()
            engine.finish_member(member_id, out)
            said += [each.__dict__ for each in out.publications]
            one.reopen_member(member_id)
    assert found == [expected, expected]
