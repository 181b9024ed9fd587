"""The files of results: edits.jsonl, verdicts.jsonl, rejects.jsonl, and of 837 files faults.jsonl.

They are written under temporary names in their folder and renamed at the end, so a run that breaks off
never leaves a half file under a final name, and leaves earlier results as they were. Source: screening
specification, sections 1 (*Rejected*) and 5.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from models.edit_event import EditEvent
from models.rejection import Rejection, RejectLine
from models.wire import to_json
from policy.outputs import Publication
from streams.files import STDIN, Batch, shown
from streams.long_line import LongLine

EDITS: Final = "edits.jsonl"
VERDICTS: Final = "verdicts.jsonl"
REJECTS: Final = "rejects.jsonl"
NAMES: Final = (EDITS, VERDICTS, REJECTS)
FAULTS: Final = "faults.jsonl"
"""What could not be read of 837 files; there only where an input is one with a fault."""

_BUFFER: Final = 1 << 18


class OutputError(Exception):
    """Results cannot be written. The message names the file and the cause, and nothing that it holds."""


def check_outputs(folder: Path, inputs: Sequence[str]) -> None:
    """Make the folder of the results, and refuse to write over an input.

    Raises:
        OutputError: the folder cannot be made, a result would be an input, or its name is a folder's.
    """
    with named(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for path in (folder / name for name in (*NAMES, FAULTS)):
        if path.is_dir():
            raise OutputError(f"{shown(str(path))}: is a folder; a file of results goes there")
        if path.exists() and any(_same(name, path) for name in inputs):
            raise OutputError(f"{shown(str(path))}: is an input; give the results another folder")


def _same(name: str, path: Path) -> bool:
    """Whether an input is this file; what cannot be looked at, a closed standard input say, is not."""
    try:
        return os.path.samestat(_status(name), path.stat())
    except OSError:
        return False


def _status(name: str) -> os.stat_result:
    if name != STDIN:
        return os.stat(name)  # noqa: PTH116 - the name as given
    if sys.stdin is None:
        raise OSError("there is no standard input")
    return os.fstat(sys.stdin.fileno())


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Say which file a failure is about."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{shown(str(path))}: cannot be written ({error.strerror or 'input/output error'})"
        ) from error


class Results:
    """Writes results in the order of publication; use it as a context manager and call `keep` at the end.

    Args:
        folder: an existing folder.

    Raises:
        OutputError: a file cannot be written (all methods).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mark = f".{secrets.token_hex(4)}.part"
        self._files: dict[str, BinaryIO] = {}

    def __enter__(self) -> Self:
        try:
            for name in NAMES:
                self._open(name)
        except OutputError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Throw away what was not kept."""
        for name, file in self._files.items():
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                self._part(name).unlink(missing_ok=True)

    def _open(self, name: str) -> None:
        with named(self.folder / name):
            self._files[name] = self._part(name).open("xb", buffering=_BUFFER)

    def _part(self, name: str) -> Path:
        return self.folder / f".{name}{self._mark}"

    def keep(self) -> None:
        """Give the files their final names; they are on disk by then."""
        for name, file in self._files.items():
            with named(self.folder / name):
                file.flush()
                os.fsync(file.fileno())
                file.close()
        for name in self._files:
            with named(self.folder / name):
                self._part(name).replace(self.folder / name)
        if FAULTS not in self._files:
            with named(self.folder / FAULTS):
                (self.folder / FAULTS).unlink(missing_ok=True)  # an earlier run's

    def publish(self, publications: Iterable[Publication]) -> None:
        """Write edit events and verdicts, each kind in the order given."""
        edits: list[str] = []
        verdicts: list[str] = []
        for event in publications:
            (edits if event.__class__ is EditEvent else verdicts).append(to_json(event.__dict__))
        self._write(EDITS, edits)
        self._write(VERDICTS, verdicts)

    def reject(self, rejections: Iterable[Rejection], batch: Batch) -> None:
        """Write rejected records of a batch with their file and line."""
        for rejection in rejections:
            whole = batch.long_line_of(rejection.record)
            if whole is None:
                self._write(REJECTS, (to_json(_reject(rejection, batch)),))
            else:
                with named(self.folder / REJECTS):
                    self._files[REJECTS].writelines(_long_reject(rejection, batch, whole))

    def tell(self, faults: Sequence[Mapping[str, Any]]) -> None:
        """Write down what could not be read of 837 files."""
        if faults and FAULTS not in self._files:
            self._open(FAULTS)
        self._write(FAULTS, [to_json(fault) for fault in faults])

    def _write(self, name: str, lines: Sequence[str]) -> None:
        if lines:
            with named(self.folder / name):
                self._files[name].write(("\n".join(lines) + "\n").encode())


def _place(rejection: Rejection, batch: Batch) -> RejectLine:
    line = batch.line_of(rejection.record)
    return {"file": batch.file, "line": line, "reasons": rejection.reasons}


def _reject(rejection: Rejection, batch: Batch) -> RejectLine:
    """A reject line with the original bytes, base64 where they are not UTF-8."""
    value = rejection.record.value or b""
    place = _place(rejection, batch)
    try:
        return {**place, "raw": value.decode()}
    except UnicodeDecodeError:
        return {**place, "raw_base64": base64.b64encode(value).decode()}


def _long_reject(rejection: Rejection, batch: Batch, whole: LongLine) -> Iterator[bytes]:
    """The same line in pieces, for bytes too many to hold."""
    yield to_json(_place(rejection, batch)).removesuffix("}").encode()
    if whole.is_text():
        yield b',"raw":"'
        for text in whole.texts():
            yield json.dumps(text, ensure_ascii=False)[1:-1].encode()
    else:
        yield b',"raw_base64":"'
        yield from map(base64.b64encode, whole.pieces())
    yield b'"}\n'
