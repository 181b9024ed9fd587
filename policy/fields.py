"""One table of a TOML file, read key by key: each fault is noted where it stands, reading goes on.

After a fault a method returns a stand-in of the right type; it is never used, because a report with
problems ends the loading. `close` notes every key that nobody asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

from policy.errors import Report, quoted
from policy.files import KeyPath, Toml

Choice = TypeVar("Choice", bound=str)

MOST: Final = 100_000
"""The largest number of days a policy may name, so that dates stay inside the calendar."""

WORD: Final = re.compile(r"[a-z][a-z0-9_]*")
CODE: Final = re.compile(r"[A-Z0-9]{5}")


@dataclass(slots=True)
class Fields:
    """Typed, strict access to one table of a TOML file.

    Attributes:
        toml: the file.
        report: where faults go.
        path: where the table stands in the file.
        table: its content.
        muted: note nothing, since the table itself is missing and that has been noted.
    """

    toml: Toml
    report: Report
    path: KeyPath = ()
    table: Mapping[str, Any] = field(default_factory=dict)
    muted: bool = False
    _asked: set[str] = field(default_factory=set)

    def fault(self, key: str, message: str) -> None:
        """Note a problem at a key of this table."""
        if self.muted:
            return
        path = (*self.path, key)
        self.report.add(self.toml.file, self.toml.line(path), dotted(path), message)

    def has(self, key: str) -> bool:
        """Whether the key is given. It counts as asked for."""
        self._asked.add(key)
        return key in self.table

    def value(self, key: str, kind: type, what: str) -> Any:  # noqa: ANN401 - TOML holds any type
        """The value of a key when it is exactly of the type, else None with a problem noted."""
        if not self.has(key):
            self.fault(key, "is missing")
        elif type(self.table[key]) is not kind:
            self.fault(key, f"must be {what}")
        else:
            return self.table[key]
        return None

    def text(self, key: str, form: re.Pattern[str] | None = None, what: str = "a text on one line") -> str:
        """A text of the given form; without one, printable, not blank, without blanks at its ends."""
        found = self.value(key, str, what)
        if found is None:
            return ""
        good = form.fullmatch(found) if form else found and found.isprintable() and found == found.strip()
        if not good:
            self.fault(key, f"{quoted(found)} is not {what}")
        return str(found) if good else ""

    def choice(self, key: str, options: Sequence[Choice]) -> Choice:
        """One of the options."""
        found = self.value(key, str, f"one of {', '.join(options)}")
        for option in options:
            if option == found:
                return option
        if found is not None:
            self.fault(key, f"{quoted(found)} is not one of {', '.join(options)}")
        return options[0]

    def texts(self, key: str, form: re.Pattern[str], what: str) -> tuple[str, ...]:
        """A list of texts of one form, none twice."""
        found = self.value(key, list, f"a list, each {what}")
        good: list[str] = []
        for item in found or ():
            if type(item) is not str or not form.fullmatch(item):
                self.fault(key, f"{quoted(str(item))} is not {what}")
            elif item in good:
                self.fault(key, f"{quoted(item)} is listed twice")
            else:
                good.append(item)
        return tuple(good)

    def integer(self, key: str, least: int, most: int) -> int:
        """A whole number between two bounds, inclusive."""
        what = f"a whole number from {least} to {most}" if least < most else str(least)
        found = self.value(key, int, what)
        if found is None:
            return least
        if not least <= found <= most:
            self.fault(key, f"{found} is not {what}")
        return int(found)

    def boolean(self, key: str) -> bool:
        """True or false."""
        return bool(self.value(key, bool, "true or false"))

    def day(self, key: str) -> date:
        """A date without a time."""
        found = self.value(key, date, "a date without a time and without quotes, as in 2019-03-26")
        return found or date.max

    def inner(self, key: str) -> Fields:
        """The table below a key; where it is missing, a muted one that is empty."""
        found = self.value(key, dict, "a table")
        return Fields(self.toml, self.report, (*self.path, key), found or {}, muted=found is None)

    def entries(self, key: str) -> Iterator[Fields]:
        """The tables of an array of tables; none where the key is not given."""
        if not self.has(key):
            return
        for number, item in enumerate(self.value(key, list, "an array of tables") or ()):
            if isinstance(item, dict):
                yield Fields(self.toml, self.report, (*self.path, key, number), item)
            else:
                self.fault(key, "must be an array of tables")

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.table:
            if key not in self._asked:
                self.fault(key, "is not known here")


def dotted(path: KeyPath) -> str:
    """A path as people write it: `rules.noc_per_diem.codes`, `readings[1].key` (1 = first)."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")
