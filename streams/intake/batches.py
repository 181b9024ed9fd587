"""Files of claims as batches of records, beside the claim lines that `streams.files` reads itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from models.record import Record
from streams.files import Batch
from streams.intake.faults import Fault, fault_line
from streams.intake.read import BEGINNING, Intake

_LAYOUT: Final = b"\xef\xbb\xbf \t\r\n\0"
_MOST_FAULTS: Final = 512


class Bytes(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes: ...  # noqa: D102 - as of every file


def is_837(beginning: bytes) -> bool:
    """Whether an input that begins so is an 837."""
    return beginning.lstrip(_LAYOUT).startswith(BEGINNING)


class ClaimFiles:
    """Reads the inputs that are 837 files.

    A record's line number is the place of its LX in the file, counted in segments.

    Args:
        intake: reads them.
        every: whether every input is taken for one, whatever it begins with.
    """

    def __init__(self, intake: Intake, *, every: bool = False) -> None:
        self.intake = intake
        self._every = every

    def reads(self, beginning: bytes) -> bool:
        """Whether an input that begins so is one of them."""
        return self._every or is_837(beginning)

    def batches(self, stream: Bytes, file: str, offset: int, now: int, most: int) -> Iterator[Batch]:
        """The records of one input; `offset` is that of the first."""
        batch = Batch(file, offset)
        for found in self.intake.read(stream.read):
            if isinstance(found, Fault):
                batch.faults.append(fault_line(file, found))
            else:
                for segment, value in zip(*found, strict=True):
                    batch.records.append(Record(value, offset, None, None, now))
                    batch.lines.append(segment)
                    offset += 1
            if len(batch.records) >= most or len(batch.faults) >= _MOST_FAULTS:
                yield batch
                batch = Batch(file, offset)
        if batch.records or batch.faults:
            yield batch
