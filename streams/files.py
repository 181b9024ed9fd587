"""Claim lines from files: JSON Lines, plain or gzip, from paths and standard input, in bounded memory.

Files of another form are read by whoever knows it (`OtherFiles`); which they are is seen from their
beginning.

A line ends with LF or CR LF, which is no part of it; the last one may end with the file. Lines of
blanks are no records, but count in line numbers. All inputs in their order are one partition: a record's
offset is its number from 0 over all of them. Whether an input is gzip is seen from its first bytes.
Source: screening specification, sections 1 and 5.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from models.record import Record
from models.rejection import MOST_BYTES
from streams.long_line import LongLine

STDIN: Final = "-"
"""The name that stands for standard input."""

MOST_RECORDS: Final = 512
"""Records of a batch, at most."""

_BATCH_BYTES: Final = 4 << 20
"""A batch is closed once its records hold this many bytes."""

_LONGEST_READ: Final = MOST_BYTES + 3
"""One byte more than the longest acceptable line with CR LF: what fills it without a line end is too long."""

PIECE: Final = 1 << 18
"""Bytes read at once."""
GZIP: Final = b"\x1f\x8b"
"""How gzip data begin."""
_BEGINNING: Final = 16
"""Bytes from which the form of an input is seen."""
_BLANKS: Final = b" \t\r\n"


class InputError(Exception):
    """An input cannot be read. The message names the input and the cause, and nothing that it holds."""


@dataclass(slots=True)
class Batch:
    """Consecutive records of one input.

    Attributes:
        file: the input's name as given, `-` for standard input.
        first: offset of the first record.
        consumed: bytes read so far from all inputs, as they lie on disk (compressed where they are).
        records: the records; offsets count up by one.
        lines: the line number of each record in its input, from 1.
        long_line: all of the last record's bytes where the record holds only their beginning.
        faults: what could not be read of an input of another form, as it is written down.
    """

    file: str
    first: int
    consumed: int = 0
    records: list[Record] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    long_line: LongLine | None = None
    faults: list[Mapping[str, Any]] = field(default_factory=list)

    def line_of(self, record: Record) -> int:
        """The line number of one of the batch's records."""
        return self.lines[record.offset - self.first]

    def long_line_of(self, record: Record) -> LongLine | None:
        """All bytes of a record that was too long to be held, else None."""
        return self.long_line if record.offset == self.first + len(self.records) - 1 else None


class OtherFiles(Protocol):
    """Who reads inputs of another form than claim lines."""

    def reads(self, beginning: bytes) -> bool:
        """Whether an input that begins so is of that form."""

    def batches(self, stream: Stream, file: str, offset: int, now: int, most: int) -> Iterator[Batch]:
        """The records of such an input; `offset` is that of the first."""


def shown(name: str) -> str:
    """An input's name as text that can be written as UTF-8, whatever bytes the file system holds."""
    return os.fsencode(name).decode("utf-8", "replace")


def check_inputs(names: Sequence[str]) -> None:
    """Look at every input before the first is read, so that a slip does not cost an hour.

    Raises:
        InputError: with every input that is missing, a folder or not readable.
    """
    problems = [problem for name in names if name != STDIN and (problem := _problem(name))]
    if list(names).count(STDIN) > 1:
        problems.append("-: standard input can be read only once")
    if problems:
        raise InputError("\n".join(problems))


def _problem(name: str) -> str | None:
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116 - the name as given, not a Path's idea of it
    except (OSError, ValueError) as error:
        return f"{shown(name)}: {_cause(error)}"
    if stat.S_ISDIR(mode):
        return f"{shown(name)}: is a folder, not a file of claim lines"
    if not os.access(name, os.R_OK):
        return f"{shown(name)}: may not be read (permission denied)"
    return None


def total_size(names: Iterable[str]) -> int | None:
    """Bytes of all inputs as they lie on disk; None where one has no size (a pipe, standard input)."""
    total = 0
    for name in names:
        if name == STDIN or not Path(name).is_file():
            return None
        total += Path(name).stat().st_size
    return total


def read_batches(
    names: Iterable[str],
    *,
    now: int,
    most: int = MOST_RECORDS,
    spool: Path | None = None,
    other: OtherFiles | None = None,
) -> Generator[Batch]:
    """The records of all inputs, in order.

    A batch is valid until the next is asked for. Besides a batch, one line's first 65,539 bytes are in
    memory; a longer line lies in a temporary file and ends its batch.

    Args:
        names: paths, and `-` for standard input.
        now: the time of every record, microseconds since 1970.
        most: records of a batch.
        spool: folder for the temporary file of a long line.
        other: reads inputs of another form; None takes all for claim lines.

    Raises:
        InputError: an input cannot be opened or read, or its gzip data are corrupt or end early.
    """
    offset = consumed = 0
    for name in names:
        try:
            with _opened(name) as source, _unpacked(source) as stream:
                for batch in _read(stream, offset, _Shape(shown(name), now, most, spool), other):
                    batch.consumed = consumed + source.consumed
                    offset += len(batch.records)
                    yield batch
                consumed += source.consumed
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{shown(name)}: {_cause(error)}") from error


