"""Laws of screening files: what is in the results, and that nothing but the lines decides it."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.record import Record
from models.wire import to_json
from policy import PolicyEngine
from streams.files import InputError
from streams.results import EDITS, VERDICTS, OutputError
from tests.streams.lines_in_files import (
    NOW,
    codes,
    contents,
    encoded,
    in_folder,
    kit_in_per_diem,
    last_revisions,
    original,
    read,
    rejects,
    run,
    small_plan,
    write,
)
from tests.support import built_in_policy, claim_line


@pytest.fixture
def plan(tmp_path: Path) -> str:
    """A generated plan as a file."""
    return write(tmp_path / "plan.jsonl", small_plan())


def test_results_are_what_the_engine_publishes(tmp_path: Path, plan: str) -> None:
    """Edits and verdicts stand in the files as they are published, record by record, then at the end."""
    engine = PolicyEngine(built_in_policy())
    outs = [engine.receive(Record(line, n, timestamp=NOW)) for n, line in enumerate(small_plan())]
    outs.append(engine.finish())

    run(tmp_path / "out", plan)

    written = contents(tmp_path / "out")
    for name, kind in ((EDITS, "edits"), (VERDICTS, "verdicts")):
        published = [to_json(event.__dict__) for out in outs for event in getattr(out, kind)]
        assert written[name].decode().splitlines() == published
        assert published


def test_the_same_lines_give_the_same_bytes(tmp_path: Path, plan: str) -> None:
    """Two runs, and runs with other batches, write the same bytes."""
    run(tmp_path / "first", plan)

    for most in (1, 7, 512, 100_000):
        run(tmp_path / str(most), plan, most=most)
        assert contents(tmp_path / str(most)) == contents(tmp_path / "first")


@settings(in_folder, max_examples=10)
@given(cuts=st.lists(st.integers(0, len(small_plan())), max_size=4), packed=st.booleans())
def test_how_lines_lie_in_files_decides_nothing(tmp_path: Path, cuts: list[int], packed: bool) -> None:
    """Lines in one file or several, plain or gzip, give the same edits and verdicts."""
    lines, end = small_plan(), ".gz" if packed else ".jsonl"
    edges = [0, *sorted(cuts), len(lines)]
    parts = [
        write(tmp_path / f"{number}{end}", lines[first:last])
        for number, (first, last) in enumerate(pairwise(edges))
    ]

    run(tmp_path / "one", write(tmp_path / "one.jsonl", lines))
    run(tmp_path / "many", *parts)

    one, many = contents(tmp_path / "one"), contents(tmp_path / "many")
    assert (one[EDITS], one[VERDICTS]) == (many[EDITS], many[VERDICTS])
    assert list(map(original, rejects(tmp_path / "one"))) == list(map(original, rejects(tmp_path / "many")))


def test_blank_lines_and_line_ends_decide_nothing(tmp_path: Path) -> None:
    """CR LF for LF, blank lines, and no last line end leave the results as they are."""
    lines = small_plan()[:200]
    run(tmp_path / "plain", write(tmp_path / "plain.jsonl", lines))
    (tmp_path / "odd.jsonl").write_bytes(b"\r\n \r\n" + b"\r\n\t\n".join(lines))

    run(tmp_path / "odd", tmp_path / "odd.jsonl")

    plain, odd = contents(tmp_path / "plain"), contents(tmp_path / "odd")
    assert (plain[EDITS], plain[VERDICTS]) == (odd[EDITS], odd[VERDICTS])
    assert [r["line"] * 2 + 1 for r in rejects(tmp_path / "plain")] == [
        r["line"] for r in rejects(tmp_path / "odd")
    ]


def comparable(folder: Path) -> tuple[list[Any], list[Any]]:
    """Open edits and verdicts without what may differ between runs (specification, section 5)."""
    edits = last_revisions(read(folder / EDITS), "edit_id").values()
    verdicts = last_revisions(read(folder / VERDICTS), "member_id", "claim_id").values()
    history = {"settled", "revision", "as_of", "cause", "raised"}
    return (
        sorted((without(each, history) for each in edits if each["status"] == "open"), key=json.dumps),
        sorted((without(each, history) for each in verdicts), key=json.dumps),
    )


def without(event: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    """An event without some fields."""
    return {name: value for name, value in event.items() if name not in fields}


def test_a_final_run_says_what_stands_at_the_end(tmp_path: Path, plan: str) -> None:
    """One record per open edit and claim, revision 1, without cause; the content is the other run's."""
    run(tmp_path / "all", plan)
    run(tmp_path / "final", plan, final=True)

    assert comparable(tmp_path / "final") == comparable(tmp_path / "all")
    edits, verdicts = read(tmp_path / "final" / EDITS), read(tmp_path / "final" / VERDICTS)
    assert {(e["status"], e["revision"], e["raised"], e["cause"]) for e in edits} == {
        ("open", 1, "at_screening", None)
    }
    assert {(v["revision"], v["settled"]) for v in verdicts} == {(1, "end_of_input"), (1, "withdrawn")}
    assert len({each["edit_id"] for each in edits}) == len(edits)
    assert len({(each["member_id"], each["claim_id"]) for each in verdicts}) == len(verdicts)


