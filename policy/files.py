"""The only reading of policy files: text, CSV rows with their line numbers, TOML with its lines.

Every function notes what is wrong in the report and returns what could be read; none raises for a
broken file.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from policy.errors import Report

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\-]+)\s*\]\]?\s*(?:#.*)?")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_\-]+)\s*=.*")

KeyPath = tuple[str | int, ...]
"""Where a value stands in a TOML document: keys, and the number of an entry in an array of tables."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a CSV file: the line it starts on (1 = first) and its cells by column."""

    file: str
    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Toml:
    """A TOML file: its content, and the line on which each key or table stands."""

    file: str
    content: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def line(self, path: KeyPath) -> int | None:
        """The line of a key, or of the nearest table around it that has one."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return None


def read_text(path: Path, file: str, report: Report) -> str | None:
    """The text of a UTF-8 file (a byte-order mark is taken off), or None with a problem noted."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        report.add(file, row, None, "is not UTF-8 text")
    except FileNotFoundError:
        report.add(file, None, None, "there is no such file")
    except OSError as error:
        report.add(file, None, None, f"cannot be read: {error.strerror}")
    return None


def read_toml(path: Path, file: str, report: Report) -> Toml | None:
    """A TOML file, or None with a problem noted."""
    text = read_text(path, file, report)
    if text is None:
        return None
    try:
        return Toml(file, tomllib.loads(text), _toml_lines(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"line (\d+)", str(error))
        report.add(file, int(place[1]) if place else None, None, f"is not TOML: {error}")
    return None


def _toml_lines(text: str) -> dict[KeyPath, int]:
    """The first line of every table header and key. A key inside a text of several lines may mislead."""
    lines: dict[KeyPath, int] = {}
    entries: dict[str, int] = {}
    table: KeyPath = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.fullmatch(line):
            bracket, name = header.groups()
            table = tuple(name.split("."))
            if bracket == "[[":
                entries[name] = entries.get(name, -1) + 1
                table = (*table, entries[name])
            lines.setdefault(table, number)
        elif key := _KEY.fullmatch(line):
            lines.setdefault((*table, key[1]), number)
    return lines


def read_csv(path: Path, file: str, columns: Sequence[str], report: Report) -> list[Row] | None:
    """The rows of a CSV file whose header is exactly the columns, or None where none could be read."""
    text = read_text(path, file, report)
    return None if text is None else parse_csv(text, file, columns, report)


def parse_csv(
    text: str, file: str, columns: Sequence[str], report: Report, *, some: bool = False
) -> list[Row] | None:
    """The rows of a CSV text, or None with a problem noted.

    Args:
        text: the file's content.
        file: its name for problems.
        columns: the columns the header must hold, in order.
        report: where problems go.
        some: the header may hold some of the columns, in any order.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if _header_fits(header, columns, file, report, some=some):
            return _rows(reader, header, file, report)
    except csv.Error as error:
        report.add(file, reader.line_num, None, f"is not CSV: {error}")
    return None


def _header_fits(header: list[str], columns: Sequence[str], file: str, report: Report, *, some: bool) -> bool:
    """Note a header that is not as it should be."""
    if not header:
        report.add(file, 1, None, "has no header")
    elif not some and header != list(columns):
        report.add(file, 1, None, f"the header must be {','.join(columns)}")
    elif some and (not set(header) <= set(columns) or len(set(header)) < len(header)):
        report.add(file, 1, None, f"the header may hold {', '.join(columns)}, each once, and nothing else")
    else:
        return True
    return False


def _rows(reader: Any, header: list[str], file: str, report: Report) -> list[Row]:  # noqa: ANN401 - csv's type has no name
    """The rows after the header; blank rows and rows of another length are noted and left out."""
    rows = []
    number = reader.line_num + 1
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            report.add(file, number, None, "is a blank row")
        elif len(cells) != len(header):
            report.add(file, number, None, f"has {len(cells)} cells, the header has {len(header)}")
        else:
            rows.append(Row(file, number, dict(zip(header, cells, strict=True))))
        number = reader.line_num + 1
    return rows
