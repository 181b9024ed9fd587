"""Laws of the results files: complete under their final names or not there at all."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.record import Record
from models.rejection import Reason, Rejection
from streams.files import Batch
from streams.long_line import LongLine
from streams.results import NAMES, REJECTS, OutputError, Results, check_outputs
from tests.streams.lines_in_files import in_folder, original, rejects

NOT_JSON = Reason(code="not_json", field=None, message="The record is not one JSON text in UTF-8.")


def reject(folder: Path, value: bytes, whole: LongLine | None = None) -> None:
    """Reject one line, the seventh of its file."""
    record = Record(value, 3)
    batch = Batch("lines.jsonl", 3, records=[record], lines=[7], long_line=whole)
    with Results(folder) as written:
        written.reject([Rejection(record, (NOT_JSON,))], batch)
        written.keep()


raws = (
    st.binary()
    | st.text().map(str.encode)
    | st.sampled_from([b'"\\', b"\x00\x1f\x7f", "\u2028\U0001f600".encode()])
)


@in_folder
@given(raws)
def test_a_reject_carries_the_original_bytes(tmp_path: Path, value: bytes) -> None:
    """Whatever a line holds: as text where it is UTF-8, else as base64; with file, line and reasons."""
    reject(tmp_path, value)

    (line,) = rejects(tmp_path)
    assert original(line) == value
    assert {**line, "raw": "", "raw_base64": ""} == {
        "file": "lines.jsonl",
        "line": 7,
        "reasons": [NOT_JSON],
        "raw": "",
        "raw_base64": "",
    }
    assert ("raw" in line) == is_text(value)


def is_text(value: bytes) -> bool:
    """Whether bytes are UTF-8."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


@in_folder
@given(
    st.sampled_from([b"x", b"\xc3\xa4", "\U0001f600".encode(), b'"\\', b"\x00", b"\xff", b"\xed\xa0\x80"]),
    st.integers(0, 3),
    st.sampled_from([b"", b"\xf0", b"end"]),
)
def test_a_long_line_is_written_in_pieces_and_whole(
    tmp_path: Path, unit: bytes, shift: int, last: bytes
) -> None:
    """The reject of a long line is the same as if it had been held, wherever the pieces are cut."""
    value = b"y" * shift + unit * (450_000 // len(unit)) + last
    with LongLine(tmp_path) as whole:
        whole.add(value[:70_000])
        whole.add(value[70_000:])
        whole.end()
        reject(tmp_path, value[:65_539], whole)

    in_pieces = (tmp_path / REJECTS).read_bytes()
    reject(tmp_path, value)
    assert in_pieces == (tmp_path / REJECTS).read_bytes()


def test_results_appear_when_they_are_kept(tmp_path: Path) -> None:
    """Before the end there is no file under a final name; afterwards the three, and nothing else."""
    with Results(tmp_path) as written:
        assert not any((tmp_path / name).exists() for name in NAMES)
        written.keep()

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES)


def test_results_that_are_not_kept_leave_nothing(tmp_path: Path) -> None:
    """A run that breaks off leaves the folder as it was, with the results of an earlier run."""
    (tmp_path / NAMES[0]).write_text("earlier")

    def break_off() -> None:
        with Results(tmp_path):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()

    assert [path.read_text() for path in tmp_path.iterdir()] == ["earlier"]


def test_results_that_cannot_be_begun_leave_nothing(tmp_path: Path) -> None:
    """Where a file cannot be made, the folder is named and nothing is left of the others."""
    with pytest.raises(OutputError, match=r"edits\.jsonl: cannot be written \(No such file or directory\)"):
        Results(tmp_path / "missing").__enter__()

    crowded = Results(tmp_path)
    third = tmp_path / crowded._part(NAMES[2]).name
    third.touch()
    with pytest.raises(OutputError, match=r"rejects\.jsonl: cannot be written \(File exists\)"):
        crowded.__enter__()

    assert not [path for path in tmp_path.iterdir() if path != third]


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be brought to disk is named with the cause, and nothing is kept."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    def keep() -> None:
        with Results(tmp_path) as written:
            written.keep()

    with pytest.raises(OutputError) as caught:
        keep()

    assert str(caught.value) == f"{tmp_path / NAMES[0]}: cannot be written (No space left on device)"
    assert not list(tmp_path.iterdir())


def test_the_folder_is_made(tmp_path: Path) -> None:
    """A folder for the results is made with those above it, and may be there already."""
    check_outputs(tmp_path / "a" / "b", [])
    check_outputs(tmp_path / "a" / "b", [])

    assert (tmp_path / "a" / "b").is_dir()


def test_a_place_that_takes_no_results_is_refused(tmp_path: Path) -> None:
    """A file instead of the folder, a folder under a result's name: both are named before any work."""
    (tmp_path / "file").touch()
    (tmp_path / "out" / NAMES[1]).mkdir(parents=True)

    with pytest.raises(OutputError, match=r"file: cannot be written \(File exists\)"):
        check_outputs(tmp_path / "file", [])
    with pytest.raises(OutputError, match=r"verdicts\.jsonl: is a folder"):
        check_outputs(tmp_path / "out", [])


def test_an_input_is_never_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that is an input is refused, under its own name, by a link, and as standard input."""
    target = tmp_path / REJECTS
    target.write_bytes(b"{}\n")
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "other").touch()

    check_outputs(tmp_path, [str(tmp_path / "other"), str(tmp_path / "missing")])
    for name in (str(target), str(tmp_path / "link")):
        with pytest.raises(OutputError, match=r"rejects\.jsonl: is an input"):
            check_outputs(tmp_path, [name])
    with target.open("rb") as opened:
        monkeypatch.setattr(sys, "stdin", opened)
        with pytest.raises(OutputError, match=r"rejects\.jsonl: is an input"):
            check_outputs(tmp_path, ["-"])
    monkeypatch.setattr(sys, "stdin", None)
    check_outputs(tmp_path, ["-"])