BAD = {
    b'{"broken": ': ["not_json"],
    b"not json": ["not_json"],
    b"\xef\xbb\xbf{}": ["not_json"],
    b'{"member_id": "\xff"}': ["not_json"],
    b'{"member_id": "\\ud800"}': ["not_json"],
    b"[" * 5_000: ["not_json"],
    b'{"units": NaN}': ["not_json"],
    b"[]": ["not_object"],
    b"null": ["not_object"],
    b"17": ["not_object"],
    b"x" * 65_537: ["too_large"],
    b"x" * 200_000: ["too_large"],
    b"\xff" * 200_000: ["too_large"],
    encoded(claim_line("C-9", 1, "S9500", "2024-04-01", service_date_from=20240401)).strip(): ["invalid"],
    encoded(claim_line("C-9", 1, "S9500", "2024-04-01", line_number=True)).strip(): ["invalid"],
    encoded(claim_line("C-9", 1, "S9500", "2024-04-01", units="-1", charge_amount="1e2")).strip(): [
        "invalid",
        "invalid",
    ],
    encoded(claim_line("C-9", 1, "S9500", "2024-04-03", "2024-04-01")).strip(): ["dates_reversed"],
    encoded(claim_line("C-9", 1, "S9500", "2024-04-01", member_id=" ")).strip(): ["missing"],
    encoded(claim_line("C-9", 1, "S9500", "2024-04-01", received_at="2027-02-01T00:00:00Z")).strip(): [
        "outside_history",
        "received_in_future",
    ],
}


def test_bad_lines_are_rejected_with_all_reasons_and_stop_nothing(tmp_path: Path) -> None:
    """Each kind of bad line goes to the rejects with its reasons, place and bytes; the others count."""
    good = kit_in_per_diem().splitlines()
    lines = [good[0], b"", *BAD, *good[1:]]
    name = write(tmp_path / "lines.jsonl", lines)

    summary = run(tmp_path / "out", name)

    found = rejects(tmp_path / "out")
    assert [(r["file"], r["line"], original(r), codes(r)) for r in found] == [
        (name, number, line, BAD[line]) for number, line in enumerate(lines, 1) if line in BAD
    ]
    assert (summary.records, summary.accepted, summary.rejected) == (len(BAD) + 3, 3, len(BAD))
    assert [edit["amount_affected"] for edit in read(tmp_path / "out" / EDITS)] == ["100.00"]


@in_folder
@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=10))
def test_no_line_is_lost(tmp_path: Path, lines: list[bytes]) -> None:
    """Bytes of any kind are accepted or rejected, each once; what is rejected can be sent again."""
    assume(not b"\n".join(lines).startswith(b"\x1f\x8b"))  # by these two bytes a file is gzip
    name = write(tmp_path / "lines", lines)

    summary = run(tmp_path / "out", name)

    ended = [line.removesuffix(b"\r") for line in lines]
    kept = [(number, line) for number, line in enumerate(ended, 1) if line.strip(b" \t\r\n")]
    assert [(r["line"], original(r)) for r in rejects(tmp_path / "out")] == kept
    assert (summary.records, summary.rejected) == (len(kept), len(kept))


