"""Laws of files that are there whole or not at all."""

from __future__ import annotations

import gzip
import os
import threading
from pathlib import Path

import pytest

from streams.results import OutputError
from streams.whole_file import whole_file

NAMES = ("lines.jsonl", "lines.jsonl.gz")


def write(path: Path, data: bytes, why: type[BaseException] | None = None) -> None:
    """Write a file whole, or break off behind it."""
    with whole_file(path) as file:
        file.write(data)
        if why is not None:
            raise why


@pytest.mark.parametrize("name", NAMES)
def test_it_appears_when_all_is_written(tmp_path: Path, name: str) -> None:
    """Until the end the name is not there; then all is, packed where the name says so, and nothing else."""
    path = tmp_path / name
    with whole_file(path) as file:
        file.write(b"line\n" * 100_000)
        assert not path.exists()
    found = path.read_bytes()
    assert (gzip.decompress(found) if path.suffix == ".gz" else found) == b"line\n" * 100_000
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("why", [KeyboardInterrupt, SystemExit, BrokenPipeError, ValueError])
def test_what_breaks_off_changes_nothing(tmp_path: Path, name: str, why: type[BaseException]) -> None:
    """Whatever ends the writing goes on as it is; an earlier file stays, and nothing is beside it."""
    path = tmp_path / name
    path.write_bytes(b"earlier")
    with pytest.raises(why):
        write(path, b"line\n" * 100_000, why)
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_leads_to_the_file(tmp_path: Path) -> None:
    """What a link names is replaced, and the link stays."""
    path, link = tmp_path / "lines.jsonl", tmp_path / "link"
    link.symlink_to(path)
    write(link, b"line\n")
    assert path.read_bytes() == b"line\n"
    assert link.is_symlink()


def test_a_pipe_is_written_as_it_is(tmp_path: Path) -> None:
    """A named pipe gets the bytes, and is a pipe afterwards."""
    path, found = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: found.append(path.read_bytes()))
    reader.start()
    write(path, b"line\n")
    reader.join(10)
    assert found == [b"line\n"]
    assert path.is_fifo()


@pytest.mark.parametrize("path", ["/", ".", "no/such/folder/lines.jsonl", "/dev/full"])
def test_what_cannot_be_written_is_named(path: str) -> None:
    """A folder, a folder that is not there, a full disk: the message names the file."""
    with pytest.raises(OutputError, match=f"^{path}: "):
        write(Path(path), b"line\n" * 100_000)
