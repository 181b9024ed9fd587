"""Case files: for each rule, lines on which it fires and lines on which it stays silent.

A file is named like its rule and holds `[[fires]]` and `[[silent]]` cases:

* `when`: the case in words that go on from "Fires when" or "Silent when"; `why`: a reason, where needed.
* `lines`: claim lines; `edits`, of a firing case: the edits of that rule and no others (see case_lines).
* `evidence`, where a firing case is about it: for each edit the lines it rests on, as `A/2: A/1 B/1`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from policy.rules import RULES
from tests.policy.case_lines import Evidence, Row, event_of, evidence_of, row_of
from tests.support import Event

_CASE_KEYS: Final = {"fires": {"when", "lines", "edits"}, "silent": {"when", "lines"}}
_MAY_BE_LEFT_OUT: Final = {"fires": {"why", "evidence"}, "silent": {"why"}}


@dataclass(frozen=True)
class Case:
    """One case of one rule; silent where it expects no edits."""

    rule: str
    when: str
    events: tuple[Event, ...]
    edits: tuple[Row, ...]
    evidence: tuple[Evidence, ...]

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
    if given.keys() - _MAY_BE_LEFT_OUT[kind] != _CASE_KEYS[kind]:
        raise ValueError(f"{where}: holds {sorted(given)}, not {sorted(_CASE_KEYS[kind])}")
    if not all(given[key] for key in _CASE_KEYS[kind]):
        raise ValueError(f"{where}: nothing may be empty")
    try:
        events = tuple(event_of(text) for text in given["lines"])
        edits = tuple(sorted(row_of(text) for text in given.get("edits", ())))
        evidence = tuple(sorted(evidence_of(text) for text in given.get("evidence", ())))
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    if loose := {row[:2] for row in edits} - {(e["claim_id"], e["line_number"]) for e in events}:
        raise ValueError(f"{where}: edits of lines that are not there: {sorted(loose)}")
    if evidence and [each[:2] for each in evidence] != [row[:2] for row in edits]:
        raise ValueError(f"{where}: evidence is for each of the edits and for no other")
    return Case(rule, given["when"], events, edits, evidence)
