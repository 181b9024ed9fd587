"""A line too long to screen, kept whole for the rejects file without holding it in memory."""

from __future__ import annotations

import codecs
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, Self

_IN_MEMORY: Final = 1 << 20
"""Bytes of the line that stay in memory; what is longer goes to a temporary file."""

_PIECE: Final = 3 << 16
"""Bytes read back at a time, a multiple of three so that base64 of the pieces is base64 of the whole."""


class LongLine:
    """The bytes of one long line, in memory or in a temporary file without a name.

    Args:
        folder: where the temporary file lies if there must be one; None is the system's choice.

    Raises:
        OSError: the temporary file cannot be written (all methods).
    """

    __slots__ = ("_file", "blank", "size")

    def __init__(self, folder: Path | None = None) -> None:
        place = None if folder is None else str(folder)
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=place)  # noqa: SIM115 - see close
        self.blank = True
        """True while the line holds nothing but spaces, tabs, CR and LF."""
        self.size = 0
        """Bytes of the line so far."""

    def add(self, piece: bytes) -> None:
        """Append a piece of the line."""
        self._file.write(piece)
        self.size += len(piece)
        self.blank = self.blank and not piece.strip(b" \t\r\n")

    def end(self) -> None:
        """Cut off the line end, LF or CR LF."""
        self._file.seek(max(self.size - 2, 0))
        tail = self._file.read(2)
        if tail.endswith(b"\n"):
            self.size -= 2 if tail == b"\r\n" else 1
            self._file.truncate(self.size)

    def head(self, length: int) -> bytes:
        """The first bytes of the line."""
        self._file.seek(0, os.SEEK_SET)
        return self._file.read(length)

    def pieces(self) -> Iterator[bytes]:
        """The line in pieces; each but the last has a multiple of three bytes."""
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece

    def texts(self) -> Iterator[str]:
        """The line as text in pieces.

        Raises:
            UnicodeDecodeError: it is not UTF-8; earlier pieces may have been given by then.
        """
        decoder = codecs.getincrementaldecoder("utf-8")()
        for piece in self.pieces():
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)

    def is_text(self) -> bool:
        """Whether the line is UTF-8."""
        try:
            for _ in self.texts():
                pass
        except UnicodeDecodeError:
            return False
        return True

    def close(self) -> None:
        """Let go of the bytes."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
