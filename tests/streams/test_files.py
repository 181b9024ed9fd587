"""Laws of reading claim lines from files (specification, section 1: files; section 5: one partition)."""

from __future__ import annotations

import gzip
import io
import os
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rejection import MOST_BYTES
from streams.files import InputError, check_inputs, read_batches, shown, total_size
from streams.long_line import LongLine
from tests.streams.lines_in_files import in_folder

BLANKS = b" \t\r\n"

line_ends = st.sampled_from([b"\n", b"\r\n"])
contents = st.one_of(
    st.binary(max_size=12).filter(lambda line: b"\n" not in line),
    st.sampled_from([b"", b" ", b"\t \r", b"\r", b"\x0b", b"{}", b'{"a": 1}', b"\xef\xbb\xbf{}"]),
)


class Read(NamedTuple):
    """A record as it was read: all its bytes, and its place."""

    value: bytes
    file: str
    line: int
    offset: int


def read(names: Iterable[object], most: int = 512) -> list[Read]:
    """Every record of some inputs, long ones whole."""
    return list(reading(names, most))


def reading(names: Iterable[object], most: int = 512) -> Iterator[Read]:
    """The records of some inputs, one after the other."""
    for batch in read_batches([str(name) for name in names], now=7, most=most):
        assert 0 < len(batch.records) <= most
        for record in batch.records:
            whole = batch.long_line_of(record)
            assert record.value is not None
            value = record.value if whole is None else b"".join(whole.pieces())
            yield Read(value, batch.file, batch.line_of(record), record.offset)


def expected(text: bytes, file: str, offset: int = 0) -> list[Read]:
    """What the specification says about a file, slowly."""
    lines = text.split(b"\n")
    ended = [line.removesuffix(b"\r") for line in lines[:-1]] + lines[-1:]
    places = [(number, line) for number, line in enumerate(ended, 1) if line.strip(BLANKS)]
    return [Read(line, file, number, offset + place) for place, (number, line) in enumerate(places)]


@in_folder
@given(st.lists(st.tuples(contents, line_ends)), contents, st.integers(1, 5), st.booleans())
def test_lines_of_blanks_are_no_records_but_count(
    tmp_path: Path, lines: list[tuple[bytes, bytes]], last: bytes, most: int, packed: bool
) -> None:
    """Each line is a record without its line end, numbered among all lines; blank ones are left out.

    However many records a batch has, with LF and CR LF, without a last line end, plain and gzip.
    """
    text = b"".join(line + end for line, end in lines) + last
    path = tmp_path / "lines"
    path.write_bytes(gzip.compress(text) if packed else text)

    assert read([path], most) == expected(text, str(path))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("length", [*range(MOST_BYTES - 2, MOST_BYTES + 8), 300_000, (1 << 20) + 1, 3 << 20])