def test_a_line_from_the_future_is_judged_by_now(tmp_path: Path) -> None:
    """A line received more than a day after the time of the run is rejected, on that day it is not."""
    path = tmp_path / "lines"
    path.write_bytes(kit_in_per_diem(received_at="2024-05-02T00:00:00Z"))
    day_before = 1_714_521_600_000_000  # 2024-05-01

    assert run(tmp_path / "out", path, now=day_before).rejected == 0
    assert run(tmp_path / "out", path, now=day_before - 1).reject_reasons() == [("received_in_future", 3)]


def test_the_cause_of_an_edit_is_the_number_of_its_line_over_all_inputs(tmp_path: Path) -> None:
    """Topic and partition are null; the offset counts records of all inputs from 0, not blank lines."""
    (tmp_path / "first").write_bytes(b"\nrubbish\n\n")
    (tmp_path / "second").write_bytes(kit_in_per_diem())

    run(tmp_path / "out", tmp_path / "first", tmp_path / "second")

    (edit,) = read(tmp_path / "out" / EDITS)
    assert edit["cause"] == {"event_id": "C-1-3", "topic": None, "partition": None, "offset": 3}


def test_an_empty_input_is_no_failure(tmp_path: Path) -> None:
    """A file without a line gives three empty files."""
    (tmp_path / "empty").touch()

    summary = run(tmp_path / "out", tmp_path / "empty")

    assert set(contents(tmp_path / "out").values()) == {b""}
    assert summary.records == 0


def broken_inputs(folder: Path) -> Iterator[tuple[str, type[Exception]]]:
    """Inputs that end a run, and how."""
    (folder / "cut.gz").write_bytes(gzip.compress(kit_in_per_diem())[:-9])
    yield str(folder / "cut.gz"), InputError
    yield str(folder / "missing"), InputError
    yield str(folder), InputError
    yield str(folder / "out" / EDITS), OutputError


def test_a_run_that_fails_leaves_earlier_results_alone(tmp_path: Path) -> None:
    """After a failure the folder holds what it held before, byte by byte, and no temporary file."""
    (tmp_path / "sound").write_bytes(kit_in_per_diem())
    run(tmp_path / "out", tmp_path / "sound")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    for name, error in broken_inputs(tmp_path):
        with pytest.raises(error):
            run(tmp_path / "out", tmp_path / "sound", name)
        assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


@pytest.mark.slow
@pytest.mark.parametrize("piece", [b"x", b"\xff"])
def test_a_huge_line_is_rejected_whole_in_little_memory(tmp_path: Path, piece: bytes) -> None:
    """20 MiB in one line: rejected with all its bytes, the lines behind it screened, in 16 MiB."""
    with (tmp_path / "lines").open("wb") as file:
        for _ in range(20):
            file.write(piece * (1 << 20))
        file.write(b"\n" + kit_in_per_diem())
    built_in_policy()

    tracemalloc.start()
    summary = run(tmp_path / "out", tmp_path / "lines")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 16 << 20
    assert (summary.accepted, summary.rejected) == (3, 1)
    (line,) = rejects(tmp_path / "out")
    assert original(line) == piece * (20 << 20)
    assert codes(line) == ["too_large"]


@pytest.mark.slow
def test_memory_follows_claim_lines_not_bytes(tmp_path: Path) -> None:
    """Ten times the input about the same claims, and ten times the rubbish, take no more memory."""
    lines = [*kit_in_per_diem().splitlines(), b"rubbish " * 100] * 300
    peaks = []
    for times in (1, 10):
        name = write(tmp_path / "lines", lines * times)
        tracemalloc.start()
        run(tmp_path / "out", name)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert (tmp_path / "lines").stat().st_size > 2 * peaks[1]
    assert peaks[1] < peaks[0] * 1.25
