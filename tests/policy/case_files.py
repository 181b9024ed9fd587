"""Case files: for each rule, lines on which it fires and lines on which it stays silent.

A file is named like its rule and holds `[[fires]]` and `[[silent]]` cases:

* `when`: the case in words that go on from "Fires when" or "Silent when"; `why`: a reason, where needed.
* `lines`: claim lines; `edits`, of a firing case: the edits of that rule and no others (see case_lines).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from policy.rules import RULES
from tests.policy.case_lines import Row, event_of, row_of
from tests.support import Event

_CASE_KEYS: Final = {"fires": {"when", "lines", "edits"}, "silent": {"when", "lines"}}


@dataclass(frozen=True)
class Case:
    """One case of one rule; silent where it expects no edits."""

    rule: str
    when: str
    events: tuple[Event, ...]
    edits: tuple[Row, ...]

    @property
    def fires(self) -> bool:
        """Whether the rule is to find something."""
        return bool(self.edits)


def read_cases(path: Path) -> list[Case]:
    """The cases of a file.

    Raises:
        ValueError: the file names no rule or is malformed; the text says where.
    """
    if path.stem not in RULES:
        raise ValueError(f"{path.name}: no rule of that name")
    document = tomllib.loads(path.read_text("utf-8"))
    if document.keys() != _CASE_KEYS.keys():
        raise ValueError(f"{path.name}: holds {sorted(document)}, not [[fires]] and [[silent]]")
    return [_case(path.stem, kind, each) for kind in _CASE_KEYS for each in document[kind]]


def _case(rule: str, kind: str, given: Mapping[str, Any]) -> Case:
    where = f"{rule}, {kind} when {given.get('when')!r}"
    if given.keys() - {"why"} != _CASE_KEYS[kind]:
        raise ValueError(f"{where}: holds {sorted(given)}, not {sorted(_CASE_KEYS[kind])}")
    if not all(given[key] for key in _CASE_KEYS[kind]):
        raise ValueError(f"{where}: nothing may be empty")
    try:
        events = tuple(event_of(text) for text in given["lines"])
        edits = tuple(sorted(row_of(text) for text in given.get("edits", ())))
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    if loose := {row[:2] for row in edits} - {(e["claim_id"], e["line_number"]) for e in events}:
        raise ValueError(f"{where}: edits of lines that are not there: {sorted(loose)}")
    return Case(rule, given["when"], events, edits)