def test_a_line_is_whole_whatever_its_length(tmp_path: Path, length: int, end: bytes) -> None:
    """All bytes of a line are kept, its end is no part of it, and the line behind it comes."""
    line = b"\xc3\xa4" * (length // 2) + b"x" * (length % 2)
    path = tmp_path / "lines"
    path.write_bytes(line + end + (b"{}\n" if end else b""))

    found = read([path])

    assert found[0] == Read(line, str(path), 1, 0)
    assert [each.value for each in found[1:]] == ([b"{}"] if end else [])


@pytest.mark.parametrize("length", [MOST_BYTES + 1, 80_000, 2 << 20])
def test_a_line_that_is_too_long_is_seen_as_such(tmp_path: Path, length: int) -> None:
    """The record of a line over the limit holds more bytes than the limit, though not all of them."""
    (tmp_path / "lines").write_bytes(b"x" * length + b"\n")

    (batch,) = read_batches([str(tmp_path / "lines")], now=7)

    assert batch.records[0].value is not None
    assert MOST_BYTES < len(batch.records[0].value) <= MOST_BYTES + 3


def test_a_long_line_of_blanks_is_no_record(tmp_path: Path) -> None:
    """Blanks alone make no record, however many there are; one other character makes one."""
    blank = b" \t\r" * 60_000
    path = tmp_path / "lines"
    path.write_bytes(blank + b"\n" + blank + b"x" + b"\r\n")

    assert read([path]) == [Read(blank + b"x", str(path), 2, 0)]


@pytest.mark.slow
def test_a_huge_line_takes_little_memory(tmp_path: Path) -> None:
    """A line of 20 MiB is read with less than 4 MiB, kept whole, and does not hold up what follows."""
    length = 20 << 20
    path = tmp_path / "lines.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"{}\n")
        for _ in range(20):
            file.write(b"x" * (1 << 20))
        file.write(b"\n{}\n")
    tracemalloc.start()
    seen = []
    for batch in read_batches([str(path)], now=7, spool=tmp_path):
        pieces = batch.long_line.pieces() if batch.long_line else ()
        seen.append((len(batch.records), sum(map(len, pieces))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert seen == [(2, length), (1, 0)]
    assert peak < 4 << 20


def test_several_files_are_one_partition(tmp_path: Path) -> None:
    """Offsets run on from file to file, line numbers start anew, names stay as given."""
    texts = {"a": b"{}\n\n[]\n", "empty": b"", "b.gz": b"1\n2"}
    for name, text in texts.items():
        (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    names = [os.path.relpath(tmp_path / name) for name in ("a", "empty", "b.gz", "a")]

    found = read(names)

    assert [(each.file, each.line, each.value) for each in found] == [
        (names[0], 1, b"{}"),
        (names[0], 3, b"[]"),
        (names[2], 1, b"1"),
        (names[2], 2, b"2"),
        (names[3], 1, b"{}"),
        (names[3], 3, b"[]"),
    ]
    assert [each.offset for each in found] == list(range(6))


def test_records_of_files_carry_the_time_of_the_run(tmp_path: Path) -> None:
    """Every record has the run's time, and neither key nor topic."""
    (tmp_path / "lines").write_bytes(b"{}\n")

    (batch,) = read_batches([str(tmp_path / "lines")], now=1_234)

    assert batch.records[0] == (b"{}", 0, None, None, 1_234, None, False)


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    """Neither does a name make a file gzip, nor the lack of one plain; several members are one file."""
    (tmp_path / "plain.gz").write_bytes(b"{}\n")
    (tmp_path / "packed").write_bytes(gzip.compress(b"{}") + gzip.compress(b"\n[]"))

    assert [each.value for each in read([tmp_path / "plain.gz"])] == [b"{}"]
    assert [each.value for each in read([tmp_path / "packed"])] == [b"{}", b"[]"]


class Standard(NamedTuple):
    """Stands in for sys.stdin."""

    buffer: io.BufferedIOBase


class Dripping(io.RawIOBase):
    """A pipe that gives one byte at a time."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        """One byte, or none at the end."""
        piece = self._content.read(1)
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]) -> None:
    """Standard input is read like a file, plain or gzip, however slowly it comes, and stays open."""
    standard = Standard(io.BufferedReader(Dripping(pack(b"{}\n\n[]"))))
    monkeypatch.setattr(sys, "stdin", standard)

    assert read(["-"]) == [Read(b"{}", "-", 1, 0), Read(b"[]", "-", 3, 1)]
    assert not standard.buffer.closed


def test_no_standard_input_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without standard input is told so."""
    monkeypatch.setattr(sys, "stdin", None)

    with pytest.raises(InputError, match=r"^-: cannot be read"):
        read(["-"])


def test_every_input_that_cannot_be_read_is_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing file, a folder, a file without permission, standard input twice: each with its cause."""
    (tmp_path / "locked").touch()
    (tmp_path / "sound").touch()
    monkeypatch.setattr(os, "access", lambda name, _mode: not str(name).endswith("locked"))
    names = [str(tmp_path / name) for name in ("missing", "", "locked", "sound", "sound/inner")]

    with pytest.raises(InputError) as caught:
        check_inputs([*names, "-", "-", "a\0b"])

    assert str(caught.value).splitlines() == [
        f"{names[0]}: there is no such file",
        f"{names[1]}: is a folder, not a file of claim lines",
        f"{names[2]}: may not be read (permission denied)",
        f"{names[4]}: cannot be read (Not a directory)",
        "a\0b: cannot be read",
        "-: standard input can be read only once",
    ]


def test_sound_inputs_pass(tmp_path: Path) -> None:
    """Files and one standard input are let through, unread."""
    (tmp_path / "sound").touch()

    check_inputs([str(tmp_path / "sound"), "-", str(tmp_path / "sound")])


def damaged(how: str) -> bytes:
    """A gzip file of 1,000 lines with a fault behind the first bytes."""
    packed = bytearray(gzip.compress(b"".join(b'{"n": %d}\n' % number for number in range(1000))))
    if how == "cut":
        return bytes(packed[:-30])
    if how == "head alone":
        return bytes(packed[:2])
    if how == "checksum":
        packed[-6] ^= 1
    elif how == "middle":
        packed[400:900] = bytes(500)
    else:
        packed += b"more"
    return bytes(packed)


@pytest.mark.parametrize(
    ("how", "cause"),
    [
        ("cut", "the gzip data end too early: the file is cut off"),
        ("head alone", "the gzip data end too early: the file is cut off"),
        ("checksum", "the gzip data are corrupt"),
        ("middle", "the gzip data are corrupt"),
        ("tail", "the gzip data are corrupt"),
    ],
)
def test_damaged_gzip_is_named(tmp_path: Path, how: str, cause: str) -> None:
    """A gzip file that is cut off or corrupt ends the reading with its name and the cause."""
    path = tmp_path / "lines"
    path.write_bytes(damaged(how))

    with pytest.raises(InputError) as caught:
        read([path])

    assert str(caught.value) == f"{path}: {cause}"


def test_a_file_that_vanishes_is_named(tmp_path: Path) -> None:
    """A file that is gone by its turn ends the reading; what came before was read."""
    (tmp_path / "a").write_bytes(b"{}\n")
    records = reading([tmp_path / "a", tmp_path / "gone"])

    assert next(records).value == b"{}"
    with pytest.raises(InputError, match="gone: there is no such file"):
        next(records)


def test_a_failing_device_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read error in the middle of an input names the input and what the system says."""

    class Failing(Dripping):
        def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
            if self._content.tell() > 3:
                raise OSError(5, "Input/output error")
            return super().readinto(buffer)

    monkeypatch.setattr(sys, "stdin", Standard(io.BufferedReader(Failing(b"{}\n[]\n"))))

    with pytest.raises(InputError) as caught:
        read(["-"])

    assert str(caught.value) == "-: cannot be read (Input/output error)"


def test_a_full_disk_is_not_blamed_on_the_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a long line cannot be set aside, the message says that, and nothing of the line."""

    def full(_line: LongLine, _piece: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(LongLine, "add", full)
    path = tmp_path / "lines"
    path.write_bytes(b"secret" * 20_000)

    with pytest.raises(InputError) as caught:
        read([path])

    assert str(caught.value) == (
        f"{path}: a line of more than 0 bytes cannot be set aside (No space left on device)"
    )


def test_a_name_that_is_no_text_can_be_written() -> None:
    """Bytes of a file name that are not UTF-8 become question marks, so that rejects can name it."""
    assert shown(os.fsdecode(b"li\xffnes")) == "li\N{REPLACEMENT CHARACTER}nes"
    assert shown("Zeilen-\u00e4.jsonl") == "Zeilen-\u00e4.jsonl"


@pytest.mark.parametrize("names", [(), ("a",), ("a", "b"), ("b", "a", "b")])
def test_progress_ends_at_the_size(tmp_path: Path, names: Sequence[str]) -> None:
    """The bytes consumed never fall and end at the size of all inputs, compressed ones as they lie."""
    (tmp_path / "a").write_bytes(b"{}\n" * 3_000)
    (tmp_path / "b").write_bytes(gzip.compress(b"[]\n" * 3_000))
    paths = [str(tmp_path / name) for name in names]

    consumed = [batch.consumed for batch in read_batches(paths, now=7)]

    assert consumed == sorted(consumed)
    assert [total_size(paths)] == (consumed[-1:] or [0])


def test_a_pipe_has_no_size(tmp_path: Path) -> None:
    """Standard input and named pipes have no size, so neither has a run over them."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a").write_bytes(b"{}\n")

    assert total_size(["-"]) is None
    assert total_size([str(tmp_path / "a"), str(tmp_path / "pipe")]) is None


def test_a_batch_holds_little(tmp_path: Path) -> None:
    """Batches of long records are closed early: none holds much more than 4 MiB."""
    (tmp_path / "lines").write_bytes((b"x" * 60_000 + b"\n") * 300)

    sizes = [
        sum(len(r.value or b"") for r in b.records) for b in read_batches([str(tmp_path / "lines")], now=7)
    ]

    assert len(sizes) > 1
    assert max(sizes) < (4 << 20) + MOST_BYTES
