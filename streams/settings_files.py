"""Files that settings name: whether they can be read, and the secret in one. No message has the content."""

from __future__ import annotations

from pathlib import Path


def check_readable(path: Path) -> None:
    """Open the file.

    Raises:
        ValueError: it cannot be read, with the system's cause.
    """
    _read(path, 1)


def read_secret(path: Path) -> str:
    """The text of the file, without the line end behind it.

    Raises:
        ValueError: it cannot be read, is empty or holds no UTF-8.
    """
    try:
        text = _read(path, -1).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError("the file holds no UTF-8 text") from None
    if not text:
        raise ValueError("the file is empty")
    return text


def _read(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror or 'input/output error'}") from None
