"""A file that appears under its name when all of it is there, and not at all where something failed."""

from __future__ import annotations

import gzip
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from streams.files import shown
from streams.results import OutputError, named

STDOUT: Final = "-"
"""The name that stands for standard output."""

_BUFFER: Final = 1 << 18


class _Named(io.FileIO):
    """A file whose failures name it, so that they are told from those of what else is read or written."""

    def __init__(self, path: Path, mode: str, told: Path) -> None:
        self._told = told
        with named(told):
            super().__init__(path, mode)

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - what FileIO takes
        with named(self._told):
            return super().write(data)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, gzip where its name ends with .gz; a link is followed, an earlier file is replaced.

    It is written beside its place under another name, and is on disk when it gets its own. A device or a pipe
    is written as it is.

    Raises:
        OutputError: it is a folder, or cannot be written.
    """
    with named(path):
        is_folder, is_device = path.is_dir(), path.exists() and not path.is_file()
    if is_folder:
        raise OutputError(f"{shown(str(path))}: is a folder; a file goes there")
    if is_device:
        with _opened(path, "wb", path) as file:
            yield file
        return
    final = Path(os.path.realpath(path))
    part = final.with_name(f".{final.name}.{secrets.token_hex(4)}.part")
    try:
        with _opened(part, "xb", path) as file:
            yield file
        with named(path):
            part.replace(final)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path, mode: str, told: Path) -> Iterator[BinaryIO]:
    with io.BufferedWriter(_Named(path, mode, told), _BUFFER) as file:
        if told.suffix == ".gz":
            # no name and no time in the header: the same content gives the same bytes
            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                yield cast("BinaryIO", packed)
        else:
            yield cast("BinaryIO", file)
        file.flush()
        if path != told:
            with named(told):
                os.fsync(file.fileno())