def _cause(error: BaseException) -> str:
    if isinstance(error, EOFError):
        return "the gzip data end too early: the file is cut off"
    if isinstance(error, (gzip.BadGzipFile, zlib.error)):
        return "the gzip data are corrupt"
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read ({error.strerror})"
    return "cannot be read"


class _Source(io.RawIOBase):
    """Bytes as they come from an input, counted; the first ones were looked at already."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._head = file.read(_BEGINNING)
        self.packed = self._head.startswith(GZIP)
        self.consumed = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._head
        if data:
            self._head = b""
        else:
            data = self._file.read1(len(buffer))  # type: ignore[attr-defined]
        buffer[: len(data)] = data
        self.consumed += len(data)
        return len(data)


@contextmanager
def _opened(name: str) -> Iterator[_Source]:
    if name != STDIN:
        with open(name, "rb") as file:  # noqa: PTH123 - the name as given
            yield _Source(file)
    elif sys.stdin is None:
        raise OSError("there is no standard input")
    else:
        yield _Source(sys.stdin.buffer)


class Stream(Protocol):
    """The bytes of an input, unpacked."""

    def read(self, size: int = -1, /) -> bytes: ...  # noqa: D102 - as of every file
    def readline(self, size: int = -1, /) -> bytes: ...  # noqa: D102
    def peek(self, size: int, /) -> bytes: ...  # noqa: D102


@contextmanager
def _unpacked(source: _Source) -> Iterator[Stream]:
    with io.BufferedReader(source, PIECE) as plain:
        if source.packed:
            with gzip.GzipFile(fileobj=plain) as unpacked:
                yield unpacked
        else:
            yield plain


def beginning_of(name: str) -> bytes:
    """The first bytes of an input, unpacked: its form is seen from them.

    Raises:
        InputError: it cannot be opened or read.
    """
    try:
        with _opened(name) as source, _unpacked(source) as stream:
            return stream.peek(_BEGINNING)[:_BEGINNING]
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{shown(name)}: {_cause(error)}") from error


@dataclass(frozen=True, slots=True)
class _Shape:
    """How records are made and batched: from which input, their time, how many, where a long line goes."""

    file: str
    now: int
    most: int
    spool: Path | None


def _read(stream: Stream, offset: int, shape: _Shape, other: OtherFiles | None) -> Iterator[Batch]:
    """The records of one opened input, by whoever reads inputs of its form."""
    if other is not None and other.reads(stream.peek(_BEGINNING)[:_BEGINNING]):
        return other.batches(stream, shape.file, offset, shape.now, shape.most)
    return _batches(stream, offset, shape)


def _batches(stream: Stream, offset: int, shape: _Shape) -> Iterator[Batch]:
    """The records of one opened input; `offset` is that of the first."""
    number = size = 0
    now, most = shape.now, shape.most
    batch = Batch(shape.file, offset)
    readline = stream.readline
    while line := readline(_LONGEST_READ):
        number += 1
        if line.endswith(b"\n"):
            line = line[: -2 if line.endswith(b"\r\n") else -1]
        elif len(line) == _LONGEST_READ:
            batch.long_line = _whole(line, stream, shape)
        if batch.long_line is None and not line.strip(_BLANKS):
            continue
        batch.records.append(Record(line, offset, None, None, now))
        batch.lines.append(number)
        offset += 1
        size += len(line)
        if len(batch.records) >= most or size >= _BATCH_BYTES or batch.long_line is not None:
            yield from _given(batch)
            batch, size = Batch(shape.file, offset), 0
    if batch.records:
        yield batch


def _given(batch: Batch) -> Iterator[Batch]:
    """The batch; its long line is let go of afterwards."""
    with batch.long_line or nullcontext():
        yield batch


def _whole(beginning: bytes, stream: Stream, shape: _Shape) -> LongLine | None:
    """All of a line too long to be screened, or None where it is a line of blanks."""
    with ExitStack() as unless_kept:
        whole = unless_kept.enter_context(LongLine(shape.spool))
        piece = beginning
        while piece:
            _set_aside(piece, whole, shape)
            piece = b"" if piece.endswith(b"\n") else stream.readline(PIECE)
        whole.end()
        if whole.blank:
            return None
        unless_kept.pop_all()
        return whole


def _set_aside(piece: bytes, whole: LongLine, shape: _Shape) -> None:
    try:
        whole.add(piece)
    except OSError as error:
        problem = f"a line of more than {whole.size:,} bytes cannot be set aside ({error.strerror})"
        raise InputError(f"{shape.file}: {problem}") from error
